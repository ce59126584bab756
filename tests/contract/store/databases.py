"""The kinds of databases that the contract holds for, and what a test may do to each."""

import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager, closing, contextmanager
from pathlib import Path
from typing import Any, Final, Protocol

from ovo_payments.domain.ports import Store
from ovo_payments.storage.sqlite import SqliteStore


class Database(Protocol):
    """One empty database, for one test."""

    refusal: type[Exception]
    """What the database's own driver raises where a constraint refuses a statement."""

    store_class: str
    """The store's class as `module:Class`, for a process of its own."""
    url: str
    """Where it is."""

    async def open(self) -> Store:
        """Opens it, or opens it again."""

    def commits(self, store: Store) -> int:
        """How many transactions an open store has committed."""

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

    def __init__(self, url: str) -> None:
        self.url = url
        self._path = Path(url.removeprefix("sqlite:///"))

    @classmethod
    def new(cls, folder: Path) -> "SqliteDatabase":
        """Makes a place for one."""
        place = folder / "database"
        place.mkdir()
        return cls(f"sqlite:///{place / 'payments.db'}")

    async def open(self) -> SqliteStore:
        """Opens it, or opens it again."""
        return await SqliteStore.open(self.url, busy_timeout_s=0.05)

    def commits(self, store: Store) -> int:
        """How many transactions an open store has committed."""
        assert isinstance(store, SqliteStore)
        return store.commits

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


KINDS: Final[Mapping[str, type[SqliteDatabase]]] = {"sqlite": SqliteDatabase}
