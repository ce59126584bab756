"""What the DOKU adapter must be told. Nothing here reads the environment."""

from dataclasses import dataclass, field
from typing import Final, Literal

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, RSAPublicKey
from cryptography.hazmat.primitives.serialization import (
    load_pem_private_key,
    load_pem_public_key,
)

from ovo_payments.domain.money import Money
from ovo_payments.domain.secret import Secret
from ovo_payments.providers.http import Timeouts

PRODUCTION_URL: Final = "https://api.doku.com"
_KEY_BITS_MIN: Final = 2048
_SECOND_ROUND_S: Final = 10.0


class UnusableKeyError(ValueError):
    """A key is no RSA key in PEM of at least 2048 bits."""


def read_private_key(pem: Secret) -> RSAPrivateKey:
    """Loads our key, without a passphrase. Takes about 50 ms: once per process.

    Raises UnusableKeyError.
    """
    try:
        key = load_pem_private_key(pem.reveal().encode(), password=None)
    except (ValueError, TypeError, UnsupportedAlgorithm) as error:
        raise UnusableKeyError("not a private key in PEM without a passphrase") from error
    if not isinstance(key, RSAPrivateKey) or key.key_size < _KEY_BITS_MIN:
        raise UnusableKeyError(f"not an RSA key of at least {_KEY_BITS_MIN} bits")
    return key


def read_public_key(pem: str) -> RSAPublicKey:
    """Loads DOKU's key. Raises UnusableKeyError."""
    try:
        key = load_pem_public_key(pem.encode())
    except (ValueError, UnsupportedAlgorithm) as error:
        raise UnusableKeyError("not a public key in PEM") from error
    if not isinstance(key, RSAPublicKey) or key.key_size < _KEY_BITS_MIN:
        raise UnusableKeyError(f"not an RSA key of at least {_KEY_BITS_MIN} bits")
    return key


@dataclass(frozen=True, slots=True, kw_only=True)
class DokuConfig:
    """A merchant at DOKU, and how its calls are made."""

    client_id: str
    client_secret: Secret
    private_key: RSAPrivateKey = field(repr=False)
    doku_public_key: RSAPublicKey = field(repr=False)
    """What DOKU signs its token call to us with."""
    doku_previous_public_key: RSAPublicKey | None = field(default=None, repr=False)
    """What that call may still be signed with, while DOKU's key is being replaced."""
    base_url: str = PRODUCTION_URL
    notification_secret: Secret | None = None
    """Where DOKU signs notifications with another secret than `client_secret`."""
    previous_notification_secret: Secret | None = None
    """What notifications may still be signed with, while their secret is being replaced."""
    channel: str = "EMONEY_OVO_SNAP"
    path_prefix: str = "/direct-debit/core/v1"
    """DOKU's older pages show other prefixes, one for each acquirer. It is signed with the rest."""
    status_path: str = "/orders/v1.0/debit/status"
    status_service_code: Literal["54", "55"] = "54"
    """The `serviceCode` of a status query.

    DOKU's page and libraries write 55, the service of the query. The standard says 54, the
    service of the transaction that is asked about, and so does the one integration of OVO that is
    known to run in production.
    """
    not_found_is_final: bool = False
    """Whether repeated 404s of the status query prove that no money moved.

    Off until tried at DOKU: were `status_service_code` the wrong one, every debit would be
    "not found".
    """
    binding_window_s: float = 1800.0
    """How long a customer has for the linking page. DOKU does not publish it."""
    amount_max: Money = Money(99_999_999)
    """What OVO takes at most. DOKU does not publish it; this is what Midtrans tells of OVO."""
    notification_token_life_s: int = 900
    notification_clock_skew_s: float = 600.0
    """How far the time in DOKU's token call may be from ours."""
    mutate_timeouts: Timeouts = Timeouts(read_s=25.0, total_s=30.0)
    query_timeouts: Timeouts = Timeouts(read_s=8.0, total_s=15.0)
    token_timeouts: Timeouts = Timeouts(read_s=8.0, total_s=10.0)

    @property
    def inbound_keys(self) -> tuple[RSAPublicKey, ...]:
        """What DOKU's token call to us may be signed with."""
        present, previous = self.doku_public_key, self.doku_previous_public_key
        return (present,) if previous is None else (present, previous)

    @property
    def inbound_secrets(self) -> tuple[Secret, ...]:
        """What notifications may be signed with."""
        present = self.notification_secret or self.client_secret
        previous = self.previous_notification_secret
        return (present,) if previous is None else (present, previous)

    @property
    def send_timeout_s(self) -> float:
        """The longest that a call which moves money takes: both tokens, the call, and some more.

        The rest is for a second round after a refused token, and for asking what DOKU holds.
        """
        return 2 * self.token_timeouts.total_s + self.mutate_timeouts.total_s + _SECOND_ROUND_S

    @property
    def query_deadline_s(self) -> float:
        """The longest that a safe call takes, with both tokens."""
        return 2 * self.token_timeouts.total_s + self.query_timeouts.total_s
