"""Connections that are used again: never for another's answer, and never for a second debit."""

import asyncio

import httpx
import pytest

from ovo_payments.providers.http import Answered, HttpClients, Lost, NotSent, Outcome, Timeouts
from ovo_payments.providers.http.journey import EXTENSION, Journey
from ovo_payments.providers.http.transport import Transport
from tests.unit.providers.http.raw_server import (
    Conversation,
    always,
    answer_bytes,
    clients_of,
    serving,
)


async def debit(clients: HttpClients) -> Outcome:
    """Sends a call that may move money."""
    return await clients.mutate.send("charge", "POST", "/v2/charge", headers={}, content=b"{}")


async def test_calls_after_each_other_share_a_connection() -> None:
    """A handshake is paid for once."""
    async with serving(always) as server, clients_of(server.url) as clients:
        for _ in range(3):
            assert isinstance(await debit(clients), Answered)
        assert server.connection_count == 1


async def test_a_debit_that_meets_a_dying_connection_is_never_sent_twice() -> None:
    """The peer takes the second debit on a kept-alive connection and hangs up: outcome unknown."""

    async def once(conversation: Conversation) -> None:
        await conversation.request()
        await conversation.answer()
        await conversation.request()

    async with serving(once) as server, clients_of(server.url) as clients:
        assert isinstance(await debit(clients), Answered)
        assert isinstance(await debit(clients), Lost)
        assert len(server.requests) == 2
        assert server.connection_count == 1


async def test_a_query_that_meets_a_dying_connection_is_repeated() -> None:
    """Asking again is safe."""

    async def once_each(conversation: Conversation) -> None:
        await conversation.request()
        if conversation.server.connection_count > 1 or len(conversation.server.requests) == 1:
            await conversation.answer()
            await conversation.request()

    async with serving(once_each) as server, clients_of(server.url) as clients:
        for _ in range(2):
            outcome = await clients.query.send("status", "GET", "/v2/p1/status", headers={})
            assert isinstance(outcome, Answered)
        assert server.connection_count == 2
        assert len(server.requests) == 3


async def test_a_connection_that_the_peer_closed_is_not_used() -> None:
    """The close was seen in time, so the debit goes out on a new connection, once."""
    closed = asyncio.Event()

    async def one_answer(conversation: Conversation) -> None:
        await conversation.request()
        await conversation.answer()
        conversation.writer.close()
        await conversation.writer.wait_closed()
        closed.set()

    async with serving(one_answer) as server, clients_of(server.url) as clients:
        for _ in range(2):
            closed.clear()
            assert isinstance(await debit(clients), Answered)
            await asyncio.wait_for(closed.wait(), 5)
        assert len(server.requests) == 2
        assert server.connection_count == 2


async def test_a_server_that_wants_to_close_is_not_used_again() -> None:
    """It says so in its answer, and the next call opens another connection."""

    async def polite(conversation: Conversation) -> None:
        await conversation.request()
        await conversation.answer(headers="Connection: close\r\n")
        await conversation.server.release.wait()

    async with serving(polite) as server, clients_of(server.url) as clients:
        for _ in range(2):
            assert isinstance(await debit(clients), Answered)
        assert server.connection_count == 2


async def test_a_connection_is_not_used_after_a_long_rest() -> None:
    """We close before servers usually do, so that a debit seldom meets a closing connection."""
    limits = Timeouts(read_s=1.0, total_s=2.0)
    transport = Transport(idle_s_max=-1.0)
    async with serving(always) as server:
        for _ in range(2):
            journey = Journey(limits, asyncio.get_running_loop().time() + 2.0)
            async with journey.timer:
                await transport.handle_async_request(
                    httpx.Request("GET", server.url, extensions={EXTENSION: journey})
                )
        assert server.connection_count == 2
        await transport.aclose()


@pytest.mark.parametrize("tls", [False, True])
async def test_an_answer_that_nobody_asked_for_answers_nothing(
    tls: bool,  # noqa: FBT001 - a parameter of the test
    request: pytest.FixtureRequest,
) -> None:
    """A server's late second answer is not taken for the answer to the next debit."""
    late = answer_bytes(b'{"answer": "stale"}', 408)
    certificates = request.getfixturevalue("certificates") if tls else None
    sent = asyncio.Event()

    async def doubled(conversation: Conversation) -> None:
        await conversation.request()
        await conversation.answer(b'{"answer": "own"}')
        await conversation.send(late)
        sent.set()
        await conversation.request()
        await conversation.answer(b'{"answer": "to another"}')

    async with (
        serving(doubled, tls=certificates.server if certificates else None) as server,
        clients_of(
            server.url, ssl_context=certificates.client if certificates else None
        ) as clients,
    ):
        for _ in range(5):
            sent.clear()
            outcome = await debit(clients)
            assert isinstance(outcome, Answered)
            assert outcome.body == b'{"answer": "own"}'
            await asyncio.wait_for(sent.wait(), 5)


async def test_two_answers_in_one_packet_are_one_answer() -> None:
    """Bytes beyond the answer make the connection unfit."""

    async def both(conversation: Conversation) -> None:
        await conversation.request()
        await conversation.send(answer_bytes(b"own") + answer_bytes(b"stale"))
        await conversation.server.release.wait()

    async with serving(both) as server, clients_of(server.url) as clients:
        for _ in range(2):
            outcome = await debit(clients)
            assert isinstance(outcome, Answered)
            assert outcome.body == b"own"
        assert server.connection_count == 2


async def test_an_answer_without_a_length_ends_with_its_connection() -> None:
    """HTTP/1.0 servers end an answer by closing."""

    async def until_closed(conversation: Conversation) -> None:
        await conversation.request()
        await conversation.send(b"HTTP/1.0 200 OK\r\n\r\nall of it")

    async with serving(until_closed) as server, clients_of(server.url) as clients:
        outcome = await debit(clients)
    assert isinstance(outcome, Answered)
    assert outcome.body == b"all of it"


async def test_chunks_and_hints_are_read_over() -> None:
    """Early hints are no answer, chunks are one body, header names know no case."""

    async def chunked(conversation: Conversation) -> None:
        await conversation.request()
        await conversation.send(b"HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n")
        await conversation.send(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nX-ID: 7\r\n\r\n")
        await conversation.send(b"3\r\nabc\r\n")
        await conversation.send(b"2\r\nde\r\n0\r\n\r\n")
        await conversation.server.release.wait()

    async with serving(chunked) as server, clients_of(server.url) as clients:
        outcome = await debit(clients)
    assert isinstance(outcome, Answered)
    assert outcome.body == b"abcde"
    assert outcome.headers["x-id"] == "7"
    assert outcome.elapsed_s > 0


async def test_a_redirect_is_an_answer_and_is_not_followed() -> None:
    """Nobody may send a debit elsewhere."""

    async def elsewhere(conversation: Conversation) -> None:
        await conversation.request()
        await conversation.answer(status=307, headers=f"Location: {conversation.server.url}/b\r\n")
        await conversation.server.release.wait()

    async with serving(elsewhere) as server, clients_of(server.url) as clients:
        outcome = await debit(clients)
        assert len(server.requests) == 1
    assert isinstance(outcome, Answered)
    assert outcome.status == 307


@pytest.mark.parametrize(
    "path", ["@127.0.0.1:9/v2", ".evil.example/v2", ":80@evil.example/", "0/v2", "9999/v2"]
)
async def test_a_path_that_leads_to_another_host_is_not_sent(path: str) -> None:
    """Whatever an id that is put into it may hold; and there is proof that nothing was sent."""
    async with serving(always) as server, clients_of(server.url) as clients:
        outcome = await clients.mutate.send("charge", "POST", path, headers={}, content=b"{}")
        assert server.requests == []
    assert isinstance(outcome, NotSent)
    assert outcome.cause == "the path leads away from the provider"


async def test_proxies_of_the_environment_are_not_used(monkeypatch: pytest.MonkeyPatch) -> None:
    """A variable of the machine does not send payments through somebody else."""
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    monkeypatch.setenv("ALL_PROXY", "http://127.0.0.1:9")
    async with serving(always) as server, clients_of(server.url) as clients:
        assert isinstance(await debit(clients), Answered)


async def test_the_request_is_what_was_asked_for() -> None:
    """Method, path with query, host, headers and body arrive as given; nothing is added."""
    async with serving(always) as server, clients_of(f"{server.url}/base/") as clients:
        await clients.mutate.send(
            "charge", "POST", "/v2/charge?a=b", headers={"X-ID": "7"}, content=b'{"a":1}'
        )
        (request,) = server.requests
        host = server.url.removeprefix("http://")
    head, _, body = request.partition(b"\r\n\r\n")
    first, *headers = head.decode().lower().split("\r\n")
    assert first == "post /base/v2/charge?a=b http/1.1"
    assert set(headers) == {
        f"host: {host}",
        "user-agent: ovo-payments",
        "accept-encoding: identity",
        "x-id: 7",
        "content-length: 7",
    }
    assert body == b'{"a":1}'
