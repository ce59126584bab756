"""All changes of a scope, in one order that every reader sees alike."""

import asyncio

from ovo_payments.domain.ports import Store
from ovo_payments.domain.update import Claim
from tests.contract.store.databases import Database
from tests.contract.store.samples import a_payment, recorded, refunding, stored, told

_PAYMENTS = 60


async def test_changes_are_read_in_their_order(store: Store) -> None:
    """Of all payments of the scope, and of no other."""
    first = await stored(store, a_payment("pay1"))
    await stored(store, a_payment("other", scope="another"))
    await stored(store, a_payment("pay2", order_id="order-2"))
    after = await recorded(store, told(first, Claim.SUCCEEDED))

    changes = await store.read_changes("shop", after_position=0, limit=10)

    assert [change.position for change in changes] == [1, 2, 3]
    assert [change.payment.payment_id for change in changes] == ["pay1", "pay2", "pay1"]
    assert changes[-1].payment == after
    assert await store.read_changes("shop", after_position=1, limit=1) == [changes[1]]
    assert await store.find_position("shop") == 3
    assert await store.find_position("nobody") == 0


async def test_a_refused_write_takes_no_place(store: Store) -> None:
    """Positions have no gap."""
    paid = await recorded(store, told(await stored(store, a_payment()), Claim.SUCCEEDED))
    refused = await asyncio.gather(
        stored(store, a_payment("pay2", order_id=paid.order_id)),
        recorded(store, told(a_payment(), Claim.FAILED)),
        return_exceptions=True,
    )
    assert all(isinstance(error, Exception) for error in refused)

    await recorded(store, refunding(paid))

    changes = await store.read_changes("shop", after_position=0, limit=10)
    assert [change.position for change in changes] == [1, 2, 3]


async def test_a_reader_never_passes_over_a_change(store: Store) -> None:
    """Many write at once, and whatever has been read, nothing appears before it any more."""
    seen: list[tuple[int, str]] = []

    async def read() -> None:
        while len(seen) < _PAYMENTS:
            position = seen[-1][0] if seen else 0
            changes = await store.read_changes("shop", position, limit=7)
            seen.extend((change.position, change.payment.payment_id) for change in changes)
            await asyncio.sleep(0)

    async with asyncio.timeout(30), asyncio.TaskGroup() as group:
        group.create_task(read())
        for number in range(_PAYMENTS):
            group.create_task(stored(store, a_payment(f"pay{number}", order_id=f"o{number}")))

    assert [position for position, _ in seen] == list(range(1, _PAYMENTS + 1))
    assert {payment_id for _, payment_id in seen} == {f"pay{n}" for n in range(_PAYMENTS)}


async def test_a_database_keeps_its_name(database: Database) -> None:
    """Places are told apart by it."""
    store = await database.open()
    name = await store.name()
    await store.close()

    again = await database.open()

    assert await again.name() == name
    assert len(name) == 16
    await again.close()
