"""The tokens that DOKU fetches from us before it notifies."""

import hmac
import struct
from base64 import b64decode, urlsafe_b64encode
from binascii import Error as Base64Error
from datetime import datetime
from typing import Final

from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
)

NONCE_LENGTH: Final = 16

_KEY_LENGTH: Final = 32
_PURPOSE: Final = b"ovo-payments: tokens for DOKU's notifications"
_FACTS: Final = struct.Struct(f">Q{NONCE_LENGTH}s")


class InboundTokens:
    """Mints and knows tokens without storing any, so that each node knows those of all others.

    A token is its own end, a nonce, and a MAC over both under a key that is derived from our
    private key. DOKU reads nothing from it.
    """

    def __init__(self, private_key: RSAPrivateKey) -> None:
        derivation = HKDF(algorithm=SHA256(), length=_KEY_LENGTH, salt=None, info=_PURPOSE)
        self._key = derivation.derive(
            private_key.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())
        )

    def mint(self, expiry_time: datetime, nonce: bytes) -> str:
        """Makes a token."""
        return self._token(_FACTS.pack(int(expiry_time.timestamp()), nonce))

    def knows(self, token: str, now: datetime) -> bool:
        """Whether a token is ours and still good."""
        try:
            raw = b64decode(token.encode("ascii"), altchars=b"-_", validate=True)
        except (Base64Error, UnicodeEncodeError):
            return False
        facts = raw[: _FACTS.size]
        # Written anew and compared as text: base64 has several texts for the same bytes.
        if len(facts) != _FACTS.size or not hmac.compare_digest(self._token(facts), token):
            return False
        expiry_s, _ = _FACTS.unpack(facts)
        return now.timestamp() < float(expiry_s)

    def _token(self, facts: bytes) -> str:
        return urlsafe_b64encode(facts + hmac.digest(self._key, facts, "sha256")).decode()
