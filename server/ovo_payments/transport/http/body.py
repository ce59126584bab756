"""Reads what a stranger sends, within a size and a time that the stranger can't stretch."""

import asyncio

from starlette.types import Receive, Scope

from ovo_payments.transport.http.limits import HttpLimits


class BodyRefusedError(Exception):
    """A body is too big or comes too slowly."""


class SenderGoneError(Exception):
    """The connection was closed before the body was there; nobody waits for an answer."""


async def read_body(scope: Scope, receive: Receive, limits: HttpLimits) -> bytes:
    """Gives the whole body; raises BodyRefusedError or SenderGoneError."""
    if _declared_length(scope) > limits.body_bytes_max:
        raise BodyRefusedError("too big, by its own word")
    try:
        async with asyncio.timeout(limits.body_timeout_s):
            return await _read(receive, limits.body_bytes_max)
    except TimeoutError as error:
        raise BodyRefusedError("too slow") from error


async def _read(receive: Receive, size_bytes_max: int) -> bytes:
    chunks: list[bytes] = []
    size = 0
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise SenderGoneError
        chunk: bytes = message.get("body", b"")
        size += len(chunk)
        if size > size_bytes_max:
            raise BodyRefusedError("too big")
        chunks.append(chunk)
        if not message.get("more_body", False):
            return b"".join(chunks)


def _declared_length(scope: Scope) -> int:
    # The HTTP parser has refused lengths that are no number, and two that differ.
    headers: list[tuple[bytes, bytes]] = scope["headers"]
    return next((int(value) for name, value in headers if name == b"content-length"), 0)
