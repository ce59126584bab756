"""Tokens in the shape that DOKU mints: JSON Web Tokens signed with RS256.

Source: developers.doku.com/accept-payments/direct-api/snap/integration-guide/get-token-api/b2b; its
sample decodes to `{"alg":"RS256"}` and `{"exp":…,"iss":"DOKU","clientId":"BRN-…"}`.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping
from datetime import datetime

from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.hashes import SHA256


def mint(
    *,
    private_key: RSAPrivateKey,
    client_id: str,
    token_id: str,
    issued_at: datetime,
    expires_at: datetime,
    extra: Mapping[str, str] | None = None,
) -> str:
    """Returns a signed token; `token_id` keeps two tokens of one second apart."""
    claims: dict[str, object] = {
        "exp": int(expires_at.timestamp()),
        "iss": "DOKU",
        "clientId": client_id,
        "nbf": int(issued_at.timestamp()),
        "iat": int(issued_at.timestamp()),
        "jti": token_id,
        **(extra or {}),
    }
    unsigned = f"{_encode_json({'alg': 'RS256'})}.{_encode_json(claims)}"
    signature = private_key.sign(unsigned.encode(), PKCS1v15(), SHA256())
    return f"{unsigned}.{_encode(signature)}"


def _encode_json(value: Mapping[str, object]) -> str:
    return _encode(json.dumps(value, separators=(",", ":")).encode())


def _encode(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()
