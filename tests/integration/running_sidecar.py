"""Runs the sidecar on a free port, and is a client of it that can misbehave."""

import asyncio
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Final

from prometheus_client import CollectorRegistry

from ovo_payments.transport.http.limits import HttpLimits
from ovo_payments.transport.http.metrics import make_registry
from ovo_payments.transport.http.senders import Senders
from ovo_payments.transport.http.server import Sidecar
from ovo_payments.transport.http.tls import SidecarCertificate
from tests.unit.transport.fakes import FakeReceiver

SOON_S: Final = 10.0
"""Longer than anything here takes; what takes longer hangs."""

SIGNED: Final = "x-signature: good\r\n"


@dataclass
class Answer:
    """What came back."""

    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def told(self) -> tuple[int, bytes]:
        """What a sender can tell refusals apart by."""
        return self.status, self.body


@dataclass
class Connection:
    """A client that can misbehave."""

    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter

    async def send(self, text: str | bytes) -> None:
        """Sends bytes as they are."""
        self.writer.write(text.encode() if isinstance(text, str) else text)
        await self.writer.drain()

    async def answer(self) -> Answer:
        """Reads one answer."""
        async with asyncio.timeout(SOON_S):
            head = (await self.reader.readuntil(b"\r\n\r\n")).decode()
            first, *lines = head.rstrip().split("\r\n")
            headers = dict(line.lower().split(": ", 1) for line in lines)
            length = headers.get("content-length")
            if length is None:
                body = await self.reader.read()
            else:
                body = await self.reader.readexactly(int(length))
        return Answer(int(first.split()[1]), headers, body)

    async def post(
        self, body: bytes, path: str = "/webhooks/shop", headers: str = SIGNED
    ) -> Answer:
        """Sends a webhook as it should be."""
        length = f"content-length: {len(body)}\r\n"
        await self.send(f"POST {path} HTTP/1.1\r\nhost: a\r\n{length}{headers}\r\n")
        await self.send(body)
        return await self.answer()

    async def get(self, path: str, headers: str = "") -> Answer:
        """Asks for a page."""
        await self.send(f"GET {path} HTTP/1.1\r\nhost: a\r\n{headers}\r\n")
        return await self.answer()

    async def closed(self) -> bool:
        """Waits for the server to close."""
        async with asyncio.timeout(SOON_S):
            try:
                return await self.reader.read() == b""
            except ConnectionResetError:
                return True


@dataclass
class Running:
    """A running sidecar and what stands behind it."""

    sidecar: Sidecar
    receiver: FakeReceiver
    registry: CollectorRegistry
    port: int
    failures: list[Exception] = field(default_factory=list)

    @asynccontextmanager
    async def connected(self, tls: ssl.SSLContext | None = None) -> AsyncIterator[Connection]:
        """Opens a connection."""
        reader, writer = await asyncio.open_connection("127.0.0.1", self.port, ssl=tls)
        try:
            yield Connection(reader, writer)
        finally:
            writer.close()

    def count(self, outcome: str, path: str = "/webhooks/shop") -> float:
        """How many requests on a path ended so."""
        labels = {"path": path, "outcome": outcome}
        name = "ovo_webhook_duration_seconds_count"
        return self.registry.get_sample_value(name, labels) or 0


@asynccontextmanager
async def running(
    limits: HttpLimits | None = None,
    certificate: SidecarCertificate | None = None,
    senders: Senders | None = None,
) -> AsyncIterator[Running]:
    """Runs a sidecar on a free port."""
    receiver, registry = FakeReceiver(), make_registry()
    failures: list[Exception] = []

    async def check() -> None:
        if failures:
            raise failures[0]

    sidecar = Sidecar(
        receive_webhook=receiver,
        checks=(check,),
        registry=registry,
        listen="127.0.0.1:0",
        certificate=certificate,
        limits=limits,
        senders=senders,
    )
    port = await sidecar.start()
    try:
        yield Running(sidecar, receiver, registry, port, failures)
    finally:
        await sidecar.stop()
