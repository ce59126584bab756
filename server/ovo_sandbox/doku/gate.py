"""Checks every transactional call in DOKU's order before the operation itself sees it.

The order: headers (400xx02, 400xx01), the merchant's token (401xx01, 401xx03), signature (401xx00),
X-EXTERNAL-ID (409xx00), the body's syntax (400xx00). The operation goes on with the body's fields
(400xx02, 400xx01), the customer's token (401xx02) and the business.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from ovo_sandbox.doku.codes import (
    INVALID_FIELD_FORMAT,
    INVALID_MANDATORY_FIELD,
    INVALID_TOKEN,
    SUCCESSFUL,
    TOKEN_NOT_FOUND,
    UNAUTHORIZED,
    Refused,
    Service,
    response_head,
)
from ovo_sandbox.doku.fields import read_object
from ovo_sandbox.doku.messages import Body, jakarta_timestamp
from ovo_sandbox.doku.repeats import Repeats, Replayed, content_digest
from ovo_sandbox.doku.scope import Scopes
from ovo_sandbox.doku.signing import transaction_signature_holds, transaction_string_to_sign
from ovo_sandbox.doku.switches import PROVIDER, Choices
from ovo_sandbox.doku.tokens import Tokens
from ovo_sandbox.faults import Fault, Stage, refusal, spoil
from ovo_sandbox.sandbox import Sandbox

_EXTERNAL_ID_LENGTH_MAX: Final = 36
_MANDATORY: Final = (
    "Authorization",
    "X-TIMESTAMP",
    "X-SIGNATURE",
    "X-PARTNER-ID",
    "X-EXTERNAL-ID",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """Is one transactional call of a merchant who has proven to be itself."""

    client_id: str
    external_id: str
    customer_token: str
    digest: str
    document: Mapping[str, Any]
    fault: Fault | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Operation:
    """Is one transactional endpoint; `act` returns the fields of its success, or raises Refused."""

    name: str
    service: Service
    path: str
    act: Callable[[Call], Body]
    needs_customer: bool = False


class Gate:
    """Turns operations into routes, with checks before and faults around them."""

    def __init__(
        self, context: Sandbox, choices: Choices, tokens: Tokens, repeats: Repeats, scopes: Scopes
    ) -> None:
        """Knows tokens and repeats; `scopes` tells the faults what a call is about."""
        self._context = context
        self._choices = choices
        self._tokens = tokens
        self._repeats = repeats
        self._scopes = scopes

    def route(self, operation: Operation) -> Route:
        """Returns the operation's route."""

        async def endpoint(request: Request) -> Response:
            raw = await request.body()
            return self._answer(operation, request, raw)

        return Route(operation.path, endpoint, methods=["POST"])

    def _answer(self, operation: Operation, request: Request, raw: bytes) -> Response:
        reference, phone = self._scopes.of(request, raw)
        fault = self._context.faults.take(
            PROVIDER, operation.name, reference=reference, phone=phone
        )
        if fault is not None and fault.stage is Stage.BEFORE:
            return refusal(fault, self._context.scheduler)
        try:
            status, body = 200, self._act(operation, request, raw, fault)
        except Replayed as replayed:
            status, body = 409, dict(replayed.body)
        except Refused as refused:
            status = refused.case.http_status
            body = response_head(refused.case, operation.service, refused.detail) | refused.extra
        timestamp = jakarta_timestamp(self._context.clock.wall_now())
        answer = JSONResponse(body, status, headers={"X-TIMESTAMP": timestamp})
        return spoil(fault, answer, self._context.scheduler)

    def _act(self, operation: Operation, request: Request, raw: bytes, fault: Fault | None) -> Body:
        headers = _checked_headers(request, needs_customer=operation.needs_customer)
        client_id = self._checked_token(headers, fault)
        self._check_signature(headers, client_id, request, raw)
        digest = content_digest(raw)
        key = self._repeats.claim_external_id(client_id, headers["X-EXTERNAL-ID"], digest)
        call = Call(
            client_id=client_id,
            external_id=headers["X-EXTERNAL-ID"],
            customer_token=headers.get("Authorization-Customer", ""),
            digest=digest,
            document=read_object(raw),
            fault=fault,
        )
        body = response_head(SUCCESSFUL, operation.service) | operation.act(call)
        self._repeats.remember_answer(key, body)
        return body

    def _checked_token(self, headers: Mapping[str, str], fault: Fault | None) -> str:
        token = headers["Authorization"].removeprefix("Bearer ")
        state, client_id = self._tokens.merchant_token(token)
        if state == "unknown":
            raise Refused(TOKEN_NOT_FOUND)
        if state == "ended" or (fault is not None and fault.stage is Stage.TOKEN):
            raise Refused(INVALID_TOKEN)
        return client_id

    def _check_signature(
        self, headers: Mapping[str, str], client_id: str, request: Request, raw: bytes
    ) -> None:
        string_to_sign = transaction_string_to_sign(
            method=request.method,
            endpoint=_endpoint(request),
            access_token=headers["Authorization"].removeprefix("Bearer "),
            body=raw,
            timestamp=headers["X-TIMESTAMP"],
        )
        if not transaction_signature_holds(
            secret=self._context.config.doku_client_secret,
            string_to_sign=string_to_sign,
            signature=headers["X-SIGNATURE"],
        ):
            raise Refused(UNAUTHORIZED, "Signature")
        if headers["X-PARTNER-ID"] != client_id:
            raise Refused(UNAUTHORIZED, "Unknown client")
        check_timestamp(headers["X-TIMESTAMP"], self._context, self._choices)


def check_timestamp(text: str, context: Sandbox, choices: Choices) -> None:
    """Refuses a time that is no RFC 3339 time with an offset, or too far from now.

    Now is the wall's or the sandbox's: a tester who moves the sandbox's clock does not move the
    merchant's.
    """
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as error:
        raise Refused(INVALID_FIELD_FORMAT, "X-TIMESTAMP") from error
    if moment.tzinfo is None:
        raise Refused(INVALID_FIELD_FORMAT, "X-TIMESTAMP")
    skew_max = choices.period("timestamp_skew_max_s")
    clock = context.clock
    if min(abs(moment - clock.wall_now()), abs(moment - clock.now())) > skew_max:
        raise Refused(UNAUTHORIZED, "X-TIMESTAMP")


def _checked_headers(request: Request, *, needs_customer: bool) -> dict[str, str]:
    names = (*_MANDATORY, "Authorization-Customer") if needs_customer else _MANDATORY
    headers = {name: request.headers.get(name, "").strip() for name in names}
    for name, value in headers.items():
        if not value:
            raise Refused(INVALID_MANDATORY_FIELD, name)
    external_id = headers["X-EXTERNAL-ID"]
    if not (external_id.isascii() and external_id.isdigit()):
        raise Refused(INVALID_FIELD_FORMAT, "X-EXTERNAL-ID")
    if len(external_id) > _EXTERNAL_ID_LENGTH_MAX:
        raise Refused(INVALID_FIELD_FORMAT, "X-EXTERNAL-ID")
    return headers


def _endpoint(request: Request) -> str:
    path = request.scope["raw_path"].decode("latin-1").partition("?")[0]
    query = request.scope["query_string"].decode("latin-1")
    return f"{path}?{query}" if query else path
