"""Signs what Midtrans tells the merchant, and checks who calls.

Source: docs.midtrans.com/docs/https-notification-webhooks and /docs/api-authorization-headers.
"""

import base64
import binascii
import hmac
from hashlib import sha512


def signature_key(*, order_id: str, status_code: str, gross_amount: str, server_key: str) -> str:
    """Returns the SHA-512 over the four texts, just as they stand in the body."""
    return sha512(f"{order_id}{status_code}{gross_amount}{server_key}".encode()).hexdigest()


def is_authorized(authorization: str | None, server_key: str) -> bool:
    """Tells whether the header is Basic authorization by the server key and an empty password."""
    scheme, _, credentials = (authorization or "").partition(" ")
    if scheme.lower() != "basic":
        return False
    try:
        given = base64.b64decode(credentials.strip(), validate=True)
    except binascii.Error:
        return False
    return hmac.compare_digest(given, f"{server_key}:".encode())
