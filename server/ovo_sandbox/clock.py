"""Keeps the sandbox's time, and fires timers when that time is reached.

Nothing else in the package reads the wall clock. `Clock.now` is for business times (expiries,
settlements, retries); `Clock.wall_now` is for the timestamps that a transport signs.
"""

import asyncio
import heapq
import itertools
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

Action = Callable[[], Awaitable[None]]


def wall_time() -> datetime:
    """Reads the machine's clock."""
    return datetime.now(UTC)


class Clock:
    """Tells the time as wall time plus an offset that a tester can move."""

    def __init__(self, wall: Callable[[], datetime] = wall_time, *, ticking: bool = True) -> None:
        """Takes the source of wall time; `ticking` is false where that source stands still."""
        self._wall = wall
        self._offset = timedelta()
        self._listeners: list[Callable[[], None]] = []
        self.ticking = ticking

    @classmethod
    def standing_at(cls, moment: datetime) -> "Clock":
        """Makes a clock that moves only when it is told to."""
        return cls(lambda: moment, ticking=False)

    @property
    def offset(self) -> timedelta:
        """How far ahead of the wall the sandbox is."""
        return self._offset

    def now(self) -> datetime:
        """Tells the sandbox's time, aware and in UTC."""
        return self._wall() + self._offset

    def wall_now(self) -> datetime:
        """Tells the time that real peers see, for timestamps inside signatures."""
        return self._wall()

    def advance(self, seconds: float) -> None:
        """Moves the time on (or back, where negative) and wakes whatever became due."""
        self.set_offset(self._offset + timedelta(seconds=seconds))

    def set_offset(self, offset: timedelta) -> None:
        """Sets the distance from the wall and wakes whatever became due."""
        self._offset = offset
        for listener in self._listeners:
            listener()

    def reset(self) -> None:
        """Goes back to wall time."""
        self.set_offset(timedelta())

    def on_move(self, listener: Callable[[], None]) -> None:
        """Calls the listener after every move."""
        self._listeners.append(listener)


@dataclass(frozen=True, slots=True, order=True)
class Timer:
    """Is one thing to do at one moment; timers of one moment fire in the order they were set."""

    when: datetime
    sequence: int
    name: str = field(compare=False)
    action: Action = field(compare=False)


class Scheduler:
    """Starts actions, each as a task, when the sandbox clock reaches their time.

    Due actions start in order of their time, and each runs up to its first `await` before the next
    one starts: a state change made there is in order even when the clock jumps over many timers.
    Timers live in memory; whoever sets them rebuilds them from the store after a restart.
    """

    def __init__(self, clock: Clock) -> None:
        """Listens to the clock."""
        self._clock = clock
        self._heap: list[Timer] = []
        self._by_name: dict[str, Timer] = {}
        self._sequence = itertools.count()
        self._tasks: set[asyncio.Task[None]] = set()
        self._wake_up: asyncio.Handle | None = None
        clock.on_move(self._arm)

    def call_at(self, when: datetime, name: str, action: Action) -> None:
        """Fires the action at that time, at once where it has passed.

        A timer of the same name is forgotten.
        """
        timer = Timer(when, next(self._sequence), name, action)
        self._by_name[name] = timer
        heapq.heappush(self._heap, timer)
        self._arm()

    def call_in(self, seconds: float, name: str, action: Action) -> None:
        """Fires the action that many sandbox seconds from now."""
        self.call_at(self._clock.now() + timedelta(seconds=seconds), name, action)

    def cancel(self, name: str) -> bool:
        """Forgets the timer of that name, and tells whether there was one."""
        return self._by_name.pop(name, None) is not None

    def timers(self) -> list[Timer]:
        """Lists what is still to come, the next one first."""
        return sorted(self._by_name.values())

    async def sleep(self, seconds: float) -> None:
        """Waits until that many sandbox seconds have passed."""
        woken = asyncio.Event()
        name = f"sleep:{next(self._sequence)}"

        async def wake() -> None:
            woken.set()

        self.call_in(seconds, name, wake)
        try:
            await woken.wait()
        finally:
            self.cancel(name)

    async def run_due(self) -> None:
        """Fires all that is due, and returns when each action has taken its first step."""
        while self._fire_due():  # noqa: ASYNC110 - lets the tasks just made take a step
            await asyncio.sleep(0)

    async def idle(self) -> None:
        """Waits until nothing is due and no action is running, and raises what an action raised."""
        await self.run_due()
        while self._tasks:
            await asyncio.gather(*self._tasks)
            await self.run_due()

    def clear(self) -> None:
        """Forgets every timer; actions that have started go on."""
        self._heap.clear()
        self._by_name.clear()

    async def close(self) -> None:
        """Forgets every timer and stops every running action."""
        self.clear()
        if self._wake_up is not None:
            self._wake_up.cancel()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def _arm(self) -> None:
        try:
            loop = asyncio.get_running_loop()
        except RuntimeError:
            # Nothing can fire outside a loop; run_due or the next timer makes up for it.
            return
        if self._wake_up is not None:
            self._wake_up.cancel()
            self._wake_up = None
        timer = self._next()
        if timer is None:
            return
        delay_s = (timer.when - self._clock.now()).total_seconds()
        if delay_s <= 0:
            self._wake_up = loop.call_soon(self._wake)
        elif self._clock.ticking:
            self._wake_up = loop.call_later(delay_s, self._wake)

    def _wake(self) -> None:
        self._wake_up = None
        self._fire_due()
        self._arm()

    def _next(self) -> Timer | None:
        while self._heap:
            timer = self._heap[0]
            if self._by_name.get(timer.name) is timer:
                return timer
            heapq.heappop(self._heap)
        return None

    def _fire_due(self) -> int:
        fired = 0
        now = self._clock.now()
        while (timer := self._next()) is not None and timer.when <= now:
            heapq.heappop(self._heap)
            del self._by_name[timer.name]
            task = asyncio.ensure_future(timer.action())
            self._tasks.add(task)
            task.add_done_callback(self._finished)
            fired += 1
        return fired

    def _finished(self, task: "asyncio.Task[None]") -> None:
        self._tasks.discard(task)
        if not task.cancelled() and (error := task.exception()) is not None:
            task.get_loop().call_exception_handler(
                {"message": "a sandbox timer failed", "exception": error, "task": task}
            )
