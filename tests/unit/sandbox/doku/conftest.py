"""Gives each test a sandbox of its own in the test's process."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime
from random import Random

import httpx
import pytest

from ovo_sandbox import doku
from ovo_sandbox.app import create_app
from ovo_sandbox.clock import Clock
from ovo_sandbox.config import SandboxConfig
from ovo_sandbox.keys import KeyPairs
from tests.unit.sandbox.doku.merchant import Inbox, Merchant


@pytest.fixture(scope="session")
def key_pairs() -> KeyPairs:
    """Both sides' keys, made once."""
    return KeyPairs(None)


@pytest.fixture
def config() -> SandboxConfig:
    """The sandbox's settings; a test that wants others parametrizes `config`."""
    return SandboxConfig(public_url="https://pay.sandbox.example")


@pytest.fixture
async def merchant(key_pairs: KeyPairs, config: SandboxConfig) -> AsyncIterator[Merchant]:
    """A merchant of a sandbox whose clock stands at noon in Jakarta."""
    clock = Clock.standing_at(datetime(2026, 1, 2, 5, 0, 0, tzinfo=UTC))
    inbox = Inbox()
    app = create_app(
        config,
        clock=clock,
        sender=inbox,
        random=Random(7),  # noqa: S311 - a seed makes runs alike
        keys=key_pairs,
        providers=(doku.create,),
    )
    transport = httpx.ASGITransport(app)
    async with (
        app.router.lifespan_context(app),
        httpx.AsyncClient(transport=transport, base_url="https://pay.sandbox.example") as http,
    ):
        yield Merchant(app=app, http=http, clock=clock, inbox=inbox)
