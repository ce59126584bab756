"""The store on SQLite."""

import asyncio
import sqlite3
from collections.abc import Sequence
from contextlib import ExitStack, closing
from pathlib import Path
from typing import Final

from ovo_payments.storage.keys import EncryptionKey
from ovo_payments.storage.sealing import Sealer
from ovo_payments.storage.sql_store import SqlStore
from ovo_payments.storage.sqlite.connection import connect, means_unavailable, unavailable
from ovo_payments.storage.sqlite.location import DatabaseFiles, database_path
from ovo_payments.storage.sqlite.migrate import migrate_file
from ovo_payments.storage.sqlite.reader import Reader
from ovo_payments.storage.sqlite.writer import Writer
from ovo_payments.storage.statements import payments as payment_sql

BUSY_TIMEOUT_S: Final = 1.0
"""How long a write waits for another process's transaction."""

# Readers never wait for writers; a rare moment of recovery must not hold up the event loop.
_READER_BUSY_TIMEOUT_S: Final = 0.05


class SqliteStore(SqlStore):
    """Keeps everything in one SQLite database; used on the event loop that opened it."""

    def __init__(self, reader: Reader, writer: Writer, sealer: Sealer) -> None:
        """Takes over both; `open` is the usual way."""
        super().__init__(reader, writer, sealer)
        self._group_writer = writer

    @classmethod
    async def open(
        cls, url: str, keys: Sequence[EncryptionKey], *, busy_timeout_s: float = BUSY_TIMEOUT_S
    ) -> "SqliteStore":
        """Opens a database by its URL and brings it up to date, creating it where it is missing.

        Raises DatabaseUrlError, SchemaError where it is not a database for this code,
        EncryptionKeysError where its keys are others, and StoreUnavailableError where it can't be
        opened.
        """
        path, sealer = database_path(url), Sealer(keys)
        reading, writing, files = await asyncio.to_thread(_open, path, busy_timeout_s)
        store = cls(Reader(reading), Writer(writing, files, sealer), sealer)
        await store.unlock()
        return store

    @property
    def commits(self) -> int:
        """How many transactions were committed; several writes share one."""
        return self._group_writer.commits


def _open(
    path: Path, busy_timeout_s: float
) -> tuple[sqlite3.Connection, sqlite3.Connection, DatabaseFiles]:
    """Opens one connection to read and one to write."""
    migrate_file(path)
    with ExitStack() as opened:
        try:
            reading = opened.enter_context(closing(connect(path, _READER_BUSY_TIMEOUT_S)))
            writing = opened.enter_context(closing(connect(path, busy_timeout_s)))
            reading.execute("PRAGMA query_only = ON")
            # The first read makes the log's file, which is then known.
            reading.execute(payment_sql.FIND, {"payment_id": ""}).fetchall()
            files = DatabaseFiles.of_open(path)
        except (OSError, sqlite3.Error) as error:
            if means_unavailable(error):
                raise unavailable(error) from error
            raise
        opened.pop_all()
    return reading, writing, files
