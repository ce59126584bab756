"""Measures what a call to a provider costs: our transport beside httpx's own pool and bare aiohttp.

Run it with `python tests/benchmarks/bench_outgoing_http.py`. A trivial server answers at once from
a process of its own, so what is measured is the client. The figures of one run are comparable
with each other; another machine gives others.
"""

import asyncio
import logging
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from typing import Final, TypeAlias, cast

import aiohttp
import httpx
import structlog
import uvloop
from rich.console import Console
from rich.table import Table

from ovo_payments.providers.http import Answered, HttpClients

IN_FLIGHT: Final = (1, 16, 64)
CALLS: Final = 3000
BODY: Final = b'{"payment_type":"ovo"}' + b" " * 480
ANSWER_BODY: Final = b'{"status_code":"201"}' + b" " * 280
ANSWER: Final = (
    b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
    b"Content-Length: %d\r\n\r\n%s" % (len(ANSWER_BODY), ANSWER_BODY)
)
HEADERS: Final = {
    "Accept": "application/json",
    "Authorization": "Basic U0ItTWlkLXNlcnZlci10ZXN0Og==",
    "Content-Type": "application/json",
    "Idempotency-Key": "charge-00000000000000000000000000000001",
}

Call: TypeAlias = Callable[[], Awaitable[None]]


class AtOnce(asyncio.Protocol):
    """Answers each request with the same bytes."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Takes a connection."""
        self._transport = cast("asyncio.Transport", transport)
        self._received = b""

    def data_received(self, data: bytes) -> None:
        """Answers once head and body are here."""
        self._received += data
        head, end, body = self._received.partition(b"\r\n\r\n")
        length = head.lower().partition(b"content-length:")[2].partition(b"\r\n")[0]
        if end and len(body) >= int(length or 0):
            self._received = b""
            self._transport.write(ANSWER)


async def serve() -> None:
    """Serves until it is ended, and writes its port."""
    server = await asyncio.get_running_loop().create_server(AtOnce, "127.0.0.1", 0)
    sys.stdout.write(f"{server.sockets[0].getsockname()[1]}\n")
    sys.stdout.flush()
    await server.serve_forever()


@asynccontextmanager
async def ours(url: str) -> AsyncIterator[Call]:
    """The way every provider's calls go, breaker, bulkhead and time-outs included."""
    clients = HttpClients(provider="bench", base_url=url)

    async def call() -> None:
        outcome = await clients.mutate.send(
            "charge", "POST", "/v2/charge", headers=HEADERS, content=BODY
        )
        assert isinstance(outcome, Answered), outcome

    yield call
    await clients.close()


@asynccontextmanager
async def httpx_alone(url: str) -> AsyncIterator[Call]:
    """The library httpx with its own pool."""
    limits = httpx.Limits(max_connections=512, max_keepalive_connections=512)
    async with httpx.AsyncClient(limits=limits, trust_env=False) as client:

        async def call() -> None:
            answer = await client.post(f"{url}/v2/charge", content=BODY, headers=HEADERS)
            assert answer.status_code == 200

        yield call


@asynccontextmanager
async def aiohttp_alone(url: str) -> AsyncIterator[Call]:
    """The library aiohttp with none of what we need around it."""
    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0)) as session:

        async def call() -> None:
            async with session.post(f"{url}/v2/charge", data=BODY, headers=HEADERS) as answer:
                await answer.read()

        yield call


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """What one run gave."""

    calls_per_s: float
    cpu_us_per_call: float
    p50_ms: float
    p99_ms: float


async def measure(call: Call, in_flight: int) -> Measured:
    """Makes many calls, so many at once."""
    durations_s: list[float] = []

    async def one_after_another(count: int) -> None:
        for _ in range(count):
            start = time.perf_counter()
            await call()
            durations_s.append(time.perf_counter() - start)

    await asyncio.gather(*[one_after_another(2) for _ in range(in_flight)])
    durations_s.clear()
    start, cpu_start = time.perf_counter(), time.process_time()
    await asyncio.gather(*[one_after_another(CALLS // in_flight) for _ in range(in_flight)])
    cpu_s, elapsed_s = time.process_time() - cpu_start, time.perf_counter() - start
    durations_s.sort()
    return Measured(
        calls_per_s=len(durations_s) / elapsed_s,
        cpu_us_per_call=cpu_s / len(durations_s) * 1e6,
        p50_ms=durations_s[len(durations_s) // 2] * 1e3,
        p99_ms=durations_s[len(durations_s) * 99 // 100] * 1e3,
    )


async def compare(url: str) -> Table:
    """Measures every client with every number of calls at once."""
    table = Table("client", "in flight", "calls/s", "CPU µs/call", "p50 ms", "p99 ms")
    for client in (ours, httpx_alone, aiohttp_alone):
        for in_flight in IN_FLIGHT:
            async with client(url) as call:
                measured = await measure(call, in_flight)
            table.add_row(
                client.__name__,
                str(in_flight),
                f"{measured.calls_per_s:,.0f}",
                f"{measured.cpu_us_per_call:,.0f}",
                f"{measured.p50_ms:.2f}",
                f"{measured.p99_ms:.2f}",
            )
    return table


def main() -> None:
    """Starts the server and prints the comparison."""
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.WARNING))
    with subprocess.Popen(
        [sys.executable, __file__, "--serve"], stdout=subprocess.PIPE, text=True
    ) as server:
        assert server.stdout is not None
        port = int(server.stdout.readline())
        try:
            Console().print(uvloop.run(compare(f"http://127.0.0.1:{port}")))
        finally:
            server.kill()


if __name__ == "__main__":
    if "--serve" in sys.argv:
        with suppress(KeyboardInterrupt):
            uvloop.run(serve())
    else:
        main()
