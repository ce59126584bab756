"""Whatever bytes a stranger sends to the sidecar: an answer or the end, and nothing is stored."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import closing
from dataclasses import dataclass
from random import Random
from typing import Final

import pytest
from hypothesis import given
from hypothesis import strategies as st
from prometheus_client import CollectorRegistry

from ovo_payments.transport.http.server import Sidecar
from tests.fuzz.arena import Arena
from tests.fuzz.attacks import BINDING_PATH, MIDTRANS_PATH, PAYMENT_PATH, TOKEN_PATH
from tests.fuzz.examples import fuzzed
from tests.fuzz.fragments import spoil

_TARGETS: Final = (
    *(MIDTRANS_PATH, PAYMENT_PATH, BINDING_PATH, TOKEN_PATH, "/livez", "/readyz", "/metrics"),
    *("/", "*", "", "/webhooks/midtrans/", "/webhooks/midtrans?a=b", "/webhooks/%6didtrans"),
    *("http://x/webhooks/midtrans", "//webhooks/midtrans", "/../webhooks/midtrans", "/\xff"),
)
_HEADERS: Final = (
    *("Content-Length: 2", "Content-Length: 0", "Content-Length: -1", "Content-Length: 2, 3"),
    *(f"Content-Length: {'9' * 5_000}", "Content-Length: 70000", "Content-Length: 0x2", "x"),
    *(
        "Transfer-Encoding: chunked",
        "Transfer-Encoding: gzip",
        "Content-Length: 2\r\nContent-Length: 2",
    ),
    *(
        "Expect: 100-continue",
        "Connection: close",
        "Connection: upgrade\r\nUpgrade: h2c",
        "Host: y",
    ),
    *("authorization: Bearer x\r\nauthorization: Bearer y", "x-signature: \xff", "x: \x00", ": y"),
    *(f"x: {'a' * 20_000}", "\r\n".join(f"x{n}: y" for n in range(300)), "x: a\r\n folded"),
)
_BODIES: Final = (
    *(b"", b"{}", b"2\r\n{}\r\n0\r\n\r\n", b"ffffffffffffffffff\r\n", b"zz\r\n", b"{" * 70_000),
    *(b"\x00\xff", b"POST /webhooks/midtrans HTTP/1.1\r\n\r\n", b"[" * 60_000),
)


def _made(method: str, target: str, version: str, headers: list[str], body: bytes) -> bytes:
    lines = "\r\n".join([f"{method} {target} {version}", "Host: x", *headers])
    return lines.encode("latin-1") + b"\r\n\r\n" + body


MADE: Final = st.builds(
    _made,
    st.sampled_from(("POST", "POST", "GET", "PUT", "HEAD", "PRI", "post", "")),
    st.sampled_from(_TARGETS),
    st.sampled_from(("HTTP/1.1", "HTTP/1.1", "HTTP/1.0", "HTTP/2.0", "HTTP/0.9", "")),
    st.lists(st.sampled_from(_HEADERS), max_size=3),
    st.sampled_from(_BODIES),
)
RAW: Final = (
    MADE
    | st.builds(
        lambda raw, seed: spoil(raw, Random(seed)),  # noqa: S311 - can be repeated
        MADE,
        st.integers(0, 2**32),
    )
    | st.binary(max_size=300)
)


@dataclass
class Listening:
    """A sidecar that takes requests."""

    arena: Arena
    port: int


@pytest.fixture
async def listening(arena: Arena) -> AsyncIterator[Listening]:
    """Starts a sidecar."""
    sidecar = Sidecar(
        receive_webhook=arena.application.use_cases.receive_webhook,
        checks=(arena.store.ping,),
        registry=CollectorRegistry(),
        listen="127.0.0.1:0",
    )
    yield Listening(arena, await sidecar.start())
    await sidecar.stop(grace_s=1.0)


async def said_to(port: int, raw: bytes) -> bytes:
    """Sends bytes and nothing after them, and gives whatever is answered."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    with closing(writer):
        writer.write(raw)
        writer.write_eof()
        try:
            return await reader.read()
        except ConnectionError:
            return b""


@fuzzed(600)
@given(raw=RAW)
async def test_any_bytes_are_answered_or_the_connection_ends(
    listening: Listening, raw: bytes
) -> None:
    """No webhook is stored, no answer tells of a fault, and the next request is served."""
    async with asyncio.timeout(5):
        answer = await said_to(listening.port, raw)
        after = await said_to(listening.port, b"GET /livez HTTP/1.1\r\nHost: x\r\n\r\n")
    assert answer == b"" or answer.startswith(b"HTTP/1.1 ")
    assert not answer.startswith(b"HTTP/1.1 5")
    assert after.startswith(b"HTTP/1.1 200 ")
    assert listening.arena.inbox() == {}
    assert not listening.arena.alarms.broke
