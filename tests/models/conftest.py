"""How far the models go: `pytest tests/models --evidence-length 7 --hypothesis-profile long`."""

import pytest
from hypothesis import settings

from tests.fuzz.examples import LONG

EVIDENCE_LENGTH = 5

settings.register_profile(LONG, deadline=None)


def pytest_addoption(parser: pytest.Parser) -> None:
    """Adds an option; a run of all tests leaves it at its default."""
    parser.getgroup("models").addoption(
        "--evidence-length",
        type=int,
        default=EVIDENCE_LENGTH,
        help="pieces of evidence in the longest sequences that are tried",
    )


@pytest.fixture(scope="session")
def evidence_length(request: pytest.FixtureRequest) -> int:
    """How many pieces the longest sequences have."""
    # pytest reads this file's options only where the folder was named on the command line.
    length: int = request.config.getoption("--evidence-length", default=EVIDENCE_LENGTH)
    return length
