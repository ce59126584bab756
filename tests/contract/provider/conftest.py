"""Runs the contract for every provider."""

import pytest

from tests.contract.provider.subjects import SUBJECTS, Subject


@pytest.fixture(params=SUBJECTS, ids=lambda subject: subject.name)
def subject(request: pytest.FixtureRequest) -> Subject:
    """Gives each provider in turn."""
    found = request.param
    assert isinstance(found, Subject)
    return found
