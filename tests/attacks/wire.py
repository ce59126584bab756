"""Raw connections of an attacker, and what is heard on them."""

import asyncio
import socket
import struct
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Final, Protocol

from tests.attacks.outcome import Fate, Outcome
from tests.attacks.papers import Papers

# Sooner than what is cut by its time alone, or it would count as cut for its size or form.
_LONG_S: Final = 8.0
_READ_BYTES: Final = 64 * 1024
_RESET_AT_CLOSE: Final = struct.pack("ii", 1, 0)


@dataclass(kw_only=True)
class Raw:
    """One connection, on which anything may be sent."""

    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter

    async def send(self, data: bytes, within_s: float = 2.0) -> None:
        """Sends bytes as they are; whoever closes or takes no more is no news to an attacker."""
        try:
            async with asyncio.timeout(within_s):
                self.writer.write(data)
                await self.writer.drain()
        except (ConnectionError, TimeoutError):
            return

    async def trickle(self, data: bytes, within_s: float) -> None:
        """Sends a byte now and then, and all within a time."""
        for byte in data:
            await self.send(bytes((byte,)))
            await asyncio.sleep(within_s / len(data))

    async def read(self, within_s: float) -> tuple[bytes, bool]:
        """Reads what comes until a silence of this time; tells whether it was closed, too."""
        heard = bytearray()
        try:
            while True:
                async with asyncio.timeout(within_s):
                    data = await self.reader.read(_READ_BYTES)
                if not data:
                    return bytes(heard), True
                heard += data
        except TimeoutError:
            return bytes(heard), False
        except ConnectionError:
            return bytes(heard), True

    def reset(self) -> None:
        """Leaves without a goodbye: the peer gets RST."""
        used: socket.socket = self.writer.get_extra_info("socket")
        used.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET_AT_CLOSE)
        self.writer.transport.abort()


class Hear(Protocol):
    """Reads what a server sent."""

    def __call__(self, data: bytes, *, closed: bool) -> Outcome:
        """Tells what an attacker was told by it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Door:
    """Where the service listens, and what an attacker waits for there."""

    host: str
    port: int
    patience_s: float
    """How long a silence lasts that is taken for the end."""
    fate: Fate
    """What is waited for on a machine that is slow, beyond a silence."""
    papers: Papers | None = None
    """What an attacker may show where the door speaks TLS."""

    @property
    def known_papers(self) -> Papers:
        """The papers, at a door that has some."""
        assert self.papers is not None, "this door speaks no TLS"
        return self.papers

    async def heard(self, raw: Raw, hear: Hear) -> Outcome:
        """Listens until the fate is there, or for long."""
        data, began = b"", time.monotonic()
        while True:
            more, closed = await raw.read(self.patience_s)
            data += more
            outcome = hear(data, closed=closed)
            if closed or outcome.fate in self.fate.or_harder or time.monotonic() - began > _LONG_S:
                return outcome

    @asynccontextmanager
    async def connected(self) -> AsyncIterator[Raw]:
        """Opens a connection, and leaves it without waiting for anybody."""
        reader, writer = await asyncio.open_connection(self.host, self.port)
        raw = Raw(reader=reader, writer=writer)
        try:
            yield raw
        finally:
            writer.transport.abort()
