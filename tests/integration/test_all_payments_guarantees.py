"""WatchPayments on the wire: the guarantees that a watch of one payment gives, for all of them."""

import asyncio
import itertools
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta

import grpc
import pytest
import pytest_asyncio

from ovo.payments.v1 import ovo_payments_pb2 as messages
from tests.contract.store.databases import Database
from tests.integration.running_grpc import SHOP, SOON_S, reason_of
from tests.integration.test_watch_ends import AGING, facts_of, retry_delay_s
from tests.integration.watching import (
    MachineClock,
    StreamOfAll,
    Watching,
    left,
    subscribed,
    watching,
)

Place = tuple[str, int]
"""A payment and its version."""


@pytest_asyncio.fixture
async def served(database: Database) -> AsyncIterator[Watching]:
    """The running server."""
    async with watching(database) as served:
        yield served


def stream_of(
    served: Watching, cursor: str = "", *, from_now: bool = False, heartbeat_s: int = 60
) -> StreamOfAll:
    """Watches all payments as the shop."""
    request = messages.WatchPaymentsRequest(cursor=cursor, from_now=from_now)
    request.heartbeat_interval.seconds = heartbeat_s
    return served.stub.WatchPayments(request, metadata=SHOP)


async def following(stream: StreamOfAll) -> messages.WatchPaymentsResponse:
    """Reads the next message of a stream that goes on."""
    async with asyncio.timeout(SOON_S):
        message = await stream.read()
    assert isinstance(message, messages.WatchPaymentsResponse), "the stream has ended"
    return message


async def places(stream: StreamOfAll, count: int) -> tuple[list[Place], str]:
    """Reads so many changes, and the cursor after them."""
    read = [await following(stream) for _ in range(count)]
    assert all(message.HasField("payment") for message in read)
    return [(one.payment.payment_id, one.payment.version) for one in read], read[-1].cursor


async def interrupted(stream: StreamOfAll) -> tuple[list[Place], str, grpc.aio.AioRpcError]:
    """Reads what comes until the server ends the stream: changes, the last cursor, the end."""
    seen: list[Place] = []
    cursor = ""

    async def read() -> None:
        nonlocal cursor
        while isinstance(message := await stream.read(), messages.WatchPaymentsResponse):
            cursor = message.cursor
            if message.HasField("payment"):
                seen.append((message.payment.payment_id, message.payment.version))

    async with asyncio.timeout(SOON_S):
        with pytest.raises(grpc.aio.AioRpcError) as end:
            await read()
    assert end.value.code() is grpc.StatusCode.UNAVAILABLE, end.value
    assert reason_of(end.value) == "STREAM_INTERRUPTED"
    return seen, cursor, end.value


@pytest.mark.parametrize("reads_before", [0, 1])
async def test_nothing_falls_between_reading_and_subscribing(
    served: Watching, reads_before: int
) -> None:
    """A change that is committed after a read, and before its answer is used."""
    payment = await served.charge()
    served.store.hold("read_changes", reads_before)
    # No heartbeat will look for what no wake-up told.
    stream = stream_of(served, heartbeat_s=60)
    reading = asyncio.ensure_future(places(stream, payment.version + 1 + reads_before))
    if reads_before:
        # This read follows a wake-up.
        await subscribed(served)
        payment = await served.change(payment)
    async with asyncio.timeout(SOON_S):
        await served.store.found.wait()

    payment = await served.change(payment)
    served.store.let_go.set()

    seen, _ = await reading
    assert seen == [(payment.payment_id, number) for number in range(1, payment.version + 1)]


async def test_a_quiet_stream_beats_at_the_asked_interval(database: Database) -> None:
    """Each heartbeat an interval after what came before it, with a place to come back to."""
    loop = asyncio.get_running_loop()
    async with watching(database, clock=MachineClock()) as served:
        payment = await served.charge()
        stream = stream_of(served, heartbeat_s=1)
        _, cursor = await places(stream, payment.version)
        came_at_s = [loop.time()]
        for _ in range(2):
            message = await following(stream)
            came_at_s.append(loop.time())
            assert message.cursor == cursor
            sent = message.heartbeat.time.ToDatetime(UTC)
            assert abs(sent - datetime.now(UTC)) < timedelta(seconds=1)

    for earlier, later in itertools.pairwise(came_at_s):
        assert 0.9 < later - earlier < 1.9


async def test_a_stop_ends_it_with_its_reason_and_nothing_is_lost(database: Database) -> None:
    """The next process on the same database goes on from the cursor."""
    async with watching(database) as served:
        payment = await served.change(await served.charge(), times=5)
        stream = stream_of(served)
        seen, _ = await places(stream, payment.version)
        payment = await served.change(payment, times=20)

        async with asyncio.timeout(SOON_S):
            await served.server.stop(60)

        # What is committed in the moment of the stop still comes before the end.
        more, cursor, error = await interrupted(stream)
        seen += more
        assert len(seen) == payment.version
        assert facts_of(error) == {"cursor": cursor, "cause": "SERVER_STOPS"}
        assert retry_delay_s(error) == 1
        payment = await served.change(payment, times=3)

    async with watching(database) as served:
        more, _ = await places(stream_of(served, cursor), 3)
    seen += more
    assert seen == [(payment.payment_id, number) for number in range(1, payment.version + 1)]


async def test_over_many_connections_every_change_comes_once(database: Database) -> None:
    """A reader who comes back with the cursor, while connections and streams age."""
    async with watching(database, limits=AGING) as served:
        payments = [
            await served.charge(order_id=f"order-{number}", request_id=f"request-{number}")
            for number in range(3)
        ]
        causes: list[str] = []
        seen: list[Place] = []

        async def read() -> None:
            cursor = ""
            while len(causes) < 3:
                more, last, error = await interrupted(stream_of(served, cursor))
                seen.extend(more)
                cursor = last or cursor
                causes.append(facts_of(error)["cause"])

        reading = asyncio.create_task(read())
        while not reading.done():
            payments = [await served.change(payment) for payment in payments]
            await asyncio.sleep(0.04)
        await reading

    assert causes == ["STREAM_IS_OLD"] * 3
    for payment in payments:
        versions = [version for payment_id, version in seen if payment_id == payment.payment_id]
        assert versions == list(range(1, len(versions) + 1))
        # The end was read while the last ones were still being made.
        assert len(versions) > 10


async def test_whoever_leaves_gives_the_place_up(served: Watching) -> None:
    """And nothing else changes."""
    payment = await served.charge()
    asked = list(served.provider.calls)
    stream = stream_of(served)
    await places(stream, payment.version)

    stream.cancel()

    await left(served)
    assert await served.stored(payment) == payment
    assert served.provider.calls == asked
