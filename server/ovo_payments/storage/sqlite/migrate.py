"""Brings a database up to date."""

import sqlite3
import time
from collections.abc import Iterator, Sequence
from contextlib import closing
from pathlib import Path
from typing import Final

from ovo_payments.storage import migrations
from ovo_payments.storage.migrations import Applied, KeptInTheClearError, Migration
from ovo_payments.storage.sqlite.connection import (
    connect,
    create_file,
    means_unavailable,
    unavailable,
)
from ovo_payments.storage.sqlite.location import database_path

# Another process may be migrating; its transactions are short.
_BUSY_TIMEOUT_S: Final = 10.0
_WAL_RETRY_S: Final = 0.02

_CREATE_LEDGER: Final = """
CREATE TABLE IF NOT EXISTS schema_migrations (
  number INTEGER PRIMARY KEY,
  name TEXT NOT NULL,
  checksum TEXT NOT NULL,
  apply_time TEXT NOT NULL DEFAULT (strftime('%Y-%m-%dT%H:%M:%fZ', 'now'))
) STRICT
"""
_RECORD: Final = "INSERT INTO schema_migrations (number, name, checksum) VALUES (?, ?, ?)"


def migrate(url: str) -> Sequence[str]:
    """Applies what the database lacks, creating it where it is missing; gives what was applied.

    Safe to run from several processes at once. Raises DatabaseNewerError and
    MigrationChangedError where the database is not one for this code, StoreUnavailableError where
    it can't be written.
    """
    return migrate_file(database_path(url))


def migrate_file(path: Path) -> Sequence[str]:
    """Does the same for a database's file."""
    try:
        create_file(path)
        with closing(connect(path, _BUSY_TIMEOUT_S)) as connection:
            _use_write_ahead_log(connection)
            return list(_apply_missing(connection))
    except (OSError, sqlite3.Error) as error:
        if means_unavailable(error):
            raise unavailable(error) from error
        raise


def _use_write_ahead_log(connection: sqlite3.Connection) -> None:
    # Changing the journal's mode asks no busy handler: while another process does the same, it
    # fails at once.
    deadline = time.monotonic() + _BUSY_TIMEOUT_S
    while True:
        try:
            connection.execute("PRAGMA journal_mode = WAL").fetchall()
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode != sqlite3.SQLITE_BUSY or time.monotonic() > deadline:
                raise
            time.sleep(_WAL_RETRY_S)
        else:
            return


def _apply_missing(connection: sqlite3.Connection) -> Iterator[str]:
    known = migrations.load("sqlite")
    while (applied := _apply_next(connection, known)) is not None:
        yield applied


def _apply_next(connection: sqlite3.Connection, known: Sequence[Migration]) -> str | None:
    """Applies the first migration that is missing, in a transaction of its own."""
    connection.execute("BEGIN IMMEDIATE")
    try:
        connection.execute(_CREATE_LEDGER)
        rows = connection.execute(
            "SELECT number, name, checksum FROM schema_migrations ORDER BY number"
        ).fetchall()
        applied = [Applied(number=row[0], name=row[1], checksum=row[2]) for row in rows]
        migration = next(iter(migrations.missing(known, applied)), None)
        if migration is not None:
            _require_nothing_in_the_clear(connection, migration)
            for statement in _statements(migration.sql):
                connection.execute(statement)
            record = (migration.number, migration.name, migration.checksum)
            connection.execute(_RECORD, record)
    except BaseException:
        # Some errors, such as a full disk, end the transaction by themselves.
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        raise
    connection.execute("COMMIT")
    return None if migration is None else migration.name


def _require_nothing_in_the_clear(connection: sqlite3.Connection, next_one: Migration) -> None:
    if next_one.number != migrations.SEALED_SINCE:
        return
    if connection.execute(migrations.KEPT_IN_THE_CLEAR).fetchone()[0]:
        raise KeptInTheClearError


def _statements(sql: str) -> Iterator[str]:
    """Splits a file: `executescript` would commit the transaction that it stands in."""
    statement = ""
    for line in sql.splitlines(keepends=True):
        statement += line
        if sqlite3.complete_statement(statement):
            yield statement
            statement = ""
    if statement.strip():
        yield statement
