"""Streams that are open, and how they end once their callers may not have them any more."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass

from ovo_payments.domain.errors import PaymentServiceError


@dataclass(slots=True, eq=False)
class _Held:
    """One open stream."""

    admit: Callable[[], object]
    end: asyncio.Timeout
    refusal: PaymentServiceError | None = None


class Standing:
    """Asks again of every open stream what was asked when it began."""

    def __init__(self) -> None:
        self._open: set[_Held] = set()

    @asynccontextmanager
    async def held(self, admit: Callable[[], object]) -> AsyncIterator[None]:
        """Lets a stream go on in its block for as long as `admit` raises nothing.

        Once `admit` raises a PaymentServiceError, the block is cancelled and raises that.
        """
        # It has no time of its own: a timeout is what can end a block from outside.
        held = _Held(admit, asyncio.timeout(None))
        try:
            async with held.end:
                self._open.add(held)
                yield
        except TimeoutError as timeout:
            if held.refusal is None:
                raise
            raise held.refusal from timeout
        finally:
            self._open.discard(held)

    def look_again(self) -> None:
        """Ends the streams whose callers are not admitted any more."""
        now = asyncio.get_running_loop().time()
        for held in self._open:
            if held.refusal is not None:
                continue
            try:
                held.admit()
            except PaymentServiceError as refusal:
                held.refusal = refusal
                held.end.reschedule(now)
