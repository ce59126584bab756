"""A worker: at most so many items at once, and a wake-up where there is room again."""

import asyncio
from collections.abc import Sequence
from datetime import datetime

from ovo_payments.application.identifiers import SystemIdentifiers
from ovo_payments.application.worker import Worker
from ovo_payments.domain.ports import Leased
from tests.unit.application.scripted import ManualClock

IN_FLIGHT_MAX = 64


class Endless:
    """Has always as many items due as anybody claims, each at work until it is let go."""

    def __init__(self) -> None:
        self.claimed: list[int] = []
        self.gates: list[asyncio.Event] = []
        self.claims = asyncio.Condition()

    async def claim(
        self, _now: datetime, limit: int, _lease: Leased, _provider: str
    ) -> Sequence[int]:
        """Notes how many were asked for."""
        async with self.claims:
            self.claimed.append(limit)
            self.claims.notify_all()
        first = len(self.gates)
        self.gates += [asyncio.Event() for _ in range(limit)]
        return range(first, first + limit)

    async def work(self, item: int, _lease: Leased) -> None:
        """Takes as long as the test wants."""
        await self.gates[item].wait()

    async def until(self, count: int) -> None:
        """Waits for a number of claims."""
        async with asyncio.timeout(5), self.claims:
            await self.claims.wait_for(lambda: len(self.claimed) >= count)


async def test_what_is_in_flight_is_bounded() -> None:
    """Where all hang nothing more is claimed; each that ends makes room for one."""
    endless = Endless()
    worker: Worker[int] = Worker(
        "payments", "scripted", endless.claim, endless.work, ManualClock(), SystemIdentifiers()
    )
    running = asyncio.create_task(worker.run())
    await endless.until(1)
    worker.wake()
    for _ in range(10):
        await asyncio.sleep(0)
    assert endless.claimed == [IN_FLIGHT_MAX]
    endless.gates[0].set()
    await endless.until(2)
    assert endless.claimed == [IN_FLIGHT_MAX, 1]
    worker.stop()
    for gate in endless.gates:
        gate.set()
    async with asyncio.timeout(5):
        await running
