"""What a provider's settings become, and which of them is named where a key can't be used."""

import pytest
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey

from ovo_payments.provider_configs import provider_configs
from ovo_payments.providers import doku
from ovo_payments.settings import Settings, SettingsError
from tests.unit.providers.doku.merchant import doku_key, merchant_key
from tests.unit.providers.doku.test_config import pem, public_pem


def settings(**changed: str) -> Settings:
    """Makes settings of a service that serves DOKU alone."""
    given = {
        "environment": "development",
        "doku_client_id": "BRN-1",
        "doku_client_secret": "secret",
        "doku_private_key": pem(merchant_key()).reveal(),
        "doku_public_key": public_pem(doku_key()),
    }
    return Settings.model_validate({**given, **changed})


def inbound_keys(**changed: str) -> tuple[RSAPublicKey, ...]:
    """Gives what DOKU's token call may be signed with."""
    config = provider_configs(settings(**changed))[doku.NAME]
    assert isinstance(config, doku.DokuConfig)
    return config.inbound_keys


def test_doku_may_sign_with_its_previous_key_where_one_is_given() -> None:
    """Present and previous, in this order; without one the present alone."""
    both = inbound_keys(doku_previous_public_key=public_pem(merchant_key()))
    own = [key.public_key().public_numbers() for key in (doku_key(), merchant_key())]
    assert [key.public_numbers() for key in both] == own
    assert len(inbound_keys()) == 1


@pytest.mark.parametrize(
    "setting", ["doku_private_key", "doku_public_key", "doku_previous_public_key"]
)
def test_a_key_that_can_not_be_used_is_named(setting: str) -> None:
    """And not shown."""
    with pytest.raises(SettingsError) as refused:
        provider_configs(settings(**{setting: "no key"}))
    (problem,) = refused.value.problems
    assert problem.startswith(f"OVO_{setting.upper()}: ")
    assert "no key" not in problem
