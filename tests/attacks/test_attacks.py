"""Whoever attacks loses a connection, and nobody else anything."""

from collections.abc import AsyncIterator, Iterator
from typing import Final

import pytest
import pytest_asyncio

from tests.attacks.case import Case
from tests.attacks.doors import ATTACKS, door_of
from tests.attacks.neighbour import Neighbour, living_beside
from tests.stack import running_stack

CASES_MIN: Final = 40
PATIENCE_S: Final = 0.1

pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def neighbour(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Neighbour]:
    """A caller who does no harm, beside all attacks on one real process."""
    async with running_stack(tmp_path_factory.mktemp("attacked")) as stack:
        async with living_beside(stack) as one:
            yield one
        assert "Traceback" not in stack.log()


def attacks() -> Iterator[object]:
    """Names each attack and where it is made."""
    for door, cases in ATTACKS.items():
        for case in cases:
            yield pytest.param(door, case, id=f"{door}: {case.name}")


@pytest.mark.parametrize(("door", "case"), list(attacks()))
async def test_an_attack_costs_its_own_connection_and_nobody_else_anything(
    neighbour: Neighbour, door: str, case: Case
) -> None:
    """Calls, payments, the watch and probes beside it go on without an error."""
    beside = await neighbour.beside(case, door_of(neighbour.stack, door, case, PATIENCE_S))
    assert beside.outcome.fate in case.fate.or_harder, str(beside.outcome)


async def test_there_are_attacks_at_both_doors() -> None:
    """No list is empty because its source moved."""
    assert all(len(cases) >= CASES_MIN for cases in ATTACKS.values())
    assert all(len({case.name for case in cases}) == len(cases) for cases in ATTACKS.values())
