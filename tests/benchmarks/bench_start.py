"""Start to first answer, and idle memory: `python -m tests.benchmarks.bench_start`.

Each start is a new process on a new database, as after a deployment. Beside it, in the same run:
a bare grpc.aio server with one health answer, as the yardstick.
"""

import asyncio
import os
import statistics
import sys
import tempfile
import time
from pathlib import Path
from typing import Final

import grpc
from grpc_health.v1 import health_pb2

from tests.stack import CHECKOUT

_RUNS: Final = 7
_CHECK: Final = "/grpc.health.v1.Health/Check"
_WITHIN_S: Final = 30.0
_LOOK_EVERY_S: Final = 0.005
_PORT: Final = 50971

_BARE: Final = f"""
import asyncio, grpc
from grpc_health.v1 import health_pb2, health_pb2_grpc
from grpc_health.v1.health import aio
async def main():
    server = grpc.aio.server()
    servicer = aio.HealthServicer()
    health_pb2_grpc.add_HealthServicer_to_server(servicer, server)
    await servicer.set("", health_pb2.HealthCheckResponse.SERVING)
    server.add_insecure_port("127.0.0.1:{_PORT}")
    await server.start()
    await server.wait_for_termination()
asyncio.run(main())
"""


async def _measured(*arguments: str, environment: dict[str, str]) -> tuple[float, float]:
    """Starts a process; gives seconds to its first answer, and MiB of memory then."""
    began = time.perf_counter()
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, *arguments),
        env={**os.environ, **environment},
        cwd=CHECKOUT,
        stdout=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.DEVNULL,
    )
    try:
        async with asyncio.timeout(_WITHIN_S):
            while not await _serves():  # noqa: ASYNC110 - it tells nobody
                await asyncio.sleep(_LOOK_EVERY_S)
        took_s = time.perf_counter() - began
        return took_s, _resident_mib(process.pid)
    finally:
        process.terminate()
        await process.wait()


async def _serves() -> bool:
    options = [("grpc.enable_http_proxy", 0), ("grpc.use_local_subchannel_pool", 1)]
    async with grpc.aio.insecure_channel(f"127.0.0.1:{_PORT}", options=options) as channel:
        check = channel.unary_unary(
            _CHECK,
            request_serializer=health_pb2.HealthCheckRequest.SerializeToString,
            response_deserializer=health_pb2.HealthCheckResponse.FromString,
        )
        try:
            await check(health_pb2.HealthCheckRequest(), timeout=1.0)
        except grpc.aio.AioRpcError:
            return False
        return True


def _resident_mib(pid: int) -> float:
    status = Path(f"/proc/{pid}/status").read_text(encoding="ascii")
    line = next(line for line in status.splitlines() if line.startswith("VmRSS:"))
    return int(line.split()[1]) / 1024


async def main() -> None:
    """Prints medians of both."""
    rows: dict[str, list[tuple[float, float]]] = {"service": [], "bare grpc.aio": []}
    for _ in range(_RUNS):
        with tempfile.TemporaryDirectory() as directory:
            environment = {
                "OVO_ENVIRONMENT": "development",
                "OVO_ALLOW_ANONYMOUS": "true",
                "OVO_GRPC_LISTEN": f"127.0.0.1:{_PORT}",
                "OVO_HTTP_LISTEN": "127.0.0.1:0",
                "OVO_DATABASE_URL": f"sqlite:///{directory}/payments.db",
                "OVO_MIDTRANS_SERVER_KEY": "unused",
            }
            rows["service"].append(
                await _measured("-m", "ovo_payments", "serve", environment=environment)
            )
        rows["bare grpc.aio"].append(await _measured("-c", _BARE, environment={}))
    for name, measured in rows.items():
        start_s = statistics.median(start for start, _ in measured)
        memory_mib = statistics.median(memory for _, memory in measured)
        print(  # noqa: T201 - what it is for
            f"{name:14} first answer after {start_s:.2f} s, {memory_mib:.0f} MiB resident"
        )


if __name__ == "__main__":
    asyncio.run(main())
