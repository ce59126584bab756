"""Serves a sandbox on a socket that is bound before anything else starts."""

import asyncio
import os
import signal
import socket
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Final

import uvicorn

from ovo_sandbox.app import SandboxApp

_SHUTDOWN_S: Final = 3
_INPUT_BYTES: Final = 4096


class UnusableAddress(ValueError):
    """Tells that nothing can listen on an address."""


def bind(listen: str) -> socket.socket:
    """Binds HOST:PORT (port 0: the system picks one), or raises UnusableAddress."""
    host, colon, port = listen.rpartition(":")
    if not colon or not port.isascii() or not port.isdigit():
        raise UnusableAddress(f"{listen!r} is not HOST:PORT")
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    # Without the protocol's number asyncio leaves Nagle's algorithm on: 40 ms for every answer.
    bound = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    try:
        bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        bound.bind((host.strip("[]"), int(port)))
        bound.listen(1024)
    except (OSError, OverflowError) as error:
        bound.close()
        raise UnusableAddress(f"cannot listen on {listen}: {error}") from error
    return bound


def url_of(bound: socket.socket) -> str:
    """Writes the address of a bound socket as a URL."""
    host, port = bound.getsockname()[:2]
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


class SandboxServer(uvicorn.Server):
    """Is uvicorn's server without its hold on signals, which are the caller's."""

    def __init__(self, app: SandboxApp) -> None:
        """Serves the app without access logs."""
        super().__init__(
            uvicorn.Config(
                app,
                access_log=False,
                log_level="warning",
                lifespan="on",
                server_header=False,
                timeout_graceful_shutdown=_SHUTDOWN_S,
            )
        )

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Leaves signals alone."""
        yield


async def serve(
    app: SandboxApp,
    bound: socket.socket,
    ready: Callable[[], None],
    *,
    until_input_ends: bool = False,
) -> None:
    """Serves until SIGTERM or SIGINT, and calls `ready` once requests are answered.

    With `until_input_ends` it also stops at the end of standard input: whoever started it with a
    pipe is gone then, whatever ended it.
    """
    server = SandboxServer(app)
    loop = asyncio.get_running_loop()
    for signal_number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(signal_number, _stop, server)
    if until_input_ends:
        loop.add_reader(sys.stdin, _stop_at_end, server)
    serving = asyncio.ensure_future(server.serve(sockets=[bound]))
    while not server.started and not serving.done():  # noqa: ASYNC110 - uvicorn has no event
        await asyncio.sleep(0.01)
    if server.started:
        ready()
    await serving


def _stop_at_end(server: SandboxServer) -> None:
    if not os.read(sys.stdin.fileno(), _INPUT_BYTES):
        asyncio.get_running_loop().remove_reader(sys.stdin)
        server.should_exit = True


def _stop(server: SandboxServer) -> None:
    server.should_exit = True
