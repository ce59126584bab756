"""Migrations: forward only, safe from several nodes at once, never over a newer database."""

import subprocess
import sys

import psycopg
import pytest

from deploy.local_postgres import LocalPostgres
from ovo_payments.domain.errors import StoreUnavailableError
from ovo_payments.storage import migrations
from ovo_payments.storage.migrations import (
    DatabaseNewerError,
    KeptInTheClearError,
    MigrationChangedError,
)
from ovo_payments.storage.postgres import migrate
from ovo_payments.storage.unusable import DatabaseUrlError

_KNOWN = [migration.name for migration in migrations.load("postgres")]
_MIGRATE = (
    "import sys; from ovo_payments.storage.postgres import migrate; print(*migrate(sys.argv[1]))"
)


def test_a_new_database_gets_everything_once(postgres: LocalPostgres) -> None:
    """And the second time nothing."""
    url = postgres.new_database("new")
    assert migrate(url) == _KNOWN
    assert migrate(url) == []


def test_both_kinds_of_database_have_the_same_numbers() -> None:
    """What one can, the other can."""
    assert [migration.name for migration in migrations.load("sqlite")] == _KNOWN


def test_nodes_that_start_at_once_apply_each_once(postgres: LocalPostgres) -> None:
    """Four processes, one database."""
    url = postgres.new_database("at_once")
    started = [
        subprocess.Popen([sys.executable, "-c", _MIGRATE, url], stdout=subprocess.PIPE, text=True)
        for _ in range(4)
    ]
    applied = [name for process in started for name in process.communicate(timeout=50)[0].split()]
    assert [process.returncode for process in started] == [0] * 4
    assert sorted(applied) == _KNOWN


def test_a_newer_database_is_refused(postgres: LocalPostgres) -> None:
    """Older code would damage what it does not know."""
    url = postgres.new_database("newer")
    migrate(url)
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(
            "INSERT INTO schema_migrations (number, name, checksum) VALUES (9999, '9999_new', '')"
        )
    with pytest.raises(DatabaseNewerError, match="9999_new"):
        migrate(url)


def test_another_text_of_a_migration_is_refused(postgres: LocalPostgres) -> None:
    """What was released is never edited."""
    url = postgres.new_database("changed")
    migrate(url)
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("UPDATE schema_migrations SET checksum = '' WHERE number = 1")
    with pytest.raises(MigrationChangedError, match="0001"):
        migrate(url)


def test_what_stands_in_the_clear_is_refused(postgres: LocalPostgres) -> None:
    """No release ever wrote it; up to there it is migrated, its events with their positions."""
    url = postgres.new_database("older")
    with psycopg.connect(url, autocommit=True) as connection:
        for migration in migrations.load("postgres")[:3]:
            connection.execute(migration.sql)
        for payment_id, scope in (("pay1", "a"), ("pay2", "b"), ("pay3", "a")):
            document = (
                f'{{"version": 1, "state": "PENDING", "payment_id": "{payment_id}",'
                f' "scope": "{scope}", "order_id": "{payment_id}", "provider": "p",'
                ' "amount": {"rupiah": 1, "currency": "IDR"}}'
            )
            connection.execute(
                "INSERT INTO payments (payment_id, scope, order_id, provider, method,"
                " amount_rupiah, currency, state, version, open, sending, not_found_count,"
                " document) VALUES (%s, %s, %s, 'p', 'PAY', 1, 'IDR', 'PENDING', 1, 1, 0, 0, %s)",
                (payment_id, scope, payment_id, document),
            )
            connection.execute(
                "INSERT INTO payment_events (payment_id, version, document) VALUES (%s, 1, %s)",
                (payment_id, document),
            )
        connection.execute(
            "CREATE TABLE schema_migrations (number integer PRIMARY KEY, name text NOT NULL,"
            " checksum text NOT NULL, apply_time timestamptz NOT NULL DEFAULT now())"
        )
        for migration in migrations.load("postgres")[:3]:
            connection.execute(
                "INSERT INTO schema_migrations (number, name, checksum) VALUES (%s, %s, %s)",
                (migration.number, migration.name, migration.checksum),
            )

    with pytest.raises(KeptInTheClearError, match="in the clear"):
        migrate(url)

    with psycopg.connect(url) as connection:
        events = connection.execute(
            "SELECT payment_id, scope, position FROM payment_events ORDER BY payment_id"
        ).fetchall()
        positions = connection.execute("SELECT * FROM positions ORDER BY scope").fetchall()
    assert events == [("pay1", "a", 1), ("pay2", "b", 1), ("pay3", "a", 2)]
    assert positions == [("a", 2), ("b", 1)]


def test_a_url_that_names_nothing_is_told_without_its_password() -> None:
    """It may be in it."""
    with pytest.raises(DatabaseUrlError) as refused:
        migrate("postgresql://user:secret@[broken/db")
    assert "secret" not in str(refused.value)


def test_a_server_that_is_not_there_is_unavailable(postgres: LocalPostgres) -> None:
    """And nothing waits for ever."""
    with pytest.raises(StoreUnavailableError):
        migrate(postgres.url("nobody_made_this"))
    with pytest.raises(StoreUnavailableError):
        migrate("postgresql://postgres@127.0.0.1:1/postgres")
