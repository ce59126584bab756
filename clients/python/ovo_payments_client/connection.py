"""The channel that calls go over, and another where it went dead without a word.

gRPC makes a broken connection anew by itself. One that carries nothing and does not break, behind
a proxy for example, would be used until keepalive gives it up.
"""

import asyncio
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import grpc

from ovo.payments.v1 import ovo_payments_pb2_grpc


@dataclass(slots=True, eq=False)
class Line:
    """One channel, and how many calls are on it."""

    channel: grpc.aio.Channel
    stub: "ovo_payments_pb2_grpc.OvoPaymentsAsyncStub"
    calls: int = 0


class Connection:
    """Gives each call the channel of now."""

    def __init__(
        self, channel: grpc.aio.Channel, reopen: Callable[[], grpc.aio.Channel] | None = None
    ) -> None:
        """Keeps to one channel, however dead, unless `reopen` makes others."""
        self._line = _line(channel)
        self._reopen = reopen
        self._closing: set[asyncio.Task[None]] = set()

    @property
    def stub(self) -> "ovo_payments_pb2_grpc.OvoPaymentsAsyncStub":
        """The RPCs, over the channel of now."""
        return self._line.stub

    @contextmanager
    def call(self) -> Iterator[Line]:
        """Holds the channel of now as long as the block lasts."""
        line = self._line
        line.calls += 1
        try:
            yield line
        finally:
            line.calls -= 1
            if line is not self._line and not line.calls:
                # Nobody is on it any more; closing cancels nothing.
                closing = asyncio.ensure_future(line.channel.close())
                self._closing.add(closing)
                closing.add_done_callback(self._closing.discard)

    def leave(self, line: Line) -> None:
        """Opens another channel for the calls to come, unless somebody already has.

        Calls that are on the old one may finish there.
        """
        if line is self._line and self._reopen is not None:
            self._line = _line(self._reopen())

    async def close(self) -> None:
        """Closes the channel of now, and waits for those that were left."""
        await asyncio.gather(self._line.channel.close(), *self._closing)


def _line(channel: grpc.aio.Channel) -> Line:
    return Line(channel, ovo_payments_pb2_grpc.OvoPaymentsStub(channel))
