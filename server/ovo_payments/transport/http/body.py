"""Reads what a stranger sends, within a size and a time that the stranger can't stretch."""

import asyncio
from dataclasses import dataclass

from starlette.types import Receive, Scope


class BodyRefusedError(Exception):
    """A body is too big or comes too slowly."""


class SenderGoneError(Exception):
    """The connection was closed before the body was there; nobody waits for an answer."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BodyLimits:
    """What a body may take up."""

    size_bytes_max: int = 64 * 1024
    read_timeout_s: float = 10.0
    """From the end of the head to the end of the body, however steadily it trickles."""


async def read_body(scope: Scope, receive: Receive, limits: BodyLimits) -> bytes:
    """Gives the whole body; raises BodyRefusedError or SenderGoneError."""
    if _declared_length(scope) > limits.size_bytes_max:
        raise BodyRefusedError("too big, by its own word")
    try:
        async with asyncio.timeout(limits.read_timeout_s):
            return await _read(receive, limits.size_bytes_max)
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
