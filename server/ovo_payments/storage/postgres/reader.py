"""Reads by key, on a pool of connections that the event loop waits for."""

import asyncio
from collections.abc import Sequence
from typing import Final

import psycopg
from psycopg.rows import TupleRow
from psycopg_pool import AsyncConnectionPool, PoolClosed, PoolTimeout

from ovo_payments.storage.postgres.connection import (
    cleaned,
    means_unavailable,
    rewritten,
    unavailable,
)
from ovo_payments.storage.rows import Parameters, Row

Pool = AsyncConnectionPool[psycopg.AsyncConnection[TupleRow]]

_ATTEMPTS: Final = 2
"""A connection that died while it was idle is noticed by its first read; the next is another."""


class Reader:
    """Reads what is committed, each statement by itself."""

    def __init__(self, pool: Pool) -> None:
        """Takes over an open pool."""
        self._pool = pool
        self._reading: set[asyncio.Future[Sequence[Row]]] = set()

    async def rows(self, sql: str, parameters: Parameters) -> Sequence[Row]:
        """Reads all rows.

        A reader that goes away leaves its statement to end by itself: to cancel it at the server
        takes longer, may be answered by an error in place of the cancellation, and may cost the
        connection.
        """
        reading = asyncio.ensure_future(self._read(sql, parameters))
        self._reading.add(reading)
        reading.add_done_callback(self._read_to_its_end)
        return await asyncio.shield(reading)

    def _read_to_its_end(self, reading: "asyncio.Future[Sequence[Row]]") -> None:
        self._reading.discard(reading)
        if not reading.cancelled():
            # Whoever still waits is told; whoever went away need not be.
            reading.exception()

    async def _read(self, sql: str, parameters: Parameters) -> Sequence[Row]:
        for attempt in range(1, _ATTEMPTS + 1):
            try:
                async with self._pool.connection() as connection:
                    cursor = await connection.execute(rewritten(sql), cleaned(parameters))
                    return await cursor.fetchall()
            except psycopg.Error as error:
                if not means_unavailable(error):
                    raise
                asked_in_vain = isinstance(error, PoolTimeout | PoolClosed)
                if asked_in_vain or attempt == _ATTEMPTS:
                    raise unavailable(error) from error
        raise AssertionError  # The last attempt returns or raises.

    async def row(self, sql: str, parameters: Parameters) -> Row | None:
        """Reads the first row, if there is one."""
        return next(iter(await self.rows(sql, parameters)), None)

    async def close(self) -> None:
        """Lets what is read end, and closes the connections."""
        if self._reading:
            await asyncio.wait(self._reading)
        await self._pool.close()
