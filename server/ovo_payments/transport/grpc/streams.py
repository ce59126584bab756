"""How long a stream may last, and how long its reader may let it wait.

A write waits while the peer's flow-control window is full. So one message is all that is kept
here of a stream that nobody reads; and without a bound it would be kept for ever.
"""

import asyncio
import random
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import aclosing
from typing import Final

from ovo_payments.application.call import Heartbeat
from ovo_payments.domain.errors import InterruptionCause, StreamInterruptedError
from ovo_payments.domain.payment import Payment

LEAVE_S: Final = 1.0
"""How long a stream may still take once the server stops."""
_AGE_SHARE_MIN: Final = 0.5

Event = Payment | Heartbeat


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
        after_version: int,
    ) -> int:
        """Writes all events, in order; gives how many, once there are no more.

        Raises StreamInterruptedError where the stream is too old, its reader too slow, or the
        server stops; `after_version` is the last version that the reader had before.
        """
        version, sent_count = after_version, 0
        # Closed here and now, so that a watcher that leaves gives its place up at once.
        async with aclosing(events):
            end = asyncio.timeout(self._drawn_age_s())
            try:
                async with end:
                    self._ends.add(end)
                    async for event in events:
                        version = event.version
                        await self._in_time(write(event), version)
                        sent_count += 1
            except TimeoutError as error:
                if not end.expired():
                    raise
                raise self._interruption(version) from error
            finally:
                self._ends.discard(end)
        return sent_count

    async def _in_time(self, writing: Awaitable[None], version: int) -> None:
        limit = asyncio.timeout(self._slow_reader_timeout_s)
        try:
            async with limit:
                await writing
        except TimeoutError as error:
            if not limit.expired():
                raise
            raise StreamInterruptedError(
                last_version=version, cause=InterruptionCause.READER_IS_SLOW
            ) from error

    def _drawn_age_s(self) -> float:
        # Streams that began together, after a restart for example, shall not end together.
        return self._age_s * (_AGE_SHARE_MIN + (1 - _AGE_SHARE_MIN) * self._jitter())

    def _interruption(self, version: int) -> StreamInterruptedError:
        if self._stopping:
            return StreamInterruptedError(last_version=version)
        # The server is well: the reader may come back at once.
        return StreamInterruptedError(
            last_version=version, cause=InterruptionCause.STREAM_IS_OLD, retry_after_s=0.0
        )
