"""The real gRPC server on the whole application and a real store, for tests of watches.

The provider and the clock are scripted. What a guarantee of WatchPayment needs is here: payments
that change when a test says so, a store that holds a read, and readers of streams.
"""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any

import grpc
import pytest
from prometheus_client import CollectorRegistry

from ovo.payments.v1 import ovo_payments_pb2 as messages
from ovo.payments.v1 import ovo_payments_pb2_grpc
from ovo_payments.application.identifiers import SystemIdentifiers
from ovo_payments.application.providers import Providers
from ovo_payments.application.use_cases import Application, assemble
from ovo_payments.domain.payment import Payment, PaymentState
from ovo_payments.domain.ports import PaymentChange, Store
from ovo_payments.domain.update import Claim
from ovo_payments.storage.database import Database, open_database
from ovo_payments.storage.feed import LocalFeed
from ovo_payments.transport.grpc.server import GrpcLimits, GrpcServer
from tests.contract.store.databases import Database as TestedDatabase
from tests.integration.running_grpc import CALLERS, SHOP, SOON_S, reason_of
from tests.sealing import KEYS
from tests.stack import eventually
from tests.unit.application.bench import Bench
from tests.unit.application.scripted import ManualClock, ScriptedProvider
from tests.unit.domain.makers import told

Stream = grpc.aio.UnaryStreamCall[messages.WatchPaymentRequest, messages.WatchPaymentResponse]
StreamOfAll = grpc.aio.UnaryStreamCall[
    messages.WatchPaymentsRequest, messages.WatchPaymentsResponse
]


class MachineClock(ManualClock):
    """The machine's time."""

    def now(self) -> datetime:
        """Reads it."""
        return datetime.now(UTC)


@dataclass
class HoldingStore:
    """A store that keeps back what its n-th read of one kind has found, until a test lets go.

    It counts what is asked of it.
    """

    store: Store
    method: str = ""
    reads_before: int = 0
    asked: Counter[str] = field(default_factory=Counter)
    found: asyncio.Event = field(default_factory=asyncio.Event)
    let_go: asyncio.Event = field(default_factory=asyncio.Event)

    def hold(self, method: str, reads_before: int = 0) -> None:
        """Holds the first read of this method after so many others of it."""
        self.method, self.reads_before = method, reads_before

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401 - any method of the store
        """Gives the store's own methods, but for the one that is held."""
        self.asked[name] += 1
        method = getattr(self.store, name)
        if name != self.method:
            return method

        async def held(*args: Any) -> Any:  # noqa: ANN401 - any method of the store
            result = await method(*args)
            if self.reads_before == 0:
                self.method = ""
                self.found.set()
                await self.let_go.wait()
            self.reads_before -= 1
            return result

        return held


@dataclass
class Watching(Bench):
    """The application behind a running gRPC server, and a stub that calls it.

    Of two nodes one is watched, and on the other everything happens.
    """

    store: HoldingStore
    elsewhere: Database
    """The database as the node has it open on which things happen."""
    server: GrpcServer
    target: str
    channel: grpc.aio.Channel
    registry: CollectorRegistry

    @property
    def stub(self) -> "ovo_payments_pb2_grpc.OvoPaymentsAsyncStub":
        """The RPCs."""
        return ovo_payments_pb2_grpc.OvoPaymentsStub(self.channel)

    def stream(
        self, payment: Payment, after_version: int | None = None, heartbeat_s: int = 60
    ) -> Stream:
        """Watches a payment as the shop."""
        return self.stub.WatchPayment(
            watch_request(payment, after_version, heartbeat_s), metadata=SHOP
        )

    async def change(self, payment: Payment, times: int = 1) -> Payment:
        """Commits new versions of a payment that stays open, and wakes its watchers each time."""
        for _ in range(times):
            doubted = payment.state is PaymentState.IN_DOUBT
            after = replace(
                payment,
                state=PaymentState.PENDING if doubted else PaymentState.IN_DOUBT,
                version=payment.version + 1,
            )
            change = PaymentChange(before=payment, after=after)
            await self.elsewhere.store.record_payment(change)
            self.elsewhere.feed.wake(after)
            payment = after
        return payment

    async def succeed(self, payment: Payment) -> Payment:
        """Lets the customer pay."""
        self.provider.told = told(Claim.SUCCEEDED)
        paid = await self.refreshed(payment)
        assert paid.version == payment.version + 1
        return paid

    def open_streams(self) -> float:
        """How many streams have a place."""
        return self.registry.get_sample_value("ovo_rpc_open", {"kind": "stream"}) or 0.0


@asynccontextmanager
async def watching(
    database: TestedDatabase, *, limits: GrpcLimits | None = None, clock: ManualClock | None = None
) -> AsyncIterator[Watching]:
    """Runs all of it, as long as the block lasts; again and again on one database."""
    clock = clock or ManualClock()
    provider, registry = ScriptedProvider(), CollectorRegistry()
    here = await open_database(database.url, KEYS)
    elsewhere = here if database.nodes == 1 else await open_database(database.url, KEYS)
    store: Any = HoldingStore(here.store)
    watched = _assembled(store, here.feed, clock, provider)
    acting = watched
    if elsewhere is not here:
        acting = _assembled(elsewhere.store, elsewhere.feed, clock, provider)
    server = GrpcServer(
        use_cases=watched.use_cases,
        callers=CALLERS,
        registry=registry,
        listen="127.0.0.1:0",
        limits=limits,
    )
    target = f"127.0.0.1:{await server.start()}"
    try:
        # Each server has a channel of its own: no connection is shared with another test's.
        async with grpc.aio.insecure_channel(
            target, options=[("grpc.use_local_subchannel_pool", 1)]
        ) as channel:
            yield Watching(
                application=acting,
                store=store,
                feed=here.feed,
                clock=clock,
                provider=provider,
                elsewhere=elsewhere,
                server=server,
                target=target,
                channel=channel,
                registry=registry,
            )
    finally:
        await server.stop(0)
        await acting.sends.drain(1.0)
        for opened in {id(one): one for one in (here, elsewhere)}.values():
            await opened.close()


def _assembled(
    store: Store, feed: LocalFeed, clock: ManualClock, provider: ScriptedProvider
) -> Application:
    return assemble(
        store=store,
        feed=feed,
        clock=clock,
        identifiers=SystemIdentifiers(),
        providers=Providers({provider.name: provider}),
    )


def address(target: str) -> tuple[str, int]:
    """Splits `host:port`."""
    host, _, port = target.rpartition(":")
    return host, int(port)


def watch_request(
    payment: Payment, after_version: int | None = None, heartbeat_s: int = 60
) -> messages.WatchPaymentRequest:
    """Asks for a payment's changes."""
    request = messages.WatchPaymentRequest(
        payment_id=payment.payment_id, after_version=after_version
    )
    request.heartbeat_interval.seconds = heartbeat_s
    return request


async def subscribed(served: Watching) -> None:
    """Waits until a watch has its place at the feed."""

    async def seen() -> bool:
        return served.feed.watchers == 1

    await eventually(seen, "the watch subscribes")


async def left(served: Watching) -> None:
    """Waits until nobody has a place any more."""

    async def seen() -> bool:
        return served.feed.watchers == 0 and served.open_streams() == 0

    await eventually(seen, "all streams are gone")


async def following(stream: Stream) -> messages.WatchPaymentResponse:
    """Reads the next message of a stream that goes on."""
    async with asyncio.timeout(SOON_S):
        message = await stream.read()
    assert isinstance(message, messages.WatchPaymentResponse), "the stream has ended"
    return message


async def next_version(stream: Stream) -> int:
    """Reads the next message, which is a payment, and gives its version."""
    message = await following(stream)
    assert message.HasField("payment")
    return message.payment.version


async def versions_to_the_end(stream: Stream) -> list[int]:
    """Reads all versions of a stream that ends with OK."""
    async with asyncio.timeout(SOON_S):
        seen = [version async for version in versions_of(stream)]
        assert await stream.code() is grpc.StatusCode.OK
    return seen


async def versions_until_interrupted(
    stream: Stream, within_s: float = SOON_S
) -> tuple[list[int], grpc.aio.AioRpcError]:
    """Reads all versions of a stream that the server ends, and how it did."""
    seen: list[int] = []

    async def read() -> None:
        async for version in versions_of(stream):
            seen.append(version)  # noqa: PERF401 - kept also where the stream breaks

    async with asyncio.timeout(within_s):
        with pytest.raises(grpc.aio.AioRpcError) as interrupted:
            await read()
    assert interrupted.value.code() is grpc.StatusCode.UNAVAILABLE, interrupted.value
    assert reason_of(interrupted.value) == "STREAM_INTERRUPTED"
    return seen, interrupted.value


async def versions_of(stream: Stream) -> AsyncIterator[int]:
    """Reads versions as they come."""
    while isinstance(message := await stream.read(), messages.WatchPaymentResponse):
        if message.HasField("payment"):
            yield message.payment.version
