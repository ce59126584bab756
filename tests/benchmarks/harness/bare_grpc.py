"""The yardstick of calls and streams: grpc.aio with nothing around it, in a process of its own.

Messages are bytes, as they are to the service's own handlers, and as large as the service's.
"""

import argparse
import asyncio
import sys
import time
from collections.abc import AsyncIterator
from typing import Final, TypeAlias

import grpc
import uvloop

UNARY: Final = "Unary"
WATCH: Final = "Watch"
PUBLISH: Final = "Publish"
SERVICE: Final = "bench.Bare"
# The first byte of a message that tells of a payment, by which the load knows an update.
_UPDATE: Final = b"\x0a"

Context: TypeAlias = grpc.aio.ServicerContext[bytes, bytes]


class Bare:
    """One answer for all calls, and one update for all streams."""

    def __init__(self, answer_bytes: int) -> None:
        self._message = _UPDATE + b"x" * (answer_bytes - 1)
        self._waiting: set[asyncio.Future[None]] = set()

    async def unary(self, _request: bytes, _context: Context) -> bytes:
        """Answers."""
        return self._message

    async def watch(self, _request: bytes, _context: Context) -> AsyncIterator[bytes]:
        """Sends a message at once, another when somebody publishes, and ends."""
        waiter: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting.add(waiter)
        try:
            yield self._message
            await waiter
            yield self._message
        finally:
            self._waiting.discard(waiter)

    async def publish(self, _request: bytes, _context: Context) -> bytes:
        """Wakes all streams; answers with the time before, in nanoseconds since 1970."""
        published_ns = time.time_ns()
        for waiter in self._waiting:
            waiter.set_result(None)
        return str(published_ns).encode()


async def serve(answer_bytes: int) -> None:
    """Serves until the process ends, and writes its address."""
    bare = Bare(answer_bytes)
    server = grpc.aio.server(options=[("grpc.so_reuseport", 0)])
    handlers: dict[str, grpc.RpcMethodHandler[bytes, bytes]] = {
        UNARY: grpc.unary_unary_rpc_method_handler(bare.unary),
        WATCH: grpc.unary_stream_rpc_method_handler(bare.watch),
        PUBLISH: grpc.unary_unary_rpc_method_handler(bare.publish),
    }
    server.add_generic_rpc_handlers((grpc.method_handlers_generic_handler(SERVICE, handlers),))
    port = server.add_insecure_port("127.0.0.1:0")
    await server.start()
    sys.stdout.write(f"127.0.0.1:{port}\n")
    sys.stdout.flush()
    await server.wait_for_termination()


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--answer-bytes", type=int, required=True)
    uvloop.run(serve(parser.parse_args().answer_bytes))
