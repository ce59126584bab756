"""A server that sends whatever bytes its script says, on a real socket."""

import asyncio
import contextlib
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field
from typing import TypeAlias

from ovo_payments.domain.provider import CallClass
from ovo_payments.providers.http import ClientSettings, HttpClients, Surroundings, Timeouts


@dataclass
class Conversation:
    """One connection, from the server's side."""

    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter
    server: "RawServer"

    async def request(self) -> bytes:
        """Reads a whole request and notes it."""
        head = await self.reader.readuntil(b"\r\n\r\n")
        length = 0
        for line in head.lower().split(b"\r\n"):
            if line.startswith(b"content-length:"):
                length = int(line.partition(b":")[2])
        whole = head + await self.reader.readexactly(length)
        self.server.requests.append(whole)
        self.server.arrived.set()
        return whole

    async def send(self, raw: bytes) -> None:
        """Sends bytes as they are."""
        self.writer.write(raw)
        await self.writer.drain()

    async def answer(self, body: bytes = b"{}", status: int = 200, headers: str = "") -> None:
        """Sends a well-formed answer."""
        await self.send(answer_bytes(body, status, headers))

    def reset(self) -> None:
        """Ends the connection at once."""
        self.writer.transport.abort()


Script: TypeAlias = Callable[[Conversation], Awaitable[None]]


@dataclass
class RawServer:
    """What arrived at a server, and where it listens."""

    url: str = ""
    requests: list[bytes] = field(default_factory=list)
    connection_count: int = 0
    arrived: asyncio.Event = field(default_factory=asyncio.Event)
    release: asyncio.Event = field(default_factory=asyncio.Event)
    """For scripts that hold an answer back until the test says so."""


def answer_bytes(body: bytes = b"{}", status: int = 200, headers: str = "") -> bytes:
    """Makes a well-formed answer."""
    head = f"HTTP/1.1 {status} Told\r\nContent-Length: {len(body)}\r\n{headers}\r\n"
    return head.encode() + body


async def always(conversation: Conversation) -> None:
    """Answers every request on a kept-alive connection."""
    while True:
        await conversation.request()
        await conversation.answer()


async def silent(conversation: Conversation) -> None:
    """Takes a request and says nothing."""
    await conversation.request()
    await conversation.server.release.wait()


@contextlib.asynccontextmanager
async def serving(
    script: Script, *, tls: ssl.SSLContext | None = None, scheme: str = "http"
) -> AsyncIterator[RawServer]:
    """Runs a script for each connection."""
    raw = RawServer()
    tasks: set[asyncio.Task[None]] = set()

    async def converse(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        tasks.add(task)
        raw.connection_count += 1
        try:
            await script(Conversation(reader, writer, raw))
        except (ConnectionError, asyncio.IncompleteReadError, asyncio.CancelledError):
            raw.release.set()
        finally:
            writer.transport.abort()
            tasks.discard(task)

    server = await asyncio.start_server(converse, "127.0.0.1", 0, ssl=tls)
    port = server.sockets[0].getsockname()[1]
    raw.url = f"{scheme if tls is None else 'https'}://127.0.0.1:{port}"
    try:
        yield raw
    finally:
        server.close()
        for task in tasks:
            task.cancel()
        if tasks:
            await asyncio.wait(tasks)
        await server.wait_closed()


async def closed_port() -> str:
    """Gives an address on which nobody listens."""
    async with serving(always) as server:
        return server.url


QUICK = Timeouts(queue_s=0.3, connect_s=0.3, write_s=0.3, read_s=0.3, total_s=5.0)


async def at_once(_: float) -> None:
    """Lets a pause pass without waiting."""


@contextlib.asynccontextmanager
async def clients_of(
    url: str,
    *,
    timeouts: Timeouts = QUICK,
    settings: ClientSettings | None = None,
    surroundings: Surroundings | None = None,
    ssl_context: ssl.SSLContext | None = None,
) -> AsyncIterator[HttpClients]:
    """Makes clients that pause for nothing and are closed in the end."""
    each = settings or ClientSettings(timeouts=timeouts, in_flight_max=16)
    clients = HttpClients(
        provider="provider",
        base_url=url,
        settings=dict.fromkeys(CallClass, each),
        surroundings=surroundings or Surroundings(sleep=at_once),
        ssl_context=ssl_context,
    )
    try:
        yield clients
    finally:
        await clients.close()
