"""Sends that outlive their callers: a caller that goes away never stops one, nor loses its end."""

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any, Final, TypeVar

import structlog

from ovo_payments.application.call import Call
from ovo_payments.domain.errors import DeadlineTooShortError, PaymentServiceError
from ovo_payments.domain.ports import VersionConflictError

_Result = TypeVar("_Result")

_REFUSALS: Final = (PaymentServiceError, VersionConflictError)
"""What ends a send before it begins; its caller, where it is still there, is told."""

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

    async def carry(
        self, call: Call, work: Callable[[asyncio.Event], Coroutine[Any, Any, _Result]]
    ) -> _Result | None:
        """Runs `work` to its end whatever the caller does; None where its time ran out first.

        `work` sets the event that it is given once its intent is stored: before that nothing is
        told of it. What `work` raises is raised here.
        """
        written = asyncio.Event()
        task = asyncio.ensure_future(work(written))
        self._tasks.add(task)
        task.add_done_callback(self._ended)
        timeout_s = None
        if call.remaining_s is not None:
            timeout_s = max(call.remaining_s - _ANSWER_TIME_S, 0.0)
        # `wait` neither cancels the task when it times out nor when the caller is cancelled.
        await asyncio.wait({task}, timeout=timeout_s)
        if not task.done() and not written.is_set():
            writing = asyncio.ensure_future(written.wait())
            try:
                await asyncio.wait({task, writing}, return_when=asyncio.FIRST_COMPLETED)
            finally:
                writing.cancel()
        return task.result() if task.done() else None

    async def drain(self, timeout_s: float) -> int:
        """Waits until all have ended; gives how many have not."""
        if not self._tasks:
            return 0
        _, pending = await asyncio.wait(set(self._tasks), timeout=timeout_s)
        return len(pending)

    def _ended(self, task: asyncio.Task[Any]) -> None:
        self._tasks.discard(task)
        error = None if task.cancelled() else task.exception()
        if error is not None and not isinstance(error, _REFUSALS):
            # The caller may be gone, so that nobody else would ever see it.
            _log.error("send.broke", exc_info=error)


def require_time(call: Call) -> None:
    """Raises DeadlineTooShortError where too little time is left to send anything."""
    if call.remaining_s is not None and call.remaining_s < SEND_TIME_MIN_S:
        raise DeadlineTooShortError(needed_s=SEND_TIME_MIN_S)
