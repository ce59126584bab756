"""An httpx transport on plain asyncio and h11, with a pool that costs nothing under load.

Why not httpx's own or aiohttp's: docs/decisions/0003-outgoing-http.md.
"""

import asyncio
import socket
import ssl
from collections import deque
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Final, cast

import h11
import httpx

from ovo_payments.providers.http.connection import Connection
from ovo_payments.providers.http.journey import EXTENSION, Journey
from ovo_payments.providers.http.outcome import Phase

ANSWER_BYTES_MAX: Final = 1024 * 1024
_RESOLVERS: Final = 2
_PORTS: Final = {"http": 80, "https": 443}


class Transport(httpx.AsyncBaseTransport):
    """Keeps connections to one host alive and carries each request once: nothing is repeated.

    Requests carry their `Journey` in the extensions. How many are in flight is bounded by
    whoever uses the transport.
    """

    def __init__(
        self,
        *,
        ssl_context: ssl.SSLContext | None = None,
        answer_bytes_max: int = ANSWER_BYTES_MAX,
        idle_s_max: float = 15.0,
        idle_count_max: int = 64,
    ) -> None:
        self._ssl_context = ssl_context
        self._answer_bytes_max = answer_bytes_max
        # Shorter than what servers grant, so that we close first and a debit seldom meets
        # a connection that its server is just closing.
        self._idle_s_max = idle_s_max
        self._idle_count_max = idle_count_max
        self._idle: deque[Connection] = deque()
        self._busy: set[Connection] = set()
        # Threads of its own: a name server that hangs holds up nobody else's names.
        self._resolver = ThreadPoolExecutor(_RESOLVERS, thread_name_prefix="resolve")

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Sends a request and reads its whole answer."""
        journey = cast("Journey", request.extensions[EXTENSION])
        head = _head(request)
        connection = self._take() or await self._connect(request.url, journey)
        self._busy.add(connection)
        try:
            response = await connection.exchange(head, request.content, journey)
        finally:
            self._busy.discard(connection)
        self._put_back(connection)
        return response

    async def aclose(self) -> None:
        """Closes all connections, also those in use."""
        for connection in (*self._idle, *self._busy):
            connection.close()
        self._idle.clear()
        self._resolver.shutdown(wait=False, cancel_futures=True)
        await asyncio.sleep(0)

    def _take(self) -> Connection | None:
        """Takes the connection that was used last, so that those not needed grow old."""
        self._close_old()
        while self._idle:
            connection = self._idle.pop()
            if connection.is_quiet():
                return connection
            connection.close()
        return None

    def _put_back(self, connection: Connection) -> None:
        self._close_old()
        if not connection.renew() or len(self._idle) == self._idle_count_max:
            connection.close()
            return
        connection.idle_since = asyncio.get_running_loop().time()
        self._idle.append(connection)

    def _close_old(self) -> None:
        oldest = asyncio.get_running_loop().time() - self._idle_s_max
        while self._idle and self._idle[0].idle_since < oldest:
            self._idle.popleft().close()

    async def _connect(self, url: httpx.URL, journey: Journey) -> Connection:
        loop = asyncio.get_running_loop()
        port = url.port or _PORTS[url.scheme]
        journey.enter(Phase.RESOLVE)
        try:
            found = await loop.run_in_executor(
                self._resolver,
                partial(socket.getaddrinfo, url.host, port, type=socket.SOCK_STREAM),
            )
        except OSError as error:
            raise httpx.ConnectError(f"the name does not resolve: {error.strerror}") from error
        refusal: OSError | None = None
        for _, _, _, _, address in found:
            # Each address has its own time, lest one that never answers hides the next.
            journey.enter(Phase.CONNECT)
            try:
                transport, connection = await loop.create_connection(
                    lambda: Connection(self._answer_bytes_max), str(address[0]), port
                )
            except OSError as error:
                refusal = error
                continue
            if url.scheme == "https":
                journey.enter(Phase.TLS)
                await self._secure(transport, connection, url.host)
            return connection
        raise httpx.ConnectError(_told(refusal)) from refusal

    async def _secure(
        self, transport: asyncio.Transport, connection: Connection, host: str
    ) -> None:
        loop = asyncio.get_running_loop()
        context = self._ssl_context or ssl.create_default_context()
        try:
            secured = await loop.start_tls(transport, connection, context, server_hostname=host)
        except (OSError, ssl.SSLError) as error:
            raise httpx.ConnectError(_told(error)) from error
        if secured is None:
            raise httpx.ConnectError("the connection was closed during the TLS handshake")
        connection.connection_made(secured)


def _head(request: httpx.Request) -> h11.Request:
    try:
        return h11.Request(
            method=request.method, target=request.url.raw_path, headers=request.headers.raw
        )
    except h11.LocalProtocolError:
        # Its message quotes the header, which may be a secret.
        raise httpx.LocalProtocolError("a header that HTTP can't carry") from None


def _told(error: OSError | None) -> str:
    if error is None:
        return "the name has no address"
    return f"{type(error).__name__}: {error.strerror or error}"
