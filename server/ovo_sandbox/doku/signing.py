"""DOKU's two signatures, verified as DOKU verifies them and made as DOKU makes them.

Sources: developers.doku.com/get-started-with-doku-api/signature-component/snap/, the pages
symmetric-signature and asymmetric-signature; what they leave open follows DOKU's own libraries.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import re

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, RSAPublicKey
from cryptography.hazmat.primitives.hashes import SHA256

_SPACE = re.compile(rb"[ \t\r\n]")
_STRING_OR_SPACE = re.compile(rb'"(?:\\.|[^"\\])*"|[ \t\r\n]+', re.DOTALL)


def minify(body: bytes) -> bytes:
    """Drops the white space that stands outside of strings, and touches nothing else.

    DOKU's Python library signs the minified body and sends it with spaces; its Node library sends
    raw UTF-8 where Python escapes. Only a textual minify accepts both.
    """
    if _SPACE.search(body) is None:
        return body
    return _STRING_OR_SPACE.sub(lambda match: match[0] if match[0].startswith(b'"') else b"", body)


def transaction_string_to_sign(
    *, method: str, endpoint: str, access_token: str, body: bytes, timestamp: str
) -> str:
    """Returns what the symmetric signature of a transactional call covers."""
    digest = hashlib.sha256(minify(body)).hexdigest()
    return f"{method.upper()}:{endpoint}:{access_token}:{digest}:{timestamp}"


def sign_transaction(*, secret: str, string_to_sign: str) -> str:
    """Returns the HMAC-SHA512 of the string to sign, in base64."""
    mac = hmac.new(secret.encode(), string_to_sign.encode(), hashlib.sha512)
    return base64.b64encode(mac.digest()).decode()


def transaction_signature_holds(*, secret: str, string_to_sign: str, signature: str) -> bool:
    """Tells whether the symmetric signature fits, comparing case and all, in constant time."""
    expected = sign_transaction(secret=secret, string_to_sign=string_to_sign)
    return hmac.compare_digest(expected.encode(), signature.encode("utf-8", "replace"))


def token_string_to_sign(*, client_id: str, timestamp: str) -> str:
    """Returns what the asymmetric signature of a token call covers."""
    return f"{client_id}|{timestamp}"


def sign_token_request(*, private_key: RSAPrivateKey, string_to_sign: str) -> str:
    """Returns the RSA-SHA256 signature (PKCS #1 v1.5) of the string to sign, in base64."""
    return base64.b64encode(
        private_key.sign(string_to_sign.encode(), PKCS1v15(), SHA256())
    ).decode()


def token_signature_holds(*, public_key: RSAPublicKey, string_to_sign: str, signature: str) -> bool:
    """Tells whether the asymmetric signature was made by the owner of the public key."""
    try:
        raw = base64.b64decode(signature, validate=True)
        public_key.verify(raw, string_to_sign.encode(), PKCS1v15(), SHA256())
    except (binascii.Error, ValueError, InvalidSignature):
        return False
    return True
