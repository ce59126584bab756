"""Results, events and errors as JSON documents whose form programs can rely on.

Every field is there, `null` where unset; amounts are whole rupiah, times are
RFC 3339 in UTC, states and reasons are the contract's words without prefix.
"""

import json
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from datetime import UTC, datetime
from enum import StrEnum

from ovo_payments_client.binding import Balance, Binding, BindingResult
from ovo_payments_client.errors import OvoPaymentsError
from ovo_payments_client.payment import Heartbeat, Payment, PaymentChange, PaymentResult
from ovo_payments_client.terminal.exit_status import ExitStatus, of_error
from ovo_payments_client.watch import Interruption

Result = PaymentResult | BindingResult | Payment | Binding | Balance


def encode(document: object) -> str:
    """Writes a document on one line."""
    return json.dumps(document, ensure_ascii=False)


def of_result(result: Result) -> object:
    """Makes the document of a call's result."""
    if isinstance(result, Payment):
        return {"payment": _plain(result)}
    if isinstance(result, Binding):
        return {"binding": _plain(result)}
    return _plain(result)


def of_event(event: Payment | Heartbeat) -> dict[str, object]:
    """Makes the document of a watched event."""
    return {"heartbeat" if isinstance(event, Heartbeat) else "payment": _plain(event)}


def of_change(change: PaymentChange) -> object:
    """Makes the document of a message of the stream of all payments."""
    return _plain(change)


def of_interruption(interruption: Interruption) -> dict[str, object]:
    """Makes the document of a connection that broke."""
    return {
        "interruption": {
            "reason": interruption.error.reason or None,
            "status": interruption.error.status.name,
            "message": interruption.error.message,
            "attempt": interruption.attempt,
            "delay_seconds": round(interruption.delay_seconds, 3),
        },
    }


def of_error_and_advice(error: OvoPaymentsError, advice: str) -> dict[str, object]:
    """Makes the document of a call without an answer."""
    delay = error.retry_delay
    return {
        "error": {
            "kind": type(error).__name__,
            "reason": error.reason or None,
            "status": error.status.name,
            "message": error.message,
            "field_violations": [_plain(violation) for violation in error.field_violations],
            "metadata": error.metadata,
            "retry_delay_seconds": None if delay is None else delay.total_seconds(),
            "request_id": error.request_id,
            "advice": advice,
            "exit_status": int(of_error(error)),
        },
    }


def of_usage(message: str) -> dict[str, object]:
    """Makes the document of a command that was not understood; no call was made."""
    return {
        "error": {"kind": "UsageError", "message": message, "exit_status": int(ExitStatus.USAGE)},
    }


def _plain(value: object) -> object:
    """Makes of a value what JSON has."""
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat().replace("+00:00", "Z")
    if isinstance(value, StrEnum):
        return value.value
    if isinstance(value, tuple):
        return [_plain(entry) for entry in value]
    if isinstance(value, Mapping):
        return dict(value)
    if is_dataclass(value) and not isinstance(value, type):
        return {field.name: _plain(getattr(value, field.name)) for field in fields(value)}
    return value
