"""Opens the database that a URL names, whatever its kind.

PostgreSQL's driver is loaded only where it is used: it takes an eighth of the time of a start.
"""

# ruff: noqa: PLC0415 - see above

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Final

from ovo_payments.domain.errors import StoreUnavailableError
from ovo_payments.storage import sqlite
from ovo_payments.storage.feed import LocalFeed
from ovo_payments.storage.keys import EncryptionKey
from ovo_payments.storage.sql_store import SqlStore
from ovo_payments.storage.unusable import DatabaseUnusableError

DATABASE_ERRORS: Final = (StoreUnavailableError, DatabaseUnusableError)
"""Why a database can't be used: what an operator can mend."""
_POSTGRES: Final = ("postgresql://", "postgres://")

_BUSY_BESIDE_S: Final = 10.0
"""How long a command waits for the service's transactions, which are short."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Database:
    """An open database, and who else may use it."""

    store: SqlStore
    feed: LocalFeed
    shared: bool
    """Whether other nodes may use it at the same time."""
    _close: Callable[[], Awaitable[None]]

    async def close(self) -> None:
        """Finishes what waits and closes it."""
        await self._close()


def is_shared(url: str) -> bool:
    """Whether a URL names a database that several nodes can use."""
    return url.startswith(_POSTGRES)


async def open_database(url: str, keys: Sequence[EncryptionKey]) -> Database:
    """Opens a database and brings it up to date. Raises one of DATABASE_ERRORS."""
    if is_shared(url):
        return await _open_postgres(url, keys)
    return await _open_sqlite(url, keys)


async def open_store(url: str, keys: Sequence[EncryptionKey]) -> SqlStore:
    """Opens a database beside whoever serves from it. Raises one of DATABASE_ERRORS."""
    if not is_shared(url):
        return await sqlite.SqliteStore.open(url, keys, busy_timeout_s=_BUSY_BESIDE_S)
    from ovo_payments.storage import postgres

    return await postgres.PostgresStore.open(url, keys)


def migrate(url: str) -> Sequence[str]:
    """Brings a database up to date; gives what was applied. Raises one of DATABASE_ERRORS."""
    if not is_shared(url):
        return sqlite.migrate(url)
    from ovo_payments.storage import postgres

    return postgres.migrate(url)


async def _open_sqlite(url: str, keys: Sequence[EncryptionKey]) -> Database:
    lock = await asyncio.to_thread(sqlite.DatabaseLock.take, url)
    try:
        store = await sqlite.SqliteStore.open(url, keys)
    except BaseException:
        lock.release()
        raise

    async def close() -> None:
        await store.close()
        lock.release()

    return Database(store=store, feed=LocalFeed(), shared=False, _close=close)


async def _open_postgres(url: str, keys: Sequence[EncryptionKey]) -> Database:
    from ovo_payments.storage import postgres

    store = await postgres.PostgresStore.open(url, keys)
    feed = postgres.NotifiedFeed(url)
    try:
        await feed.start()
    except BaseException:
        await store.close()
        raise

    async def close() -> None:
        await feed.close()
        await store.close()

    return Database(store=store, feed=feed, shared=True, _close=close)
