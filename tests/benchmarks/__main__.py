"""Measures the service beside its yardsticks: `python -m tests.benchmarks [group …]`.

It ends with 0 whether goals are reached or not: a goal that is missed is a figure. Where
something does not work that is measured, it ends with 1 and no figure at all.
"""

import argparse
import shutil
import sys
import tempfile
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from tests.benchmarks import (
    bench_charges,
    bench_commits,
    bench_nodes,
    bench_reads,
    bench_start,
    bench_watchers,
    bench_webhooks,
)
from tests.benchmarks.harness import generator, machine
from tests.benchmarks.harness.extent import FULL, SHORT, Extent
from tests.benchmarks.harness.goals import Goal, Measured, Result, result_of
from tests.benchmarks.harness.processes import (
    BenchmarkFailedError,
    end_in_order_when_terminated,
)
from tests.benchmarks.harness.table import machine_table, placed, table
from tests.stack import CHECKOUT

PAGE: Final = CHECKOUT / "docs" / "performance.md"
GROUPS: Final[Mapping[str, Callable[[Extent, Path], list[Measured]]]] = {
    "reads": bench_reads.measure,
    "charges": bench_charges.measure,
    "webhooks": bench_webhooks.measure,
    "watchers": bench_watchers.measure,
    "commits": bench_commits.measure,
    "nodes": bench_nodes.measure,
    "start": bench_start.measure,
}


def measured(groups: Sequence[str], extent: Extent, repetitions: int) -> list[Result]:
    """Measures groups, all of them once before any of them again, so that noise is spread."""
    found: dict[Goal, list[Measured]] = defaultdict(list)
    for repetition in range(repetitions):
        for group in groups:
            sys.stderr.write(f"{repetition + 1} of {repetitions}: {group}\n")
            # In the checkout: a temporary folder may be memory, where nothing is durable.
            directory = Path(tempfile.mkdtemp(prefix=f"{group}-", dir=generator.BUILT))
            try:
                for one in GROUPS[group](extent, directory):
                    found[one.goal].append(one)
            finally:
                shutil.rmtree(directory)
    return [result_of(repetitions_of_one) for repetitions_of_one in found.values()]


def main() -> int:
    """Prints the results; gives the exit status."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("groups", nargs="*", metavar="group", help=f"of {', '.join(GROUPS)}")
    parser.add_argument("--repetitions", type=int, default=3)
    parser.add_argument("--short", action="store_true", help="only see that the parts work")
    parser.add_argument("--write", action="store_true", help=f"write {PAGE.relative_to(CHECKOUT)}")
    given = parser.parse_args()
    unknown = sorted(set(given.groups) - GROUPS.keys())
    if unknown:
        parser.error(f"no group {unknown[0]}: there are {', '.join(GROUPS)}")
    if given.write and (given.groups or given.short):
        parser.error("--write takes all groups, at full length")
    end_in_order_when_terminated()
    try:
        generator.build()
        load_before = machine.load_before()
        extent = SHORT if given.short else FULL
        results = measured(given.groups or list(GROUPS), extent, given.repetitions)
    except BenchmarkFailedError as error:
        sys.stderr.write(f"no figure: {error}\n")
        return 1
    when = datetime.now(UTC).date().isoformat()
    about = machine_table([*machine.described(), load_before], when, given.repetitions)
    lines = [*table(results), "", *about]
    sys.stdout.write("\n".join(lines) + "\n")
    if given.write:
        page = placed(PAGE.read_text(encoding="utf-8"), lines)
        PAGE.write_text(page, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
