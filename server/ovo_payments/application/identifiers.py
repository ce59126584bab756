"""Names that the service gives: they sort by time, and both providers take them."""

import secrets
import time
from typing import Final

_ALPHABET: Final = "0123456789abcdefghjkmnpqrstvwxyz"
_TIME_DIGITS: Final = 10
_RANDOM_DIGITS: Final = 16
_EXTERNAL_REFERENCE_DIGITS: Final = 32


class SystemIdentifiers:
    """Names from the system's randomness, prefixed by what they name.

    29 lower-case letters and digits: DOKU's refund takes at most 32 of the payment's reference,
    and neither provider's length or alphabet refuses them.
    """

    def payment_id(self) -> str:
        """A new name of a payment."""
        return f"pay{_sortable()}"

    def refund_id(self) -> str:
        """A new name of a refund."""
        return f"rfd{_sortable()}"

    def binding_id(self) -> str:
        """A new name of a binding."""
        return f"bnd{_sortable()}"

    def external_reference(self) -> str:
        """A new name of 32 digits."""
        return f"{secrets.randbelow(10**_EXTERNAL_REFERENCE_DIGITS):032d}"

    def lease(self) -> str:
        """A new name of a lease."""
        return secrets.token_hex(16)


def _sortable() -> str:
    """Writes milliseconds and 80 random bits in Crockford's base 32, as a ULID does."""
    milliseconds = time.time_ns() // 1_000_000
    return _digits(milliseconds, _TIME_DIGITS) + _digits(secrets.randbits(80), _RANDOM_DIGITS)


def _digits(number: int, count: int) -> str:
    return "".join(_ALPHABET[(number >> (5 * place)) & 31] for place in reversed(range(count)))
