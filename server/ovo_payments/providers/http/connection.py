"""One HTTP/1.1 connection, which knows exactly when a request was handed to its socket."""

import asyncio
import select
from typing import cast

import h11
import httpx

from ovo_payments.providers.http.journey import Journey
from ovo_payments.providers.http.outcome import Phase


class AnswerTooLargeError(httpx.RemoteProtocolError):
    """An answer is larger than anything that a provider has to say."""


class Connection(asyncio.Protocol):
    """Carries one request at a time.

    What arrives while no request is in flight is nobody's answer, and ends the connection:
    otherwise a late or doubled answer would be taken for the answer to the next debit.
    """

    def __init__(self, body_bytes_max: int) -> None:
        self._body_bytes_max = body_bytes_max
        self._http = h11.Connection(h11.CLIENT)
        self._transport: asyncio.Transport | None = None
        self._journey: Journey | None = None
        self._answer: asyncio.Future[httpx.Response] | None = None
        self._writable: asyncio.Future[None] | None = None
        self._head: h11.Response | None = None
        self._body: list[bytes] = []
        self._body_bytes = 0
        self.idle_since = 0.0

    async def exchange(self, head: h11.Request, content: bytes, journey: Journey) -> httpx.Response:
        """Sends a request and reads its answer; raises httpx.TransportError where that fails.

        The connection is of no more use afterwards unless it can be renewed.
        """
        parts = [
            self._http.send(head),
            self._http.send(h11.Data(content)) if content else b"",
            self._http.send(h11.EndOfMessage()),
        ]
        loop = asyncio.get_running_loop()
        answer: asyncio.Future[httpx.Response] = loop.create_future()
        self._answer = answer
        self._journey = journey
        try:
            self._write(b"".join(part for part in parts if part), journey)
            if self._writable is not None:
                journey.enter(Phase.WRITE)
                await self._writable
            journey.enter(Phase.READ)
            return await answer
        except BaseException:
            self.close()
            raise
        finally:
            if answer.done() and not answer.cancelled():
                # Where the caller gave up first, nobody else asks what it was.
                answer.exception()
            self._answer = self._journey = self._head = None
            self._body, self._body_bytes = [], 0

    def renew(self) -> bool:
        """Readies it for another request; False where the last one left it unfit."""
        if self._http.their_state is not h11.DONE or self._http.our_state is not h11.DONE:
            return False
        if self._http.trailing_data[0]:
            return False
        self._http.start_next_cycle()
        return True

    def is_quiet(self) -> bool:
        """Whether it is open, and nothing waits that nobody asked for."""
        transport = self._transport
        return (
            transport is not None
            and not transport.is_closing()
            and not _waits_to_be_read(transport)
        )

    def close(self) -> None:
        """Ends the connection, without waiting for the other side."""
        if self._transport is not None:
            self._transport.abort()
            self._transport = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Takes the connection over from the loop."""
        self._transport = cast("asyncio.Transport", transport)

    def data_received(self, data: bytes) -> None:
        """Reads on in the answer."""
        if self._answer is None or self._answer.done() or self._journey is None:
            self.close()
            return
        self._read(data)
        if not self._answer.done() and self._journey.phase is Phase.READ:
            self._journey.go_on()

    def eof_received(self) -> None:
        """Reads that the other side has nothing more to say."""
        self._read(b"")

    def connection_lost(self, exc: Exception | None) -> None:
        """Gives up what was in flight."""
        self._transport = None
        self._read(b"")
        self._fail(httpx.ReadError(_told(exc) if exc else "the connection was closed"))

    def pause_writing(self) -> None:
        """Notes that the other side takes no more for now."""
        self._writable = asyncio.get_running_loop().create_future()

    def resume_writing(self) -> None:
        """Notes that all was taken."""
        if self._writable is not None and not self._writable.done():
            self._writable.set_result(None)
        self._writable = None

    def _write(self, data: bytes, journey: Journey) -> None:
        if self._transport is None or self._transport.is_closing():
            raise httpx.ConnectError("the connection was closed before anything was sent")
        # Nothing is awaited between this note and the write: it is the last proof of not sent.
        journey.phase = Phase.WRITE
        self._transport.write(data)

    def _read(self, data: bytes) -> None:
        if self._answer is None or self._answer.done():
            return
        try:
            self._http.receive_data(data)
            self._take_events()
        except h11.RemoteProtocolError:
            # Its message quotes the answer, which belongs in no log.
            told = "the answer is no HTTP" if data else "the connection ended before the answer"
            self._fail(httpx.RemoteProtocolError(told))

    def _take_events(self) -> None:
        while True:
            event = self._http.next_event()
            if event is h11.NEED_DATA or event is h11.PAUSED:
                return
            if isinstance(event, h11.Response):
                self._head = event
            elif isinstance(event, h11.Data):
                self._body.append(bytes(event.data))
                self._body_bytes += len(event.data)
                if self._body_bytes > self._body_bytes_max:
                    self._fail(AnswerTooLargeError(f"more than {self._body_bytes_max} bytes"))
                    return
            elif isinstance(event, h11.EndOfMessage):
                self._complete()
                return
            elif isinstance(event, h11.ConnectionClosed):
                return

    def _complete(self) -> None:
        if self._answer is None or self._head is None:
            return
        self._answer.set_result(
            httpx.Response(
                self._head.status_code,
                headers=self._head.headers.raw_items(),
                stream=httpx.ByteStream(b"".join(self._body)),
            )
        )
        self.resume_writing()

    def _fail(self, error: httpx.TransportError) -> None:
        if self._answer is not None and not self._answer.done():
            self._answer.set_exception(error)
        self.close()
        self.resume_writing()


def _waits_to_be_read(transport: asyncio.Transport) -> bool:
    """Whether bytes, or the end, arrived that the loop did not yet hand over."""
    poll = select.poll()
    poll.register(transport.get_extra_info("socket").fileno(), select.POLLIN)
    return bool(poll.poll(0))


def _told(error: Exception) -> str:
    return f"{type(error).__name__}: {error}"
