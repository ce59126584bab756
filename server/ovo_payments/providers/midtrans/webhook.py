"""Reads Midtrans' notifications.

Source: docs.midtrans.com/docs/https-notification-webhooks (updated 2026-04-28).
"""

from collections.abc import Mapping
from datetime import datetime
from types import MappingProxyType
from typing import Final

from ovo_payments.domain.provider import (
    InboundAnswer,
    InboundRequest,
    WebhookEvent,
    WebhookKind,
    WebhookRefusedError,
)
from ovo_payments.domain.update import Claim, Source
from ovo_payments.providers.http import JsonBodyError, read_object
from ovo_payments.providers.midtrans import signing, translate
from ovo_payments.providers.midtrans.config import MidtransConfig
from ovo_payments.providers.midtrans.tables import Meaning
from ovo_payments.providers.midtrans.wire import answer_of

_PATHS: Final = MappingProxyType({"/webhooks/midtrans": WebhookKind.PAYMENT})
_JSON: Final = MappingProxyType({"content-type": "application/json"})
_ACKNOWLEDGED: Final = InboundAnswer(status=200, body=b'{"status":"ok"}', headers=_JSON)
_REFUSED: Final = InboundAnswer(status=401, body=b'{"status":"refused"}', headers=_JSON)
_NO_QUESTION: Final = InboundAnswer(status=404, body=b'{"status":"not found"}', headers=_JSON)


class MidtransWebhooks:
    """Verifies and translates notifications of one merchant."""

    def __init__(self, config: MidtransConfig) -> None:
        self._config = config

    @property
    def paths(self) -> Mapping[str, WebhookKind]:
        """The sidecar's path on which Midtrans notifies."""
        return _PATHS

    @property
    def reply_paths(self) -> frozenset[str]:
        """None: Midtrans asks nothing."""
        return frozenset()

    def verify(self, kind: WebhookKind, request: InboundRequest) -> None:  # noqa: ARG002 - the port's
        """Raises WebhookRefusedError unless the signature fits the texts as they came."""
        found = _read(request)
        if not signing.is_signed(
            order_id=_signed_text(found, "order_id"),
            status_code=_signed_text(found, "status_code"),
            gross_amount=_signed_text(found, "gross_amount"),
            signature=_signed_text(found, "signature_key"),
            server_keys=self._config.inbound_keys,
        ):
            raise WebhookRefusedError("the signature does not fit")

    def translate(
        self,
        kind: WebhookKind,  # noqa: ARG002 - the port's name
        request: InboundRequest,
    ) -> WebhookEvent:
        """Says what a verified notification claims, which Midtrans is asked about anyway."""
        answer = answer_of(_read(request))
        told = translate.Told(code=answer.status_code, source=Source.WEBHOOK, answer=answer)
        update = translate.payment_update(told, Meaning(claim=Claim.UNKNOWN), self._config)
        status = answer.transaction_status or "nothing"
        return WebhookEvent(
            reference=answer.order_id,
            update=update,
            summary=f"Midtrans notifies of {status} ({answer.status_code})",
        )

    def acknowledge(self, kind: WebhookKind) -> InboundAnswer:  # noqa: ARG002 - the port's name
        """Any 2xx ends Midtrans' repetitions."""
        return _ACKNOWLEDGED

    def refuse(self, kind: WebhookKind) -> InboundAnswer:  # noqa: ARG002 - the port's name
        """The same for everything, so that nobody learns what was wrong."""
        return _REFUSED

    def reply(
        self,
        request: InboundRequest,  # noqa: ARG002 - the port's name
        now: datetime,  # noqa: ARG002 - the port's name
    ) -> InboundAnswer:
        """Answers nothing, for there is no path on which to ask."""
        return _NO_QUESTION


def _read(request: InboundRequest) -> dict[str, object]:
    try:
        return read_object(request.body)
    except JsonBodyError as error:
        raise WebhookRefusedError(str(error)) from error


def _signed_text(found: Mapping[str, object], key: str) -> str:
    """Gives a text that is signed; a number is none, since it could be written in many ways."""
    value = found.get(key)
    if not isinstance(value, str) or not value:
        raise WebhookRefusedError(f"{key} is missing or no text")
    return value
