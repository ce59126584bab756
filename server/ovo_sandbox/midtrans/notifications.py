"""Writes Midtrans' notifications and knows when they are sent again.

Source: docs.midtrans.com/docs/https-notification-webhooks (2026-04-28).
"""

from random import Random
from typing import Final
from urllib.parse import urlsplit

from starlette.datastructures import Headers

from ovo_sandbox.delivery import Attempt, Notification, Tampering
from ovo_sandbox.midtrans.bodies import Bodies
from ovo_sandbox.midtrans.switches import PROVIDER
from ovo_sandbox.midtrans.wire import Body, encode_notification
from ovo_sandbox.outgoing import OutgoingRequest, SendFailed
from ovo_sandbox.switches import Switches

_HEADERS: Final = {
    "User-Agent": "Veritrans",
    "Accept": "application/json",
    "Content-Type": "application/json",
}
_INTERVALS_S: Final = (120, 600, 1800, 5400, 12600)
# How often an attempt is repeated, by what the merchant answered; by default the most.
_RETRIES_BY_STATUS: Final = {500: 1, 503: 4, 400: 2, 404: 2, 301: 0, 302: 0, 303: 0}
_RETRIES_MAX: Final = 5
# "The first retry time might be 33s (up to 2m)": each interval has a random share taken off.
_EARLIEST_SHARE: Final = 0.25
_URLS_MAX: Final = 3
_REAL_PORTS: Final = {None, 80, 443}


def notification_urls(headers: Headers, configured: str | None) -> list[str]:
    """Tells where a transaction's notifications go, by the headers of its charge.

    X-Override-Notification replaces the configured address and X-Append-Notification adds to it;
    where both are there the first wins. Three addresses at most.
    """
    override = _urls(headers.get("X-Override-Notification"))
    if override:
        return override[:_URLS_MAX]
    appended = _urls(headers.get("X-Append-Notification"))
    return [*([configured] if configured else []), *appended][:_URLS_MAX]


def _urls(header: str | None) -> list[str]:
    return [url for part in (header or "").split(",") if (url := part.strip())]


def _has_real_port(url: str) -> bool:
    try:
        return urlsplit(url).port in _REAL_PORTS
    except ValueError:
        return False


class MidtransNotifications:
    """Is Midtrans' NotificationSource."""

    provider = PROVIDER
    attempt_timeout_s = 15.0
    redirects_max = 5

    def __init__(self, bodies: Bodies, switches: Switches, random: Random) -> None:
        """Draws the random part of the intervals from `random`."""
        self._bodies = bodies
        self._switches = switches
        self._random = random

    async def write(self, notification: Notification) -> OutgoingRequest:
        """Writes the body as it was signed when the state changed."""
        only_real_ports = self._switches.text("midtrans_webhook_ports") == "80_443"
        if only_real_ports and not _has_real_port(notification.url):
            raise SendFailed("port not allowed")
        body = self._tampered(dict(notification.payload), notification.tampering)
        return OutgoingRequest(
            url=notification.url, headers=_HEADERS, body=encode_notification(body)
        )

    def retry_in(self, notification: Notification, attempt: Attempt) -> float | None:
        """Follows the retry table, by what this attempt was answered."""
        done = len(notification.attempts) - 1
        allowed = _RETRIES_MAX
        if attempt.status is not None:
            allowed = _RETRIES_BY_STATUS.get(attempt.status, _RETRIES_MAX)
        if done >= allowed:
            return None
        interval_s = _INTERVALS_S[done]
        factor = self._switches.number("midtrans_webhook_retry_factor")
        return self._random.uniform(_EARLIEST_SHARE * interval_s, interval_s) * factor

    def _tampered(self, body: Body, tampering: str | None) -> Body:
        if tampering == Tampering.FORGED:
            key: str = body["signature_key"]
            return body | {"signature_key": key[::-1]}
        if tampering == Tampering.WRONG_AMOUNT:
            rupiah = int(body["gross_amount"].removesuffix(".00"))
            return self._bodies.signed_anew(body | {"gross_amount": f"{rupiah + 1}.00"})
        return body
