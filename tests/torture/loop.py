"""An event loop on virtual time, with a seeded scheduler and nodes that can be killed.

Time stands still while anything is ready and then jumps to the next timer, so that a day passes in
the time that its events take. Among the ready handles the next one is drawn by the seed. A node's
handles carry it in their context; those of a dead node are dropped for ever: no exception, no
`finally`, which is what SIGKILL does.
"""

import asyncio
import warnings
from asyncio import events
from collections.abc import Awaitable, Callable, Coroutine, Generator, Hashable, Mapping
from contextlib import suppress
from contextvars import Context, ContextVar, copy_context
from heapq import heappop, heappush
from random import Random
from types import MethodType
from typing import Any, Final, TypeVar, cast
from weakref import ref

T = TypeVar("T")

_STEPS_WITHOUT_TIME_MAX: Final = 2_000_000
_NEVER: Final = float("inf")
_ON_TIMEOUT: Final = vars(asyncio.Timeout)["_on_timeout"]


class Node:
    """One incarnation of a process: what runs in its context dies with it."""

    def __init__(self, name: str, loop: "VirtualLoop") -> None:
        self.name = name
        self.alive = True
        self.steps = 0
        self.crash_at_step: int | None = None
        """Dies once it has made this many steps."""
        self.tasks: list[ref[asyncio.Task[Any]]] = []
        self.on_death: list[Callable[[], None]] = []
        self._loop = loop
        self.held: list[Handle] | None = None
        """What is kept back while the node is paused; None while it is not."""
        self.context = copy_context()
        self.context.run(NODE.set, self)

    def spawn(self, work: Coroutine[Any, Any, None]) -> None:
        """Runs a coroutine on this node."""
        self._loop.begin(work, self.context.copy())

    def kill(self) -> None:
        """Ends the node between two steps; nothing of it ever runs again."""
        if not self.alive:
            return
        self.alive = False
        self._loop.bury(self)
        self.held = None
        for told in self.on_death:
            told()

    def pause(self) -> None:
        """Stops the node as SIGSTOP does: time goes on without it."""
        if self.held is None:
            self.held = []

    def resume(self) -> None:
        """Lets everything happen that should have happened meanwhile."""
        held, self.held = self.held or [], None
        for handle in held:
            self._loop.make_ready(handle)


NODE: ContextVar[Node | None] = ContextVar("node", default=None)


class Handle(asyncio.TimerHandle):
    """Something to do, soon or at a moment; costs less than asyncio's own."""

    __slots__ = ()

    def __init__(  # its base's asks the loop for its debug mode
        self, callback: Callable[..., object], args: tuple[Any, ...], context: Context | None
    ) -> None:
        self._callback = callback
        self._args = args
        self._context = context if context is not None else copy_context()
        self._cancelled = False

    def cancel(self) -> None:
        """Lets it never happen."""
        self._cancelled = True
        self._callback, self._args = _nothing, ()


class NothingLeftError(RuntimeError):
    """Everybody waits for something that will never happen."""


class LivelockError(RuntimeError):
    """So much happens that time can't go on."""


class VirtualLoop(asyncio.AbstractEventLoop):
    """Runs handles in an order that the seed draws, on a time of its own."""

    def __init__(self, random: Random) -> None:
        self._draw = random.random
        self._now = 0.0
        self._ready: list[Handle] = []
        self._timers: list[tuple[float, int, Handle]] = []
        self._timer_count = 0
        self._buried: list[asyncio.Task[Any]] = []
        self._running = False
        self.steps = 0
        self.failures: list[dict[str, Any]] = []
        """What nobody else would ever see: exceptions of callbacks and of forgotten tasks."""
        self.poll_of: Callable[[asyncio.Timeout], Hashable] = _no_poll
        """Names what an idle poller's timeout makes it look for; None for all others."""
        self.due_times: Callable[[], Mapping[Hashable, float]] = dict
        """When polls next find something: those before it are left out, since they change nothing.

        The same mapping as long as it holds."""
        self._polls: list[_Poll] = []
        self._polls_known: Mapping[Hashable, float] | None = None
        self._first_poll = _NEVER
        self._first_look = _NEVER

    def time(self) -> float:
        """The virtual time, in seconds since the run began."""
        return self._now

    def run_until_complete(self, future: "Generator[Any, None, T] | Awaitable[T]") -> T:
        """Runs until a future is done."""
        task = asyncio.ensure_future(cast("Awaitable[T]", future), loop=self)
        self._running = True
        previous = events._get_running_loop()  # noqa: SLF001 - what asyncio.run does
        events._set_running_loop(self)  # noqa: SLF001 - the same
        try:
            while not task.done():
                self._run_ready(task)
                if not task.done():
                    self._advance()
        finally:
            self._running = False
            events._set_running_loop(previous)  # noqa: SLF001 - the same
        return task.result()

    def call_soon(  # type: ignore[override] # narrower than typeshed's TypeVarTuple
        self,
        callback: Callable[..., object],
        *args: Any,  # noqa: ANN401 - any callback's
        context: Context | None = None,
    ) -> asyncio.Handle:
        """Makes a callback ready."""
        handle = Handle(callback, args, context)
        self._ready.append(handle)
        return handle

    def call_later(  # type: ignore[override] # the same
        self,
        delay: float,
        callback: Callable[..., object],
        *args: Any,  # noqa: ANN401 - any callback's
        context: Context | None = None,
    ) -> asyncio.TimerHandle:
        """Makes a callback ready after a while."""
        return self.call_at(self._now + delay, callback, *args, context=context)

    def call_at(  # type: ignore[override] # the same
        self,
        when: float,
        callback: Callable[..., object],
        *args: Any,  # noqa: ANN401 - any callback's
        context: Context | None = None,
    ) -> asyncio.TimerHandle:
        """Makes a callback ready at a moment."""
        handle = Handle(callback, args, context)
        self._timer_count += 1
        if type(callback) is MethodType and callback.__func__ is _ON_TIMEOUT:
            looks_for = self.poll_of(cast("asyncio.Timeout", callback.__self__))
            if looks_for is not None:
                node = handle._context.get(NODE)  # noqa: SLF001 - ours
                self._polls_known = None
                self._first_look = min(self._first_look, when)
                self._polls.append(_Poll(when, self._timer_count, handle, looks_for, node))
                return handle
        heappush(self._timers, (max(when, self._now), self._timer_count, handle))
        return handle

    def create_future(self) -> "asyncio.Future[Any]":
        """Makes a future of this loop."""
        return asyncio.Future(loop=self)

    def create_task(
        self,
        coro: "Generator[Any, None, T] | Coroutine[Any, Any, T]",
        *,
        name: str | None = None,
        context: Context | None = None,
    ) -> "asyncio.Task[T]":
        """Makes a task, which belongs to the node of its context."""
        chosen = context if context is not None else copy_context()
        task = asyncio.Task(coro, loop=self, name=name, context=chosen)
        node = chosen.get(NODE)
        if node is not None:
            node.tasks.append(ref(task))
            if not node.alive:
                self._keep(task)
        return task

    def begin(self, work: Coroutine[Any, Any, None], context: Context | None = None) -> None:
        """Runs a coroutine beside whoever begins it; what comes of it is its own matter."""
        _ = self.create_task(work, context=context)

    get_debug = staticmethod(bool)
    """Never in debug mode; futures ask so often that it is no function of ours."""

    def is_running(self) -> bool:
        """Whether it runs now."""
        return self._running

    def is_closed(self) -> bool:
        """Never: there is nothing to close."""
        return False

    def call_exception_handler(self, context: dict[str, Any]) -> None:
        """Keeps what went wrong where nobody looks."""
        self.failures.append(context)

    def _timer_handle_cancelled(self, handle: asyncio.TimerHandle) -> None:
        """Is told by timers; a cancelled one is passed over when its time comes."""

    def make_ready(self, handle: Handle) -> None:
        """Takes back a handle that a paused node held."""
        self._ready.append(handle)

    def next_moment(self) -> float:
        """When something happens next, so far as is known now."""
        if self._ready:
            return self._now
        timers = self._timers
        while timers and timers[0][2]._cancelled:  # noqa: SLF001 - ours
            heappop(timers)
        return min(timers[0][0] if timers else _NEVER, self._earliest_poll())

    def bury(self, node: Node) -> None:
        """Keeps a dead node's tasks from being collected, which would run their `finally`."""
        for known in node.tasks:
            task = known()
            if task is not None and not task.done():
                self._keep(task)
        node.tasks.clear()

    def close(self) -> None:
        """Clears away what dead nodes left, once nobody looks any more."""
        with warnings.catch_warnings():
            # Work that a dead node had not begun is none that somebody forgot to await.
            warnings.simplefilter("ignore", RuntimeWarning)
            self._ready.clear()
            self._timers.clear()
            self._polls.clear()
            for task in self._buried:
                work = task.get_coro()
                # What their `finally` blocks do now happens to nobody.
                with suppress(BaseException):
                    work.close()
            self._buried.clear()

    def _keep(self, task: "asyncio.Task[Any]") -> None:
        task._log_destroy_pending = False  # type: ignore[attr-defined] # noqa: SLF001
        self._buried.append(task)

    def _run_ready(  # noqa: C901 - each call that it would make costs as much as a step
        self, until: "asyncio.Task[Any] | asyncio.Future[Any]"
    ) -> None:
        ready, draw, over, steps = self._ready, self._draw, until.done, 0
        while ready and not over():
            handle = ready.pop()
            if ready:
                # Any of the ready ones may be next; the last takes the place of the one taken out.
                place = int(draw() * (len(ready) + 1))
                if place < len(ready):
                    handle, ready[place] = ready[place], handle
            if handle._cancelled:  # noqa: SLF001 - ours
                continue
            context = handle._context  # noqa: SLF001 - ours
            node = context.get(NODE)
            if node is not None:
                if not node.alive:
                    continue
                if node.held is not None:
                    node.held.append(handle)
                    continue
                node.steps += 1
            steps += 1
            try:
                context.run(handle._callback, *handle._args)  # noqa: SLF001 - ours
            except Exception as error:  # noqa: BLE001 - as BaseEventLoop does
                self.failures.append({"message": "a callback failed", "exception": error})
            if node is not None and node.steps == node.crash_at_step:
                node.kill()
            if steps > _STEPS_WITHOUT_TIME_MAX:
                raise LivelockError(f"{steps} steps at {self._now:.3f} s")
        self.steps += steps

    def _advance(self) -> None:
        """Lets time jump to the next moment at which something happens."""
        timers = self._timers
        while timers and timers[0][2]._cancelled:  # noqa: SLF001 - ours
            heappop(timers)
        moment = timers[0][0] if timers else _NEVER
        if self._first_look <= moment and self._polls:
            moment = min(moment, self._let_polls_look(moment))
        if moment == _NEVER:
            raise NothingLeftError(f"nothing is left to happen after {self._now:.3f} s")
        self._now = max(self._now, moment)
        while timers and timers[0][0] <= self._now:
            handle = heappop(timers)[2]
            if not handle._cancelled:  # noqa: SLF001 - ours
                self._ready.append(handle)

    def _let_polls_look(self, before: float) -> float:
        """Sets the polls that find something before all else happens; gives their time."""
        if self.due_times() is not self._polls_known:
            self._first_poll = self._earliest_poll()
        first = self._first_poll
        if first == _NEVER or first > before:
            return _NEVER
        for poll in self._polls:
            if poll.moment <= first and poll.matters:
                heappush(self._timers, (first, poll.count, poll.handle))
        self._polls = [poll for poll in self._polls if poll.moment > first and poll.matters]
        self._first_look = min((poll.when for poll in self._polls), default=_NEVER)
        self._polls_known = None
        return first

    def _earliest_poll(self) -> float:
        first, due = _NEVER, self.due_times()
        self._polls = [poll for poll in self._polls if poll.matters]
        self._polls_known = due
        self._first_look = _NEVER
        for poll in self._polls:
            poll.moment = max(poll.when, due.get(poll.looks_for, _NEVER))
            first = min(first, poll.moment)
            self._first_look = min(self._first_look, poll.when)
        return first


class _Poll:
    """A timer that makes an idle poller look."""

    __slots__ = ("count", "handle", "looks_for", "moment", "node", "when")

    def __init__(
        self,
        when: float,
        count: int,
        handle: Handle,
        looks_for: Hashable,
        node: Node | None,
    ) -> None:
        self.when = self.moment = when
        self.count = count
        self.handle = handle
        self.looks_for = looks_for
        self.node = node

    @property
    def matters(self) -> bool:
        """Whether anybody still waits for it."""
        return not self.handle.cancelled() and (self.node is None or self.node.alive)


def _nothing() -> None:
    """What is left to do for who is cancelled."""


def _no_poll(_: asyncio.Timeout) -> Hashable:
    return None


def fail_once(
    answered: "asyncio.Future[Any]", error: Callable[[], Exception]
) -> Callable[[], None]:
    """Makes what ends a wait for an answer that does not come."""

    def fail() -> None:
        if not answered.done():
            answered.set_exception(error())

    return fail
