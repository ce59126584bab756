"""Runs the store's contract on every kind of database."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from ovo_payments.domain.ports import Store
from tests.contract.store.databases import Database, PostgresDatabase, SqliteDatabase


@pytest.fixture(params=["postgres", "sqlite"])
def database(request: pytest.FixtureRequest, tmp_path: Path) -> Database:
    """An empty database of one kind."""
    if request.param == "sqlite":
        return SqliteDatabase.new(tmp_path)
    server, url = (request.getfixturevalue(name) for name in ("postgres", "empty_postgres"))
    return PostgresDatabase(server, url)


@pytest.fixture
async def store(database: Database) -> AsyncIterator[Store]:
    """A store that is open for the test."""
    opened = await database.open()
    yield opened
    await opened.close()
