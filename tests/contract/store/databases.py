"""The kinds of databases that the contract holds for, and what a test may do to each."""

import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, closing, contextmanager
from pathlib import Path
from typing import Any, Protocol

import psycopg

from deploy.local_postgres import LocalPostgres
from ovo_payments.storage.keys import EncryptionKey
from ovo_payments.storage.postgres import PostgresStore
from ovo_payments.storage.sql_store import SqlStore
from ovo_payments.storage.sqlite import SqliteStore
from tests.sealing import KEYS


class Database(Protocol):
    """One empty database, for one test."""

    refusal: type[Exception]
    """What the database's own driver raises where a constraint refuses a statement."""

    store_class: str
    """The store's class as `module:Class`, for a process of its own."""
    url: str
    """Where it is."""
    nodes: int
    """How many serve from it, where a test runs them."""
    tables: str
    """The statement that names its tables."""
    shared: bool
    """Whether several nodes may serve from it."""

    async def open(self, keys: Sequence[EncryptionKey] = KEYS) -> SqlStore:
        """Opens it, or opens it again."""

    def columns(self, table: str) -> list[str]:
        """Names the columns of a table."""

    def without_triggers(self, *tables: str) -> list[str]:
        """Gives the statements that take the triggers of tables away."""

    def execute(self, sql: str) -> list[tuple[Any, ...]]:
        """Runs a statement beside the store, and commits it."""

    def locked(self) -> AbstractContextManager[None]:
        """Keeps the store from writing."""

    def lost(self) -> AbstractContextManager[None]:
        """Takes the database away, and brings it back."""


class SqliteDatabase:
    """A SQLite database in a folder of its own."""

    refusal: type[Exception] = sqlite3.IntegrityError
    store_class = "ovo_payments.storage.sqlite:SqliteStore"
    nodes = 1
    tables = "SELECT name FROM sqlite_schema WHERE type = 'table'"
    shared = False

    def __init__(self, url: str) -> None:
        self.url = url
        self._path = Path(url.removeprefix("sqlite:///"))

    @classmethod
    def new(cls, folder: Path) -> "SqliteDatabase":
        """Makes a place for one."""
        place = folder / "database"
        place.mkdir()
        return cls(f"sqlite:///{place / 'payments.db'}")

    async def open(self, keys: Sequence[EncryptionKey] = KEYS) -> SqliteStore:
        """Opens it, or opens it again."""
        return await SqliteStore.open(self.url, keys, busy_timeout_s=0.05)

    def without_triggers(self, *tables: str) -> list[str]:
        """Gives the statements that take the triggers of tables away."""
        triggers = self.execute("SELECT name, tbl_name FROM sqlite_schema WHERE type = 'trigger'")
        return [f"DROP TRIGGER {name}" for name, table in triggers if table in tables]

    def columns(self, table: str) -> list[str]:
        """Names the columns of a table."""
        return [str(name) for _, name, *_ in self.execute(f"PRAGMA table_info({table})")]

    def execute(self, sql: str) -> list[tuple[Any, ...]]:
        """Runs a statement beside the store, and commits it."""
        with closing(sqlite3.connect(self._path)) as connection, connection:
            connection.execute("PRAGMA foreign_keys = ON")
            return connection.execute(sql).fetchall()

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Holds the database's one lock for writing."""
        with closing(sqlite3.connect(self._path, isolation_level=None)) as connection:
            connection.execute("BEGIN IMMEDIATE")
            yield
            connection.execute("ROLLBACK")

    @contextmanager
    def lost(self) -> Iterator[None]:
        """Moves the database's folder away."""
        elsewhere = self._path.parent.with_name("elsewhere")
        self._path.parent.rename(elsewhere)
        yield
        elsewhere.rename(self._path.parent)


class PostgresDatabase:
    """A database of its own on a PostgreSQL server."""

    refusal: type[Exception] = psycopg.IntegrityError
    store_class = "ovo_payments.storage.postgres:PostgresStore"
    tables = "SELECT tablename FROM pg_tables WHERE schemaname = 'public'"
    shared = True

    def __init__(self, server: LocalPostgres, url: str, nodes: int = 1) -> None:
        self.url = url
        self.nodes = nodes
        self._server = server

    async def open(self, keys: Sequence[EncryptionKey] = KEYS) -> PostgresStore:
        """Opens it, or opens it again."""
        return await PostgresStore.open(self.url, keys, lock_timeout_s=0.4)

    def without_triggers(self, *tables: str) -> list[str]:
        """Gives the statements that take the triggers of tables away."""
        return [f"ALTER TABLE {table} DISABLE TRIGGER USER" for table in tables]

    def columns(self, table: str) -> list[str]:
        """Names the columns of a table."""
        with psycopg.connect(self.url) as connection:
            cursor = connection.execute(
                "SELECT column_name FROM information_schema.columns"
                " WHERE table_schema = 'public' AND table_name = %s",
                (table,),
            )
            return [str(name) for (name,) in cursor]

    def execute(self, sql: str) -> list[tuple[Any, ...]]:
        """Runs a statement beside the store, and commits it."""
        with psycopg.connect(self.url, autocommit=True) as connection:
            cursor = connection.execute(sql)
            return cursor.fetchall() if cursor.description else []

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Holds what every write needs."""
        with psycopg.connect(self.url) as connection:
            connection.execute(
                "LOCK TABLE requests, payments, evidence, heartbeat IN EXCLUSIVE MODE"
            )
            yield
            connection.rollback()

    @contextmanager
    def lost(self) -> Iterator[None]:
        """Stops the server as a crash would, and starts it again."""
        self._server.stop("immediate")
        yield
        self._server.start()
