"""The database of a run: SQLite in memory, or one of a real PostgreSQL server.

It outlives the nodes that use it. A node that is killed loses what it had not committed, since
that never was in the database; the next incarnation uses the same one. Both are waited for where
time stands still, and written by the stores' own code without its threads.
"""

import argparse
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import cache
from typing import Any, Final, Protocol

import psycopg
from psycopg import sql

from deploy.local_postgres import local_postgres
from ovo_payments.storage import postgres
from ovo_payments.storage.postgres.connection import cleaned, connect, rewritten
from ovo_payments.storage.postgres.writer import _Lane
from ovo_payments.storage.rows import Parameters
from ovo_payments.storage.sqlite.location import DatabaseFiles
from ovo_payments.storage.sqlite.migrate import _apply_missing
from ovo_payments.storage.sqlite.writer import SqliteTransaction, Writer, _Outcome, _Unit
from ovo_payments.storage.transaction import Rows
from tests.sealing import a_sealer

SEALER: Final = a_sealer()
"""Of all nodes and all databases."""
_NOWHERE: Final = DatabaseFiles((), ())
_TIMEOUT_S: Final = 10.0


class Database(Protocol):
    """What nodes use, and whoever judges them reads."""

    shared: bool
    """Whether a node that starts must reckon with others that are at work."""

    @property
    def changes(self) -> int:
        """Another number after each write."""

    def execute(self, statement: str, parameters: Parameters = ..., /) -> Rows:
        """Runs a statement of the common SQL beside whoever writes."""

    def commit(self, units: Sequence[_Unit[Any]]) -> Sequence[_Outcome]:
        """Runs what waits, as the store's writer does."""


class MemoryDatabase(Writer):
    """SQLite: all that waits is one transaction."""

    shared = False

    def __init__(self) -> None:  # the thread of its base is what this class is there to avoid
        connection = sqlite3.connect(":memory:", isolation_level=None, cached_statements=256)
        connection.deserialize(_empty())
        connection.execute("PRAGMA foreign_keys = ON")
        self._connection = connection
        self._transaction = SqliteTransaction(connection, SEALER)
        self._files = _NOWHERE
        self._commits = 0
        self.execute = connection.execute

    @property
    def changes(self) -> int:
        """What SQLite counts itself."""
        return self._connection.total_changes

    def commit(self, units: Sequence[_Unit[Any]]) -> Sequence[_Outcome]:
        """Runs them in one transaction."""
        return self._commit(units)


@cache
def _empty() -> bytes:
    connection = sqlite3.connect(":memory:", isolation_level=None)
    for _ in _apply_missing(connection):
        pass
    return connection.serialize()


class PostgresDatabase:
    """PostgreSQL: each unit is a transaction of its own."""

    shared = True

    def __init__(self, url: str) -> None:
        """Takes a database that is up to date."""
        self.changes = 0
        self._lane = _Lane(lambda: _connected(url), SEALER)
        self._reading = _connected(url)

    def execute(self, statement: str, parameters: Parameters | None = None, /) -> Rows:
        """Runs a statement outside of any transaction."""
        given = None if parameters is None else cleaned(parameters)
        return self._reading.execute(rewritten(statement), given)

    def commit(self, units: Sequence[_Unit[Any]]) -> Sequence[_Outcome]:
        """Runs one after the other, in the order in which they came."""
        self.changes += 1
        return [self._committed(unit) for unit in units]

    def close(self) -> None:
        """Lets go of it."""
        self._lane.close()
        self._reading.close()

    def _committed(self, unit: _Unit[Any]) -> _Outcome:
        try:
            return _Outcome(unit, result=self._lane.commit(unit.work))
        except Exception as error:  # noqa: BLE001 - it is for whoever waits for the unit
            return _Outcome(unit, error=error)


@contextmanager
def opened(server_url: str, name: str) -> Iterator[Database]:
    """Makes a database for one run: on a PostgreSQL server where there is one, else in memory."""
    if not server_url:
        yield MemoryDatabase()
        return
    with psycopg.connect(server_url, autocommit=True) as server:
        identifier = sql.Identifier(name)
        server.execute(sql.SQL("CREATE DATABASE {}").format(identifier))
        try:
            url = server_url.rpartition("/")[0] + f"/{name}"
            postgres.migrate(url)
            database = PostgresDatabase(url)
            try:
                yield database
            finally:
                database.close()
        finally:
            server.execute(sql.SQL("DROP DATABASE {}").format(identifier))


def add_argument(parser: argparse.ArgumentParser) -> None:
    """Lets a command choose."""
    parser.add_argument(
        "--database", choices=("sqlite", "postgres"), default="sqlite", help="what the store is on"
    )


def told(arguments: argparse.Namespace) -> str:
    """Tells runs on different databases apart."""
    return "" if arguments.database == "sqlite" else f", on {arguments.database}"


@contextmanager
def server_for(arguments: argparse.Namespace) -> Iterator[str]:
    """Runs what the chosen database needs; gives its URL, or nothing where it needs none."""
    if arguments.database == "sqlite":
        yield ""
        return
    with local_postgres() as server:
        yield server.url()


def _connected(url: str) -> "psycopg.Connection[tuple[Any, ...]]":
    return connect(url, lock_timeout_s=_TIMEOUT_S, statement_timeout_s=_TIMEOUT_S)
