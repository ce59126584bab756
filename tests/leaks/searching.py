"""Searches what each test has written, and fails the test where a canary is in it.

pytest calls what is here; tests/conftest.py hands it over.
"""

import io
import logging
import sys
from collections.abc import Generator, Iterator
from typing import TextIO, cast

import pytest
import structlog

from ovo_payments import logs
from tests.leaks.canaries import redacted
from tests.leaks.written import WRITTEN


class _Captured(io.TextIOBase):
    """Writes to whatever pytest takes for standard error at that moment."""

    def write(self, text: str, /) -> int:
        return sys.stderr.write(text)

    def flush(self) -> None:
        sys.stderr.flush()


@pytest.fixture(autouse=True)
def logged_at_debug_level() -> Iterator[None]:
    """Has all logged, and as the service does it, by tests that run parts of it themselves."""
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    root.handlers.clear()
    logs.configure("json", "debug", cast("TextIO", _Captured()))
    # The next test may have its loggers otherwise.
    structlog.configure(**{**structlog.get_config(), "cache_logger_on_first_use": False})
    root.handlers.extend(handlers)
    yield
    structlog.reset_defaults()
    root.handlers[:] = handlers
    root.setLevel(level)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    call: pytest.CallInfo[None],
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Searches once a test has taken down what it had set up."""
    report = yield
    written = report.sections
    report.sections = [(title, redacted(text)) for title, text in written]
    if call.when != "teardown":
        return report
    for title, text in written:
        WRITTEN.text(title, text)
    hits = WRITTEN.look()
    if hits:
        report.outcome = "failed"
        report.longrepr = "\n".join(("What nobody may read was written:", *map(str, hits)))
    return report
