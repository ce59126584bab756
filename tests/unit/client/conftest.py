"""A scripted service and a client of it."""

from collections.abc import AsyncIterator, Iterator

import pytest

from ovo_payments_client import OvoPaymentsClient, connect
from tests.unit.client.scripted_service import ScriptedService, running


@pytest.fixture
def service() -> Iterator[ScriptedService]:
    """Serves the test's script on a real socket."""
    with running(ScriptedService()) as service:
        yield service


@pytest.fixture
async def client(service: ScriptedService) -> AsyncIterator[OvoPaymentsClient]:
    """Connects to the scripted service."""
    async with connect(service.target, token="caller-token") as client:
        yield client
