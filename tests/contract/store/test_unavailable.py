"""What a store that can't be written or read says, and that it leaves nothing half done."""

import asyncio

import pytest

from ovo_payments.domain.errors import StoreUnavailableError
from ovo_payments.domain.ports import Store
from ovo_payments.domain.update import Claim
from tests.contract.store.databases import Database
from tests.contract.store.samples import a_payment, stored, told


async def test_a_healthy_store_answers_a_ping(store: Store) -> None:
    """Nothing is raised."""
    await store.ping()


async def test_a_locked_database_is_unavailable_and_heals(store: Store, database: Database) -> None:
    """I-33: nothing was written, the cause is chained, and the same call works afterwards."""
    with database.locked():
        with pytest.raises(StoreUnavailableError) as refused:
            await stored(store, a_payment())
        with pytest.raises(StoreUnavailableError):
            await store.ping()

    assert refused.value.__cause__ is not None
    assert await store.find_payment("pay1") is None
    await stored(store, a_payment())
    await store.ping()


async def test_a_locked_database_is_still_read(store: Store, database: Database) -> None:
    """Readers don't wait for writers."""
    payment = await stored(store, a_payment())

    with database.locked():
        assert await store.find_payment("pay1") == payment


async def test_everybody_who_waits_learns_that_the_store_is_away(
    store: Store, database: Database
) -> None:
    """No caller hangs, and no caller is told what is not so."""
    payment = await stored(store, a_payment("known"))
    with database.locked():
        outcomes = await asyncio.gather(
            *(stored(store, a_payment(f"pay{number}")) for number in range(16)),
            store.record_payment(told(payment, Claim.SUCCEEDED)),
            return_exceptions=True,
        )

    assert [type(outcome) for outcome in outcomes] == [StoreUnavailableError] * 17
    assert database.execute("SELECT count(*) FROM payments") == [(1,)]
    assert await store.find_payment("known") == payment
    assert await store.read_evidence("known") == []


async def test_a_lost_database_is_unavailable_and_heals(store: Store, database: Database) -> None:
    """Nothing is promised that nobody could read again."""
    with database.lost():
        with pytest.raises(StoreUnavailableError):
            await stored(store, a_payment())
        with pytest.raises(StoreUnavailableError):
            await store.ping()

    assert await store.find_payment("pay1") is None
    await stored(store, a_payment())


async def test_a_lost_database_is_not_opened(database: Database) -> None:
    """A store that is not there says so at the start."""
    store = await database.open()
    await store.close()

    with database.lost(), pytest.raises(StoreUnavailableError):
        await database.open()
