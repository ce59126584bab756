"""What every test shares."""

import os
import shutil
from collections.abc import Iterator

import pytest
from hypothesis import settings

from deploy.local_postgres import LocalPostgres, local_postgres

# A slow machine is no fault of the code; pytest's own time limit bounds each test.
settings.register_profile("any machine", deadline=None)
settings.load_profile("any machine")


@pytest.fixture(scope="session")
def chromium_path() -> str:
    """Where the Chromium stands that browser tests drive."""
    path = shutil.which(os.environ.get("CHROMIUM", "chromium"))
    assert path is not None, "the browser tests need Chromium: `make browser` installs it on Debian"
    return path


@pytest.fixture(scope="session")
def postgres() -> Iterator[LocalPostgres]:
    """A PostgreSQL server for all tests that want one."""
    with local_postgres() as server:
        yield server
