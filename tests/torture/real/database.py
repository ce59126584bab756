"""The service's database, read from outside: the same statements, whatever its kind."""

import sqlite3
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final, Protocol, TypeAlias

import psycopg
from psycopg.rows import TupleRow

from ovo_payments.storage.postgres.connection import rewritten

Row: TypeAlias = tuple[Any, ...]
Values: TypeAlias = Mapping[str, str | int]

_NONE: Final[Values] = MappingProxyType({})
_CONNECTED_WITHIN_S: Final = 5


class DatabaseAwayError(Exception):
    """The database can't be read now."""


class Database(Protocol):
    """Reads what is committed."""

    def rows(self, statement: str, values: Values = _NONE) -> list[Row]:
        """Runs a statement of the common SQL, with values written `:name`.

        Raises DatabaseAwayError.
        """

    def close(self) -> None:
        """Lets go of it; the next look opens it again."""


class SqliteDatabase:
    """A file."""

    def __init__(self, file: Path) -> None:
        """Opens it at the first look."""
        self._file = file
        self._connection: sqlite3.Connection | None = None

    def rows(self, statement: str, values: Values = _NONE) -> list[Row]:
        """Runs a statement; a file is always there."""
        if self._connection is None:
            self._connection = sqlite3.connect(
                f"{self._file.as_uri()}?mode=rw", uri=True, isolation_level=None, timeout=5
            )
            self._connection.execute("PRAGMA query_only = ON")
        return self._connection.execute(statement, dict(values)).fetchall()

    def close(self) -> None:
        """Lets go of it."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None


class PostgresDatabase:
    """A database of a server that may be away."""

    def __init__(self, url: str) -> None:
        """Connects at the first look."""
        self._url = url
        self._connection: psycopg.Connection[TupleRow] | None = None

    def rows(self, statement: str, values: Values = _NONE) -> list[Row]:
        """Runs a statement. Raises DatabaseAwayError."""
        try:
            if self._connection is None:
                self._connection = psycopg.connect(
                    self._url, autocommit=True, connect_timeout=_CONNECTED_WITHIN_S
                )
            return self._connection.execute(rewritten(statement), values).fetchall()
        except psycopg.OperationalError as error:
            self.close()
            raise DatabaseAwayError from error

    def close(self) -> None:
        """Lets go of it."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None
