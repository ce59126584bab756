"""What every test shares."""

import os
import shutil
from collections.abc import Iterator

import psycopg
import pytest
from hypothesis import settings
from psycopg import sql

from deploy.local_postgres import LocalPostgres, local_postgres
from ovo_payments.storage.postgres import migrate
from tests.leaks.searching import logged_at_debug_level, pytest_runtest_makereport

# What pytest finds here it calls for every test.
__all__ = ["logged_at_debug_level", "pytest_runtest_makereport"]

# What a migration wrote stays.
_TABLES = """
SELECT tablename FROM pg_tables WHERE schemaname = 'public'
AND tablename NOT IN ('schema_migrations', 'heartbeat', 'identity')
"""

# A slow machine is no fault of the code; pytest's own time limit bounds each test.
settings.register_profile("any machine", deadline=None)
settings.load_profile("any machine")


@pytest.fixture(scope="session")
def chromium_path() -> str:
    """Where the Chromium stands that browser tests drive."""
    path = shutil.which(os.environ.get("CHROMIUM", "chromium"))
    assert path is not None, "the browser tests need Chromium: `make browser` installs it on Debian"
    return path


@pytest.fixture(scope="session")
def postgres() -> Iterator[LocalPostgres]:
    """A PostgreSQL server for all tests that want one."""
    with local_postgres() as server:
        yield server


@pytest.fixture(scope="session")
def _migrated_postgres(postgres: LocalPostgres) -> str:
    url = postgres.new_database("emptied_for_each_test")
    migrate(url)
    return url


@pytest.fixture
def empty_postgres(_migrated_postgres: str) -> str:
    """The URL of a PostgreSQL database that is up to date and holds nothing.

    Emptied, since making one takes five times as long.
    """
    with psycopg.connect(_migrated_postgres, autocommit=True) as connection:
        tables = connection.execute(_TABLES).fetchall()
        names = sql.SQL(", ").join(sql.Identifier(name) for (name,) in tables)
        connection.execute(sql.SQL("TRUNCATE {} RESTART IDENTITY").format(names))
    return _migrated_postgres
