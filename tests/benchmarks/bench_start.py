"""P13: start to first answer, and idle memory, beside a bare server.

Each start is a new process on a new database, as after a deployment.
"""

import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Final

from grpc_health.v1 import health_pb2

from tests.benchmarks.harness import goals, service
from tests.benchmarks.harness.extent import Extent
from tests.benchmarks.harness.goals import Measured

_CHECK: Final = "/grpc.health.v1.Health/Check"
_KIB_PER_MB: Final = 1_000_000 / 1_024

Started = tuple[int, str, str]
"""A process, its address, and a method of its that answers."""


def measure(extent: Extent, directory: Path) -> list[Measured]:
    """Measures both."""
    ours = _started(lambda: _service(directory / "payments.db"), extent)
    theirs = _started(lambda: _bare(directory), extent)
    return [
        Measured(goal=goals.START, service=ours[0], yardstick=theirs[0]),
        Measured(goal=goals.IDLE_MEMORY, service=ours[1], yardstick=theirs[1]),
    ]


def _started(
    start: Callable[[], AbstractContextManager[Started]], extent: Extent
) -> tuple[float, float]:
    """Gives seconds to the first answer, and MB of memory a while later."""
    began = time.perf_counter()
    with start() as (pid, address, method):
        service.call(address, method, health_pb2.HealthCheckRequest().SerializeToString())
        took_s = time.perf_counter() - began
        return took_s, service.settled_memory_kib(pid, extent.settle_s) / _KIB_PER_MB


@contextmanager
def _service(database: Path) -> Iterator[Started]:
    with service.running_service(database) as served:
        yield served.pid, served.grpc, _CHECK


@contextmanager
def _bare(directory: Path) -> Iterator[Started]:
    with service.running_bare_grpc(directory, answer_bytes=2) as bare:
        yield bare.pid, bare.address, service.BARE_UNARY
