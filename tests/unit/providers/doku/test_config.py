"""What the adapter must be told, and what it refuses to be told."""

from typing import Final

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    KeySerializationEncryption,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
)

from ovo_payments.domain.money import Money
from ovo_payments.domain.provider import Capability
from ovo_payments.domain.secret import Secret
from ovo_payments.providers.doku import (
    UnusableKeyError,
    read_private_key,
    read_public_key,
    spec,
)
from tests.unit.providers.doku.merchant import CLIENT_SECRET, config, merchant_key

TOO_FEW_BITS: Final = 1024


def pem(
    key: rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey,
    encryption: KeySerializationEncryption | None = None,
) -> Secret:
    """Writes a private key."""
    raw = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, encryption or NoEncryption())
    return Secret(raw.decode())


def public_pem(key: rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey) -> str:
    """Writes a public key."""
    return key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()


def test_keys_are_read_from_pem() -> None:
    """Ours with its private part, DOKU's without."""
    key = merchant_key()
    assert read_private_key(pem(key)).private_numbers() == key.private_numbers()
    assert read_public_key(public_pem(key)).public_numbers() == key.public_key().public_numbers()


@pytest.mark.parametrize(
    "unusable",
    [
        Secret("not a key"),
        pem(merchant_key(), BestAvailableEncryption(b"passphrase")),
        pem(ec.generate_private_key(ec.SECP256R1())),
        pem(rsa.generate_private_key(65537, TOO_FEW_BITS)),
    ],
    ids=["text", "with a passphrase", "elliptic curve", "1024 bits"],
)
def test_a_private_key_that_is_no_good_is_refused(unusable: Secret) -> None:
    """Only RSA of 2048 bits and more, and without a passphrase."""
    with pytest.raises(UnusableKeyError):
        read_private_key(unusable)


@pytest.mark.parametrize(
    "unusable",
    [
        "not a key",
        public_pem(ec.generate_private_key(ec.SECP256R1())),
        public_pem(rsa.generate_private_key(65537, TOO_FEW_BITS)),
    ],
    ids=["text", "elliptic curve", "1024 bits"],
)
def test_a_public_key_that_is_no_good_is_refused(unusable: str) -> None:
    """Only RSA of 2048 bits and more."""
    with pytest.raises(UnusableKeyError):
        read_public_key(unusable)


def test_an_unusable_key_is_not_shown() -> None:
    """The error says what is wrong and nothing of the key."""
    with pytest.raises(UnusableKeyError) as raised:
        read_private_key(Secret("-----BEGIN PRIVATE KEY-----\nSECRET\n-----END PRIVATE KEY-----"))
    assert "SECRET" not in str(raised.value)


def test_settings_print_no_secret() -> None:
    """Keys and secrets stay hidden where settings are printed."""
    shown = repr(config(notification_secret=Secret("inbound")))
    assert CLIENT_SECRET.reveal() not in shown
    assert "inbound" not in shown
    assert "RSAPrivateKey" not in shown


def test_notifications_are_signed_with_the_client_secret_unless_told_otherwise() -> None:
    """Some merchants have another secret for what comes in."""
    inbound, before = Secret("inbound"), Secret("before")
    assert config().inbound_secrets == (CLIENT_SECRET,)
    assert config(notification_secret=inbound).inbound_secrets == (inbound,)
    both = config(notification_secret=inbound, previous_notification_secret=before)
    assert both.inbound_secrets == (inbound, before)


def test_doku_offers_links_balances_and_whole_refunds() -> None:
    """What DOKU can't do is not declared, and so never asked of it."""
    told = spec(config(not_found_is_final=True, amount_max=Money(5)))
    assert told.capabilities == {
        Capability.LINKED_ACCOUNT,
        Capability.BALANCE,
        Capability.REFUND,
    }
    assert told.limits.amount_max == Money(5)
    assert told.patience.not_found_is_final
    assert told.webhook_proves_state


def test_a_missing_payment_proves_nothing_unless_told_otherwise() -> None:
    """Whether DOKU's 404 can be believed is for its own sandbox to show."""
    assert not spec(config()).patience.not_found_is_final


def test_sending_may_take_as_long_as_all_that_it_waits_for() -> None:
    """Both tokens and the call itself fit in."""
    settings = config()
    both_tokens_s = 2 * settings.token_timeouts.total_s
    assert spec(settings).send_timeout_s > both_tokens_s + settings.mutate_timeouts.total_s
