"""Who we are to Midtrans, and how a notification proves to be Midtrans'.

Sources: docs.midtrans.com/docs/api-authorization-headers and /docs/https-notification-webhooks
(updated 2026-04-28).
"""

import hashlib
import hmac
from base64 import b64encode
from collections.abc import Iterable

from ovo_payments.domain.secret import Secret


def authorization(server_key: Secret) -> Secret:
    """Makes the value of the Authorization header: the key as user name, no password."""
    return Secret("Basic " + b64encode(f"{server_key.reveal()}:".encode()).decode("ascii"))


def signature_key(order_id: str, status_code: str, gross_amount: str, server_key: Secret) -> str:
    """Computes `signature_key` over the texts exactly as they were received.

    It does not cover `transaction_status`: expire, deny and cancel of one order share a
    signature, and so do settlement and refund. An authentic notification therefore proves no
    state; it only makes us ask.
    """
    signed = f"{order_id}{status_code}{gross_amount}{server_key.reveal()}"
    return hashlib.sha512(signed.encode()).hexdigest()


def is_signed(
    *,
    order_id: str,
    status_code: str,
    gross_amount: str,
    signature: str,
    server_keys: Iterable[Secret],
) -> bool:
    """Compares a received signature with that of each key, in constant time."""
    received = signature.encode("utf-8", "surrogatepass")
    # With all of them, so that the time tells nothing of which one it was.
    fits = [
        hmac.compare_digest(
            signature_key(order_id, status_code, gross_amount, key).encode(), received
        )
        for key in server_keys
    ]
    return any(fits)
