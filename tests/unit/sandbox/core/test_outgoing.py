"""The sender speaks HTTP over real sockets, and tells why no answer came."""

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from ovo_sandbox.outgoing import AiohttpSender, OutgoingRequest, SendFailed


def request_to(url: str) -> OutgoingRequest:
    """Makes a small request."""
    headers = {"User-Agent": "Veritrans", "Content-Type": "application/json"}
    return OutgoingRequest(url=url, headers=headers, body=b'{"a":1}')


@asynccontextmanager
async def merchant(answer: bytes | None) -> AsyncIterator[tuple[str, list[bytes]]]:
    """Serves one answer, or silence, and keeps what it read."""
    read: list[bytes] = []
    finished = asyncio.Event()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        read.append(await reader.readuntil(b'{"a":1}'))
        if answer is None:
            await finished.wait()
        else:
            writer.write(answer)
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    host, port = server.sockets[0].getsockname()
    async with server:
        yield f"http://{host}:{port}/hook", read
        finished.set()


@pytest.fixture
async def sender() -> AsyncIterator[AiohttpSender]:
    """The real sender."""
    made = AiohttpSender()
    yield made
    await made.close()


async def test_an_answer_is_read_whole(sender: AiohttpSender) -> None:
    """Status, body, and headers in lower case; the request has our headers."""
    answer = b"HTTP/1.1 201 Created\r\nX-Seen: yes\r\nContent-Length: 2\r\n\r\nok"
    async with merchant(answer) as (url, read):
        answered = await sender.send(request_to(url), timeout_s=5)
    assert (answered.status, answered.body, answered.headers["x-seen"]) == (201, b"ok", "yes")
    assert read[0].startswith(b"POST /hook HTTP/1.1\r\n")
    assert b"User-Agent: Veritrans\r\n" in read[0]


async def test_a_redirect_is_not_followed(sender: AiohttpSender) -> None:
    """The delivery engine decides that."""
    answer = b"HTTP/1.1 302 Found\r\nLocation: /other\r\nContent-Length: 0\r\n\r\n"
    async with merchant(answer) as (url, read):
        answered = await sender.send(request_to(url), timeout_s=5)
    assert (answered.status, answered.headers["location"], len(read)) == (302, "/other", 1)


async def test_silence_is_a_timeout(sender: AiohttpSender) -> None:
    """The time is for all of the request."""
    async with merchant(None) as (url, _):
        with pytest.raises(SendFailed, match="timeout"):
            await sender.send(request_to(url), timeout_s=0.1)


async def test_nobody_there_is_no_connection(sender: AiohttpSender) -> None:
    """As when the merchant's service is down."""
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{unused.getsockname()[1]}/"
        with pytest.raises(SendFailed, match="no connection"):
            await sender.send(request_to(url), timeout_s=5)


@pytest.mark.parametrize("url", ["no url", "ftp://merchant.example/", "http://"])
async def test_an_address_that_is_none_is_told(sender: AiohttpSender, url: str) -> None:
    """A merchant may write anything into a header."""
    with pytest.raises(SendFailed):
        await sender.send(request_to(url), timeout_s=5)


async def test_a_broken_answer_is_told(sender: AiohttpSender) -> None:
    """Not every merchant speaks HTTP."""
    async with merchant(b"hello\r\n\r\n") as (url, _):
        with pytest.raises(SendFailed):
            await sender.send(request_to(url), timeout_s=5)
