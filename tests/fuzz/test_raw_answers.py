"""Whatever bytes come back on a socket: an outcome, in time, and no mix-up with the next."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from random import Random
from typing import Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ovo_payments.providers.http import Answered, ClientSettings, HttpClients, Lost
from ovo_payments.providers.http.breaker import BreakerSettings
from tests.fuzz.arena import alarms
from tests.fuzz.examples import fuzzed
from tests.fuzz.fragments import spoil
from tests.unit.providers.http.raw_server import (
    QUICK,
    Conversation,
    answer_bytes,
    clients_of,
    serving,
)

_HEADS: Final = (
    *(
        "HTTP/1.1 200 OK",
        "HTTP/1.0 200 OK",
        "HTTP/1.1 204 No Content",
        "HTTP/1.1 304 Not",
        "HTTP/2 200",
    ),
    *(
        "HTTP/1.1 100 Continue",
        "HTTP/1.1 101 Switching",
        "HTTP/1.1 999 x",
        "HTTP/1.1 0 x",
        "200 OK",
    ),
    *("HTTP/1.1 200", "HTTP/1.1  200 OK", "ICY 200 OK", "HTTP/1.1 20 OK", "HTTP/1.1 2000 OK", ""),
)
_HEADERS: Final = (
    *("Content-Length: 2", "Content-Length: 0", "Content-Length: -1", "Content-Length: 2, 2"),
    *("Content-Length: 99999999999999999999", "Content-Length: 2\r\nContent-Length: 3"),
    *(
        "Transfer-Encoding: chunked",
        "Transfer-Encoding: gzip",
        "Transfer-Encoding: chunked, chunked",
    ),
    *(
        "Transfer-Encoding: chunked\r\nContent-Length: 2",
        "Connection: close",
        "Connection: upgrade",
    ),
    *(
        "Content-Encoding: gzip",
        "Content-Type: text/html; charset=\xff",
        "X: \x00",
        ": x",
        "X",
        " X: y",
    ),
    *(f"X: {'a' * 20_000}", "\r\n".join(f"X{n}: y" for n in range(200)), "X: a\r\n folded"),
)
_BODIES: Final = (
    *(
        b"",
        b"{}",
        b"2\r\n{}\r\n0\r\n\r\n",
        b"ffffffffffffffff\r\n{}",
        b"-1\r\n",
        b"2;x=y\r\n{}\r\n0\r\n",
    ),
    *(b"{" * 70_000, b"\x00\xff", b"0\r\nTrailer: x\r\n\r\n", b"{}HTTP/1.1 200 OK\r\n\r\n"),
)


def _made(head: str, headers: list[str], body: bytes) -> bytes:
    lines = "\r\n".join([head, *headers])
    return lines.encode("latin-1") + b"\r\n\r\n" + body


MADE: Final = st.builds(
    _made,
    st.sampled_from(_HEADS),
    st.lists(st.sampled_from(_HEADERS), max_size=3),
    st.sampled_from(_BODIES),
)
RAW: Final = (
    MADE
    | st.lists(MADE, min_size=2, max_size=4).map(b"".join)
    | st.builds(
        lambda raw, seed: spoil(raw, Random(seed)),  # noqa: S311 - can be repeated
        st.just(answer_bytes(b'{"status_code":"200"}')) | MADE,
        st.integers(0, 2**32),
    )
    | st.binary(max_size=300)
)
MARK: Final = b'{"the answer":"to the second request"}'


# No breaker may end what is looked at here.
_PATIENT: Final = ClientSettings(
    timeouts=QUICK, in_flight_max=4, breaker=BreakerSettings(failures_max=2**62)
)


@dataclass
class Line:
    """A server that says what a test says, and clients that ask it."""

    clients: HttpClients
    raw: bytes = b""
    troubles: list[object] = field(default_factory=list)


@pytest.fixture
async def line() -> AsyncIterator[Line]:
    """Opens a server that answers once and then has nothing more to say."""
    made: list[Line] = []

    async def converse(conversation: Conversation) -> None:
        asked = await conversation.request()
        await conversation.send(answer_bytes(MARK) if b"/second" in asked else made[0].raw)
        conversation.writer.write_eof()

    with alarms():
        async with (
            serving(converse) as server,
            clients_of(server.url, settings=_PATIENT) as clients,
        ):
            made.append(Line(clients))
            yield made[0]


@fuzzed(400)
@given(raw=RAW)
async def test_any_bytes_make_an_outcome(line: Line, raw: bytes) -> None:
    """Answered or lost, and nothing of it is taken for the answer to the next request."""
    line.raw = raw
    asyncio.get_running_loop().set_exception_handler(lambda _loop, told: line.troubles.append(told))
    mutate, query = line.clients.mutate, line.clients.query
    async with asyncio.timeout(5):
        first = await mutate.send("x", "POST", "/first", headers={}, content=b"{}")
        second = await query.send("x", "GET", "/second", headers={})
        third = await mutate.send("x", "POST", "/second", headers={}, content=b"{}")
    assert isinstance(first, Answered | Lost), "the server took the request"
    for later in (second, third):
        assert isinstance(later, Answered)
        assert later.body == MARK
    assert not line.troubles


@fuzzed(200)
@given(status=st.integers(200, 599), body=st.binary(max_size=3_000))
async def test_a_good_answer_is_given_as_it_came(line: Line, status: int, body: bytes) -> None:
    """Every byte of it, whatever it says."""
    sent = b"" if status in {204, 304} else body
    line.raw = answer_bytes(sent, status)
    outcome = await line.clients.mutate.send("x", "POST", "/first", headers={}, content=b"{}")
    assert isinstance(outcome, Answered)
    assert (outcome.status, outcome.body) == (status, sent)
