"""Strikes at the running processes: kills, cuts, pauses, full disks, locks, clocks, bad weather.

Where there are several nodes, one is struck after the other, and the others go on meanwhile.

What strikes when is drawn from the seed, and counted in orders begun, not in seconds: the same seed
strikes at the same place of the callers' plans, as far as real time allows.
"""

import asyncio
import os
import resource
import signal
import sys
from collections import Counter
from collections.abc import Awaitable, Callable
from itertools import cycle
from pathlib import Path
from random import Random
from typing import Final

import psycopg
import structlog

from deploy.local_postgres import LocalPostgres
from tests.torture.real.arena import Arena
from tests.torture.real.link import Direction, Link, Trap
from tests.torture.real.node import Node

_SPRINGS_WITHIN_S: Final = 2.0
_PLACES_MAX: Final = 10
_TRAP_BYTES_MAX: Final = 900
_BUSY_TRAP_BYTES_MAX: Final = 20_000
"""For links that carry everything: of the callers and to the database."""
_LOST_COMMITS: Final = 3
_COMMITTED: Final = b"C\x00\x00\x00\x0bCOMMIT\x00"
"""What PostgreSQL answers once a commit is on its disk."""
_LOCKED: Final = ("payments", "bindings", "inbox", "positions")
_JUMPS_S: Final = (-3600.0, -600.0, -30.0, 30.0, 600.0, 3600.0)
_OUTAGES: Final = frozenset(
    {
        *("full disk", "locked database", "stall", "delay", "refusal", "service's clock"),
        *("stopped database", "locked table"),
    }
)
"""While these go on, nobody is told anything in time."""
_BEFORE: Final = ("http_500_before", "http_503_before", "rate_limited_429", "hang_before")
_AFTER: Final = (
    *("debit_then_hang", "debit_then_504", "debit_then_reset"),
    *("slow_drip", "garbage_body", "truncated_body"),
)
_WEBHOOK: Final = (
    *("webhook_duplicated", "webhook_dropped", "webhook_reordered", "webhook_delayed"),
    *("webhook_forged", "webhook_wrong_amount"),
)
_log = structlog.get_logger(__name__)

Strike = Callable[[], Awaitable[None]]


class Nemesis:
    """One run's troubles."""

    def __init__(self, arena: Arena, random: Random) -> None:
        """Draws from `random`."""
        self.struck: Counter[str] = Counter()
        self._arena = arena
        self._random = random
        self._victims = cycle(arena.nodes)
        self._next_killed = cycle(arena.nodes)
        self._others: dict[str, Strike] = {
            "pause": self._pause,
            "refusal": self._refuse,
            "stall": self._stall,
            "delay": self._delay,
            "weather": self.weather,
            "service's clock": self._jump,
            "sandbox's clock": self._sandbox_clock,
            "sandbox's pause": self._pause_sandbox,
        }
        if arena.postgres is None:
            self._others |= {"full disk": self._fill_disk, "locked database": self._lock}
        else:
            postgres = arena.postgres
            self._others |= {
                "stopped database": lambda: self._stop(postgres),
                "locked table": lambda: self._lock_table(postgres),
                "commit whose answer is lost": self._lose_commits,
            }

    def plan(self, orders: int, kills: int, cuts: int, others: int) -> list[tuple[int, str]]:
        """Says at which order to strike, and how."""
        kinds = ["kill"] * kills + ["cut"] * cuts
        names = sorted(self._others)
        # Every kind once before any twice.
        kinds += [names[number % len(names)] for number in range(others)]
        span = range(orders // 50, max(orders - orders_kept_back(orders), 2))
        return sorted((self._random.choice(span), kind) for kind in kinds)

    async def strike(self, kind: str) -> None:
        """Brings one trouble, and ends it where it would not end by itself."""
        arena = self._arena
        began_at = arena.recorder.now
        if kind == "kill":
            await self._kill()
        elif kind == "cut":
            if not await self._cut():
                return
        else:
            await self._others[kind]()
        self.struck[kind] += 1
        if kind in _OUTAGES:
            arena.observed.store_outages.append((began_at, arena.recorder.now))

    async def weather(self) -> None:
        """Draws anew what the providers do wrong, and how often."""
        random, control = self._random, self._arena.control

        def some(most: float) -> float:
            return random.random() * most if random.random() < 0.7 else 0.0

        faults = {name: some(0.04) for name in (*_BEFORE, *_AFTER)}
        faults |= {name: some(0.12) for name in _WEBHOOK}
        faults |= {"status_404": some(0.1), "token_expired_early": some(0.1)}
        faults["answer_then_debit_later"] = some(0.08)
        seconds = {
            "debit_then_hang": 1.5,
            "hang_before": 1.5,
            "slow_drip": 1.0,
            "webhook_reordered": 5.0,
            "webhook_delayed": 5.0,
            # Before its expiry, or after it, when its end was told already.
            "answer_then_debit_later": random.choice((20.0, 90.0)),
        }
        await control.disarm()
        for name, probability in faults.items():
            if not probability:
                continue
            # A provider that denies what it has for longer, while a clock is wrong, could not
            # be told from one that does not have it.
            for_s = 15.0 if name == "status_404" else None
            details = {"seconds": seconds[name]} if name in seconds else {}
            await control.arm(
                name,
                probability=round(probability, 4),
                count=None,
                for_s=for_s,
                seed=random.getrandbits(32),
                **details,
            )

    async def heal(self) -> None:
        """Ends everything that goes on."""
        await self._arena.control.disarm()
        for link in self._arena.links:
            link.heal()
            await link.open()

    async def _kill(self) -> None:
        """Kills at once, or in the middle of what a link carries."""
        node, random = next(self._next_killed), self._random
        if random.random() < 0.6 and await self._sprung(node, node.kill_now):
            self.struck["kill in the middle of what a link carries"] += 1
        node.kill_now()
        await node.buried()
        if node.name:
            self.struck[f"kill of {node.service.name}"] += 1
        await asyncio.sleep(random.choice((0.0, 0.05, 0.5)))
        await node.start()

    async def _cut(self) -> bool:
        """Cuts a link; where nothing passes the place that was drawn, another one."""
        for _ in range(_PLACES_MAX):
            if await self._sprung(next(self._victims), _nothing):
                return True
        return False

    async def _sprung(self, node: Node, strike: Callable[[], None]) -> bool:
        """Strikes once so many bytes more have passed a link, which is cut there."""
        link, direction, place = self._place(node)
        return await self._trapped(link, Trap(direction=direction, bytes_left=place, spring=strike))

    async def _trapped(self, link: Link, trap: Trap) -> bool:
        """Sets a trap, and tells whether it sprang."""
        done, strike = asyncio.Event(), trap.spring or _nothing

        def spring() -> None:
            strike()
            if link in self._databases:
                moment = self._arena.recorder.now
                self._arena.observed.store_outages.append((moment, moment))
            done.set()

        trap.spring = spring
        link.set_trap(trap)
        try:
            async with asyncio.timeout(_SPRINGS_WITHIN_S):
                await done.wait()
        except TimeoutError:
            link.clear_trap(trap)
        return done.is_set()

    def _place(self, node: Node) -> tuple[Link, Direction, int]:
        random = self._random
        link = random.choice((*node.links, self._arena.sidecar))
        busy = link in {node.callers, node.database}
        most = _BUSY_TRAP_BYTES_MAX if busy else _TRAP_BYTES_MAX
        return link, random.choice(list(Direction)), 1 + random.randrange(most)

    async def _pause(self) -> None:
        await next(self._victims).paused(self._random.choice((0.2, 1.0, 2.5)))

    async def _pause_sandbox(self) -> None:
        pid = self._arena.sandbox_process.pid
        os.kill(pid, signal.SIGSTOP)
        await asyncio.sleep(self._random.choice((0.2, 1.0)))
        os.kill(pid, signal.SIGCONT)

    async def _refuse(self) -> None:
        link = self._random.choice(self._arena.links)
        if link in self._databases:
            # A pool's connections stand for long: all of them go.
            link.close()
        else:
            link.refuse()
            # Standing connections would carry on: only new ones are refused.
            link.set_trap(Trap(direction=Direction.UP, bytes_left=1))
        await asyncio.sleep(self._random.choice((0.3, 1.0)))
        await link.open()

    async def _stall(self) -> None:
        link = self._random.choice(self._arena.links)
        link.stall()
        await asyncio.sleep(self._random.choice((0.3, 1.0, 2.0)))
        link.resume()

    async def _delay(self) -> None:
        link = self._random.choice(self._arena.links)
        link.delay_s = self._random.choice((0.02, 0.1, 0.3))
        await asyncio.sleep(1.0)
        link.delay_s = 0.0

    async def _fill_disk(self) -> None:
        arena, lasts_s = self._arena, self._random.choice((0.3, 1.0))
        pid = next(self._victims).pid
        if arena.has_own_disk:
            ballast = arena.state / "ballast"
            _fill(ballast)
            await asyncio.sleep(lasts_s)
            ballast.unlink()
            return
        log = arena.database_file.with_name(f"{arena.database_file.name}-wal")
        limit = self._random.choice((0, log.stat().st_size))
        before = resource.prlimit(pid, resource.RLIMIT_FSIZE)
        resource.prlimit(pid, resource.RLIMIT_FSIZE, (limit, before[1]))
        await asyncio.sleep(lasts_s)
        resource.prlimit(pid, resource.RLIMIT_FSIZE, before)

    async def _lock(self) -> None:
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "tests.torture.real.lock", str(self._arena.database_file)),
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
        )
        assert process.stdout is not None
        await process.stdout.readline()
        await asyncio.sleep(self._random.choice((0.3, 1.5, 3.0)))
        await process.communicate(b"")

    async def _stop(self, postgres: LocalPostgres) -> None:
        """Takes the database away as a crash does, and starts it again."""
        await asyncio.to_thread(postgres.stop, "immediate")
        await asyncio.sleep(self._random.choice((0.0, 0.3, 1.5)))
        await asyncio.to_thread(postgres.start)
        self._arena.witness.catch_up()

    async def _lock_table(self, postgres: LocalPostgres) -> None:
        """Lets nobody write to a table; who reads, as the witness does, goes on."""
        async with await psycopg.AsyncConnection.connect(postgres.url()) as connection:
            table = self._random.choice(_LOCKED)
            await connection.execute(f"LOCK TABLE {table} IN EXCLUSIVE MODE")
            await asyncio.sleep(self._random.choice((0.3, 1.5, 3.0)))
            await connection.rollback()

    async def _lose_commits(self) -> None:
        """Lets commits happen and their answers be lost."""
        for _ in range(_LOST_COMMITS):
            database = next(self._victims).database
            assert database is not None, "only a database beyond a link loses an answer"
            trap = Trap(direction=Direction.DOWN, before=_COMMITTED)
            self.struck["lost answer to a commit"] += await self._trapped(database, trap)

    async def _jump(self) -> None:
        arena, jump_s = self._arena, self._random.choice(_JUMPS_S)
        clock = next(self._victims).clock
        arena.observed.clock_jumps.append((arena.recorder.now, jump_s))
        clock.advance(jump_s)
        await asyncio.sleep(self._random.choice((0.5, 2.0)))
        clock.advance(-jump_s)
        arena.observed.clock_jumps.append((arena.recorder.now, -jump_s))

    @property
    def _databases(self) -> set[Link | None]:
        return {node.database for node in self._arena.nodes}

    async def _sandbox_clock(self) -> None:
        await self._arena.control.advance(self._random.choice((1.0, 5.0, 20.0)))


def orders_kept_back(orders: int) -> int:
    """How many orders, after the last of those that troubles are drawn for, are to meet them."""
    return orders * 3 // 10


def _nothing() -> None:
    """Does no more than cut."""


def _fill(ballast: Path) -> None:
    """Takes all the room that is left."""
    file, step = os.open(ballast, os.O_WRONLY | os.O_CREAT), 1 << 20
    while step:
        try:
            os.write(file, bytes(step))
        except OSError:
            step //= 16
    os.close(file)
