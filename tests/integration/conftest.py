"""What tests of whole processes share."""

import uuid
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

from deploy.local_postgres import LocalPostgres
from tests.apart import Apart, running_apart
from tests.contract.store.databases import Database, PostgresDatabase, SqliteDatabase
from tests.integration.shop import Shop, audited, open_shop


@pytest.fixture(params=["postgres", "two nodes", "sqlite"])
def database(request: pytest.FixtureRequest, tmp_path: Path) -> Database:
    """An empty database of one kind; of PostgreSQL also for two nodes."""
    if request.param == "sqlite":
        return SqliteDatabase.new(tmp_path)
    server: LocalPostgres = request.getfixturevalue("postgres")
    nodes = 2 if request.param == "two nodes" else 1
    return PostgresDatabase(server, request.getfixturevalue("empty_postgres"), nodes)


@pytest.fixture(scope="module", params=["sqlite", "postgres"])
def settings_of_database(request: pytest.FixtureRequest) -> dict[str, str]:
    """Where the service of a module's tests keeps its payments: each test runs on both kinds."""
    if request.param == "sqlite":
        return {}
    server: LocalPostgres = request.getfixturevalue("postgres")
    return {"OVO_DATABASE_URL": server.new_database(f"service_{uuid.uuid4().hex}")}


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def shop_of_module(
    tmp_path_factory: pytest.TempPathFactory, settings_of_database: dict[str, str]
) -> AsyncIterator[Shop]:
    """One service, one sandbox and one linked wallet for all tests of a module."""
    async with open_shop(tmp_path_factory.mktemp("shop"), settings_of_database) as shop:
        yield shop


@pytest_asyncio.fixture(loop_scope="module")
async def shop(shop_of_module: Shop) -> AsyncIterator[Shop]:
    """The shop, whose books are checked after the test; needs the module's event loop."""
    async with audited(shop_of_module):
        yield shop_of_module


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def apart_of_module(
    tmp_path_factory: pytest.TempPathFactory, settings_of_database: dict[str, str]
) -> AsyncIterator[Apart]:
    """One sandbox for all tests of this file, and a service that they stop and start."""
    async with running_apart(
        tmp_path_factory.mktemp("restarts"), movable_clock=True, settings=settings_of_database
    ) as apart:
        await apart.switch(doku_notification_delay_s=0)
        yield apart


@pytest_asyncio.fixture(loop_scope="module")
async def apart(apart_of_module: Apart) -> AsyncIterator[Apart]:
    """Both, running; afterwards the providers are well again."""
    service = apart_of_module.service
    if service.running.returncode is not None:
        await service.start()
    yield apart_of_module
    await apart_of_module.disarm()
    await apart_of_module.switch(midtrans_processing_delay_s=0)
    await apart_of_module.reset_time()
    assert "Traceback" not in service.log()
