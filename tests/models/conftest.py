"""How far the models go: `pytest tests/models --evidence-length 7 --examples 2000`."""

import pytest

EVIDENCE_LENGTH = 5
EXAMPLES = 25


def pytest_addoption(parser: pytest.Parser) -> None:
    """Adds the options; a run of all tests leaves them at their defaults."""
    group = parser.getgroup("models")
    group.addoption(
        "--evidence-length",
        type=int,
        default=EVIDENCE_LENGTH,
        help="pieces of evidence in the longest sequences that are tried (6 and 7 take longer)",
    )
    group.addoption(
        "--examples",
        type=int,
        default=0,
        help="random histories for each state machine, instead of the same few every time",
    )


@pytest.fixture(scope="session")
def evidence_length(request: pytest.FixtureRequest) -> int:
    """How many pieces the longest sequences have."""
    # pytest reads this file's options only where the folder was named on the command line.
    length: int = request.config.getoption("--evidence-length", default=EVIDENCE_LENGTH)
    return length


@pytest.fixture(scope="session")
def examples(request: pytest.FixtureRequest) -> int:
    """How many random histories each state machine goes through; 0 for the fixed few."""
    count: int = request.config.getoption("--examples", default=0)
    return count
