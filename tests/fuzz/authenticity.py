"""What is authentic, decided a second time by code that shares nothing with the service."""

import base64
import hashlib
import hmac
import json
from collections.abc import Mapping
from typing import Final

from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.hashes import SHA256

from tests.fuzz.arena import MIDTRANS
from tests.unit.providers.doku.merchant import CLIENT_ID, CLIENT_SECRET

SERVER_KEY: Final = MIDTRANS.server_key.reveal()
SECRET: Final = CLIENT_SECRET.reveal()

_SIGNED: Final = ("order_id", "status_code", "gross_amount", "signature_key")
_WHITE: Final = frozenset(b" \t\r\n")


def signature_of(fields: Mapping[str, object], key: str = SERVER_KEY) -> str:
    """Signs as Midtrans does."""
    text = f"{fields['order_id']}{fields['status_code']}{fields['gross_amount']}{key}"
    return hashlib.sha512(text.encode()).hexdigest()


def is_midtrans(body: bytes) -> bool:
    """Whether a body is Midtrans' own: one object, whose four texts fit together."""
    try:
        found = json.loads(body.decode(), object_pairs_hook=_unique)
        texts = [found[name] for name in _SIGNED]
        good = all(isinstance(text, str) and text for text in texts)
        return good and texts[3] == signature_of(found)
    except (ValueError, KeyError, TypeError, RecursionError):
        return False


def is_doku(
    target: str, headers: Mapping[str, str], body: bytes, good_tokens: frozenset[str]
) -> bool:
    """Whether a notification is DOKU's own: with a token of ours, for us, and signed."""
    token = headers.get("authorization", "").removeprefix("Bearer ")
    if f"Bearer {token}" != headers.get("authorization") or token not in good_tokens:
        return False
    if headers.get("x-partner-id") != CLIENT_ID:
        return False
    signature = doku_signature(target, token, body, headers.get("x-timestamp", ""))
    return headers.get("x-signature") == signature


def doku_signature(
    target: str, token: str, body: bytes, timestamp: str, secret: str = SECRET
) -> str:
    """Signs a notification as DOKU does."""
    digest = hashlib.sha256(without_white_space(body)).hexdigest()
    text = f"POST:{target}:{token}:{digest}:{timestamp}"
    mac = hmac.new(secret.encode(), text.encode(), hashlib.sha512).digest()
    return base64.b64encode(mac).decode()


def rsa_signature(key: RSAPrivateKey, text: str) -> str:
    """Signs a token call as DOKU does."""
    return base64.b64encode(key.sign(text.encode(), PKCS1v15(), SHA256())).decode()


def without_white_space(body: bytes) -> bytes:
    """Minifies letter by letter."""
    if not _WHITE & set(body):
        return body
    kept = bytearray()
    inside = escaped = False
    for letter in body:
        if not inside and letter in _WHITE:
            continue
        kept.append(letter)
        if letter == ord('"') and not escaped:
            inside = not inside
        escaped = inside and letter == ord("\\") and not escaped
    return bytes(kept)


def _unique(pairs: list[tuple[str, object]]) -> dict[str, object]:
    if len({name for name, _ in pairs}) < len(pairs):
        raise ValueError
    return dict(pairs)
