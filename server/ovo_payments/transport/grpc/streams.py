"""How long a stream may last, and how long its reader may let it wait.

A write waits while the peer's flow-control window is full. So one message is all that is kept
here of a stream that nobody reads; and without a bound it would be kept for ever.
"""

import asyncio
import random
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import aclosing
from typing import Final, TypeVar

from ovo_payments.domain.errors import InterruptionCause, StreamInterruptedError

LEAVE_S: Final = 1.0
"""How long a stream may still take once the server stops."""
_AGE_SHARE_MIN: Final = 0.5

Event = TypeVar("Event")


class Streams:
    """Carries events to readers, and ends a stream with a reason before anything cuts it."""

    def __init__(
        self,
        *,
        age_s: float,
        slow_reader_timeout_s: float,
        jitter: Callable[[], float] = random.random,
    ) -> None:
        """Lets a stream last between half of `age_s` and all of it, by `jitter` from 0 to 1."""
        self._age_s = age_s
        self._slow_reader_timeout_s = slow_reader_timeout_s
        self._jitter = jitter
        self._ends: set[asyncio.Timeout] = set()
        self._stopping = False

    def stop(self) -> None:
        """Ends every stream within LEAVE_S, also one whose reader takes nothing."""
        self._stopping = True
        until = asyncio.get_running_loop().time() + LEAVE_S
        for end in self._ends:
            end.reschedule(until)

    async def carry(
        self,
        events: AsyncGenerator[Event],
        write: Callable[[Event], Awaitable[None]],
        interrupted: Callable[[Event | None], StreamInterruptedError],
    ) -> int:
        """Writes all events, in order; gives how many, once there are no more.

        Raises StreamInterruptedError where the stream is too old, its reader too slow, or the
        server stops: what `interrupted` makes of the last event that was written, if any was.
        """
        last: Event | None = None
        sent_count = 0
        # Closed here and now, so that a watcher that leaves gives its place up at once.
        async with aclosing(events):
            end = asyncio.timeout(self._drawn_age_s())
            try:
                async with end:
                    self._ends.add(end)
                    async for event in events:
                        if not await self._in_time(write(event)):
                            error = interrupted(last)
                            error.cause = InterruptionCause.READER_IS_SLOW
                            raise error
                        last = event
                        sent_count += 1
            except TimeoutError as timeout:
                if not end.expired():
                    raise
                raise self._ended(interrupted(last)) from timeout
            finally:
                self._ends.discard(end)
        return sent_count

    async def _in_time(self, writing: Awaitable[None]) -> bool:
        limit = asyncio.timeout(self._slow_reader_timeout_s)
        try:
            async with limit:
                await writing
        except TimeoutError:
            if not limit.expired():
                raise
            return False
        return True

    def _drawn_age_s(self) -> float:
        # Streams that began together, after a restart for example, shall not end together.
        return self._age_s * (_AGE_SHARE_MIN + (1 - _AGE_SHARE_MIN) * self._jitter())

    def _ended(self, error: StreamInterruptedError) -> StreamInterruptedError:
        if not self._stopping:
            # The server is well: the reader may come back at once.
            error.cause, error.retry_after_s = InterruptionCause.STREAM_IS_OLD, 0.0
        return error
