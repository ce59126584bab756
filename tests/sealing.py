"""The keys that seal what tests write: nobody's secrets."""

from typing import Final

from ovo_payments.storage.keys import parse_keys
from ovo_payments.storage.sealing import Sealer

KEYS_TEXT: Final = "tests:cGF5IGFuZCBwcmF5OiAzMiBieXRlcyBmb3IgdGVzdHM="
KEYS: Final = parse_keys(KEYS_TEXT)


def a_sealer() -> Sealer:
    """Makes a sealer with these keys."""
    sealer = Sealer(KEYS)
    sealer.database_secret = b"of no database"
    return sealer
