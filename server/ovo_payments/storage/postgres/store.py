"""The store on PostgreSQL."""

import asyncio
from collections.abc import Sequence
from typing import Final

from psycopg_pool import AsyncConnectionPool

from ovo_payments.storage.keys import EncryptionKey
from ovo_payments.storage.postgres.connection import connect, keywords
from ovo_payments.storage.postgres.location import check
from ovo_payments.storage.postgres.migrate import migrate
from ovo_payments.storage.postgres.reader import Pool, Reader
from ovo_payments.storage.postgres.writer import Writer
from ovo_payments.storage.sealing import Sealer
from ovo_payments.storage.sql_store import SqlStore

LOCK_TIMEOUT_S: Final = 1.0
"""How long a write waits for another's row."""

_STATEMENT_TIMEOUT_S: Final = 10.0
_READING_CONNECTIONS: Final = 8
_WRITING_CONNECTIONS: Final = 8
_POOL_TIMEOUT_S: Final = 2.0
"""How long a read waits for a connection."""


class PostgresStore(SqlStore):
    """Keeps everything in one PostgreSQL database, which any number of nodes may share."""

    def __init__(self, reader: Reader, writer: Writer, sealer: Sealer) -> None:
        """Takes over both; `open` is the usual way."""
        super().__init__(reader, writer, sealer)
        self._threads = writer

    @classmethod
    async def open(
        cls, url: str, keys: Sequence[EncryptionKey], *, lock_timeout_s: float = LOCK_TIMEOUT_S
    ) -> "PostgresStore":
        """Opens a database by its URL and brings it up to date.

        Raises DatabaseUrlError, SchemaError where it is not a database for this code,
        EncryptionKeysError where its keys are others, and StoreUnavailableError where it can't be
        opened.
        """
        sealer = Sealer(keys)
        await asyncio.to_thread(migrate, url)
        timeouts = {"lock_timeout_s": lock_timeout_s, "statement_timeout_s": _STATEMENT_TIMEOUT_S}
        pool: Pool = AsyncConnectionPool(
            check(url),
            kwargs={"autocommit": True, **keywords(**timeouts)},
            min_size=1,
            max_size=_READING_CONNECTIONS,
            timeout=_POOL_TIMEOUT_S,
            name="ovo-payments-readers",
            open=False,
        )
        await pool.open()
        writer = Writer(lambda: connect(url, **timeouts), _WRITING_CONNECTIONS, sealer)
        store = cls(Reader(pool), writer, sealer)
        await store.unlock()
        return store

    @property
    def commits(self) -> int:
        """How many transactions were committed."""
        return self._threads.commits
