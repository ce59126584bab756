"""Gives a handler the means to cut the client's connection instead of answering."""

import asyncio
import socket
import struct
from collections.abc import Awaitable, Callable
from typing import Any

from starlette.types import Scope, Send

EXTENSION = "ovo_sandbox.cut"

Cut = Callable[[bool], Awaitable[None]]

_LINGER_NOT_AT_ALL = struct.pack("ii", 1, 0)


async def cut_connection(scope: Scope, *, flush: bool = False) -> None:
    """Resets the client's connection; with `flush`, what was written before still goes out.

    Raises ConnectionResetError where the app is called in-process: the caller sees it as it would
    see the reset.
    """
    extensions: dict[str, Any] = scope.get("extensions") or {}
    cut: Cut | None = extensions.get(EXTENSION)
    if cut is None:
        raise ConnectionResetError
    await cut(flush)


def offer_cut(scope: Scope, send: Send) -> None:
    """Puts a way to cut the connection into the scope, where the server has a transport."""
    # uvicorn hides the transport from ASGI apps, though not from `send`, a method of its cycle.
    transport: Any = getattr(getattr(send, "__self__", None), "transport", None)
    # No isinstance: uvloop's transports are no asyncio.WriteTransport.
    if not hasattr(transport, "abort"):
        return

    async def cut(flush: bool) -> None:  # noqa: FBT001 - called by cut_connection alone
        if transport.is_closing():
            return
        if flush:
            transport.close()
        else:
            raw = transport.get_extra_info("socket")
            if raw is not None:
                raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _LINGER_NOT_AT_ALL)
            transport.abort()
        # Lets the server hear of the loss before the handler returns without an answer.
        for _ in range(3):
            await asyncio.sleep(0)

    scope.setdefault("extensions", {})[EXTENSION] = cut
