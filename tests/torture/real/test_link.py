"""A link carries all that it is given, and breaks exactly where it is told to."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass

import pytest

from tests.stack import eventually
from tests.torture.real.link import Direction, Link, Trap


@dataclass
class Ends:
    """A link, and what its far end heard and answers."""

    link: Link
    heard: bytearray
    answer: bytes = b""

    async def connect(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        """Connects to the near end."""
        return await asyncio.open_connection("127.0.0.1", self.link.port)


@pytest.fixture
async def ends() -> AsyncIterator[Ends]:
    """Makes a link to a server that answers whatever comes."""
    served: list[Ends] = []

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while data := await reader.read(1 << 16):
                served[0].heard += data
                writer.write(served[0].answer)
        except ConnectionResetError:
            served[0].heard += b"!"
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    link = Link("tested", lambda: ("127.0.0.1", port))
    await link.open()
    served.append(Ends(link, bytearray()))
    yield served[0]
    link.close()
    server.close()
    await server.wait_closed()


async def test_what_is_written_at_one_end_is_read_at_the_other(ends: Ends) -> None:
    """Both ways, and counted."""
    ends.answer = b"pong"
    reader, writer = await ends.connect()
    writer.write(b"ping" * 50_000)
    assert await reader.readexactly(4) == b"pong"
    writer.close()
    assert set(ends.heard[:4]) == set(b"ping")
    assert ends.link.passed[Direction.DOWN] >= 4


@pytest.mark.parametrize("place", [1, 7, 10])
async def test_a_request_is_cut_after_the_byte_that_was_named(ends: Ends, place: int) -> None:
    """The far end gets so much and no more."""
    ends.link.set_trap(Trap(direction=Direction.UP, bytes_left=place))
    reader, writer = await ends.connect()
    writer.write(b"0123456789")
    with pytest.raises(ConnectionResetError):
        await reader.readexactly(1)
    writer.close()
    assert bytes(ends.heard).rstrip(b"!") in {b"", b"0123456789"[:place]}
    assert ends.link.passed[Direction.UP] == place
    assert ends.link.cuts == {Direction.UP: 1}


async def test_an_answer_is_cut_and_its_request_arrives(ends: Ends) -> None:
    """The loss of an answer leaves what was asked for done."""
    ends.answer = b"yes, it is done"
    ends.link.set_trap(Trap(direction=Direction.DOWN, bytes_left=3))
    reader, writer = await ends.connect()
    writer.write(b"do it")
    with pytest.raises((ConnectionResetError, asyncio.IncompleteReadError)):
        await reader.readexactly(len(ends.answer))
    writer.close()
    assert bytes(ends.heard).rstrip(b"!") == b"do it"


async def test_a_trap_before_something_springs_where_that_would_pass(ends: Ends) -> None:
    """What was asked for is done, and nobody is told."""
    ends.link.set_trap(Trap(direction=Direction.DOWN, before=b"COMMIT"))
    reader, writer = await ends.connect()
    ends.answer = b"BEGIN"
    writer.write(b"begin")
    assert await reader.readexactly(5) == b"BEGIN"
    ends.answer = b"well, COMMIT"
    writer.write(b"commit")
    with pytest.raises((ConnectionResetError, asyncio.IncompleteReadError)):
        await reader.readexactly(len(ends.answer))
    writer.close()
    assert bytes(ends.heard).rstrip(b"!") == b"begincommit"
    assert ends.link.passed[Direction.DOWN] == len(b"BEGINwell, ")


async def test_a_trap_springs_once_and_says_so(ends: Ends) -> None:
    """The next connection is whole."""
    ends.answer = b"."
    sprung = asyncio.Event()
    ends.link.set_trap(Trap(direction=Direction.UP, bytes_left=2, spring=sprung.set))
    _, writer = await ends.connect()
    writer.write(b"abc")
    async with asyncio.timeout(5):
        await sprung.wait()
    writer.close()
    reader, writer = await ends.connect()
    writer.write(b"abc")
    assert await reader.readexactly(1) == b"."
    writer.close()


async def test_a_refusing_link_is_connected_to_by_nobody_until_it_opens(ends: Ends) -> None:
    """On the same port then."""
    port = ends.link.port
    ends.link.refuse()
    with pytest.raises(ConnectionRefusedError):
        await ends.connect()
    await ends.link.open()
    _, writer = await ends.connect()
    writer.close()
    assert ends.link.port == port


async def test_a_slow_link_keeps_the_order(ends: Ends) -> None:
    """Also where it becomes quick again in between."""
    ends.answer = b"."
    reader, writer = await ends.connect()
    ends.link.delay_s = 0.05
    writer.write(b"first ")
    await writer.drain()
    await eventually(_so_many_passed(ends, 6), "the first part is on its way")
    ends.link.delay_s = 0.0
    writer.write(b"second")
    await reader.readexactly(1)
    await eventually(_so_many_heard(ends, 12), "both parts arrive")
    assert bytes(ends.heard) == b"first second"
    writer.close()


def _so_many_passed(ends: Ends, count: int) -> Callable[[], Awaitable[bool]]:
    async def passed() -> bool:
        return ends.link.passed[Direction.UP] >= count

    return passed


def _so_many_heard(ends: Ends, count: int) -> Callable[[], Awaitable[bool]]:
    async def heard() -> bool:
        return len(ends.heard) >= count

    return heard


async def test_a_stalled_link_loses_nothing(ends: Ends) -> None:
    """What was written meanwhile arrives afterwards."""
    ends.answer = b"."
    reader, writer = await ends.connect()
    writer.write(b"a")
    await reader.readexactly(1)
    ends.link.stall()
    writer.write(b"b")
    await writer.drain()
    assert bytes(ends.heard) == b"a"
    ends.link.resume()
    assert await reader.readexactly(1) == b"."
    assert bytes(ends.heard) == b"ab"
    writer.close()
