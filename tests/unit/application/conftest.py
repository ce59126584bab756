"""The whole application on a real store, with a provider and a clock that tests script."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from ovo_payments.application.identifiers import SystemIdentifiers
from ovo_payments.application.providers import Providers
from ovo_payments.application.use_cases import assemble
from ovo_payments.storage.database import open_database
from tests.sealing import KEYS
from tests.unit.application.bench import Bench
from tests.unit.application.scripted import ManualClock, ScriptedProvider


@pytest.fixture(params=["postgres", "sqlite"])
async def bench(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Bench]:
    """Assembles everything anew for each test, on a database of each kind."""
    url = f"sqlite:///{tmp_path}/test.db"
    if request.param == "postgres":
        url = request.getfixturevalue("empty_postgres")
    clock = ManualClock()
    provider = ScriptedProvider()
    database = await open_database(url, KEYS)
    application = assemble(
        store=database.store,
        feed=database.feed,
        clock=clock,
        identifiers=SystemIdentifiers(),
        providers=Providers({provider.name: provider}),
    )
    yield Bench(application, database.store, database.feed, clock, provider)
    await application.sends.drain(1.0)
    await database.close()
