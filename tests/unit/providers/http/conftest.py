"""What the tests of outgoing HTTP share."""

import pytest

from tests.unit.providers.http.certificates import Certificates, made_in


@pytest.fixture(scope="session")
def certificates(tmp_path_factory: pytest.TempPathFactory) -> Certificates:
    """Makes certificates that only these tests trust."""
    return made_in(tmp_path_factory.mktemp("certificates"))
