"""DOKU's two signatures: RSA for token calls, HMAC for everything else.

Sources: developers.doku.com/get-started-with-doku-api/signature-component/snap, the pages
asymmetric-signature and symmetric-signature. The sample result on the latter is 64 hexadecimal
digits, which no HMAC-SHA512 can be: on the wire it is base64, as all of DOKU's libraries send it.
"""

import hashlib
import hmac
import re
from base64 import b64decode, b64encode
from binascii import Error as Base64Error
from typing import Final

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, RSAPublicKey
from cryptography.hazmat.primitives.hashes import SHA256

from ovo_payments.domain.secret import Secret

# A string that never ends counts as one to the end of the body, so that one pass is enough
# whatever is sent.
_STRING_OR_WHITE_SPACE: Final = re.compile(
    rb"""("(?:[^"\\]|\\.)*+(?:"|\\?\Z))|[ \t\r\n]+""", re.DOTALL
)


def minify(body: bytes) -> bytes:
    """Drops white space outside of strings and touches nothing else.

    DOKU signs the minified body whatever travels, and its libraries differ in how they escape;
    parsing and writing anew would fit only some of them.
    """
    return _STRING_OR_WHITE_SPACE.sub(rb"\1", body)


def token_string_to_sign(client_id: str, timestamp: str) -> str:
    """Writes what the signature of a token call covers."""
    return f"{client_id}|{timestamp}"


def sign_with_private_key(private_key: RSAPrivateKey, string_to_sign: str) -> str:
    """Signs a token call: RSA PKCS #1 v1.5 over SHA-256, in base64. Takes about a millisecond."""
    return b64encode(private_key.sign(string_to_sign.encode(), PKCS1v15(), SHA256())).decode()


def verify_with_public_key(public_key: RSAPublicKey, string_to_sign: str, signature: str) -> bool:
    """Says whether the owner of a public key signed a token call."""
    try:
        raw_signature = b64decode(signature, validate=True)
        public_key.verify(raw_signature, string_to_sign.encode(), PKCS1v15(), SHA256())
    except (Base64Error, ValueError, InvalidSignature):
        return False
    return True


def transaction_string_to_sign(
    *, method: str, target: str, access_token: str, minified_body: bytes, timestamp: str
) -> str:
    """Writes what the signature of every other call covers.

    `target` is the path with its query, `access_token` the B2B token without `Bearer`, also
    where a customer's token travels beside it.
    """
    digest = hashlib.sha256(minified_body).hexdigest()
    return f"{method.upper()}:{target}:{access_token}:{digest}:{timestamp}"


def sign_with_secret(secret: Secret, string_to_sign: str) -> str:
    """Signs a transactional call: HMAC-SHA512 in base64, 88 characters."""
    mac = hmac.digest(secret.reveal().encode(), string_to_sign.encode(), "sha512")
    return b64encode(mac).decode()


def verify_with_secret(secret: Secret, string_to_sign: str, signature: str) -> bool:
    """Says whether the holder of a secret signed a call; in constant time, letter case counts."""
    expected = sign_with_secret(secret, string_to_sign)
    return hmac.compare_digest(expected.encode(), signature.encode("utf-8", "surrogatepass"))
