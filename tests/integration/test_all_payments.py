"""WatchPayments over the real server: a caller's own table stays in step, whatever breaks."""

import asyncio
from contextlib import aclosing, closing

import pytest

from ovo_payments_client import (
    ErrorReason,
    OutOfRangeError,
    OvoPaymentsClient,
    PaymentChange,
    PaymentState,
    connect,
    connect_blocking,
)
from tests.contract.store.databases import Database
from tests.integration.running_grpc import SOON_S
from tests.integration.test_client_watch import QUICK, TOKEN, Shears, linked
from tests.integration.watching import Watching, watching
from tests.torture.real.link import Direction

_PAYMENTS = 8
_WITHIN_S = 100
"""Longer than dozens of connections take on a machine with other work."""


async def told(client: OvoPaymentsClient, count: int, cursor: str = "") -> list[PaymentChange]:
    """Reads so many changes, over as many connections as it takes."""
    found: list[PaymentChange] = []
    changes = client.watch_payments(cursor=cursor, heartbeat_interval_seconds=1.0, backoff=QUICK)
    async with aclosing(changes):
        async for change in changes:
            if change.payment is not None:
                found.append(change)
            if len(found) == count:
                break
    return found


async def happened(served: Watching) -> list[tuple[str, int]]:
    """Makes payments and changes them, several at once; gives all that happened."""

    async def one(number: int) -> list[tuple[str, int]]:
        payment = await served.charge(order_id=f"order-{number}", request_id=f"request-{number}")
        payment = await served.change(payment, times=3)
        return [(payment.payment_id, version) for version in range(1, payment.version + 1)]

    made = await asyncio.gather(*(one(number) for number in range(_PAYMENTS)))
    return [change for changes in made for change in changes]


@pytest.mark.timeout(_WITHIN_S + 20)
async def test_a_table_is_kept_in_step_over_a_link_that_is_cut(database: Database) -> None:
    """Every change once, the versions of each payment in their order."""
    async with watching(database) as served, linked(served) as (link, client):
        shears = Shears(link, Direction.DOWN, 1_500)
        reading = asyncio.create_task(told(client, _PAYMENTS * 5))
        expected = await happened(served)
        async with asyncio.timeout(_WITHIN_S):
            changes = await reading
        shears.put_away()

    seen = [(one.payment.payment_id, one.payment.version) for one in changes if one.payment]
    assert sorted(seen) == sorted(expected)
    for payment_id in {payment_id for payment_id, _ in seen}:
        versions = [version for other, version in seen if other == payment_id]
        assert versions == sorted(versions)
    assert link.cuts[Direction.DOWN] > 2


async def test_two_readers_are_told_in_the_same_order(database: Database) -> None:
    """One from the first change on, one that came back in the middle."""
    async with watching(database) as served, connect(served.target, token=TOKEN) as client:
        expected = await happened(served)
        async with asyncio.timeout(SOON_S):
            first = await told(client, len(expected))
            middle = len(expected) // 2
            rest = await told(client, len(expected) - middle, first[middle - 1].cursor)

    assert rest == first[middle:]


async def test_a_cursor_from_elsewhere_is_refused_by_name(database: Database) -> None:
    """The caller begins anew, and does not go on as if nothing were missing."""
    async with watching(database) as served, connect(served.target, token=TOKEN) as client:
        await served.charge()
        [first, _] = await told(client, 2)
        foreign = "MS5mZmZmZmZmZmZmZmZmZmZmLmZmZmZmZmZmLjE"
        assert first.cursor != foreign
        with pytest.raises(OutOfRangeError) as refused:
            await told(client, 1, foreign)
    assert refused.value.reason is ErrorReason.CURSOR_GONE


async def test_only_what_is_asked_for_is_told(database: Database) -> None:
    """By state; the rest is passed over."""
    async with watching(database) as served, connect(served.target, token=TOKEN) as client:
        await happened(served)
        paid = await served.succeed(await served.charge(order_id="paid", request_id="paid"))
        changes = client.watch_payments(states=[PaymentState.SUCCEEDED], providers=["scripted"])
        async with asyncio.timeout(SOON_S), aclosing(changes):
            change = await anext(changes)
    assert change.payment is not None
    assert change.payment.payment_id == paid.payment_id
    assert change.payment.state is PaymentState.SUCCEEDED


async def test_from_now_begins_with_a_place_to_come_back_to(database: Database) -> None:
    """So that what happens before the first change is not lost with the connection."""
    async with watching(database) as served, connect(served.target, token=TOKEN) as client:
        await happened(served)
        changes = client.watch_payments(from_now=True)
        async with asyncio.timeout(SOON_S), aclosing(changes):
            place = await anext(changes)
        assert place.payment is None
        made = await served.charge(order_id="new", request_id="new")
        async with asyncio.timeout(SOON_S):
            missed = await told(client, made.version, place.cursor)
    payments = [change.payment for change in missed if change.payment is not None]
    assert [(payment.order_id, payment.version) for payment in payments] == [("new", 1), ("new", 2)]


async def test_a_thread_that_blocks_is_told_the_same(database: Database) -> None:
    """For those who use no event loop."""

    def read(target: str) -> list[str]:
        with (
            connect_blocking(target, token=TOKEN) as client,
            closing(client.watch_payments(heartbeat_interval_seconds=1.0)) as changes,
        ):
            two = [next(changes), next(changes)]
        return [change.payment.order_id for change in two if change.payment is not None]

    async with watching(database) as served:
        await served.charge()
        async with asyncio.timeout(SOON_S):
            orders = await asyncio.to_thread(read, served.target)
    assert orders == ["order-1", "order-1"]
