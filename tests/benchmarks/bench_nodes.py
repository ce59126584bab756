"""P12: GetStatus by two processes that share a PostgreSQL, beside one process on it."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Final

from deploy.local_postgres import local_postgres
from ovo.payments.v1 import ovo_payments_pb2 as messages
from tests.benchmarks.bench_charges import Charges
from tests.benchmarks.harness import generator, goals, service
from tests.benchmarks.harness.extent import Extent
from tests.benchmarks.harness.generator import MARKER, Calls, Requests
from tests.benchmarks.harness.goals import Measured

_CALLERS: Final = 32
"""Of each of the two generators, which load both processes or the same one."""


def measure(extent: Extent, directory: Path) -> list[Measured]:
    """Measures one process, then both."""
    with (
        local_postgres() as server,
        service.running_provider(directory) as provider_url,
    ):
        url = server.new_database("benchmark")
        first, second = (
            service.running_service(directory / name, provider_url, shared_url=url)
            for name in ("first", "second")
        )
        with first as one, second as two:
            stored = Charges(one).run(extent.seconds, callers=_CALLERS).calls
            alone = _per_s([one.grpc, one.grpc], stored, extent)
            both = _per_s([one.grpc, two.grpc], stored, extent)
    return [Measured(goal=goals.NODES, service=both, yardstick=alone)]


def _per_s(addresses: list[str], stored: int, extent: Extent) -> float:
    """Loads the addresses at the same time; gives the sum of their calls a second."""
    message = messages.GetStatusRequest(order_id=f"charged-{MARKER}").SerializeToString()
    requests = Requests(message=message, first=1, cycle=stored)

    def load(address: str, seconds: float) -> Calls:
        return generator.unary(
            address, service.GET_STATUS, requests, seconds=seconds, callers=_CALLERS
        )

    with ThreadPoolExecutor(len(addresses)) as generators:

        def all_at_once(seconds: float) -> float:
            runs = generators.map(load, addresses, [seconds] * len(addresses))
            return sum(calls.per_s for calls in runs)

        all_at_once(extent.warm_up_s)
        return all_at_once(extent.seconds)
