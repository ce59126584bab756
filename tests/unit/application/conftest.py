"""The whole application on a real store, with a provider and a clock that tests script."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from ovo_payments.application.identifiers import SystemIdentifiers
from ovo_payments.application.providers import Providers
from ovo_payments.application.use_cases import assemble
from ovo_payments.storage.feed import LocalFeed
from ovo_payments.storage.sqlite import SqliteStore
from tests.unit.application.bench import Bench
from tests.unit.application.scripted import ManualClock, ScriptedProvider


@pytest.fixture
async def bench(tmp_path: Path) -> AsyncIterator[Bench]:
    """Assembles everything anew for each test."""
    clock = ManualClock()
    provider = ScriptedProvider()
    feed = LocalFeed()
    store = await SqliteStore.open(f"sqlite:///{tmp_path}/test.db")
    application = assemble(
        store=store,
        feed=feed,
        clock=clock,
        identifiers=SystemIdentifiers(),
        providers=Providers({provider.name: provider}),
    )
    yield Bench(application, store, feed, clock, provider)
    await application.sends.drain(1.0)
    await store.close()
