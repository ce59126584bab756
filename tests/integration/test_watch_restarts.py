"""The client's watch while the service is killed and stopped under it: real processes."""

import asyncio
import signal
from dataclasses import dataclass, field
from typing import Final

import pytest

from ovo_payments_client import (
    Backoff,
    Interruption,
    Payment,
    PaymentState,
    connect,
    connect_blocking,
)
from tests.apart import Apart
from tests.integration.restarts import calling, charge, versions
from tests.stack import WITHIN_S, eventually

pytestmark = pytest.mark.asyncio(loop_scope="module")

# A thread can't be cancelled: where the test breaks off, its watch must give up itself.
BACKOFF: Final = Backoff(delay_seconds_first=0.05, delay_seconds_max=0.5, attempts_max=300)
ENDS: Final = (signal.SIGKILL, signal.SIGTERM, signal.SIGKILL, signal.SIGTERM)
"""How the service ends, time after time."""
PAYING_S: Final = 300
"""How long customers take, unless the providers' clock is moved; longer than the test lasts."""


@dataclass
class Followed:
    """A payment, and what its watcher was told."""

    payment: Payment
    told: list[Payment] = field(default_factory=list)
    interruptions: list[Interruption] = field(default_factory=list)


async def watch_in_a_task(target: str, followed: Followed) -> None:
    """Watches as a program with asyncio does."""
    async with connect(target) as client:
        async for version in client.watch(
            followed.payment.payment_id,
            after_version=0,
            backoff=BACKOFF,
            on_interruption=followed.interruptions.append,
        ):
            followed.told.append(version)


async def watch_in_a_thread(target: str, followed: Followed) -> None:
    """Watches as a program without asyncio does."""

    def watch() -> None:
        with connect_blocking(target) as client:
            for version in client.watch(
                followed.payment.payment_id,
                after_version=0,
                backoff=BACKOFF,
                on_interruption=followed.interruptions.append,
            ):
                followed.told.append(version)

    await asyncio.to_thread(watch)


async def open_streams(apart: Apart, streams: int) -> None:
    """Waits until the service has so many streams."""

    async def seen() -> bool:
        told = await apart.metrics(apart.service.http)
        return f'ovo_rpc_open{{kind="stream"}} {streams}.0' in told

    await eventually(seen, f"{streams} streams are open")


async def interrupted_again(all_followed: list[Followed], before: list[int]) -> None:
    """Waits until each watch has noticed that its connection is gone."""

    async def seen() -> bool:
        return all(
            len(one.interruptions) > count for one, count in zip(all_followed, before, strict=True)
        )

    await eventually(seen, "all watches are interrupted")


@pytest.mark.timeout(180)
async def test_a_watch_goes_on_however_often_the_service_ends(apart: Apart) -> None:
    """Killed and stopped by turns: no version is lost, told twice or out of order."""
    service = apart.service
    await apart.switch(
        midtrans_settlement_delay_s=PAYING_S,
        midtrans_customer_window_s=2 * PAYING_S,
        midtrans_expiry_s=2 * PAYING_S,
    )
    async with calling(apart) as client:
        all_followed = [Followed(await charge(client)) for _ in range(4)]
    ways = (watch_in_a_task, watch_in_a_thread) * 2
    watches = asyncio.gather(
        *(watch(service.grpc, one) for watch, one in zip(ways, all_followed, strict=True))
    )

    for round_number, end in enumerate(ENDS, start=1):
        await open_streams(apart, len(all_followed))
        before = [len(one.interruptions) for one in all_followed]
        service.send(end)
        await service.ended()
        await interrupted_again(all_followed, before)
        assert not watches.done()
        if round_number == len(ENDS):
            # The customers pay while the service is away.
            await apart.advance(PAYING_S)
        await service.start()
    async with asyncio.timeout(WITHIN_S):
        await watches

    async with calling(apart) as client:
        for one in all_followed:
            assert one.told == await versions(client, one.payment.payment_id)
            assert [version.version for version in one.told] == list(range(1, len(one.told) + 1))
            assert one.told[-1].state is PaymentState.SUCCEEDED
