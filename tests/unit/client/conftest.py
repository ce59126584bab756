"""A scripted service, a client of it, and the command line pointed at it."""

from collections.abc import AsyncIterator, Callable, Iterator

import pytest
from typer.testing import CliRunner, Result

from ovo_payments_client import OvoPaymentsClient, connect
from ovo_payments_client.command_line import app
from tests.unit.client.scripted_service import ScriptedService, running

Ovo = Callable[..., Result]

# What a developer's terminal or a build server may set, and these tests must not see.
READ_BY_RICH = ("COLUMNS", "FORCE_COLOR", "NO_COLOR", "TTY_COMPATIBLE", "TTY_INTERACTIVE")


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


@pytest.fixture
def ovo(service: ScriptedService) -> Ovo:
    """Gives the command line, pointed at the scripted service by its environment."""
    runner = CliRunner(env={**dict.fromkeys(READ_BY_RICH), "OVOPAY_SERVER": service.target})

    def run(*arguments: str, env: dict[str, str] | None = None) -> Result:
        return runner.invoke(app, arguments, env=env)

    return run
