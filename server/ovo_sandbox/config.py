"""Holds the sandbox's settings, with defaults that work on one machine without any setting."""

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True, kw_only=True)
class SandboxConfig:
    """Says where the sandbox listens, who its one merchant is, and where it notifies that merchant.

    The merchant's service is expected on 127.0.0.1:8080, where `ovo-payments dev` puts its sidecar.
    """

    listen: str = "127.0.0.1:8081"
    # Where browsers reach the sandbox; redirect URLs start with it.
    public_url: str = "http://127.0.0.1:8081"
    # None keeps everything in memory.
    state_directory: Path | None = None
    merchant_name: str = "Toko Kopi Senja"

    midtrans_server_key: str = "SB-Mid-server-sandbox"
    midtrans_merchant_id: str = "G141532850"
    midtrans_notification_url: str | None = "http://127.0.0.1:8080/webhooks/midtrans"

    doku_client_id: str = "BRN-0211-1696919651918"
    doku_client_secret: str = "SK-sandbox-client-secret"  # noqa: S105 - the stand-in's public default
    # None signs notifications with the client secret.
    doku_notification_secret: str | None = None
    doku_payment_notification_url: str | None = "http://127.0.0.1:8080/webhooks/doku/payment"
    doku_binding_notification_url: str | None = "http://127.0.0.1:8080/webhooks/doku/binding"
    # Where DOKU fetches the merchant's token before it notifies.
    doku_token_url: str | None = "http://127.0.0.1:8080/authorization/v1/access-token/b2b"  # noqa: S105 - an address
    # None takes merchant_public.pem of the state directory.
    doku_merchant_public_key_file: Path | None = None
