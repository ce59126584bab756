"""The sidecar as providers, operators and strangers meet it: over raw sockets."""

import asyncio
import json
from collections.abc import AsyncIterator
from typing import Final

import pytest
from prometheus_client import CollectorRegistry
from structlog.testing import capture_logs

from ovo_payments.domain.errors import StoreUnavailableError
from ovo_payments.transport.http.limits import HttpLimits
from ovo_payments.transport.http.server import ListenError, Sidecar
from tests.integration.running_sidecar import SIGNED, SOON_S, Answer, Connection, Running, running
from tests.unit.transport.fakes import FakeReceiver

KIB: Final = 1024
REFUSAL: Final = (401, b"refused on /webhooks/shop")


@pytest.fixture
async def sidecar() -> AsyncIterator[Running]:
    """A sidecar as it is in production."""
    async with running() as it:
        yield it


async def test_a_webhook_is_handed_on_as_it_came(sidecar: Running) -> None:
    """Its raw bytes, its path with the query, its headers in lower case."""
    async with sidecar.connected() as connection:
        answer = await connection.post(
            b'{"a": 1 }',
            "/webhooks/shop?try=2",
            SIGNED + "X-Timestamp: Noon\r\nX-A: 1\r\nx-a: 2\r\n",
        )

    assert answer.told == (200, b'{"kept":true}')
    assert answer.headers["content-type"] == "application/json"
    (kept,) = sidecar.receiver.kept
    assert kept.body == b'{"a": 1 }'
    assert kept.target == "/webhooks/shop?try=2"
    assert kept.headers["x-timestamp"] == "Noon"
    assert kept.headers["x-a"] == "1, 2"
    assert sidecar.count("accepted") == 1


async def test_a_question_is_answered_at_once(sidecar: Running) -> None:
    """DOKU asks us for a token before it notifies."""
    async with sidecar.connected() as connection:
        answer = await connection.post(b"{}", "/token")
    assert answer.told == (200, b"/token")


async def test_a_body_of_64_kib_is_taken_and_one_byte_more_is_not(sidecar: Running) -> None:
    """By its declared length, before it is sent."""
    async with sidecar.connected() as connection:
        assert (await connection.post(b"x" * 64 * KIB)).status == 200
    async with sidecar.connected() as connection:
        assert (await connection.post(b"x" * (64 * KIB + 1))).told == REFUSAL
    assert len(sidecar.receiver.kept) == 1
    assert sidecar.count("unread") == 1


async def test_a_chunked_body_is_taken_up_to_64_kib(sidecar: Running) -> None:
    """Its length is known only once it is there, so it is counted as it comes."""
    head = f"POST /webhooks/shop HTTP/1.1\r\nhost: a\r\n{SIGNED}transfer-encoding: chunked\r\n\r\n"
    chunk = f"{16 * KIB:x}\r\n".encode() + b"x" * 16 * KIB + b"\r\n"
    async with sidecar.connected() as connection:
        await connection.send(head.encode() + 4 * chunk + b"0\r\n\r\n")
        assert (await connection.answer()).status == 200
    async with sidecar.connected() as connection:
        await connection.send(head.encode() + 4 * chunk + b"1\r\nx\r\n")
        assert (await connection.answer()).told == REFUSAL
        assert await connection.closed()
    assert [len(kept.body) for kept in sidecar.receiver.kept] == [64 * KIB]


async def test_a_body_that_trickles_is_refused_in_time() -> None:
    """The limit is absolute: a byte now and then does not stretch it."""
    async with running(HttpLimits(body_timeout_s=0.3)) as sidecar:
        async with sidecar.connected() as connection:
            await connection.send(
                f"POST /webhooks/shop HTTP/1.1\r\nhost: a\r\n{SIGNED}content-length: 9999\r\n\r\n"
            )
            trickling = asyncio.create_task(trickle(connection))
            answer = await connection.answer()
            assert await connection.closed()
            trickling.cancel()
        assert answer.told == REFUSAL
        assert sidecar.receiver.kept == []
        assert sidecar.count("unread") == 1


async def trickle(connection: Connection) -> None:
    """Sends a byte every 50 ms until nobody takes it."""
    while True:
        try:
            await connection.send("x")
        except ConnectionError:
            return
        await asyncio.sleep(0.05)


async def test_a_length_that_promises_too_much_is_refused_in_time() -> None:
    """The rest of the body never comes."""
    async with running(HttpLimits(body_timeout_s=0.2)) as sidecar:
        async with sidecar.connected() as connection:
            await connection.send(
                f"POST /webhooks/shop HTTP/1.1\r\nhost: a\r\n{SIGNED}content-length: 10\r\n\r\n{{}}"
            )
            assert (await connection.answer()).told == REFUSAL
        assert sidecar.receiver.kept == []


async def test_a_length_that_promises_too_little_ends_the_body_there(sidecar: Running) -> None:
    """What follows is another request, and no good one."""
    async with sidecar.connected() as connection:
        await connection.send(
            f"POST /webhooks/shop HTTP/1.1\r\nhost: a\r\n{SIGNED}content-length: 2\r\n\r\n"
            "{}rest\r\n\r\n"
        )
        assert (await connection.answer()).status == 200
        assert (await connection.answer()).status == 400
        assert await connection.closed()
    assert [kept.body for kept in sidecar.receiver.kept] == [b"{}"]


@pytest.mark.parametrize(
    "lines",
    [
        "content-length: -1",
        "content-length: ten",
        "content-length: 2\r\ncontent-length: 3",
        "content-length: 2, 3",
        "content-length: 2\r\ntransfer-encoding: gzip",
    ],
)
async def test_a_length_that_is_none_is_refused(sidecar: Running, lines: str) -> None:
    """By the parser, before anybody reads a body."""
    async with sidecar.connected() as connection:
        await connection.send(
            f"POST /webhooks/shop HTTP/1.1\r\nhost: a\r\n{SIGNED}{lines}\r\n\r\n{{}}"
        )
        answer = await connection.answer()
        assert 400 <= answer.status < 502
        assert await connection.closed()
    assert sidecar.receiver.kept == []


async def test_every_refusal_looks_the_same() -> None:
    """Who is refused learns nothing of why: unsigned, wrongly signed, too big, too slow."""
    async with running(HttpLimits(body_timeout_s=0.2)) as sidecar:
        told = []
        async with sidecar.connected() as connection:
            told.append(await connection.post(b"{}", headers=""))
            told.append(await connection.post(b"{}", headers="x-signature: bad\r\n"))
            told.append(await connection.post(b"", headers=""))
            told.append(await connection.post(b"x" * (64 * KIB + 1)))
        async with sidecar.connected() as connection:
            await connection.send(
                "POST /webhooks/shop HTTP/1.1\r\nhost: a\r\ncontent-length: 5\r\n\r\n"
            )
            told.append(await connection.answer())
        assert {answer.told for answer in told} == {REFUSAL}
        assert {answer.headers.get("content-type") for answer in told} == {None}
        assert sidecar.receiver.kept == []


async def test_a_question_that_is_too_big_is_refused_like_one_without_proof(
    sidecar: Running,
) -> None:
    """And nobody reads it."""
    async with sidecar.connected() as connection:
        unsigned = await connection.post(b"{}", "/token", headers="")
        too_big = await connection.post(b"x" * (64 * KIB + 1), "/token")
    assert unsigned.told == too_big.told == (401, b"no token for you")
    assert {request.body for request in sidecar.receiver.asked} == {b"{}", b""}


@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE", "HEAD"])
async def test_webhooks_are_posted_and_nothing_else(sidecar: Running, method: str) -> None:
    """Said in the standard way."""
    async with sidecar.connected() as connection:
        await connection.send(
            f"{method} /webhooks/shop HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n"
        )
        raw = await connection.reader.read()
    assert raw.startswith(b"HTTP/1.1 405 ")
    assert b"allow: POST\r\n" in raw.lower().replace(b"post", b"POST")


@pytest.mark.parametrize("path", ["/", "/webhooks", "/webhooks/other", "/webhooks/shop/"])
async def test_other_paths_are_not_there(sidecar: Running, path: str) -> None:
    """And none is redirected, since a provider would not follow with its body."""
    async with sidecar.connected() as connection:
        assert (await connection.post(b"{}", path)).status == 404


@pytest.mark.parametrize(
    ("failure", "outcome"),
    [(StoreUnavailableError(), "unavailable"), (ZeroDivisionError(), "broken")],
)
async def test_what_can_not_be_stored_is_asked_for_again(
    sidecar: Running, failure: Exception, outcome: str
) -> None:
    """By 503: Midtrans repeats it four times, and after a 500 only once."""
    sidecar.receiver.failure = failure
    with capture_logs() as lines:
        async with sidecar.connected() as connection:
            answer = await connection.post(b"{}")
    assert answer.told == (503, b"")
    assert sidecar.count(outcome) == 1
    (line,) = lines
    assert (line["event"], line["outcome"]) == ("webhook.answered", outcome)


async def test_a_sender_that_leaves_in_the_middle_changes_nothing() -> None:
    """And is counted."""
    async with running() as sidecar:
        async with sidecar.connected() as connection:
            await connection.send(
                f"POST /webhooks/shop HTTP/1.1\r\nhost: a\r\n{SIGNED}content-length: 9\r\n\r\n{{"
            )
            assert (await ask_alive(sidecar)).status == 200
        await sidecar.sidecar.stop()
    assert sidecar.receiver.kept == []
    assert sidecar.count("gone") == 1


async def ask_alive(sidecar: Running) -> Answer:
    """Asks on a connection of its own; the answer comes after what was sent before."""
    async with sidecar.connected() as connection:
        return await connection.get("/livez")


async def test_a_slow_sender_holds_up_nobody() -> None:
    """Many connections hang while webhooks come and go."""
    async with running(HttpLimits(body_timeout_s=SOON_S)) as sidecar:
        hanging = [await asyncio.open_connection("127.0.0.1", sidecar.port) for _ in range(50)]
        for _, writer in hanging:
            writer.write(b"POST /webhooks/shop HTTP/1.1\r\nhost: a\r\ncontent-length: 9\r\n\r\n")

        async def post(number: int) -> int:
            async with sidecar.connected() as connection:
                return (await connection.post(str(number).encode())).status

        statuses = await asyncio.gather(*(post(number) for number in range(100)))
        for _, writer in hanging:
            writer.close()
        assert set(statuses) == {200}
        assert {int(kept.body) for kept in sidecar.receiver.kept} == set(range(100))


async def test_a_connection_carries_one_request_after_the_other(sidecar: Running) -> None:
    """Also after a refusal whose body was read."""
    async with sidecar.connected() as connection:
        for signed in (SIGNED, "", SIGNED):
            await connection.post(b"{}", headers=signed)
    assert len(sidecar.receiver.kept) == 2


async def test_a_connection_that_is_silent_after_an_answer_is_closed() -> None:
    """Sooner than one from which a head is still awaited."""
    async with (
        running(HttpLimits(keep_alive_s=1, head_timeout_s=60)) as sidecar,
        sidecar.connected() as connection,
    ):
        await connection.get("/livez")
        assert await connection.closed()


async def test_a_head_that_never_ends_is_bounded(sidecar: Running) -> None:
    """In size, by 16 KiB."""
    async with sidecar.connected() as connection:
        await connection.send("POST /webhooks/shop HTTP/1.1\r\nhost: a\r\nx-a: " + "a" * 32 * KIB)
        assert (await connection.answer()).status == 400
        assert await connection.closed()


@pytest.mark.parametrize("begin", ["", "POST /webhooks/shop HTTP/1.1\r\nx-a: "])
async def test_a_head_that_trickles_is_bounded_in_time(begin: str) -> None:
    """Also where nothing comes at all, and where the connection has served before."""
    async with running(HttpLimits(head_timeout_s=0.2)) as sidecar:
        for served_before in (False, True):
            async with sidecar.connected() as connection:
                if served_before:
                    await connection.get("/livez")
                await connection.send(begin)
                trickling = asyncio.create_task(trickle(connection)) if begin else None
                assert await connection.closed()
                if trickling is not None:
                    trickling.cancel()


async def test_a_body_that_nobody_reads_ends_the_connection() -> None:
    """By itself, and not by a limit of time: one that keeps coming would else be read for ever."""
    limits = HttpLimits(head_timeout_s=60, keep_alive_s=60)
    async with running(limits) as sidecar, sidecar.connected() as connection:
        await connection.send("POST /nowhere HTTP/1.1\r\nhost: a\r\ncontent-length: 9999\r\n\r\nx")
        assert (await connection.answer()).status == 404
        assert await connection.closed()


async def test_a_new_connection_takes_the_place_of_who_waits_longest() -> None:
    """Connections that send nothing keep out nobody, as many as they are."""
    async with (
        running(HttpLimits(connections_max=3, head_timeout_s=SOON_S)) as sidecar,
        sidecar.connected() as first,
        sidecar.connected() as second,
        sidecar.connected() as third,
    ):
        assert (await first.get("/livez")).status == 200  # Now it has waited least.
        assert (await third.get("/livez")).status == 200
        async with sidecar.connected() as fourth:
            assert (await fourth.get("/livez")).status == 200
            assert await second.closed()
        assert (await first.get("/livez")).status == 200


async def test_a_connection_without_a_place_is_closed() -> None:
    """Where all others are in the middle of a request, and until one of them leaves."""
    async with running(HttpLimits(connections_max=1)) as sidecar:
        async with sidecar.connected() as busy:
            length = "content-length: 2\r\nexpect: 100-continue\r\n"
            await busy.send(f"POST /webhooks/shop HTTP/1.1\r\nhost: a\r\n{SIGNED}{length}\r\n")
            await busy.reader.readuntil(b"100 Continue\r\n\r\n")
            async with sidecar.connected() as other:
                assert await other.closed()
            await busy.send("{}")
            assert (await busy.answer()).status == 200
        assert (await ask_alive(sidecar)).status == 200


async def test_probes_tell_alive_from_ready(sidecar: Running) -> None:
    """What is alive is not restarted; what is not ready is not called."""
    async with sidecar.connected() as connection:
        assert (await connection.get("/livez")).status == 200
        ready = await connection.get("/readyz")
        sidecar.failures.append(StoreUnavailableError())
        unready = await connection.get("/readyz")
        alive = await connection.get("/livez")

    assert (ready.status, unready.status, alive.status) == (200, 503, 200)
    assert json.loads(ready.body) == {"ready": True, "failing": []}
    assert json.loads(unready.body) == {"ready": False, "failing": ["StoreUnavailableError"]}


async def test_metrics_are_served_without_a_detour(sidecar: Running) -> None:
    """In the format that was asked for, Prometheus' text by default."""
    async with sidecar.connected() as connection:
        await connection.post(b"{}")
        plain = await connection.get("/metrics")
        modern = await connection.get("/metrics", "accept: application/openmetrics-text\r\n")

    assert plain.status == modern.status == 200
    counted = b'ovo_webhook_duration_seconds_count{outcome="accepted",path="/webhooks/shop"} 1.0'
    assert counted in plain.body
    assert b"process_resident_memory_bytes" in plain.body
    assert plain.headers["content-type"].startswith("text/plain")
    assert modern.headers["content-type"].startswith("application/openmetrics-text")


async def test_stopping_lets_a_request_finish_and_takes_no_more() -> None:
    """Its body is read, stored and acknowledged."""
    async with running() as sidecar, sidecar.connected() as connection:
        await connection.send(
            f"POST /webhooks/shop HTTP/1.1\r\nhost: a\r\n{SIGNED}content-length: 2\r\n\r\n"
        )
        async with sidecar.connected() as idle:
            assert (await idle.get("/livez")).status == 200
            stopping = asyncio.create_task(sidecar.sidecar.stop())
            assert await idle.closed()
        with pytest.raises(ConnectionError):
            await asyncio.open_connection("127.0.0.1", sidecar.port)
        await connection.send("{}")
        assert (await connection.answer()).status == 200
        async with asyncio.timeout(SOON_S):
            await stopping


@pytest.mark.parametrize("listen", ["127.0.0.1:{port}", "127.0.0.1:http", "256.0.0.1:0"])
async def test_an_address_that_can_not_be_listened_on_stops_the_start(
    sidecar: Running, listen: str
) -> None:
    """Taken, no port, no address: the error names it."""
    address = listen.format(port=sidecar.port)
    second = Sidecar(
        receive_webhook=FakeReceiver(), checks=(), registry=CollectorRegistry(), listen=address
    )
    with pytest.raises(ListenError, match=address):
        await second.start()
    await second.stop()
