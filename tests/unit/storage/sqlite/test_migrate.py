"""A database is brought up to date once, whoever asks, or not touched at all."""

import asyncio
import sqlite3
import stat
import sys
from contextlib import closing
from pathlib import Path
from threading import Timer

import pytest

from ovo_payments.domain.errors import StoreUnavailableError
from ovo_payments.storage import migrations
from ovo_payments.storage.migrations import (
    DatabaseNewerError,
    KeptInTheClearError,
    MigrationChangedError,
)
from ovo_payments.storage.sqlite import SqliteStore, migrate
from tests.sealing import KEYS

NAMES = [migration.name for migration in migrations.load("sqlite")]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Where the database will be."""
    return tmp_path / "payments.db"


@pytest.fixture
def url(path: Path) -> str:
    """Its URL."""
    return f"sqlite:///{path}"


def execute(path: Path, sql: str) -> list[tuple[object, ...]]:
    """Runs a statement, and commits it."""
    with closing(sqlite3.connect(path)) as connection, connection:
        return connection.execute(sql).fetchall()


def test_a_new_database_gets_all_migrations_in_order(path: Path, url: str) -> None:
    """And each is recorded with its text's checksum."""
    assert migrate(url) == NAMES

    recorded = execute(path, "SELECT name, checksum FROM schema_migrations ORDER BY number")
    assert recorded == [(each.name, each.checksum) for each in migrations.load("sqlite")]


def test_a_database_that_is_up_to_date_is_left_alone(url: str) -> None:
    """Nothing is applied twice."""
    migrate(url)

    assert migrate(url) == []


def test_a_database_is_its_owners_alone(path: Path, url: str) -> None:
    """It holds phone numbers and tokens."""
    migrate(url)

    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_a_database_keeps_a_write_ahead_log(path: Path, url: str) -> None:
    """Readers and the writer don't wait for each other."""
    migrate(url)

    assert execute(path, "PRAGMA journal_mode") == [("wal",)]


def test_every_table_is_strict(path: Path, url: str) -> None:
    """A column holds what it says."""
    migrate(url)

    tables = execute(path, "SELECT name, strict FROM pragma_table_list WHERE schema = 'main'")
    loose = {name for name, strict in tables if not strict}
    assert loose == {"sqlite_schema"}


async def test_opening_a_store_migrates_its_database(url: str) -> None:
    """A first start needs no other command."""
    store = await SqliteStore.open(url, KEYS)
    await store.close()

    assert migrate(url) == []


async def test_a_newer_database_is_refused_untouched(path: Path, url: str) -> None:
    """Older code would damage it; the error names the migration."""
    migrate(url)
    execute(
        path,
        "INSERT INTO schema_migrations (number, name, checksum) VALUES (9999, '9999_later', 'x')",
    )

    with pytest.raises(DatabaseNewerError, match="9999_later"):
        migrate(url)
    with pytest.raises(DatabaseNewerError, match="9999_later"):
        await SqliteStore.open(url, KEYS)


def test_what_stands_in_the_clear_is_refused(path: Path, url: str) -> None:
    """No release ever wrote it, and nobody would look for it there."""
    path.touch()
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute(
            "CREATE TABLE schema_migrations (number INTEGER PRIMARY KEY, name TEXT NOT NULL,"
            " checksum TEXT NOT NULL, apply_time TEXT NOT NULL DEFAULT 'now') STRICT"
        )
        for migration in migrations.load("sqlite")[:4]:
            connection.executescript(migration.sql)
            connection.execute(
                "INSERT INTO schema_migrations (number, name, checksum) VALUES (?, ?, ?)",
                (migration.number, migration.name, migration.checksum),
            )
        connection.execute(
            "INSERT INTO requests (scope, method, request_id, digests, subject_id)"
            " VALUES ('shop', 'Charge', '1', '{}', 'pay1')"
        )

    with pytest.raises(KeptInTheClearError, match="begin with a new database"):
        migrate(url)


def test_a_database_made_by_another_text_is_refused(path: Path, url: str) -> None:
    """Nobody knows what it holds."""
    migrate(url)
    execute(path, "UPDATE schema_migrations SET checksum = 'x' WHERE number = 2")

    with pytest.raises(MigrationChangedError, match=NAMES[1]):
        migrate(url)


def test_a_migration_that_fails_leaves_nothing_of_itself(path: Path, url: str) -> None:
    """All of it, or none: the first stays, of the second nothing does, and it can be repeated."""
    path.touch()
    execute(path, "CREATE TABLE order_claims (in_the_way INTEGER)")

    with pytest.raises(sqlite3.OperationalError, match="order_claims"):
        migrate(url)

    assert execute(path, "SELECT number FROM schema_migrations") == [(1,)]
    assert execute(path, "SELECT name FROM sqlite_schema WHERE name = 'payments'") == []
    execute(path, "DROP TABLE order_claims")
    assert migrate(url) == NAMES[1:]


async def test_processes_that_migrate_at_once_apply_each_migration_once(
    path: Path, url: str
) -> None:
    """Nodes may be started together."""
    program = (
        "import sys; from ovo_payments.storage.sqlite import migrate; print(*migrate(sys.argv[1]))"
    )
    processes = [
        await asyncio.create_subprocess_exec(
            sys.executable, "-c", program, url, stdout=asyncio.subprocess.PIPE
        )
        for _ in range(4)
    ]
    said = await asyncio.gather(*(process.communicate() for process in processes))

    assert [process.returncode for process in processes] == [0] * 4
    applied = [name for output, _ in said for name in output.decode().split()]
    assert sorted(applied) == NAMES
    assert execute(path, "SELECT count(*) FROM schema_migrations") == [(len(NAMES),)]


def test_a_migration_waits_for_another_processes_transaction(path: Path, url: str) -> None:
    """Also for one that began before the database had its write-ahead log."""
    other = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
    with closing(other):
        other.execute("BEGIN IMMEDIATE")
        release = Timer(0.1, other.execute, ["ROLLBACK"])
        release.start()

        assert migrate(url) == NAMES

        release.join()


def test_a_folder_that_is_not_there_is_unavailable(tmp_path: Path) -> None:
    """With the cause chained."""
    with pytest.raises(StoreUnavailableError) as refused:
        migrate(f"sqlite:///{tmp_path}/none/payments.db")

    assert isinstance(refused.value.__cause__, FileNotFoundError)


def test_a_file_that_is_no_database_is_unavailable(path: Path, url: str) -> None:
    """And it is left as it was."""
    path.write_bytes(b"not a database at all, whatever its name says" * 100)

    with pytest.raises(StoreUnavailableError):
        migrate(url)

    assert path.read_bytes().startswith(b"not a database")
