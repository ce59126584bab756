"""Gives each test a sandbox of its own."""

from collections.abc import AsyncIterator

import pytest

from tests.unit.sandbox.laboratory import Laboratory, open_laboratory


@pytest.fixture
async def laboratory() -> AsyncIterator[Laboratory]:
    """A sandbox whose clock stands at 14:26:53 in Jakarta."""
    async with open_laboratory() as opened:
        yield opened
