"""The command `sim`: seeds, one after the other, until enough payments were made."""

import argparse
import gc
import time
from pathlib import Path

from tests.torture.checker import check
from tests.torture.checks.facts import Sheet
from tests.torture.observed import Observed
from tests.torture.profile import PROFILES
from tests.torture.report import Report
from tests.torture.simulation import PAYMENTS_PER_SEED, simulate
from tests.torture.story import story
from tests.torture.world import capture_logs

_STORIES_MAX = 3
_FINDINGS_TOLD_MAX = 10
_SEEDS_PER_COLLECTION = 10


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Says what the command takes."""
    parser.add_argument("--seed", type=int, default=1, help="the first seed")
    parser.add_argument("--payments", type=int, default=1000, help="go on until so many were made")
    parser.add_argument("--seeds", type=int, default=0, help="or through so many seeds")
    parser.add_argument("--payments-per-seed", type=int, default=PAYMENTS_PER_SEED)
    parser.add_argument("--profile", choices=sorted(PROFILES), default="all")
    parser.add_argument("--trace", type=Path, help="where to write the trace of all seeds")
    parser.add_argument("--story", default="", help="tell this payment's story as well")


def run(arguments: argparse.Namespace) -> int:
    """Runs it; the exit status is 1 where an invariant is violated."""
    capture_logs(cached=True)
    report = Report()
    began = time.perf_counter()
    trace = arguments.trace.open("w", encoding="utf-8") if arguments.trace else None
    gc.freeze()
    gc.disable()
    seed = arguments.seed
    while not _enough(arguments, report):
        observed, world = simulate(
            seed,
            payments=arguments.payments_per_seed,
            profile=arguments.profile,
            traced=trace is not None,
        )
        sheets = check(observed)
        report.tally.add(sheets)
        report.add(observed, struck=world.network.struck, steps=world.loop.steps)
        if trace is not None:
            trace.writelines(f"{line}\n" for line in world.recorder.lines or ())
        tell_findings(observed, sheets)
        if arguments.story:
            tell("\n".join(story(observed, arguments.story)))
        if report.seeds % _SEEDS_PER_COLLECTION == 0:
            gc.collect()
        seed += 1
    if trace is not None:
        trace.close()
    tell(f"seeds {arguments.seed} to {seed - 1}, profile {arguments.profile}")
    for line in report.lines(time.perf_counter() - began):
        tell(line)
    return 0 if report.tally.holds else 1


def _enough(arguments: argparse.Namespace, report: Report) -> bool:
    if arguments.seeds:
        return report.seeds >= int(arguments.seeds)
    return report.payments >= int(arguments.payments)


def tell_findings(observed: Observed, sheets: list[Sheet]) -> None:
    """Prints what was violated, how to see it again, and the stories of the payments."""
    found = [(sheet.invariant, *finding) for sheet in sheets for finding in sheet.findings]
    if not found:
        return
    tell(f"\nseed {observed.seed}: {len(found)} violations; again by: {observed.command}")
    for invariant, subject, text in found[:_FINDINGS_TOLD_MAX]:
        tell(f"  {invariant} {subject}: {text}")
    subjects = dict.fromkeys(subject for _, subject, _ in found if subject in observed.payments)
    for subject in list(subjects)[:_STORIES_MAX]:
        tell("\n".join(story(observed, subject)))


def tell(line: str) -> None:
    """Prints a line at once."""
    print(line, flush=True)  # noqa: T201 - a command's output
