"""Many who ask for the same at once, and one answer for all of them."""

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any, Generic, TypeVar

T = TypeVar("T")


class SingleFlight(Generic[T]):
    """Lets those who ask for the same at once share one answer.

    The question goes on where the one who asked first gives up.
    """

    def __init__(self) -> None:
        self._flights: dict[str, asyncio.Task[T]] = {}

    async def join(self, key: str, ask: Callable[[], Coroutine[Any, Any, T]]) -> T:
        """Waits for the answer that is on its way, or asks."""
        flight = self._flights.get(key)
        if flight is None:
            flight = asyncio.create_task(ask(), name=f"doku {key.partition(':')[0]}")
            self._flights[key] = flight
            flight.add_done_callback(lambda _: self._flights.pop(key, None))
        return await asyncio.shield(flight)

    async def close(self) -> None:
        """Gives up the questions that are on their way."""
        flights = list(self._flights.values())
        for flight in flights:
            flight.cancel()
        await asyncio.gather(*flights, return_exceptions=True)
