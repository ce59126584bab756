"""Brings the troubles that take time: deaths, pauses, outages and clocks that jump."""

import asyncio
from collections.abc import Awaitable, Callable
from random import Random
from typing import Final

from tests.torture.world import World, seeded

_HOUR_S: Final = 3600.0


class Nemesis:
    """Runs beside the swarm until it is told to stop."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._random: Random = seeded(world.observed.seed, "nemesis")
        self._tasks: list[asyncio.Task[None]] = []

    def start(self) -> None:
        """Begins."""
        profile = self._world.profile
        for mean_s, strike in (
            (profile.kill_every_s, self._kill),
            (profile.pause_every_s, self._pause),
            (profile.clock_jump_every_s, self._jump),
            (profile.store_outage_every_s, self._store_outage),
            (profile.provider_outage_every_s, self._provider_outage),
            (profile.provider_kill_every_s, self._provider_kill),
        ):
            if mean_s:
                self._tasks.append(asyncio.ensure_future(self._every(mean_s, strike)))
        self._tasks.append(asyncio.ensure_future(self._revive()))

    async def stop(self) -> None:
        """Ends all that it began."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        self._tasks.clear()

    async def _every(self, mean_s: float, strike: Callable[[], Awaitable[None]]) -> None:
        while True:
            await asyncio.sleep(self._random.expovariate(1 / mean_s))
            await strike()

    async def _kill(self) -> None:
        node = self._world.service.node
        if node is not None:
            node.kill()

    async def _revive(self) -> None:
        """Starts the service again whenever it died, after a while."""
        while True:
            await asyncio.sleep(0.5)
            node = self._world.service.node
            if node is not None and not node.alive:
                await asyncio.sleep(self._random.choice((0, 0, 1, 5, 30)))
                await self._world.service.start()

    async def _pause(self) -> None:
        node = self._world.service.node
        if node is None or not node.alive:
            return
        began_at = self._world.loop.time()
        node.pause()
        self._world.recorder.tell(node.name, "is paused")
        try:
            await asyncio.sleep(self._random.choice((0.5, 3, 20, 120)))
        finally:
            node.resume()
            self._world.recorder.tell(node.name, "goes on")
            for life in self._world.observed.lives:
                if life.node == node.name:
                    life.paused.append((began_at, self._world.loop.time()))

    async def _jump(self) -> None:
        skew_s = self._random.choice((-_HOUR_S, -300.0, -20.0, 0.0, 20.0, 300.0, _HOUR_S))
        self._world.service.clock.skew_s = skew_s
        self._world.observed.clock_jumps.append((self._world.loop.time(), skew_s))
        self._world.recorder.tell("clock", "is wrong by", skew_s)
        await asyncio.sleep(self._random.choice((5, 60)))
        self._world.service.clock.skew_s = 0.0

    async def _store_outage(self) -> None:
        faults = self._world.store_faults
        began_at = self._world.loop.time()
        faults.away = True
        self._world.recorder.tell("store", "is away")
        try:
            await asyncio.sleep(self._random.choice((0.2, 2, 15, 50)))
        finally:
            faults.away = False
            self._world.observed.store_outages.append((began_at, self._world.loop.time()))
            self._world.recorder.tell("store", "is back")

    async def _provider_kill(self) -> None:
        self._world.provider_node.kill()
        self._world.recorder.tell("provider", "dies")
        try:
            await asyncio.sleep(self._random.choice((0.1, 2, 20)))
        finally:
            self._world.restart_provider()
            self._world.recorder.tell("provider", "starts")

    async def _provider_outage(self) -> None:
        provider = self._random.choice(("doku", "midtrans"))
        self._world.network.down.add(provider)
        self._world.recorder.tell(provider, "is down")
        try:
            await asyncio.sleep(self._random.choice((2, 15, 60)))
        finally:
            self._world.network.down.discard(provider)
            self._world.recorder.tell(provider, "is up")
