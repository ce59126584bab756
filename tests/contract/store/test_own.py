"""Another's payment or binding is not told from one that is not there."""

from collections.abc import Sequence
from statistics import median
from time import perf_counter

import pytest

from ovo_payments.domain.ports import Store
from ovo_payments.storage import rows
from tests.contract.store.samples import a_binding, a_payment, stored, stored_binding

ROUNDS = 400


async def test_a_payment_is_found_in_its_own_scope_alone(store: Store) -> None:
    """By its id, which others may have heard of."""
    payment = await stored(store, a_payment())
    assert await store.find_own_payment("shop", "pay1") == payment
    assert await store.find_own_payment("stranger", "pay1") is None
    assert await store.find_own_payment("shop", "pay2") is None


async def test_a_binding_is_found_in_its_own_scope_alone(store: Store) -> None:
    """As a payment."""
    binding = await stored_binding(store, a_binding())
    assert await store.find_own_binding("shop", "bind1") == binding
    assert await store.find_own_binding("stranger", "bind1") is None
    assert await store.find_own_binding("shop", "bind2") is None


async def test_what_is_anothers_is_not_read(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    """Reading a row takes time, by which one could be told from none."""
    await stored(store, a_payment())
    await stored_binding(store, a_binding())
    read: list[Sequence[object]] = []
    monkeypatch.setattr(rows, "to_payment", lambda row, _sealer: read.append(row))
    monkeypatch.setattr(rows, "to_binding", lambda row, _sealer: read.append(row))

    await store.find_own_payment("stranger", "pay1")
    await store.find_own_binding("stranger", "bind1")
    assert read == []
    await store.find_own_payment("shop", "pay1")
    await store.find_own_binding("shop", "bind1")
    assert len(read) == 2


async def test_anothers_payment_takes_the_time_of_none(store: Store) -> None:
    """Asked in turns; reading the payment itself takes measurably longer."""
    await stored(store, a_payment())
    took_s: dict[tuple[str, str], list[float]] = {
        ("stranger", "pay1"): [],
        ("stranger", "pay2"): [],
        ("shop", "pay1"): [],
    }
    for _ in range(ROUNDS):
        for (scope, payment_id), times in took_s.items():
            began = perf_counter()
            await store.find_own_payment(scope, payment_id)
            times.append(perf_counter() - began)
    anothers_s, none_s, own_s = (median(times) for times in took_s.values())
    # A fraction of what reading takes, which is what would be seen.
    assert abs(anothers_s - none_s) < max((own_s - none_s) / 2, none_s / 10)
