"""Connections, and which of SQLite's errors mean that the store is not there."""

import os
import sqlite3
from pathlib import Path
from typing import Final

from ovo_payments.domain.errors import StoreUnavailableError
from ovo_payments.storage.unusable import DatabaseUnusableError

VERSION_MIN: Final = (3, 37)
"""The first with STRICT tables."""

_STATEMENTS_CACHED: Final = 256
_CACHE_KIB: Final = 16 * 1024

# https://www.sqlite.org/rescode.html: what the disk, a lock or the file's state caused. All others
# (SQL that is wrong, a constraint, misuse) say something of the code that asked.
_UNAVAILABLE: Final = frozenset(
    {
        sqlite3.SQLITE_PERM,
        sqlite3.SQLITE_ABORT,
        sqlite3.SQLITE_BUSY,
        sqlite3.SQLITE_LOCKED,
        sqlite3.SQLITE_NOMEM,
        sqlite3.SQLITE_READONLY,
        sqlite3.SQLITE_INTERRUPT,
        sqlite3.SQLITE_IOERR,
        sqlite3.SQLITE_CORRUPT,
        sqlite3.SQLITE_FULL,
        sqlite3.SQLITE_CANTOPEN,
        sqlite3.SQLITE_PROTOCOL,
        sqlite3.SQLITE_NOTADB,
    }
)
_PRIMARY_CODE: Final = 0xFF


class SqliteTooOldError(DatabaseUnusableError):
    """Python was built with a SQLite that lacks what the schema needs."""


def create_file(path: Path) -> None:
    """Makes the database's file, readable by its owner alone, where it is missing."""
    os.close(os.open(path, os.O_RDWR | os.O_CREAT, 0o600))


def connect(path: Path, busy_timeout_s: float) -> sqlite3.Connection:
    """Opens a database that exists, for any one thread at a time, with no implicit transactions."""
    if sqlite3.sqlite_version_info < VERSION_MIN:
        raise SqliteTooOldError(f"SQLite {sqlite3.sqlite_version} is older than 3.37")
    connection = sqlite3.connect(
        f"{path.as_uri()}?mode=rw",
        uri=True,
        timeout=busy_timeout_s,
        isolation_level=None,
        check_same_thread=False,
        cached_statements=_STATEMENTS_CACHED,
    )
    try:
        connection.execute("PRAGMA synchronous = FULL")
        connection.execute("PRAGMA foreign_keys = ON")
        # What is destroyed is not left behind in a free page.
        connection.execute("PRAGMA secure_delete = ON").fetchall()
        connection.execute(f"PRAGMA cache_size = -{_CACHE_KIB}")
    except sqlite3.Error:
        connection.close()
        raise
    return connection


def means_unavailable(error: Exception) -> bool:
    """Whether an error says that the store can't be read or written now."""
    if isinstance(error, OSError):
        return True
    code = getattr(error, "sqlite_errorcode", None)
    return code is not None and code & _PRIMARY_CODE in _UNAVAILABLE


def unavailable(cause: Exception) -> StoreUnavailableError:
    """Makes the error that callers see, with its cause chained."""
    error = StoreUnavailableError()
    error.__cause__ = cause
    return error
