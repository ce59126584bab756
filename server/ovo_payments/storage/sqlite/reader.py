"""Reads by key, on the event loop's own thread: 8 µs, where a hop to another costs 100."""

import sqlite3
from collections.abc import Sequence

from ovo_payments.domain.errors import StoreUnavailableError
from ovo_payments.storage.rows import Parameters, Row
from ovo_payments.storage.sqlite.connection import means_unavailable, unavailable


class Reader:
    """A connection that only reads, and sees whatever is committed."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection
        self._closed = False

    async def rows(self, sql: str, parameters: Parameters) -> Sequence[Row]:
        """Reads all rows: a result that is left half read would hold the past in sight."""
        if self._closed:
            raise StoreUnavailableError
        try:
            return self._connection.execute(sql, parameters).fetchall()
        except sqlite3.Error as error:
            if means_unavailable(error):
                raise unavailable(error) from error
            raise

    async def row(self, sql: str, parameters: Parameters) -> Row | None:
        """Reads the first row, if there is one."""
        return next(iter(await self.rows(sql, parameters)), None)

    async def close(self) -> None:
        """Closes the connection."""
        self._closed = True
        self._connection.close()
