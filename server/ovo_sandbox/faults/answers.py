"""Spoils answers: hangs, resets, drips, breaks them off, or fills them with garbage."""

import asyncio
from collections.abc import Callable
from typing import Final

from starlette.responses import HTMLResponse, JSONResponse, Response
from starlette.types import ASGIApp, Receive, Scope, Send

from ovo_sandbox.clock import Scheduler
from ovo_sandbox.connection import cut_connection
from ovo_sandbox.faults.armed import Fault

_DRIPS: Final = 20
_GARBAGE = b'\x1f\x8b<html>{"status_code": 2OO, not json at all'


def refusal(fault: Fault, scheduler: Scheduler) -> Response:
    """Makes the answer of an operation that a BEFORE fault has stopped.

    500 and 503 are bare, 429 has the API gateway's shape; a provider may make its own instead.
    """
    if fault.name == "rate_limited_429":
        return JSONResponse({"message": "API rate limit exceeded"}, status_code=429)
    if fault.name == "hang_before":
        return _Misbehaving(_hanging(scheduler, fault.seconds))
    if fault.name == "http_503_before":
        return HTMLResponse(_gateway_page("503 Service Unavailable"), status_code=503)
    return HTMLResponse(_gateway_page("500 Internal Server Error"), status_code=500)


def spoil(fault: Fault | None, answer: Response, scheduler: Scheduler) -> Response:
    """Returns the answer as an AFTER fault leaves it, or as it is where none struck."""
    if fault is None:
        return answer
    spoilers: dict[str, Callable[[], Response]] = {
        "debit_then_hang": lambda: _Misbehaving(_hanging(scheduler, fault.seconds)),
        "debit_then_504": lambda: HTMLResponse(
            _gateway_page("504 Gateway Time-out"), status_code=504
        ),
        "debit_then_reset": lambda: _Misbehaving(_reset),
        "slow_drip": lambda: _Misbehaving(_dripping(answer, scheduler, fault.seconds)),
        "garbage_body": lambda: Response(_GARBAGE, media_type="application/json"),
        "truncated_body": lambda: _Misbehaving(_truncated(answer)),
    }
    spoiler = spoilers.get(fault.name)
    return answer if spoiler is None else spoiler()


def _gateway_page(title: str) -> str:
    return f"<html><head><title>{title}</title></head><body><h1>{title}</h1></body></html>"


class _Misbehaving(Response):
    """Answers in whatever way it was told to, which need not be an answer at all."""

    def __init__(self, behave: ASGIApp) -> None:
        super().__init__()
        self._behave = behave

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await self._behave(scope, receive, send)


async def _reset(scope: Scope, _receive: Receive, _send: Send) -> None:
    await cut_connection(scope)


def _hanging(scheduler: Scheduler, seconds: float) -> ASGIApp:
    """Says nothing until the client leaves or the time is up, then cuts the connection."""

    async def hang(scope: Scope, receive: Receive, _send: Send) -> None:
        waiting = asyncio.ensure_future(scheduler.sleep(seconds))
        leaving = asyncio.ensure_future(_client_left(receive))
        try:
            await asyncio.wait({waiting, leaving}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            waiting.cancel()
            leaving.cancel()
        await cut_connection(scope)

    return hang


def _dripping(answer: Response, scheduler: Scheduler, seconds: float) -> ASGIApp:
    """Sends the body in small pieces over a time."""

    async def drip(_scope: Scope, _receive: Receive, send: Send) -> None:
        await _send_start(answer, send)
        body = bytes(answer.body)
        size = max(1, -(-len(body) // _DRIPS))
        for start in range(0, len(body), size):
            await scheduler.sleep(seconds / _DRIPS)
            piece = body[start : start + size]
            await send({"type": "http.response.body", "body": piece, "more_body": True})
        await send({"type": "http.response.body", "body": b""})

    return drip


def _truncated(answer: Response) -> ASGIApp:
    """Promises the whole body, sends half of it and cuts the connection."""

    async def truncate(scope: Scope, _receive: Receive, send: Send) -> None:
        await _send_start(answer, send)
        body = bytes(answer.body)
        half = body[: len(body) // 2]
        await send({"type": "http.response.body", "body": half, "more_body": True})
        await cut_connection(scope, flush=True)

    return truncate


async def _send_start(answer: Response, send: Send) -> None:
    await send(
        {
            "type": "http.response.start",
            "status": answer.status_code,
            "headers": answer.raw_headers,
        }
    )


async def _client_left(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass
