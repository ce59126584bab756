"""The doors on a real socket: attacks go through the sidecar, as strangers' requests do."""

import asyncio
from types import TracebackType
from typing import Final, Self

from prometheus_client import CollectorRegistry

from ovo_payments.application.use_cases import Application
from ovo_payments.domain.provider import InboundAnswer
from ovo_payments.transport.http.server import Sidecar
from tests.fuzz.attacks import Attack

_TIMEOUT_S: Final = 5.0


class OverTheWire:
    """A sidecar, and one connection to it, which is made anew where the sidecar closes it."""

    def __init__(self, application: Application) -> None:
        self._sidecar = Sidecar(
            receive_webhook=application.use_cases.receive_webhook,
            checks=(),
            registry=CollectorRegistry(),
            listen="127.0.0.1:0",
        )
        self._port = 0
        self._streams: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None

    async def __aenter__(self) -> Self:
        """Starts to listen."""
        self._port = await self._sidecar.start()
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Stops."""
        self._hang_up()
        await self._sidecar.stop(grace_s=1.0)

    async def strike(self, attack: Attack) -> InboundAnswer:
        """Sends an attack as HTTP."""
        request = attack.request
        lines = [
            f"POST {request.target} HTTP/1.1",
            "Host: x",
            f"Content-Length: {len(request.body)}",
        ]
        lines += [f"{name}: {value}" for name, value in request.headers.items()]
        head = "\r\n".join(lines).encode("latin-1") + b"\r\n\r\n"
        async with asyncio.timeout(_TIMEOUT_S):
            try:
                answer = await self._exchange(head + request.body)
            except (ConnectionError, asyncio.IncompleteReadError):
                # Closed after the last answer, while this was on its way: nobody read it.
                self._hang_up()
                answer = await self._exchange(head + request.body)
        if any(end in line for line in lines for end in "\r\n"):
            # A line of its own in a header makes two requests of one; the second has an answer too.
            self._hang_up()
        return answer

    def _hang_up(self) -> None:
        if self._streams is not None:
            self._streams[1].close()
        self._streams = None

    async def _exchange(self, raw: bytes) -> InboundAnswer:
        if self._streams is None or self._streams[1].is_closing():
            self._streams = await asyncio.open_connection("127.0.0.1", self._port)
        reader, writer = self._streams
        writer.write(raw)
        first, *rest = (await reader.readuntil(b"\r\n\r\n")).lower().split(b"\r\n")
        headers = dict(line.split(b": ", 1) for line in rest if line)
        body = await self._body(reader, headers)
        if headers.get(b"connection") == b"close":
            self._hang_up()
        return InboundAnswer(status=int(first.split()[1]), body=body)

    async def _body(self, reader: asyncio.StreamReader, headers: dict[bytes, bytes]) -> bytes:
        if b"content-length" in headers:
            return await reader.readexactly(int(headers[b"content-length"]))
        return await reader.read()
