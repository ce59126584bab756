"""What a connection may do, and how both ends find that the other is gone."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Final

import grpc
import pytest

from ovo.payments.v1 import ovo_payments_pb2 as messages
from ovo.payments.v1 import ovo_payments_pb2_grpc
from ovo_payments.transport.grpc.server import GrpcLimits
from ovo_payments_client.channel import OPTIONS
from tests.integration.running_grpc import SHOP, SOON_S, Running, running
from tests.integration.watching import address
from tests.stack import eventually
from tests.torture.real.link import Direction, Link
from tests.unit.transport.samples import PAYMENT

CLIENT: Final = dict(OPTIONS)
WATCH: Final = messages.WatchPaymentRequest()
STATUS: Final = messages.GetStatusRequest(payment_id="pay_2")
PING_BYTES: Final = 17
"""A PING frame: 9 bytes of header and 8 of content."""


class Lines:
    """Counts a link's connections."""

    def __init__(self) -> None:
        self.made = 0
        self.gone = 0

    def begin(self) -> "Lines":
        """Hears of a connection."""
        self.made += 1
        return self

    def heard(self, direction: Direction, data: bytes) -> None:
        """Does not read along."""

    def over(self) -> None:
        """Hears that a connection is gone."""
        self.gone += 1

    async def all_gone(self) -> bool:
        """Tells whether none is left."""
        return self.made > 0 and self.made == self.gone


@asynccontextmanager
async def linked(
    service: Running, **options: int
) -> AsyncIterator[tuple["ovo_payments_pb2_grpc.OvoPaymentsAsyncStub", Link, Lines]]:
    """A client with the library's options but for some, and what lies between it and a server."""
    lines = Lines()
    link = Link("caller to service", lambda: address(service.target), lambda _: lines.begin())
    await link.open()
    used = {**CLIENT, **{f"grpc.{name}": value for name, value in options.items()}}
    try:
        async with grpc.aio.insecure_channel(link.address, options=list(used.items())) as channel:
            yield ovo_payments_pb2_grpc.OvoPaymentsStub(channel), link, lines
    finally:
        link.close()


async def begun(
    service: Running, stub: "ovo_payments_pb2_grpc.OvoPaymentsAsyncStub"
) -> grpc.aio.UnaryStreamCall[messages.WatchPaymentRequest, messages.WatchPaymentResponse]:
    """Begins a watch, which is quiet from then on."""
    stream = stub.WatchPayment(WATCH, metadata=SHOP)
    service.use_cases.watch_payment.events.put_nowait(PAYMENT)
    async with asyncio.timeout(SOON_S):
        await stream.read()
    return stream


def test_the_clients_pings_are_what_the_server_takes() -> None:
    """Slow enough for its limit, and never without a call; a watch's are not held back."""
    assert CLIENT["grpc.keepalive_time_ms"] > GrpcLimits().client_ping_interval_s * 1_000
    assert CLIENT["grpc.keepalive_permit_without_calls"] == 0
    assert CLIENT["grpc.http2.max_pings_without_data"] == 0


async def test_pings_within_the_limit_are_not_punished() -> None:
    """Over a watch on which nothing else moves; the scale is ten times smaller."""
    async with (
        running(limits=GrpcLimits(client_ping_interval_s=1)) as service,
        linked(service, keepalive_time_ms=1_200) as (stub, link, lines),
    ):
        stream = await begun(service, stub)
        passed = dict(link.passed)

        # A server counts two as mistakes and punishes the third.
        async def pinged_five_times() -> bool:
            return all(link.passed[way] - passed[way] >= 5 * PING_BYTES for way in Direction)

        await eventually(pinged_five_times, "pings go both ways")
        assert not stream.done()
        assert (lines.made, lines.gone) == (1, 0)
        stream.cancel()


async def test_pings_beyond_the_limit_are_punished() -> None:
    """Or nothing would keep a caller from it; what proves that the test above could fail."""
    async with (
        running(limits=GrpcLimits(client_ping_interval_s=60)) as service,
        linked(service, keepalive_time_ms=300) as (stub, _link, _lines),
    ):
        stream = await begun(service, stub)
        with pytest.raises(grpc.aio.AioRpcError) as punished:
            async with asyncio.timeout(SOON_S):
                await stream.read()
        assert punished.value.code() is grpc.StatusCode.UNAVAILABLE
        assert "ping" in (punished.value.details() or "").lower()


async def test_a_server_finds_a_client_that_is_gone_without_a_word() -> None:
    """Its watch gives its place up."""
    limits = GrpcLimits(keepalive_interval_s=1, keepalive_timeout_s=1)
    async with running(limits=limits) as service, linked(service) as (stub, link, _lines):
        stream = await begun(service, stub)
        link.deaden()
        async with asyncio.timeout(SOON_S):
            await service.use_cases.watch_payment.closed.wait()
        stream.cancel()


async def test_a_client_finds_a_server_that_is_gone_without_a_word() -> None:
    """By its pings, also where it has no heartbeats: a call does not hang to its deadline."""
    quick = {"keepalive_time_ms": 500, "http2.ping_timeout_ms": 500}
    async with (
        running() as service,
        linked(service, **quick) as (stub, link, _lines),
    ):
        stream = await begun(service, stub)
        link.deaden()
        with pytest.raises(grpc.aio.AioRpcError) as lost:
            async with asyncio.timeout(SOON_S):
                await stream.read()
        assert lost.value.code() is grpc.StatusCode.UNAVAILABLE
        assert (await stub.GetStatus(STATUS, metadata=SHOP, timeout=SOON_S)).HasField("payment")


async def test_an_idle_connection_is_closed() -> None:
    """And made anew with the next call, of which the caller notices nothing."""
    limits = GrpcLimits(connection_idle_s=1)
    async with running(limits=limits) as service, linked(service) as (stub, _link, lines):
        await stub.GetStatus(STATUS, metadata=SHOP)
        await eventually(lines.all_gone, "the idle connection is closed")
        await stub.GetStatus(STATUS, metadata=SHOP)
        assert lines.made == 2


async def test_calls_move_on_from_an_old_connection() -> None:
    """None of them fails, and none is cut in its middle."""
    limits = GrpcLimits(connection_age_s=1, connection_age_grace_s=4, watch_age_s=3.0)
    async with running(limits=limits) as service, linked(service) as (stub, _link, lines):
        loop = asyncio.get_running_loop()
        until_s = loop.time() + 3.5
        service.use_cases.get_status.work = lambda: asyncio.sleep(0.3)
        calls = []
        while loop.time() < until_s:
            calls.append(asyncio.ensure_future(stub.GetStatus(STATUS, metadata=SHOP)))
            await asyncio.sleep(0.02)
        await asyncio.gather(*calls)
        # Each lasts about a second; gRPC draws up to a tenth more or less.
        assert 3 <= lines.made <= 5


async def test_streams_above_the_limit_of_a_connection_wait() -> None:
    """Until another of the same connection ends; those of other connections do not."""
    limits = GrpcLimits(streams_per_connection_max=2)
    async with (
        running(limits=limits) as service,
        linked(service) as (stub, _link, _lines),
        linked(service) as (another, _other_link, _other_lines),
    ):
        # The limit holds once the client has heard of it.
        await stub.GetStatus(STATUS, metadata=SHOP)
        first, second, third = (stub.WatchPayment(WATCH, metadata=SHOP) for _ in range(3))
        for stream in (first, second):
            await stream.initial_metadata()
        elsewhere = another.WatchPayment(WATCH, metadata=SHOP)
        await elsewhere.initial_metadata()
        assert len(service.use_cases.watch_payment.asked) == 3

        first.cancel()
        async with asyncio.timeout(SOON_S):
            await third.initial_metadata()
        for stream in (second, third, elsewhere):
            stream.cancel()


async def test_connections_above_the_limit_are_closed() -> None:
    """As they come; who is there stays, and a place that is given up is free."""
    async with running(limits=GrpcLimits(connections_max=2)) as service:
        stream = await begun(service, service.stub)
        host, port = address(service.target)
        _, second = await asyncio.open_connection(host, port)

        async def third_is_closed() -> bool:
            reader, writer = await asyncio.open_connection(host, port)
            try:
                async with asyncio.timeout(0.2):
                    # A server's SETTINGS come first where there is a place.
                    return await reader.read(1) == b""
            except ConnectionError:
                return True
            except TimeoutError:
                return False
            finally:
                writer.close()

        await eventually(third_is_closed, "a third connection is closed")
        assert not stream.done()
        second.close()

        async def third_is_taken() -> bool:
            return not await third_is_closed()

        await eventually(third_is_taken, "a place is free")
        stream.cancel()
