"""What each kind of failure proves: only NotSent says that no byte of the request left."""

import asyncio
import ssl

import pytest

from ovo_payments.providers.http import (
    Answered,
    ClientSettings,
    HttpClients,
    Lost,
    NotSent,
    Outcome,
    Phase,
    Timeouts,
)
from tests.unit.providers.http.certificates import Certificates
from tests.unit.providers.http.raw_server import (
    QUICK,
    Conversation,
    always,
    answer_bytes,
    clients_of,
    closed_port,
    serving,
    silent,
)

BODY = b'{"amount": 15000}'


async def debit(clients: HttpClients, content: bytes = BODY) -> Outcome:
    """Sends a call that may move money."""
    return await clients.mutate.send("charge", "POST", "/v2/charge", headers={}, content=content)


async def test_a_refused_connection_is_proof() -> None:
    """Nobody listens, so nobody got a byte."""
    async with clients_of(await closed_port()) as clients:
        outcome = await debit(clients)
    assert isinstance(outcome, NotSent)
    assert outcome.phase is Phase.CONNECT
    assert "refused" in outcome.cause.lower()


async def test_a_name_that_does_not_resolve_is_proof() -> None:
    """The top-level domain `invalid` never exists (RFC 2606)."""
    async with clients_of("http://provider.invalid") as clients:
        outcome = await debit(clients)
    assert isinstance(outcome, NotSent)
    assert outcome.phase is Phase.RESOLVE


async def test_a_certificate_of_a_stranger_is_proof(certificates: Certificates) -> None:
    """The handshake ends before the request begins."""
    trusting_nobody = ssl.create_default_context()
    async with (
        serving(always, tls=certificates.server) as server,
        clients_of(server.url, ssl_context=trusting_nobody) as clients,
    ):
        outcome = await debit(clients)
        assert server.requests == []
    assert isinstance(outcome, NotSent)
    assert outcome.phase is Phase.TLS
    assert "certificate" in outcome.cause.lower()


async def test_a_certificate_of_another_host_is_proof(certificates: Certificates) -> None:
    """A trusted signature on the wrong name is refused too."""
    async with (
        serving(always, tls=certificates.server_of_another_host) as server,
        clients_of(server.url, ssl_context=certificates.client) as clients,
    ):
        outcome = await debit(clients)
        assert server.requests == []
    assert isinstance(outcome, NotSent)
    assert outcome.phase is Phase.TLS


async def test_a_trusted_certificate_lets_the_request_pass(certificates: Certificates) -> None:
    """The same connection with the right authority works, twice, on one handshake."""
    async with (
        serving(always, tls=certificates.server) as server,
        clients_of(server.url, ssl_context=certificates.client) as clients,
    ):
        assert isinstance(await debit(clients), Answered)
        assert isinstance(await debit(clients), Answered)
        assert server.connection_count == 1


async def test_a_handshake_that_never_ends_is_proof(certificates: Certificates) -> None:
    """The other side accepts the connection and says nothing."""

    async def mute(conversation: Conversation) -> None:
        await conversation.server.release.wait()

    async with (
        serving(mute, scheme="https") as server,
        clients_of(server.url, ssl_context=certificates.client) as clients,
    ):
        outcome = await debit(clients)
    assert isinstance(outcome, NotSent)
    assert outcome.phase is Phase.TLS
    assert outcome.cause == "out of time"


async def test_waiting_for_a_turn_in_vain_is_proof() -> None:
    """The bulkhead is full, and turns away before anything is sent."""
    settings = ClientSettings(
        timeouts=Timeouts(queue_s=0.1, read_s=5.0, total_s=5.0), in_flight_max=1
    )
    async with serving(silent) as server, clients_of(server.url, settings=settings) as clients:
        first = asyncio.create_task(debit(clients))
        await server.arrived.wait()
        outcome = await debit(clients)
        assert len(server.requests) == 1
        first.cancel()
        await asyncio.wait({first})
    assert outcome == NotSent(phase=Phase.QUEUE, cause="out of time")
    assert clients.mutate.available_in_s() == 0


async def test_a_full_bulkhead_of_debits_lets_queries_pass() -> None:
    """Each class of call has a bulkhead and connections of its own."""

    async def hang_on_debits(conversation: Conversation) -> None:
        while b"POST" not in await conversation.request():
            await conversation.answer()
        await conversation.server.release.wait()

    settings = ClientSettings(timeouts=Timeouts(read_s=5.0, total_s=5.0), in_flight_max=1)
    async with (
        serving(hang_on_debits) as server,
        clients_of(server.url, settings=settings) as clients,
    ):
        first = asyncio.create_task(debit(clients))
        await server.arrived.wait()
        query = await clients.query.send("status", "GET", "/v2/p1/status", headers={})
        first.cancel()
        await asyncio.wait({first})
    assert isinstance(query, Answered)


async def test_silence_after_the_request_proves_nothing() -> None:
    """The request arrived, and no answer came in time."""
    async with serving(silent) as server, clients_of(server.url) as clients:
        assert await debit(clients) == Lost(phase=Phase.READ, cause="out of time")
        assert len(server.requests) == 1


async def test_a_connection_closed_before_the_answer_proves_nothing() -> None:
    """The request arrived, and the other side hung up."""

    async def hang_up(conversation: Conversation) -> None:
        await conversation.request()

    async with serving(hang_up) as server, clients_of(server.url) as clients:
        outcome = await debit(clients)
        assert len(server.requests) == 1
    assert isinstance(outcome, Lost)
    assert outcome.phase is Phase.READ


@pytest.mark.parametrize(
    "raw",
    [
        b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n12345",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\n12345\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Le",
        b"SSH-2.0-OpenSSH_9.2\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\n123456",
        b"HTTP/1.1 200 OK\r\nX: " + b"x" * 200_000,
    ],
    ids=["cut body", "cut chunks", "cut head", "not HTTP", "two lengths", "endless head"],
)
async def test_a_broken_answer_proves_nothing(raw: bytes) -> None:
    """Half an answer is none, and neither is one that can be read in two ways."""

    async def broken(conversation: Conversation) -> None:
        await conversation.request()
        await conversation.send(raw)

    async with serving(broken) as server, clients_of(server.url) as clients:
        outcome = await debit(clients)
        assert len(server.requests) == 1
    assert isinstance(outcome, Lost)
    assert outcome.phase is Phase.READ
    assert "OpenSSH" not in outcome.cause


async def test_an_answer_beyond_a_mebibyte_is_given_up() -> None:
    """No provider has that much to say; the rest is not read."""

    async def flood(conversation: Conversation) -> None:
        await conversation.request()
        await conversation.send(answer_bytes(b"x" * (1024 * 1024 + 1)))

    async with serving(flood) as server, clients_of(server.url) as clients:
        outcome = await debit(clients)
    assert isinstance(outcome, Lost)
    assert "1048576" in outcome.cause


async def test_an_answer_of_a_mebibyte_is_read() -> None:
    """The limit itself is allowed."""
    whole = b"x" * 1024 * 1024

    async def long(conversation: Conversation) -> None:
        await conversation.request()
        await conversation.answer(whole)
        await conversation.server.release.wait()

    async with serving(long) as server, clients_of(server.url) as clients:
        outcome = await debit(clients)
    assert isinstance(outcome, Answered)
    assert outcome.body == whole


@pytest.mark.parametrize("begin", [b"", b"HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\n"])
async def test_an_answer_in_drops_ends_with_the_time_of_all(begin: bytes) -> None:
    """Each byte is progress, but the whole call has an end, in head and body alike."""

    async def drip(conversation: Conversation) -> None:
        await conversation.request()
        await conversation.send(begin)
        drop = b"HTTP/1.1 200 OK\r\nX-Long: " if not begin else b""
        await conversation.send(drop)
        while True:
            await conversation.send(b"x")
            await asyncio.sleep(0.02)

    timeouts = Timeouts(read_s=0.2, total_s=0.6)
    async with serving(drip) as server, clients_of(server.url, timeouts=timeouts) as clients:
        start = asyncio.get_running_loop().time()
        outcome = await debit(clients)
        elapsed_s = asyncio.get_running_loop().time() - start
    assert outcome == Lost(phase=Phase.READ, cause="out of time")
    assert elapsed_s >= 0.5


async def test_a_request_that_is_not_taken_may_have_left() -> None:
    """The other side reads nothing, so writing stops; some bytes are gone all the same."""

    async def deaf(conversation: Conversation) -> None:
        conversation.writer.transport.pause_reading()  # type: ignore[attr-defined]
        await conversation.server.release.wait()

    async with serving(deaf) as server, clients_of(server.url) as clients:
        outcome = await debit(clients, b"x" * 32 * 1024 * 1024)
    assert outcome == Lost(phase=Phase.WRITE, cause="out of time")


async def test_headers_that_can_not_be_written_are_proof() -> None:
    """A header with a line break is refused before a byte leaves."""
    async with serving(always) as server, clients_of(server.url) as clients:
        outcome = await clients.mutate.send(
            "charge", "POST", "/v2/charge", headers={"x-id": "a\r\nb: c"}, content=BODY
        )
        assert server.requests == []
    assert isinstance(outcome, NotSent)


async def test_a_caller_that_gives_up_closes_the_connection() -> None:
    """A cancelled call leaves no connection behind on which its answer could arrive."""
    async with serving(silent) as server, clients_of(server.url, timeouts=QUICK) as clients:
        call = asyncio.create_task(debit(clients))
        await server.arrived.wait()
        call.cancel()
        with pytest.raises(asyncio.CancelledError):
            await call
        outcome = await debit(clients)
        assert server.connection_count == 2
    assert isinstance(outcome, Lost)
