"""The checker finds every kind of mistake: each of those is one, made by hand in a good run."""

from collections.abc import Callable
from copy import copy
from dataclasses import replace
from typing import Final, TypeVar

import pytest

from tests.torture.checker import INVARIANTS, check
from tests.torture.databases import MemoryDatabase
from tests.torture.mistakes import MISTAKES
from tests.torture.mistakes_under_way import MISTAKES_UNDER_WAY
from tests.torture.observed import Observed
from tests.torture.simulation import simulate

T = TypeVar("T")

_SEED: Final = 3
_SELDOM: Final = frozenset({"I-15", "I-16", "I-20", "I-22", "I-25", "I-36"})
"""What a short run without troubles need not meet."""


@pytest.fixture(scope="module")
def good() -> Observed:
    """A run without troubles."""
    observed, _ = simulate(_SEED, MemoryDatabase(), payments=40, profile="calm")
    return observed


@pytest.fixture
def seen(good: Observed) -> Observed:
    """A copy of it, to be spoilt."""
    return replace(
        good,
        operations=_copies(good.operations),
        calls=_copies(good.calls),
        commits=_copies(good.commits),
        deliveries=_copies(good.deliveries),
        watches=_copies(good.watches),
        failures=list(good.failures),
    )


def _copies(those: list[T]) -> list[T]:
    return [copy(one) for one in those]


def _name(one: object) -> str:
    return getattr(one, "__name__", str(one)).strip("_")


def spoilt(observed: Observed) -> set[str]:
    """The invariants that the checker finds violated."""
    return {sheet.invariant for sheet in check(observed) if sheet.findings}


def test_a_good_run_is_found_good(good: Observed) -> None:
    """Whatever can be observed in it was looked at, and nothing was found."""
    sheets = {sheet.invariant: sheet for sheet in check(good)}
    assert not spoilt(good)
    unseen = {
        name for name, sheet in sheets.items() if not sheet.checked and not sheet.unobservable
    }
    assert unseen <= _SELDOM


@pytest.mark.parametrize(
    ("mistake", "invariant"), [*MISTAKES.items(), *MISTAKES_UNDER_WAY.items()], ids=_name
)
def test_a_mistake_is_found(
    seen: Observed, mistake: Callable[[Observed], None], invariant: str
) -> None:
    """By the invariant that it violates, whatever else it violates too."""
    mistake(seen)
    assert invariant in spoilt(seen)


def test_every_invariant_that_can_be_observed_has_its_mistake() -> None:
    """A check that finds nothing would otherwise go unnoticed."""
    assert set(MISTAKES.values()) >= set(INVARIANTS) - {"I-30", "I-31", "I-38"}
