"""Brings a database up to date."""

from collections.abc import Iterator, Sequence
from contextlib import closing
from typing import Final

import psycopg
from psycopg.rows import TupleRow

from ovo_payments.storage import migrations
from ovo_payments.storage.migrations import Applied, KeptInTheClearError, Migration
from ovo_payments.storage.postgres.connection import connect, means_unavailable, unavailable
from ovo_payments.storage.postgres.location import check

# Another node may be migrating, and a large table takes its time.
_TIMEOUT_S: Final = 600.0
_NOBODY_ELSE: Final = "SELECT pg_advisory_xact_lock(hashtext('ovo_payments.schema_migrations'))"
_CREATE_LEDGER: Final = """
CREATE TABLE IF NOT EXISTS schema_migrations (
  number integer PRIMARY KEY,
  name text NOT NULL,
  checksum text NOT NULL,
  apply_time timestamptz NOT NULL DEFAULT now()
)
"""
_APPLIED: Final = "SELECT number, name, checksum FROM schema_migrations ORDER BY number"
_RECORD: Final = "INSERT INTO schema_migrations (number, name, checksum) VALUES (%s, %s, %s)"


def migrate(url: str) -> Sequence[str]:
    """Applies what the database lacks; gives what was applied. The database itself must exist.

    Safe to run from several nodes at once. Raises DatabaseUrlError, DatabaseNewerError and
    MigrationChangedError where the database is not one for this code, StoreUnavailableError where
    it can't be written.
    """
    try:
        with closing(
            connect(check(url), lock_timeout_s=_TIMEOUT_S, statement_timeout_s=_TIMEOUT_S)
        ) as connection:
            return list(_apply_missing(connection))
    except psycopg.Error as error:
        if means_unavailable(error):
            raise unavailable(error) from error
        raise


def _apply_missing(connection: psycopg.Connection[TupleRow]) -> Iterator[str]:
    known = migrations.load("postgres")
    while (applied := _apply_next(connection, known)) is not None:
        yield applied


def _apply_next(connection: psycopg.Connection[TupleRow], known: Sequence[Migration]) -> str | None:
    """Applies the first migration that is missing, in a transaction of its own."""
    with connection.transaction():
        connection.execute(_NOBODY_ELSE)
        connection.execute(_CREATE_LEDGER)
        applied = [
            Applied(number=number, name=name, checksum=checksum)
            for number, name, checksum in connection.execute(_APPLIED)
        ]
        migration = next(iter(migrations.missing(known, applied)), None)
        if migration is None:
            return None
        _require_nothing_in_the_clear(connection, migration)
        connection.execute(migration.sql)
        connection.execute(_RECORD, (migration.number, migration.name, migration.checksum))
        return migration.name


def _require_nothing_in_the_clear(
    connection: psycopg.Connection[TupleRow], next_one: Migration
) -> None:
    if next_one.number != migrations.SEALED_SINCE:
        return
    if connection.execute(migrations.KEPT_IN_THE_CLEAR).fetchone() == (True,):
        raise KeptInTheClearError
