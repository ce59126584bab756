"""Describes one call of Midtrans' API and its answer."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from starlette.datastructures import Headers
from starlette.responses import Response

from ovo_sandbox.faults import Fault
from ovo_sandbox.midtrans.wire import Body, encode, without_nulls
from ovo_sandbox.phone import InvalidPhone, normalise_phone


class MalformedBody(ValueError):
    """Tells that a body is no JSON object."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """Is an authorized call; `payload` is empty where the body is absent, null or malformed."""

    operation: str
    identifier: str
    payload: Mapping[str, Any]
    is_malformed: bool
    headers: Headers
    fault: Fault | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """Is what goes back; the body's status_code is the result, the HTTP status mostly 200."""

    body: Body
    http_status: int = 200

    @property
    def is_success(self) -> bool:
        """Tells whether an Idempotency-Key remembers it; 407 answers a successful /expire."""
        return self.body["status_code"] in {"200", "201", "407"} and self.http_status == 200  # noqa: PLR2004

    def response(self) -> Response:
        """Writes the HTTP answer."""
        return Response(encode(self.body), self.http_status, media_type="application/json")


class Refused(Exception):
    """Stops an operation with the answer that says why."""

    def __init__(
        self,
        code: str,
        message: str,
        *,
        http_status: int = 200,
        validation_messages: list[str] | None = None,
    ) -> None:
        """Takes the body's status_code and status_message."""
        super().__init__(code, message)
        self.code = code
        self.message = message
        self.http_status = http_status
        self.validation_messages = validation_messages

    def answer(self, request_id: str) -> Answer:
        """Writes the error; its `id` is the request's, not a transaction's."""
        body = {
            "status_code": self.code,
            "status_message": self.message,
            "validation_messages": self.validation_messages,
            "id": request_id,
        }
        return Answer(body=without_nulls(body), http_status=self.http_status)


def read_payload(body: bytes) -> Mapping[str, Any]:
    """Reads a JSON object, nothing and null as an empty one, or raises MalformedBody.

    Official clients send `{}` with GET, and nothing or `null` with cancel and expire.
    """
    if not body.strip():
        return {}
    try:
        payload = json.loads(body)
    except (ValueError, RecursionError) as error:
        raise MalformedBody from error
    if payload is None:
        return {}
    if not isinstance(payload, dict):
        raise MalformedBody
    return payload


def reference_in(payload: Mapping[str, Any]) -> str:
    """Finds the order_id of a charge that may not be valid, for matching faults."""
    details = payload.get("transaction_details")
    order_id = details.get("order_id") if isinstance(details, dict) else None
    return order_id if isinstance(order_id, str) else ""


def phone_in(payload: Mapping[str, Any]) -> str:
    """Finds the payer of a charge that may not be valid, for matching faults."""
    wallet = payload.get("ovo")
    phone = wallet.get("payer_phone_number") if isinstance(wallet, dict) else None
    if not isinstance(phone, str):
        return ""
    try:
        return normalise_phone(phone)
    except InvalidPhone:
        return ""
