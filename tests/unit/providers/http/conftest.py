"""What the tests of outgoing HTTP share."""

import asyncio
from collections.abc import Callable, Mapping

import pytest
import uvloop

from tests.unit.providers.http.certificates import Certificates, made_in


@pytest.fixture(scope="session")
def certificates(tmp_path_factory: pytest.TempPathFactory) -> Certificates:
    """Makes certificates that only these tests trust."""
    return made_in(tmp_path_factory.mktemp("certificates"))


def pytest_asyncio_loop_factories() -> Mapping[str, Callable[[], asyncio.AbstractEventLoop]]:
    """Runs each test on both loops: the service runs on uvloop where there is one."""
    return {"asyncio": asyncio.new_event_loop, "uvloop": uvloop.new_event_loop}
