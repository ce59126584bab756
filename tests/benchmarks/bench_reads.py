"""P1: GetStatus by a payment's id, beside a bare unary call of the same size."""

from pathlib import Path
from typing import Final

from tests.benchmarks.harness import generator, goals, seeding, service
from tests.benchmarks.harness.extent import Extent
from tests.benchmarks.harness.generator import Requests
from tests.benchmarks.harness.goals import Measured

_GOALS: Final = {16: goals.READS_16, 64: goals.READS_64}


def measure(extent: Extent, directory: Path) -> list[Measured]:
    """Measures both, in turns, with few callers and with many."""
    database = directory / "payments.db"
    seeding.seed(database, extent.stored, succeeded=True)
    requests = Requests(message=service.get_status_request(), cycle=extent.stored)
    with service.running_service(database) as served:
        sample = generator.numbered(requests.message.decode("latin-1"), 0).encode("latin-1")
        answer = service.call(served.grpc, service.GET_STATUS, sample)
        with service.running_bare_grpc(directory, len(answer)) as bare:
            return [
                Measured(
                    goal=goal,
                    service=_per_s(served.grpc, service.GET_STATUS, requests, callers, extent),
                    yardstick=_per_s(bare.address, service.BARE_UNARY, requests, callers, extent),
                )
                for callers, goal in _GOALS.items()
            ]


def _per_s(address: str, method: str, requests: Requests, callers: int, extent: Extent) -> float:
    def calls_per_s(seconds: float) -> float:
        return generator.unary(address, method, requests, seconds=seconds, callers=callers).per_s

    calls_per_s(extent.warm_up_s)
    return calls_per_s(extent.seconds)
