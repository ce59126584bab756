"""How the client reaches the service: retries, keepalive, TLS, and where a token may travel."""

import ipaddress
import json
from pathlib import Path
from typing import Any, Final

import grpc

from ovo_payments_client.version import VERSION

SERVICE: Final = "ovo.payments.v1.OvoPayments"

# Every one of these is safe to repeat: it reads, or it carries a request id, or
# doing it twice is doing it once (Unbind). The watch reconnects by itself.
_RETRIED_METHODS: Final = ("Bind", "Unbind", "Balance", "Pay", "Charge", "Refund", "GetStatus")

_SERVICE_CONFIG: Final[dict[str, Any]] = {
    "methodConfig": [
        {
            "name": [{"service": SERVICE, "method": method} for method in _RETRIED_METHODS],
            "retryPolicy": {
                "maxAttempts": 4,
                "initialBackoff": "0.2s",
                "maxBackoff": "2s",
                "backoffMultiplier": 2,
                "retryableStatusCodes": ["UNAVAILABLE"],
            },
        },
    ],
    # While more than half of the tokens are there calls are retried; a failure
    # costs one token, a success gives a tenth back.
    "retryThrottling": {"maxTokens": 100, "tokenRatio": 0.1},
}

OPTIONS: Final[list[tuple[str, Any]]] = [
    ("grpc.service_config", json.dumps(_SERVICE_CONFIG)),
    ("grpc.enable_retries", 1),
    # A ping every half minute while a call is open; the service takes one in 10 s.
    # Heartbeats find a dead watch sooner.
    ("grpc.keepalive_time_ms", 30_000),
    ("grpc.keepalive_timeout_ms", 10_000),
    # What gRPC's core waits for a ping's answer by, whatever the option above says.
    ("grpc.http2.ping_timeout_ms", 10_000),
    ("grpc.keepalive_permit_without_calls", 0),
    # A watch sends nothing, and its pings shall not be held back for that.
    ("grpc.http2.max_pings_without_data", 0),
    # A new channel is a new connection; else it would share a dead one.
    ("grpc.use_local_subchannel_pool", 1),
    ("grpc.initial_reconnect_backoff_ms", 250),
    ("grpc.min_reconnect_backoff_ms", 250),
    ("grpc.max_reconnect_backoff_ms", 5_000),
    ("grpc.primary_user_agent", f"ovo-payments-client-python/{VERSION}"),
]


def open_channel(target: str, credentials: grpc.ChannelCredentials | None) -> grpc.aio.Channel:
    """Makes the channel: over TLS with credentials, in clear without."""
    if credentials is None:
        return grpc.aio.insecure_channel(target, options=OPTIONS)
    return grpc.aio.secure_channel(target, credentials, options=OPTIONS)


def tls_credentials(
    *,
    ca_file: Path | str | None = None,
    certificate_file: Path | str | None = None,
    private_key_file: Path | str | None = None,
) -> grpc.ChannelCredentials:
    """Reads PEM files into credentials: the authority to trust, and for mutual TLS one's own.

    Without `ca_file` gRPC's own list of public authorities is trusted.
    """
    if (certificate_file is None) != (private_key_file is None):
        raise ValueError("certificate_file and private_key_file belong together: give both")
    return grpc.ssl_channel_credentials(
        root_certificates=_read(ca_file),
        private_key=_read(private_key_file),
        certificate_chain=_read(certificate_file),
    )


def stays_on_this_machine(target: str) -> bool:
    """Tells whether what is sent to the target never reaches a network."""
    if target.startswith(("unix:", "unix-abstract:")):
        return True
    for scheme in ("dns:", "ipv4:", "ipv6:"):
        target = target.removeprefix(scheme)
    return all(_is_loopback(address) for address in target.removeprefix("///").split(","))


def _is_loopback(address: str) -> bool:
    """Tells whether a host with its port is surely this machine."""
    host = address.rpartition(":")[0].strip("[]")
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _read(file: Path | str | None) -> bytes | None:
    """Reads a file's bytes, where one is named."""
    return None if file is None else Path(file).read_bytes()
