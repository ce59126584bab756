"""What DOKU sends by itself: its notifications, and its question for a token before each.

Sources: developers.doku.com/get-started-with-doku-api/notification, the pages
http-notification-sample-for-snap, retry-notification and best-practice. A notification is signed
like our own calls, with our token in the place of DOKU's.
"""

import hmac
import secrets
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from types import MappingProxyType
from typing import Final

from ovo_payments.domain.ports import Clock
from ovo_payments.domain.provider import (
    InboundAnswer,
    InboundRequest,
    WebhookEvent,
    WebhookKind,
    WebhookRefusedError,
)
from ovo_payments.providers.doku import wire
from ovo_payments.providers.doku.bindings import binding_from_notification
from ovo_payments.providers.doku.config import DokuConfig
from ovo_payments.providers.doku.inbound_tokens import NONCE_LENGTH, InboundTokens
from ovo_payments.providers.doku.signing import (
    minify,
    token_string_to_sign,
    transaction_string_to_sign,
    verify_with_public_key,
    verify_with_secret,
)
from ovo_payments.providers.doku.translate import payment_from_notification
from ovo_payments.providers.http import JsonBodyError, read_object

PATHS: Final[Mapping[str, WebhookKind]] = MappingProxyType(
    {
        "/webhooks/doku/payment": WebhookKind.PAYMENT,
        "/webhooks/doku/binding": WebhookKind.BINDING,
    }
)
TOKEN_PATH: Final = "/authorization/v1/access-token/b2b"  # noqa: S105 - a path

_JSON: Final = MappingProxyType({"Content-Type": "application/json"})
_BEARER: Final = "Bearer "


def _answer(status: int, code: str, message: str) -> InboundAnswer:
    body = wire.encode({"responseCode": code, "responseMessage": message})
    return InboundAnswer(status=status, body=body, headers=_JSON)


# A repetition is acknowledged like the first: to anything but 2xx DOKU answers with another one.
_ACKNOWLEDGED: Final[Mapping[WebhookKind, InboundAnswer]] = {
    WebhookKind.PAYMENT: _answer(200, "2005600", "Request has been processed successfully"),
    WebhookKind.BINDING: _answer(200, "2000700", "Successful"),
}
# One answer whatever is wrong, so that whoever tries learns nothing.
_REFUSED: Final[Mapping[WebhookKind, InboundAnswer]] = {
    WebhookKind.PAYMENT: _answer(401, "4015600", "Unauthorized"),
    WebhookKind.BINDING: _answer(401, "4010700", "Unauthorized"),
}
_TOKEN_REFUSED: Final = _answer(401, "4017300", "Unauthorized")


def _nonce() -> bytes:
    return secrets.token_bytes(NONCE_LENGTH)


class DokuWebhooks:
    """Reads DOKU's notifications and answers its token call."""

    def __init__(
        self, config: DokuConfig, clock: Clock, nonce: Callable[[], bytes] = _nonce
    ) -> None:
        self._config = config
        self._clock = clock
        self._nonce = nonce
        self._tokens = InboundTokens(config.private_key)

    @property
    def paths(self) -> Mapping[str, WebhookKind]:
        """The sidecar's paths on which DOKU notifies."""
        return PATHS

    @property
    def reply_paths(self) -> frozenset[str]:
        """The path on which DOKU asks us for a token."""
        return frozenset({TOKEN_PATH})

    def verify(self, kind: WebhookKind, request: InboundRequest) -> None:  # noqa: ARG002 - the port's
        """Raises WebhookRefusedError where the request is not authentic or can't be read.

        The path, which says the kind, is part of what is signed.
        """
        headers = request.headers
        authorization = headers.get("authorization", "")
        token = authorization.removeprefix(_BEARER)
        if token == authorization or not self._tokens.knows(token, self._clock.now()):
            raise WebhookRefusedError("no token of ours, or an old one")
        if not self._is_us(headers.get("x-partner-id", "")):
            raise WebhookRefusedError("another X-PARTNER-ID than ours")
        string_to_sign = transaction_string_to_sign(
            method="POST",
            target=request.target,
            access_token=token,
            minified_body=minify(request.body),
            timestamp=headers.get("x-timestamp", ""),
        )
        signature = headers.get("x-signature", "")
        # With all of them, so that the time tells nothing of which one it was.
        fits = [
            verify_with_secret(secret, string_to_sign, signature)
            for secret in self._config.inbound_secrets
        ]
        if not any(fits):
            raise WebhookRefusedError("a wrong signature")
        try:
            read_object(request.body)
        except JsonBodyError as error:
            raise WebhookRefusedError(f"an unreadable body: {error}") from error

    def translate(self, kind: WebhookKind, request: InboundRequest) -> WebhookEvent:
        """Says what a verified notification means."""
        document = read_object(request.body)
        if kind is WebhookKind.BINDING:
            binding = binding_from_notification(document)
            return WebhookEvent(
                reference=wire.text(document, "originalExternalId"),
                update=binding,
                summary=binding.detail,
            )
        payment = payment_from_notification(document)
        return WebhookEvent(
            reference=payment.reference,
            update=payment,
            summary=f"payment notification: {payment.detail}",
        )

    def acknowledge(self, kind: WebhookKind) -> InboundAnswer:
        """The answer to a notification that is safely stored."""
        return _ACKNOWLEDGED[kind]

    def refuse(self, kind: WebhookKind) -> InboundAnswer:
        """The one answer to every notification that is not authentic."""
        return _REFUSED[kind]

    def reply(self, request: InboundRequest, now: datetime) -> InboundAnswer:
        """Gives a token to whoever signs as DOKU, now; refuses everybody else in one way."""
        if not self._asks_as_doku(request, now):
            return _TOKEN_REFUSED
        life_s = self._config.notification_token_life_s
        token = self._tokens.mint(now + timedelta(seconds=life_s), self._nonce())
        body = {
            "responseCode": "2007300",
            "responseMessage": "Successful",
            "accessToken": token,
            "tokenType": "Bearer",
            "expiresIn": life_s,
            "additionalInfo": "",
        }
        headers = {
            **_JSON,
            "X-CLIENT-KEY": self._config.client_id,
            "X-TIMESTAMP": now.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        }
        return InboundAnswer(status=200, body=wire.encode(body), headers=headers)

    def _asks_as_doku(self, request: InboundRequest, now: datetime) -> bool:
        timestamp = request.headers.get("x-timestamp", "")
        sent = wire.time({"sent": timestamp}, "sent")
        skew_s = self._config.notification_clock_skew_s
        if sent is None or abs((now - sent).total_seconds()) > skew_s:
            return False
        if not self._is_us(request.headers.get("x-client-key", "")):
            return False
        try:
            asked = read_object(request.body)
        except JsonBodyError:
            return False
        signed = token_string_to_sign(self._config.client_id, timestamp)
        signature = request.headers.get("x-signature", "")
        return asked.get("grantType") == "client_credentials" and any(
            verify_with_public_key(key, signed, signature) for key in self._config.inbound_keys
        )

    def _is_us(self, client_id: str) -> bool:
        return hmac.compare_digest(client_id.encode(), self._config.client_id.encode())
