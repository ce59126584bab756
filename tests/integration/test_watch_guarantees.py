"""What WatchPayment promises, over the real server and every kind of store."""

import asyncio
import itertools
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta

import grpc
import pytest

from ovo.payments.v1 import ovo_payments_pb2 as messages
from ovo.payments.v1 import ovo_payments_pb2_grpc, payment_pb2
from ovo_payments.domain.payment import PaymentState
from ovo_payments.domain.update import Claim
from tests.contract.store.databases import Database
from tests.integration.running_grpc import SHOP, SOON_S, reason_of
from tests.integration.watching import (
    MachineClock,
    Watching,
    address,
    following,
    left,
    next_version,
    subscribed,
    versions_to_the_end,
    watch_request,
    watching,
)
from tests.torture.real.link import Link
from tests.unit.domain.makers import told, told_of_refund


@pytest.fixture
async def served(database: Database) -> AsyncIterator[Watching]:
    """The service on one kind of store."""
    async with watching(database) as it:
        yield it


async def test_the_snapshot_comes_first(served: Watching) -> None:
    """At once, whole, and as it stands now."""
    payment = await served.change(await served.charge(), times=3)

    first = await following(served.stream(payment))

    assert first.payment.version == payment.version == 5
    assert first.payment.payment_id == payment.payment_id
    assert first.payment.amount.units == payment.amount.rupiah
    assert messages.WatchPaymentResponse.FromString(first.SerializeToString()) == first


async def test_every_version_above_the_one_named_comes_once_and_in_order(
    served: Watching,
) -> None:
    """Those that are there, then those that come while the stream is read."""
    payment = await served.change(await served.charge(), times=28)
    stream = served.stream(payment, after_version=7)
    seen = [await next_version(stream) for _ in range(20)]

    for _ in range(10):
        payment = await served.change(payment)
    payment = await served.succeed(payment)

    seen += await versions_to_the_end(stream)
    assert seen == list(range(8, payment.version + 1))


async def test_version_0_gives_the_whole_history(served: Watching) -> None:
    """From the first version on, more than are read from the store at once."""
    payment = await served.succeed(await served.change(await served.charge(), times=60))

    seen = await versions_to_the_end(served.stream(payment, after_version=0))

    assert seen == list(range(1, payment.version + 1))


async def test_a_version_beyond_the_latest_is_out_of_range(served: Watching) -> None:
    """The latest itself is not beyond."""
    payment = await served.charge()

    with pytest.raises(grpc.aio.AioRpcError) as refused:
        await served.stream(payment, after_version=payment.version + 1).read()

    assert refused.value.code() is grpc.StatusCode.OUT_OF_RANGE
    assert reason_of(refused.value) == "VERSION_OUT_OF_RANGE"
    latest = served.stream(payment, after_version=payment.version)
    payment = await served.change(payment)
    assert await next_version(latest) == payment.version


@pytest.mark.parametrize(
    ("method", "reads_before"),
    [("find_own_payment", 0), ("find_payment", 0), ("read_events", 0), ("read_events", 1)],
)
@pytest.mark.parametrize("after_version", [None, 2])
async def test_nothing_falls_between_reading_and_subscribing(
    served: Watching, method: str, reads_before: int, after_version: int | None
) -> None:
    """A change that is committed after any of the reads, and before its answer is used."""
    payment = await served.charge()
    assert payment.version == 2
    served.store.hold(method, reads_before)
    # No heartbeat will look for what no wake-up told.
    stream = served.stream(payment, after_version, heartbeat_s=60)
    reading = asyncio.ensure_future(next_version(stream))
    if (method, reads_before) == ("read_events", 1):
        # This read follows a wake-up.
        await subscribed(served)
        payment = await served.change(payment)
    async with asyncio.timeout(SOON_S):
        await served.store.found.wait()

    changed = await served.change(payment)
    served.store.let_go.set()

    seen = [await reading]
    while seen[-1] < changed.version:
        seen.append(await next_version(stream))
    assert seen == list(range(seen[0], changed.version + 1))


async def test_a_quiet_stream_beats_at_the_asked_interval(database: Database) -> None:
    """Each heartbeat an interval after what came before it, with the version and the time."""
    loop = asyncio.get_running_loop()
    async with watching(database, clock=MachineClock()) as served:
        payment = await served.charge()
        stream = served.stream(payment, heartbeat_s=1)
        assert await next_version(stream) == payment.version
        came_at_s = [loop.time()]
        for _ in range(2):
            beat = (await following(stream)).heartbeat
            came_at_s.append(loop.time())
            assert beat.version == payment.version
            assert abs(beat.time.ToDatetime(UTC) - datetime.now(UTC)) < timedelta(seconds=1)

        # What interrupts the quiet puts the next heartbeat off.
        await asyncio.sleep(0.5)
        payment = await served.change(payment)
        assert await next_version(stream) == payment.version
        came_at_s.append(loop.time())
        assert (await following(stream)).heartbeat.version == payment.version
        came_at_s.append(loop.time())

    gaps = [later - earlier for earlier, later in itertools.pairwise(came_at_s)]
    for gap in (*gaps[:2], gaps[3]):
        assert 0.9 < gap < 1.9
    assert gaps[2] < 0.9


async def test_the_final_version_is_last_and_then_comes_ok(served: Watching) -> None:
    """For who watched all along, who comes after it, and who has seen it already."""
    payment = await served.charge()
    stream = served.stream(payment)
    assert await next_version(stream) == payment.version

    payment = await served.succeed(payment)

    assert await versions_to_the_end(stream) == [payment.version]
    assert await versions_to_the_end(served.stream(payment)) == [payment.version]
    assert await versions_to_the_end(served.stream(payment, after_version=payment.version)) == []


@pytest.mark.parametrize("way", ["cancel", "deadline", "disconnect"])
async def test_leaving_a_watch_cancels_nothing(served: Watching, way: str) -> None:
    """The place is given up, the payment goes on, and a later watch sees how it ends."""
    payment = await served.charge()
    before = await served.stored(payment)
    asked = list(served.provider.calls)
    link = Link("caller to service", lambda: address(served.target))
    await link.open()
    async with grpc.aio.insecure_channel(link.address) as channel:
        stub = ovo_payments_pb2_grpc.OvoPaymentsStub(channel)
        timeout_s = 0.5 if way == "deadline" else None
        stream = stub.WatchPayment(watch_request(payment), metadata=SHOP, timeout=timeout_s)
        assert await next_version(stream) == payment.version
        if way == "cancel":
            stream.cancel()
        elif way == "disconnect":
            link.close()
        with pytest.raises((grpc.aio.AioRpcError, asyncio.CancelledError)):
            await following(stream)
    link.close()

    await left(served)
    assert await served.stored(payment) == before
    assert served.provider.calls == asked
    payment = await served.succeed(payment)
    assert await versions_to_the_end(served.stream(payment)) == [payment.version]


async def test_a_pending_refund_keeps_the_stream_open(served: Watching) -> None:
    """Though the payment itself has succeeded, until the money went back."""
    payment = await served.refund(await served.succeed(await served.charge()))
    stream = served.stream(payment)
    first = await following(stream)
    assert first.payment.state == payment_pb2.Payment.STATE_SUCCEEDED

    refunded = told_of_refund(Claim.SUCCEEDED)
    served.provider.told = told(Claim.SUCCEEDED, refund=refunded)
    payment = await served.refreshed(payment)

    assert payment.state is PaymentState.REFUNDED
    assert await versions_to_the_end(stream) == [payment.version]
