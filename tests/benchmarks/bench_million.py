"""P11: GetStatus and Charge with 1,000,000 payments stored, beside 1,000.

Run it with `python -m tests.benchmarks.bench_million`; writing the payments takes minutes and
some gigabytes beside the checkout. They are written straight into the database.
"""

import argparse
import shutil
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Final

from tests.benchmarks.bench_charges import Charges
from tests.benchmarks.harness import generator, goals, seeding, service
from tests.benchmarks.harness.extent import FULL, Extent
from tests.benchmarks.harness.generator import Requests
from tests.benchmarks.harness.goals import Measured, result_of
from tests.benchmarks.harness.processes import (
    BenchmarkFailedError,
    end_in_order_when_terminated,
)
from tests.benchmarks.harness.service import Service
from tests.benchmarks.harness.table import table

_CALLERS: Final = 16
_FEW: Final = 1_000
_MANY: Final = 1_000_000
_REPETITIONS: Final = 3
# A prime, so that every payment's turn comes, and payments read in a row share no page.
_STRIDE: Final = 7_919


class _Stored:
    """A service with so many payments in its database."""

    def __init__(self, served: Service, count: int) -> None:
        self._served = served
        self._count = count
        self._charges = Charges(served)

    def read_p50_ms(self, extent: Extent) -> float:
        """Reads payments from all over the database."""
        requests = Requests(message=service.get_status_request(), cycle=self._count, stride=_STRIDE)
        calls = generator.unary(
            self._served.grpc,
            service.GET_STATUS,
            requests,
            seconds=extent.seconds,
            callers=_CALLERS,
        )
        return calls.p50_ms

    def charge_p50_ms(self, extent: Extent) -> float:
        """Charges more."""
        return self._charges.run(extent.seconds, callers=_CALLERS).p50_ms


@contextmanager
def _stored(directory: Path, provider_url: str, count: int) -> Iterator[_Stored]:
    database = directory / f"{count}.db"
    began = time.perf_counter()
    seeding.seed(database, count, succeeded=True)
    took_s = time.perf_counter() - began
    sys.stderr.write(f"{count:,} payments written in {took_s:.0f} s\n")
    with service.running_service(database, provider_url) as served:
        yield _Stored(served, count)


def measure(extent: Extent, directory: Path, many: int) -> list[list[Measured]]:
    """Measures both numbers of payments in turns; gives the repetitions of each goal."""
    reads, charges = [], []
    with ExitStack() as stack:
        provider_url = stack.enter_context(service.running_provider(directory))
        few_stored = stack.enter_context(_stored(directory, provider_url, _FEW))
        many_stored = stack.enter_context(_stored(directory, provider_url, many))
        for stored in (few_stored, many_stored):
            stored.read_p50_ms(extent)
            stored.charge_p50_ms(extent)
        for _ in range(_REPETITIONS):
            reads.append(
                Measured(
                    goal=goals.STORED_READS,
                    service=many_stored.read_p50_ms(extent),
                    yardstick=few_stored.read_p50_ms(extent),
                )
            )
            charges.append(
                Measured(
                    goal=goals.STORED_CHARGES,
                    service=many_stored.charge_p50_ms(extent),
                    yardstick=few_stored.charge_p50_ms(extent),
                )
            )
    return [reads, charges]


def main() -> int:
    """Prints the results; gives the exit status."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--payments", type=int, default=_MANY, help="how many are many")
    given = parser.parse_args()
    directory: Path | None = None
    end_in_order_when_terminated()
    try:
        generator.build()
        directory = Path(tempfile.mkdtemp(prefix="million-", dir=generator.BUILT))
        measured = measure(FULL, directory, given.payments)
    except BenchmarkFailedError as error:
        sys.stderr.write(f"no figure: {error}\n")
        return 1
    finally:
        if directory is not None:
            shutil.rmtree(directory)
    lines = table([result_of(repetitions) for repetitions in measured])
    sys.stdout.write("\n".join(lines) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
