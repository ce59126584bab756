"""The client's watch over links that break: each version once, in order, to the last."""

import asyncio
import random
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import Final

import pytest

from ovo_payments.domain.payment import Payment as Stored
from ovo_payments.transport.grpc.server import GrpcLimits
from ovo_payments_client import (
    Backoff,
    Heartbeat,
    Interruption,
    NoAnswerError,
    OvoPaymentsClient,
    Payment,
    connect,
    connect_blocking,
)
from tests.contract.store.databases import Database
from tests.integration.running_grpc import SOON_S
from tests.integration.watching import Watching, address, watching
from tests.stack import eventually
from tests.torture.real.link import Direction, Link, Trap

# How a client comes back does not depend on where the service keeps its payments.
pytestmark = pytest.mark.parametrize("database", ["sqlite"], indirect=True)

TOKEN: Final = "shop token"
QUICK: Final = Backoff(delay_seconds_first=0.01, delay_seconds_max=0.05)
ALERT: Final = Backoff(delay_seconds_first=0.01, heartbeat_late_seconds_max=0.5)
HEARTBEAT_S: Final = 1.0


@asynccontextmanager
async def linked(served: Watching) -> AsyncIterator[tuple[Link, OvoPaymentsClient]]:
    """The library's client, and the link that lies between it and the service."""
    link = Link("client to service", lambda: address(served.target))
    await link.open()
    try:
        async with connect(link.address, token=TOKEN) as client:
            yield link, client
    finally:
        link.close()


def numbers(told: list[Payment]) -> list[int]:
    """Gives the versions that a caller was told."""
    return [payment.version for payment in told]


async def collected(
    client: OvoPaymentsClient,
    payment: Stored,
    backoff: Backoff,
    on_interruption: Callable[[Interruption], None],
) -> list[Payment]:
    """Watches a payment's whole history, to its end."""
    watch = client.watch(
        payment.payment_id,
        after_version=0,
        heartbeat_interval_seconds=HEARTBEAT_S,
        backoff=backoff,
        on_interruption=on_interruption,
    )
    return [version async for version in watch]


def silences_of(interruptions: list[Interruption]) -> int:
    """Counts those that were told by nothing but silence."""
    return sum("not even a heartbeat" in one.error.message for one in interruptions)


class Shears:
    """Cuts a link again and again, each time after a few more bytes than can be foretold."""

    def __init__(self, link: Link, direction: Direction, bytes_max: int) -> None:
        self._link = link
        self._direction = direction
        self._bytes_max = bytes_max
        # Tests shall break in the same places each time.
        self._random = random.Random(bytes_max)  # noqa: S311 - breaks connections, hides nothing
        self._trap: Trap | None = None
        self._set()

    @property
    def cuts(self) -> int:
        """How often it has cut."""
        return self._link.cuts[self._direction]

    def put_away(self) -> None:
        """Cuts no more."""
        if self._trap is not None:
            self._link.clear_trap(self._trap)

    def _set(self) -> None:
        self._trap = Trap(
            direction=self._direction,
            bytes_left=self._random.randint(1, self._bytes_max),
            spring=self._set,
        )
        self._link.set_trap(self._trap)


@pytest.mark.parametrize(
    ("direction", "bytes_max"),
    [(Direction.DOWN, 700), (Direction.DOWN, 4_000), (Direction.UP, 900)],
)
async def test_a_watch_over_a_link_that_is_cut_every_few_bytes(
    database: Database, direction: Direction, bytes_max: int
) -> None:
    """In headers, in the middle of messages, in handshakes: nothing is lost, told twice or late."""
    interruptions: list[Interruption] = []
    async with watching(database) as served, linked(served) as (link, client):
        payment = await served.charge()
        shears = Shears(link, direction, bytes_max)
        watch = asyncio.create_task(collected(client, payment, QUICK, interruptions.append))
        async with asyncio.timeout(40):
            while shears.cuts < 15:
                payment = await served.change(payment)
                await asyncio.sleep(0.02)
            shears.put_away()
            payment = await served.succeed(payment)
            told = await watch

    assert numbers(told) == list(range(1, payment.version + 1))
    assert len(interruptions) >= 6


async def test_a_link_that_is_dead_without_a_word_is_left(database: Database) -> None:
    """Within a heartbeat and what it may be late, over another connection, again and again."""
    loop = asyncio.get_running_loop()
    interruptions: list[Interruption] = []
    async with watching(database) as served, linked(served) as (link, client):
        payment = await served.charge()
        told: asyncio.Queue[Payment | Heartbeat] = asyncio.Queue()

        async def watch() -> None:
            async for version in client.watch(
                payment.payment_id,
                after_version=0,
                heartbeat_interval_seconds=HEARTBEAT_S,
                backoff=ALERT,
                on_interruption=interruptions.append,
            ):
                told.put_nowait(version)

        watching_it = asyncio.create_task(watch())
        seen = []
        async with asyncio.timeout(30):
            seen += [await told.get() for _ in range(payment.version)]
            for _ in range(3):
                link.deaden()
                began_s = loop.time()
                payment = await served.change(payment)
                seen.append(await told.get())
                noticed_s = loop.time() - began_s
                assert noticed_s < HEARTBEAT_S + ALERT.heartbeat_late_seconds_max + 1
            # The dead connection is left to nobody else either.
            assert (await client.get_status(payment.payment_id)).version == payment.version
            payment = await served.succeed(payment)
            await watching_it
    seen += [told.get_nowait() for _ in range(told.qsize())]

    assert [version.version for version in seen] == list(range(1, payment.version + 1))
    assert len(interruptions) == 3
    assert all(isinstance(one.error, NoAnswerError) for one in interruptions)


async def test_many_watches_leave_a_dead_connection_for_one_other(database: Database) -> None:
    """And the calls that are on the dead one are not cancelled."""
    async with watching(database) as served, linked(served) as (link, client):
        payment = await served.charge()
        interruptions: list[Interruption] = []
        watches = [
            asyncio.create_task(collected(client, payment, ALERT, interruptions.append))
            for _ in range(20)
        ]

        async def all_watch() -> bool:
            return served.feed.watchers == len(watches)

        async def all_noticed() -> bool:
            return len(interruptions) == len(watches)

        await eventually(all_watch, "all watches have begun")
        link.deaden()
        await eventually(all_noticed, "all have noticed that the link is dead")
        payment = await served.succeed(payment)
        # Sooner than pings would find the dead connection.
        async with asyncio.timeout(5):
            told = await asyncio.gather(*watches)
        assert link.connections == 2

    assert [numbers(one) for one in told] == [[1, 2, 3]] * len(watches)


async def test_a_blocking_watch_goes_on_over_broken_and_dead_links(database: Database) -> None:
    """In a thread of a program without asyncio."""
    async with watching(database) as served, linked(served) as (link, _client):
        payment = await served.charge()
        interruptions: list[Interruption] = []

        told: list[Payment] = []
        # A thread can't be cancelled: where the test breaks off, the watch must give up itself.
        backoff = replace(ALERT, delay_seconds_max=0.2, attempts_max=200)

        def watch() -> None:
            with connect_blocking(link.address, token=TOKEN) as client:
                for version in client.watch(
                    payment.payment_id,
                    after_version=0,
                    heartbeat_interval_seconds=HEARTBEAT_S,
                    backoff=backoff,
                    on_interruption=interruptions.append,
                ):
                    told.append(version)  # noqa: PERF402 - looked at while it grows

        watching_it = asyncio.create_task(asyncio.to_thread(watch))
        shears = Shears(link, Direction.DOWN, 2_000)
        async with asyncio.timeout(40):
            while shears.cuts < 10:
                payment = await served.change(payment)
                await asyncio.sleep(0.02)
            shears.put_away()
            latest = payment.version

            async def caught_up() -> bool:
                return bool(told) and told[-1].version == latest

            await eventually(caught_up, "the watch is connected")
            link.deaden()
            silences = silences_of(interruptions)
            payment = await served.change(payment)

            async def noticed() -> bool:
                return silences_of(interruptions) > silences

            await eventually(noticed, "the link is dead")
            payment = await served.succeed(payment)
            await watching_it

    assert numbers(told) == list(range(1, payment.version + 1))


async def test_a_watch_of_an_old_stream_goes_on_at_once(database: Database) -> None:
    """The client is told why its stream ended, and the caller's loop does not notice."""
    limits = GrpcLimits(connection_age_s=1, connection_age_grace_s=3, watch_age_s=1.0)
    interruptions: list[Interruption] = []
    async with watching(database, limits=limits) as served, linked(served) as (_link, client):
        payment = await served.charge()
        watch = asyncio.create_task(collected(client, payment, QUICK, interruptions.append))
        async with asyncio.timeout(SOON_S):
            while len(interruptions) < 4:
                payment = await served.change(payment)
                await asyncio.sleep(0.02)
            payment = await served.succeed(payment)
            told = await watch

    assert numbers(told) == list(range(1, payment.version + 1))
    assert {one.error.reason for one in interruptions} == {"STREAM_INTERRUPTED"}
    assert {one.error.metadata["cause"] for one in interruptions} == {"STREAM_IS_OLD"}
    assert max(one.delay_seconds for one in interruptions) < 0.05
