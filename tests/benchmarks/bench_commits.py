"""P10: payments written durably by many at once, beside a commit for each."""

from pathlib import Path

from tests.benchmarks.harness import goals, processes
from tests.benchmarks.harness.extent import Extent
from tests.benchmarks.harness.goals import Measured


def measure(extent: Extent, directory: Path) -> list[Measured]:
    """Measures both, each in a process and on a database of its own."""
    return [
        Measured(
            goal=goals.COMMITS,
            service=_per_s(directory / "grouped.db", extent, writers=extent.writers),
            yardstick=_per_s(directory / "single.db", extent, writers=0),
        )
    ]


def _per_s(database: Path, extent: Extent, *, writers: int) -> float:
    command = processes.python(
        "tests.benchmarks.harness.committing",
        *("--database", str(database), "--seconds", str(extent.seconds)),
        *("--writers", str(writers)),
    )
    return float(processes.output(command, log=database.with_suffix(".log")))
