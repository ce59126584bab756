"""Writes DOKU's notifications: it fetches a token from the merchant, then signs with that token.

Source: developers.doku.com/get-started-with-doku-api/notification/, the pages
http-notification-sample-for-snap and retry-notification.
"""

import json
from typing import Any, Final
from urllib.parse import urlsplit

from ovo_sandbox.delivery import Attempt, Notification, Tampering
from ovo_sandbox.doku.messages import amount, jakarta_timestamp
from ovo_sandbox.doku.names import digits
from ovo_sandbox.doku.signing import (
    sign_token_request,
    sign_transaction,
    token_string_to_sign,
    transaction_string_to_sign,
)
from ovo_sandbox.doku.switches import PROVIDER, Choices
from ovo_sandbox.outgoing import OutgoingRequest, SendFailed
from ovo_sandbox.sandbox import Sandbox

# Three more tries, counted from the first one: 30 minutes, 6 hours, 12 hours.
_RETRIES_AFTER_S: Final = (1_800, 21_600, 43_200)
_WRONG_BY_RUPIAH: Final = 1_000
_HTTP_OK: Final = 200


class DokuNotifications:
    """Is the delivery engine's source of DOKU's notifications."""

    provider = PROVIDER
    redirects_max = 0

    def __init__(self, context: Sandbox, choices: Choices) -> None:
        """Signs with DOKU's key and the merchant's secret."""
        self._context = context
        self._choices = choices

    @property
    def attempt_timeout_s(self) -> float:
        """How long one attempt may take; DOKU publishes no figure."""
        return self._choices.seconds("notification_timeout_s")

    async def write(self, notification: Notification) -> OutgoingRequest:
        """Fetches a token and makes the signed request."""
        token = await self._merchant_token()
        config = self._context.config
        body = _body(notification)
        raw = json.dumps(body, separators=(",", ":")).encode()
        timestamp = jakarta_timestamp(self._context.clock.wall_now())
        secret = config.doku_notification_secret or config.doku_client_secret
        if notification.tampering == Tampering.FORGED:
            secret += "-but-wrong"
        signature = sign_transaction(
            secret=secret,
            string_to_sign=transaction_string_to_sign(
                method="POST",
                endpoint=_endpoint(notification.url),
                access_token=token,
                body=raw,
                timestamp=timestamp,
            ),
        )
        headers = {
            "Content-Type": "application/json",
            "Authorization": f"Bearer {token}",
            "X-PARTNER-ID": config.doku_client_id,
            "X-EXTERNAL-ID": digits(self._context.random, 32),
            "X-TIMESTAMP": timestamp,
            "X-SIGNATURE": signature,
            "X-DEVICE-ID": "ovo-sandbox",
            "X-IP-ADDRESS": "127.0.0.1",
        }
        customer_token = notification.payload.get("customer_token")
        if customer_token:
            headers["Authorization-Customer"] = f"Bearer {customer_token}"
        return OutgoingRequest(url=notification.url, headers=headers, body=raw)

    def retry_in(self, notification: Notification, attempt: Attempt) -> float | None:
        """Tells when DOKU tries again; after the last try, only by hand."""
        made = len(notification.attempts)
        if made > len(_RETRIES_AFTER_S):
            return None
        first = min((one.at for one in notification.attempts), default=attempt.at)
        since_first_s = (self._context.clock.now() - first).total_seconds()
        return max(0.0, _RETRIES_AFTER_S[made - 1] - since_first_s)

    async def _merchant_token(self) -> str:
        config = self._context.config
        if config.doku_token_url is None:
            raise SendFailed("no token: no address to fetch it from")
        timestamp = jakarta_timestamp(self._context.clock.wall_now())
        signature = sign_token_request(
            private_key=self._context.keys.doku_private_key,
            string_to_sign=token_string_to_sign(
                client_id=config.doku_client_id, timestamp=timestamp
            ),
        )
        request = OutgoingRequest(
            url=config.doku_token_url,
            headers={
                "Content-Type": "application/json",
                "X-CLIENT-KEY": config.doku_client_id,
                "X-TIMESTAMP": timestamp,
                "X-SIGNATURE": signature,
            },
            body=b'{"grantType":"client_credentials"}',
        )
        answer = await self._context.sender.send(request, timeout_s=self.attempt_timeout_s)
        if answer.status != _HTTP_OK:
            raise SendFailed(f"no token: HTTP {answer.status}")
        return _access_token(answer.body)


def _access_token(raw: bytes) -> str:
    try:
        document = json.loads(raw)
    except ValueError as error:
        raise SendFailed("no token: not JSON") from error
    token = document.get("accessToken") if isinstance(document, dict) else None
    if not isinstance(token, str) or not token:
        raise SendFailed("no token: no accessToken in the answer")
    return token


def _body(notification: Notification) -> dict[str, Any]:
    """Returns the body, with another amount where a fault wants it; a binding has none."""
    body: dict[str, Any] = dict(notification.payload["body"])
    if notification.tampering == Tampering.WRONG_AMOUNT and "amount" in body:
        rupiah = int(body["amount"]["value"].partition(".")[0])
        body["amount"] = amount(rupiah + _WRONG_BY_RUPIAH)
    return body


def _endpoint(url: str) -> str:
    parts = urlsplit(url)
    path = parts.path or "/"
    return f"{path}?{parts.query}" if parts.query else path
