"""Readers who take nothing: they are left after a while, told why, and cost nobody anything."""

import asyncio
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Final

import grpc
import pytest

from ovo.payments.v1 import ovo_payments_pb2 as messages
from ovo.payments.v1 import ovo_payments_pb2_grpc
from ovo_payments.domain.payment import Payment
from ovo_payments.transport.grpc.codec import encode
from ovo_payments.transport.grpc.server import GrpcLimits
from tests.contract.store.databases import Database
from tests.integration.running_grpc import SHOP, SOON_S, reason_of
from tests.integration.test_watch_ends import facts_of
from tests.integration.watching import (
    Stream,
    StreamOfAll,
    Watching,
    address,
    next_version,
    versions_of,
    versions_to_the_end,
    versions_until_interrupted,
    watch_request,
    watching,
)
from tests.stack import eventually
from tests.torture.real.link import Link

LARGE: Final = {f"key-{number}": "x" * 500 for number in range(20)}
"""Metadata that makes each version more than 10 kB, so that few of them fill a window."""
MIB: Final = 1024 * 1024
QUICK: Final = GrpcLimits(slow_reader_timeout_s=0.5)
PATIENT: Final = GrpcLimits(slow_reader_timeout_s=300)


async def large_payment(served: Watching, versions: int) -> Payment:
    """Makes a payment with a long history of large versions."""
    return await served.change(await served.charge(metadata=LARGE), times=versions - 2)


@asynccontextmanager
async def small_window(target: str) -> AsyncIterator["ovo_payments_pb2_grpc.OvoPaymentsAsyncStub"]:
    """A client whose windows never grow."""
    options = [("grpc.http2.bdp_probe", 0), ("grpc.use_local_subchannel_pool", 1)]
    async with grpc.aio.insecure_channel(target, options=options) as channel:
        yield ovo_payments_pb2_grpc.OvoPaymentsStub(channel)


def unread(stub: "ovo_payments_pb2_grpc.OvoPaymentsAsyncStub", payment: Payment) -> Stream:
    """Asks for the whole history, and reads nothing of it."""
    return stub.WatchPayment(watch_request(payment, after_version=0), metadata=SHOP)


def unread_of_all(
    stub: "ovo_payments_pb2_grpc.OvoPaymentsAsyncStub", cursor: str = ""
) -> StreamOfAll:
    """Asks for all changes of all payments, and reads nothing of them."""
    return stub.WatchPayments(messages.WatchPaymentsRequest(cursor=cursor), metadata=SHOP)


async def stuck(served: Watching, streams: int, reads: str = "read_events") -> None:
    """Waits until so many streams have begun and wait for their readers."""

    async def all_wait() -> bool:
        return served.store.asked[reads] >= streams

    await eventually(all_wait, "the streams wait for their readers")


async def left(served: Watching, streams: int = 1, method: str = "WatchPayment") -> None:
    """Waits until so many streams have ended for the server."""

    async def seen() -> bool:
        labels = {"method": method, "code": "UNAVAILABLE"}
        ended = served.registry.get_sample_value("ovo_rpc_streams_finished_total", labels)
        return ended == streams and served.feed.watchers == 0

    await eventually(seen, "the readers are left")


@pytest.mark.parametrize("taken", ["no message", "no byte"])
async def test_a_reader_that_takes_nothing_is_left_and_told_why(
    database: Database, taken: str
) -> None:
    """Once it reads again it gets what was written, the reason, and from there on all the rest."""
    async with watching(database, limits=QUICK) as served:
        payment = await served.succeed(await large_payment(served, 60))
        link = Link("caller to service", lambda: address(served.target))
        await link.open()
        async with small_window(link.address) as stub:
            stream = unread(stub, payment)
            await stream.initial_metadata()
            if taken == "no byte":
                link.stall()
            await left(served)
            link.resume()

            seen, error = await versions_until_interrupted(stream)
            told = facts_of(error)
            stream = stub.WatchPayment(watch_request(payment, seen[-1]), metadata=SHOP)
            seen += await versions_to_the_end(stream)
        link.close()

    assert told["cause"] == "READER_IS_SLOW"
    assert int(told["last_version"]) < 10
    assert seen == list(range(1, payment.version + 1))


async def test_a_reader_of_all_payments_is_left_as_well(database: Database) -> None:
    """And goes on from its last cursor, with nothing lost and nothing repeated."""
    async with watching(database, limits=QUICK) as served:
        payment = await served.succeed(await large_payment(served, 60))
        async with small_window(served.target) as stub:
            stream = unread_of_all(stub)
            await stream.initial_metadata()
            await left(served, method="WatchPayments")

            seen, cursors = [], [""]

            async def read() -> None:
                async for message in stream:
                    seen.append(message.payment.version)
                    cursors.append(message.cursor)

            with pytest.raises(grpc.aio.AioRpcError) as cut:
                await read()
            assert reason_of(cut.value) == "STREAM_INTERRUPTED"
            assert facts_of(cut.value)["cause"] == "READER_IS_SLOW"
            # The message that waited too long has come after all: it counts for who read it.
            assert facts_of(cut.value)["cursor"] in cursors[-2:]
            assert len(seen) < 10
            stream = unread_of_all(stub, cursors[-1])
            async with asyncio.timeout(SOON_S):
                while len(seen) < payment.version:
                    message = await stream.read()
                    assert isinstance(message, messages.WatchPaymentsResponse)
                    seen.append(message.payment.version)

    assert seen == list(range(1, payment.version + 1))


async def test_a_reader_that_takes_its_time_is_not_left(database: Database) -> None:
    """As long as it takes something now and then."""
    async with watching(database, limits=QUICK) as served:
        payment = await served.succeed(await large_payment(served, 40))
        async with small_window(served.target) as stub:
            stream = unread(stub, payment)
            seen = []
            async for version in versions_of(stream):
                seen.append(version)
                await asyncio.sleep(0.05)
            assert await stream.code() is grpc.StatusCode.OK

    assert seen == list(range(1, payment.version + 1))


async def test_a_slow_reader_delays_nobody(database: Database) -> None:
    """Neither who watches the same payment on the same connection, nor who makes another call."""
    loop = asyncio.get_running_loop()
    async with watching(database, limits=PATIENT) as served:
        payment = await large_payment(served, 40)
        async with small_window(served.target) as stub:
            slow = [unread(stub, payment) for _ in range(50)]
            await stuck(served, len(slow))
            stream = stub.WatchPayment(watch_request(payment), metadata=SHOP)
            assert await next_version(stream) == payment.version
            delays_s = []
            for _ in range(20):
                began_s = loop.time()
                payment = await served.change(payment)
                assert await next_version(stream) == payment.version
                status = messages.GetStatusRequest(payment_id=payment.payment_id)
                answer = await stub.GetStatus(status, metadata=SHOP, timeout=SOON_S)
                assert answer.payment.version == payment.version
                delays_s.append(loop.time() - began_s)
            assert served.feed.watchers == len(slow) + 1

    assert sorted(delays_s)[len(delays_s) // 2] < 0.1
    assert max(delays_s) < 1


@pytest.mark.parametrize("reads", ["read_events", "read_changes"])
async def test_readers_that_take_nothing_hold_bounded_memory(
    database: Database, reads: str
) -> None:
    """However long the history is: what fills a window, and one batch that was read for it."""
    versions, readers = 450, 100
    async with watching(database, limits=PATIENT) as served:
        payment = await large_payment(served, versions)
        version_bytes = encode.watch_payment_response(payment).ByteSize()
        unbounded_bytes = versions * readers * version_bytes
        async with small_window(served.target) as stub:
            before_bytes = resident_bytes()
            one = reads == "read_events"
            slow = [unread(stub, payment) if one else unread_of_all(stub) for _ in range(readers)]
            await stuck(served, readers, reads)
            payment = await served.change(payment, times=50)
            # Whoever still could write would have by now.
            await asyncio.sleep(1)
            grown_bytes = resident_bytes() - before_bytes
            assert not any(stream.done() for stream in slow)

        # Nothing was read from the store beyond the batch of which a window holds a part.
        assert served.store.asked[reads] == readers
    assert unbounded_bytes > 400 * MIB
    # Both ends are in this process: the client's windows are counted too.
    assert grown_bytes < 64 * MIB, grown_bytes / MIB


def resident_bytes() -> int:
    """How much memory this process holds."""
    pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE")


async def test_a_stop_waits_for_no_reader(database: Database) -> None:
    """Else one who takes nothing would use up the grace that sends to providers need."""
    loop = asyncio.get_running_loop()
    async with watching(database, limits=PATIENT) as served:
        payment = await large_payment(served, 40)
        async with small_window(served.target) as stub:
            slow = [unread(stub, payment) for _ in range(5)]
            await stuck(served, len(slow))
            began_s = loop.time()
            await served.server.stop(60)
            assert loop.time() - began_s < 5
            for stream in slow:
                with pytest.raises(grpc.aio.AioRpcError) as cut:
                    await versions_to_the_end(stream)
                assert cut.value.code() is grpc.StatusCode.UNAVAILABLE
        assert served.feed.watchers == 0


async def test_who_was_left_keeps_the_place_until_the_end_is_read(database: Database) -> None:
    """So the memory of all who take nothing is bounded by the number of places."""
    limits = GrpcLimits(slow_reader_timeout_s=0.5, watches_at_once_max=1)
    async with watching(database, limits=limits) as served:
        payment = await large_payment(served, 40)
        async with small_window(served.target) as stub:
            first = unread(stub, payment)
            await left(served)
            with pytest.raises(grpc.aio.AioRpcError) as refused:
                await next_version(served.stream(payment))
            assert reason_of(refused.value) == "RATE_LIMITED"
            first.cancel()

            async def free() -> bool:
                return served.open_streams() == 0

            await eventually(free, "the place is free")
            assert await next_version(served.stream(payment)) == payment.version
