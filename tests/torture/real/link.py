"""A byte-counting TCP proxy between two processes, which can cut, delay, stall and refuse."""

import asyncio
import socket
import struct
from collections import Counter, deque
from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum
from typing import Final, Protocol, TypeAlias, cast

_RESET_ON_CLOSE: Final = struct.pack("ii", 1, 0)

Address: TypeAlias = tuple[str, int]


class Direction(Enum):
    """Which way bytes go."""

    UP = "up"
    """From who connected to who listens: requests."""
    DOWN = "down"
    """Answers."""


class Listener(Protocol):
    """Who reads along on one connection."""

    def heard(self, direction: Direction, data: bytes) -> None:
        """Takes what passed."""

    def over(self) -> None:
        """Hears that the connection is gone."""


@dataclass(slots=True, kw_only=True)
class Trap:
    """Springs once so many more bytes have passed one way; the rest of them never arrives.

    One that lies before something springs where that would pass next.
    """

    direction: Direction
    bytes_left: int = 0
    before: bytes = b""
    spring: Callable[[], None] | None = None
    """What happens beside the cut."""


class Link:
    """One proxy: listens on a port of its own, and connects each connection to an address."""

    def __init__(
        self,
        name: str,
        target: Callable[[], Address],
        listener: Callable[[Address], Listener] | None = None,
    ) -> None:
        """Names the link; `target` says where to for each connection.

        `listener` makes one who reads along on a connection to an address.
        """
        self.name = name
        self.passed = dict.fromkeys(Direction, 0)
        self.cuts: Counter[Direction] = Counter()
        self.connections = 0
        """How many were ever accepted."""
        self.delay_s = 0.0
        self.port = 0
        self._target = target
        self._listener = listener
        self._stalled = False
        self._traps: list[Trap] = []
        self._pairs: set[_Pair] = set()
        self._server: asyncio.Server | None = None

    @property
    def address(self) -> str:
        """Where it listens."""
        return f"127.0.0.1:{self.port}"

    async def open(self) -> None:
        """Listens, each time on the same port."""
        if self._server is None:
            self._server = await asyncio.get_running_loop().create_server(
                self._accepted, "127.0.0.1", self.port, reuse_address=True
            )
            self.port = self._server.sockets[0].getsockname()[1]

    def refuse(self) -> None:
        """Refuses connections until `open`; those that stand go on."""
        if self._server is not None:
            self._server.close()
            self._server = None

    def set_trap(self, trap: Trap) -> None:
        """Cuts a connection in the middle of what it carries."""
        self._traps.append(trap)

    def clear_trap(self, trap: Trap) -> None:
        """Takes a trap away that has not sprung."""
        if trap in self._traps:
            self._traps.remove(trap)

    def stall(self) -> None:
        """Lets nothing through, and breaks nothing."""
        self._stalled = True
        for pair in self._pairs:
            pair.pause()

    def deaden(self) -> None:
        """Lets nothing more through the connections that stand; new ones are well."""
        for pair in self._pairs:
            pair.pause()

    def resume(self) -> None:
        """Ends a stall."""
        self._stalled = False
        for pair in self._pairs:
            pair.resume()

    def heal(self) -> None:
        """Carries everything again; `open` ends a refusal."""
        self.delay_s = 0.0
        self._traps.clear()
        self.resume()

    def cut(self) -> None:
        """Breaks the connections that stand; new ones are well."""
        for pair in list(self._pairs):
            pair.cut()

    def close(self) -> None:
        """Ends everything."""
        self.refuse()
        self.cut()

    def allowed(self, direction: Direction, data: bytes) -> tuple[bytes, Trap | None]:
        """Says how much of this may pass, and which trap it springs."""
        for trap in self._traps:
            if trap.direction is not direction:
                continue
            if trap.before:
                place = data.find(trap.before)
                if place < 0:
                    continue
                trap.bytes_left = place
            if trap.bytes_left <= len(data):
                self._traps.remove(trap)
                return data[: trap.bytes_left], trap
            trap.bytes_left -= len(data)
            break
        return data, None

    def joined(self, pair: "_Pair") -> None:
        """Counts a connection in."""
        self._pairs.add(pair)
        self.connections += 1
        if self._stalled:
            pair.pause()

    def left(self, pair: "_Pair") -> None:
        """Counts a connection out."""
        self._pairs.discard(pair)

    def _accepted(self) -> asyncio.Protocol:
        target = self._target()
        pair = _Pair(self, target, self._listener(target) if self._listener else None)
        return pair.near

    async def connect(self, pair: "_Pair") -> None:
        """Connects to the other end."""
        host, port = pair.target
        try:
            await asyncio.get_running_loop().create_connection(lambda: pair.far, host, port)
        except OSError:
            pair.cut()


class _Pair:
    """One connection: its two halves."""

    def __init__(self, link: Link, target: Address, listener: Listener | None) -> None:
        self.link = link
        self.target = target
        self.listener = listener
        self.near = _Half(self, Direction.UP)
        self.far = _Half(self, Direction.DOWN)
        self._connecting: asyncio.Task[None] | None = None
        self._over = False

    def begun(self, half: "_Half") -> None:
        """Hears that a half is connected."""
        if half is self.near:
            self.link.joined(self)
            self._connecting = asyncio.ensure_future(self.link.connect(self))
        elif self._over:
            half.cut()
        else:
            self.near.flush()

    def came(self, half: "_Half", data: bytes) -> None:
        """Carries bytes from one half to the other, as far as they may go."""
        direction = half.direction
        allowed, trap = self.link.allowed(direction, data)
        self.link.passed[direction] += len(allowed)
        if allowed:
            if self.listener is not None:
                self.listener.heard(direction, allowed)
            half.carry(allowed, self.link.delay_s)
        if trap is not None:
            self.link.cuts[direction] += 1
            if trap.spring is not None:
                trap.spring()
            self.cut()

    def pause(self) -> None:
        """Reads nothing from either side."""
        for half in (self.near, self.far):
            half.pause()

    def resume(self) -> None:
        """Reads on."""
        for half in (self.near, self.far):
            half.resume()

    def other(self, half: "_Half") -> "_Half":
        """The other half."""
        return self.far if half is self.near else self.near

    def ended(self) -> None:
        """Ends the connection once all that was carried has left."""
        if self._over:
            return
        self._over = True
        self.link.left(self)
        if self.listener is not None:
            self.listener.over()
        for half in (self.near, self.far):
            half.close()

    def cut(self) -> None:
        """Breaks the connection in both directions, with a reset."""
        for half in (self.near, self.far):
            half.cut()
        self.ended()


class _Half(asyncio.Protocol):
    """One socket."""

    def __init__(self, pair: _Pair, direction: Direction) -> None:
        self.direction = direction
        self._pair = pair
        self._transport: asyncio.Transport | None = None
        self._outgoing: deque[bytes] = deque()
        """What came from here and was not yet handed to the other half."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)
        raw = transport.get_extra_info("socket")
        if raw is not None:
            raw.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._pair.begun(self)

    def data_received(self, data: bytes) -> None:
        self._pair.came(self, data)

    def eof_received(self) -> bool:
        self._pair.ended()
        return False

    def connection_lost(self, exc: Exception | None) -> None:
        self._pair.ended()

    def carry(self, data: bytes, delay_s: float) -> None:
        """Hands bytes to the other half, in order, late where the link is slow."""
        self._outgoing.append(data)
        if delay_s:
            asyncio.get_running_loop().call_later(delay_s, self.flush)
        else:
            self.flush()

    def flush(self) -> None:
        """Hands over what waits; keeps it while the other half is not connected yet."""
        other = self._pair.other(self)
        while self._outgoing and other.write(self._outgoing[0]):
            self._outgoing.popleft()

    def write(self, data: bytes) -> bool:
        """Writes to this socket; False where it is not there."""
        if self._transport is None or self._transport.is_closing():
            return False
        self._transport.write(data)
        return True

    def pause(self) -> None:
        """Stops reading."""
        if self._transport is not None and not self._transport.is_closing():
            self._transport.pause_reading()

    def resume(self) -> None:
        """Reads on."""
        if self._transport is not None and not self._transport.is_closing():
            self._transport.resume_reading()

    def close(self) -> None:
        """Closes when all is written."""
        self.flush()
        if self._transport is not None:
            self._transport.close()

    def cut(self) -> None:
        """Resets."""
        if self._transport is None or self._transport.is_closing():
            return
        raw = self._transport.get_extra_info("socket")
        if raw is not None:
            raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET_ON_CLOSE)
        self._transport.abort()
