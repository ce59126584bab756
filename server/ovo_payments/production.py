"""What production refuses: each complaint begins with the setting that mends it."""

from collections.abc import Iterator
from ipaddress import ip_address
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from ovo_payments.public_keys import PUBLIC, SANDBOX_KEY_PREFIX

if TYPE_CHECKING:
    from ovo_payments.settings import Settings


def production_problems(settings: "Settings") -> Iterator[str]:
    """Tells what only development may have."""
    yield from _callers(settings)
    yield from _plaintext(settings)
    yield from _addresses(settings)
    yield from _keys(settings)
    if settings.encryption_keys is None:
        yield "OVO_ENCRYPTION_KEYS: production needs the keys that seal what is at rest"


def _callers(settings: "Settings") -> Iterator[str]:
    if settings.allow_anonymous:
        yield "OVO_ALLOW_ANONYMOUS: production takes no anonymous callers"
    elif settings.callers_file is None:
        yield "OVO_CALLERS_FILE: production needs to know its callers"


def _plaintext(settings: "Settings") -> Iterator[str]:
    doors = (
        ("OVO_GRPC_LISTEN", settings.grpc_listen.host, settings.tls_certificate),
        ("OVO_HTTP_LISTEN", settings.http_listen.host, settings.http_tls_certificate),
    )
    names = (
        ("OVO_TLS_CERTIFICATE", "OVO_ALLOW_PLAINTEXT", settings.allow_plaintext),
        ("OVO_HTTP_TLS_CERTIFICATE", "OVO_HTTP_ALLOW_PLAINTEXT", settings.http_allow_plaintext),
    )
    for (listen, host, certificate), (needed, unless, said) in zip(doors, names, strict=True):
        if certificate is None and not said and not _is_loopback(host):
            yield (
                f"{needed}: production sends nothing in clear beyond loopback, where {listen} "
                f"leads; set {unless}=true where something else seals the connection"
            )


def _addresses(settings: "Settings") -> Iterator[str]:
    for name, url in (
        ("OVO_MIDTRANS_BASE_URL", settings.midtrans_base_url),
        ("OVO_DOKU_BASE_URL", settings.doku_base_url),
    ):
        if not _is_production_address(url):
            yield f"{name}: production takes neither a sandbox nor a plain http address"


def _keys(settings: "Settings") -> Iterator[str]:
    secrets = (
        ("OVO_MIDTRANS_SERVER_KEY", settings.midtrans_server_key),
        ("OVO_DOKU_CLIENT_SECRET", settings.doku_client_secret),
        ("OVO_DOKU_NOTIFICATION_SECRET", settings.doku_notification_secret),
    )
    keys = [(name, secret.get_secret_value()) for name, secret in secrets if secret is not None]
    for name, key in (*keys, ("OVO_DOKU_CLIENT_ID", settings.doku_client_id)):
        if key in PUBLIC or key.startswith(SANDBOX_KEY_PREFIX):
            yield f"{name}: production takes no key of a sandbox"


def _is_loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _is_production_address(url: str) -> bool:
    parts = urlsplit(url)
    host = parts.hostname or ""
    if parts.scheme != "https" or "sandbox" in host or _is_loopback(host):
        return False
    try:
        ip_address(host)
    except ValueError:
        return "." in host
    return True
