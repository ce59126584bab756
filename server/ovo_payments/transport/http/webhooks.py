"""The doors for providers: a path each, one uniform refusal, and 2xx only for what is stored."""

import logging
import os
import time
from collections.abc import Awaitable, Callable, Mapping
from typing import Final, TypeAlias

import structlog
from starlette.requests import Request
from starlette.responses import Response

from ovo_payments.domain.errors import StoreUnavailableError
from ovo_payments.domain.provider import InboundAnswer, InboundRequest
from ovo_payments.transport.http.body import (
    BodyRefusedError,
    SenderGoneError,
    read_body,
)
from ovo_payments.transport.http.limits import HttpLimits
from ovo_payments.transport.http.metrics import Outcome, WebhookMetrics
from ovo_payments.transport.http.ports import WebhookReceiver
from ovo_payments.transport.http.senders import Senders

_SUCCESS: Final = range(200, 300)
_LEVELS: Final = {
    Outcome.UNREAD: logging.WARNING,
    Outcome.UNAVAILABLE: logging.WARNING,
    Outcome.BROKEN: logging.ERROR,
}
# Midtrans repeats a notification four times after 503 and once after 500 (docs.midtrans.com,
# "HTTP(S) Notification / Webhooks", best practices).
_UNAVAILABLE: Final = InboundAnswer(status=503, body=b"", headers={"retry-after": "1"})
_NOBODY_LISTENS: Final = InboundAnswer(status=408, body=b"")

Receive: TypeAlias = Callable[[str, InboundRequest], Awaitable[InboundAnswer]]
Handled: TypeAlias = tuple[Outcome, InboundAnswer, Mapping[str, object]]
"""What became of a request, what is answered, and what the log shall tell."""
Refuse: TypeAlias = Callable[[str], Awaitable[InboundAnswer]]

_log = structlog.get_logger()


class Door:
    """Answers a provider's requests on one path."""

    def __init__(
        self,
        path: str,
        *,
        receive: Receive,
        refuse: Refuse,
        metrics: WebhookMetrics,
        limits: HttpLimits,
        senders: Senders,
    ) -> None:
        self._path = path
        self._senders = senders
        self._receive = receive
        self._refuse = refuse
        self._metrics = metrics
        self._limits = limits

    async def answer(self, request: Request) -> Response:
        """Reads a request, hands it on, and tells the provider what became of it."""
        began = time.perf_counter()
        structlog.contextvars.bind_contextvars(request_id=os.urandom(8).hex())
        outcome, answer, told = await self._handled(request)
        duration_s = time.perf_counter() - began
        self._metrics.count(self._path, outcome, duration_s)
        _log.log(
            _LEVELS.get(outcome, logging.INFO),
            "webhook.answered",
            path=self._path,
            outcome=outcome,
            status=answer.status,
            duration_ms=round(duration_s * 1000, 3),
            **told,
        )
        return Response(answer.body, answer.status, answer.headers)

    async def _handled(self, request: Request) -> Handled:
        peer = request.client.host if request.client else ""
        if not self._senders.admit(peer, request.headers.getlist("x-forwarded-for")):
            told = {"cause": "not an address that may notify", "peer": peer}
            return Outcome.REFUSED, await self._refuse(self._path), told
        try:
            body = await read_body(request.scope, request.receive, self._limits)
        except SenderGoneError:
            return Outcome.GONE, _NOBODY_LISTENS, {}
        except BodyRefusedError as refused:
            return Outcome.UNREAD, await self._refuse(self._path), {"cause": str(refused)}
        try:
            answer = await self._receive(self._path, _inbound(request, body))
        except StoreUnavailableError:
            return Outcome.UNAVAILABLE, _UNAVAILABLE, {"cause": "the store can't take it"}
        except Exception as error:  # noqa: BLE001 - a bug of ours: logged, and not told
            return Outcome.BROKEN, _UNAVAILABLE, {"exc_info": error}
        accepted = answer.status in _SUCCESS
        return Outcome.ACCEPTED if accepted else Outcome.REFUSED, answer, {}


def doors(
    receiver: WebhookReceiver, metrics: WebhookMetrics, limits: HttpLimits, senders: Senders
) -> dict[str, Door]:
    """Makes a door for each path."""

    async def refuse(path: str) -> InboundAnswer:
        return receiver.refuse(path)

    async def refuse_reply(path: str) -> InboundAnswer:
        # What proves nothing is refused like everything else that proves nothing.
        return await receiver.reply(path, InboundRequest(target=path, headers={}, body=b""))

    ways = [(path, receiver.__call__, refuse) for path in receiver.paths]
    ways += [(path, receiver.reply, refuse_reply) for path in receiver.reply_paths]
    return {
        path: Door(
            path,
            receive=receive,
            refuse=refusal,
            metrics=metrics,
            limits=limits,
            senders=senders,
        )
        for path, receive, refusal in ways
    }


def _inbound(request: Request, body: bytes) -> InboundRequest:
    target = request.scope["raw_path"]
    query = request.scope["query_string"]
    if query:
        target += b"?" + query
    headers: dict[str, str] = {}
    for raw_name, raw_value in request.scope["headers"]:
        name, value = raw_name.decode("latin-1"), raw_value.decode("latin-1")
        # One that is there twice is one list (RFC 9110, section 5.3), and so no signature.
        headers[name] = f"{headers[name]}, {value}" if name in headers else value
    return InboundRequest(target=target.decode("latin-1"), headers=headers, body=body)
