"""What the fuzz tests share."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from hypothesis import settings

from tests.fuzz.arena import Arena
from tests.fuzz.arena import arena as made_arena
from tests.fuzz.examples import LONG

settings.register_profile(LONG, deadline=None)


@pytest.fixture
async def arena(tmp_path: Path) -> AsyncIterator[Arena]:
    """Puts the application in front of truthful providers, with payments in every state."""
    async with made_arena(tmp_path) as made:
        yield made
