"""Sends that outlive their callers: a caller that goes away never stops one, nor loses its end."""

import asyncio
from collections.abc import Coroutine
from typing import Any, Final, TypeVar

import structlog

from ovo_payments.application.call import Call
from ovo_payments.domain.errors import DeadlineTooShortError

_Result = TypeVar("_Result")

SEND_TIME_MIN_S: Final = 1.0
"""With less time than this left, nothing is sent."""
_ANSWER_TIME_S: Final = 0.2
"""Kept back from the caller's deadline, so that it gets the present state and no error."""

_log = structlog.get_logger(__name__)


class Sends:
    """The requests that are on their way to providers."""

    def __init__(self) -> None:
        """Starts with none."""
        self._tasks: set[asyncio.Task[Any]] = set()

    def __len__(self) -> int:
        """Counts the requests on their way."""
        return len(self._tasks)

    async def carry(self, call: Call, work: Coroutine[Any, Any, _Result]) -> _Result | None:
        """Runs `work` to its end whatever the caller does; None where its time ran out first."""
        task = asyncio.ensure_future(work)
        self._tasks.add(task)
        task.add_done_callback(self._ended)
        timeout_s = None
        if call.remaining_s is not None:
            timeout_s = max(call.remaining_s - _ANSWER_TIME_S, 0.0)
        # `wait` neither cancels the task when it times out nor when the caller is cancelled.
        done, _ = await asyncio.wait({task}, timeout=timeout_s)
        return task.result() if done else None

    async def drain(self, timeout_s: float) -> int:
        """Waits until all have ended; gives how many have not."""
        if not self._tasks:
            return 0
        _, pending = await asyncio.wait(set(self._tasks), timeout=timeout_s)
        return len(pending)

    def _ended(self, task: asyncio.Task[Any]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and (error := task.exception()) is not None:
            # The caller may be gone, so that nobody else would ever see it.
            _log.error("send.broke", exc_info=error)


def require_time(call: Call) -> None:
    """Raises DeadlineTooShortError where too little time is left to send anything."""
    if call.remaining_s is not None and call.remaining_s < SEND_TIME_MIN_S:
        raise DeadlineTooShortError(needed_s=SEND_TIME_MIN_S)
