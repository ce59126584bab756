"""What strangers may take up of the sidecar."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class HttpLimits:
    """Of one request, one connection, and all of them together."""

    handshake_timeout_s: float = 10.0
    """Of TLS, from the connection to the first byte of HTTP that may come."""
    head_bytes_max: int = 16 * 1024
    head_timeout_s: float = 10.0
    """From the connection, or the last answer, to the end of a request's head."""
    body_bytes_max: int = 64 * 1024
    body_timeout_s: float = 10.0
    """From the end of the head to the end of the body, however steadily it trickles."""
    keep_alive_s: int = 5
    """How long a connection may be silent between two requests."""
    connections_max: int = 1_000
    """Beyond it the one is closed that has waited longest for a head, or else the newest."""
