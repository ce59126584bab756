"""Runs the store's contract on every kind of database."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from ovo_payments.domain.ports import Store
from tests.contract.store.databases import KINDS, Database


@pytest.fixture(params=sorted(KINDS))
def database(request: pytest.FixtureRequest, tmp_path: Path) -> Database:
    """An empty database of one kind."""
    return KINDS[request.param].new(tmp_path)


@pytest.fixture
async def store(database: Database) -> AsyncIterator[Store]:
    """A store that is open for the test."""
    opened = await database.open()
    yield opened
    await opened.close()
