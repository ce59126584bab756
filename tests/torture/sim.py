"""The command `sim`: seeds, one after the other, until enough payments were made."""

import argparse
import gc
import multiprocessing
import time
from collections import deque
from collections.abc import Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from typing import Final

from tests.torture import databases
from tests.torture.checker import check
from tests.torture.checks.facts import Sheet
from tests.torture.long_run import LongRun
from tests.torture.observed import Observed
from tests.torture.profile import PROFILES
from tests.torture.report import Report
from tests.torture.simulation import PAYMENTS_PER_SEED, simulate
from tests.torture.story import story
from tests.torture.world import capture_logs

_STORIES_MAX: Final = 3
_FINDINGS_TOLD_MAX: Final = 10
_SEEDS_PER_COLLECTION: Final = 10
_SEEDS_AHEAD: Final = 3
_PROGRESS_EVERY_S: Final = 60.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """What one seed shall run."""

    seed: int
    payments: int
    profile: str
    traced: bool
    story: str
    server_url: str
    """Of a PostgreSQL server; empty for SQLite."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What came of one seed."""

    report: Report
    told: list[str]
    trace: list[str]


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Says what the command takes."""
    parser.add_argument("--seed", type=int, default=1, help="the first seed")
    parser.add_argument("--payments", type=int, default=1000, help="go on until so many were made")
    parser.add_argument("--seeds", type=int, default=0, help="or through so many seeds")
    parser.add_argument("--payments-per-seed", type=int, default=PAYMENTS_PER_SEED)
    parser.add_argument("--profile", choices=sorted(PROFILES), default="all")
    databases.add_argument(parser)
    parser.add_argument("--jobs", type=int, default=1, help="processes, each with its own seeds")
    parser.add_argument("--report", type=Path, help="where results are kept, and gone on from")
    parser.add_argument("--trace", type=Path, help="where to write the trace of all seeds")
    parser.add_argument("--story", default="", help="tell this payment's story as well")


def run(arguments: argparse.Namespace) -> int:
    """Runs it; the exit status is 1 where an invariant is violated."""
    what = f"sim, profile {arguments.profile}, {arguments.payments_per_seed} payments a seed"
    what += databases.told(arguments)
    long_run = LongRun(arguments.report, first=arguments.seed, what=what)
    told_at = time.perf_counter()
    trace = arguments.trace.open("w", encoding="utf-8") if arguments.trace else None
    try:
        with databases.server_for(arguments) as server_url:
            for outcome in _outcomes(arguments, long_run, server_url):
                long_run.add(outcome.report)
                for line in outcome.told:
                    tell(line)
                if trace is not None:
                    trace.writelines(f"{line}\n" for line in outcome.trace)
                if time.perf_counter() - told_at > _PROGRESS_EVERY_S:
                    told_at = time.perf_counter()
                    up_to = long_run.next_seed - 1
                    tell(f"… {long_run.report.payments} payments, up to seed {up_to}")
    finally:
        # Also of a run that is ended before its end: the next one goes on after these seeds.
        long_run.write()
        if trace is not None:
            trace.close()
    last = long_run.next_seed - 1
    tell(f"seeds {long_run.first} to {last}, profile {arguments.profile}, {arguments.jobs} jobs")
    if long_run.revisions:
        tell(f"revisions: {', '.join(long_run.revisions)}")
    for line in long_run.report.lines():
        tell(line)
    return 0 if long_run.report.tally.holds else 1


def run_seed(order: Order) -> Outcome:
    """Runs one seed and holds every invariant against it."""
    began = time.process_time()
    with databases.opened(order.server_url, f"seed_{order.seed}") as database:
        observed, world = simulate(
            order.seed,
            database,
            payments=order.payments,
            profile=order.profile,
            traced=order.traced,
        )
    sheets = check(observed)
    report = Report()
    report.tally.add(sheets)
    report.add(observed, struck=world.network.struck, steps=world.loop.steps)
    told = list(findings(observed, sheets))
    if order.story:
        told += story(observed, order.story)
    if order.seed % _SEEDS_PER_COLLECTION == 0:
        gc.collect()
    report.cpu_s = time.process_time() - began
    return Outcome(report=report, told=told, trace=world.recorder.lines or [])


def findings(observed: Observed, sheets: list[Sheet]) -> Iterator[str]:
    """Tells what was violated, how to see it again, and the stories of the payments."""
    found = [(sheet.invariant, *finding) for sheet in sheets for finding in sheet.findings]
    if not found:
        return
    yield f"\nseed {observed.seed}: {len(found)} violations; again by: {observed.command}"
    for invariant, subject, text in found[:_FINDINGS_TOLD_MAX]:
        yield f"  {invariant} {subject}: {text}"
    subjects = dict.fromkeys(subject for _, subject, _ in found if subject in observed.payments)
    for subject in list(subjects)[:_STORIES_MAX]:
        yield from story(observed, subject)


def tell(line: str) -> None:
    """Prints a line at once."""
    print(line, flush=True)  # noqa: T201 - a command's output


def prepare() -> None:
    """Readies a process: quiet logs, and a collector that does not look at what stays."""
    capture_logs(cached=True)
    gc.freeze()
    gc.disable()


def _orders(arguments: argparse.Namespace, long_run: LongRun, server_url: str) -> Iterator[Order]:
    first, after_last = long_run.next_seed, int(arguments.seed + arguments.seeds)
    for seed in range(first, after_last) if arguments.seeds else count(first):
        yield Order(
            seed=seed,
            payments=arguments.payments_per_seed,
            profile=arguments.profile,
            traced=arguments.trace is not None,
            story=arguments.story,
            server_url=server_url,
        )


def _outcomes(
    arguments: argparse.Namespace, long_run: LongRun, server_url: str
) -> Iterator[Outcome]:
    """Gives the outcomes in the order of the seeds, until there are enough payments."""

    def enough() -> bool:
        return not arguments.seeds and long_run.report.payments >= arguments.payments

    if enough():
        return
    orders = _orders(arguments, long_run, server_url)
    if arguments.jobs == 1:
        prepare()
        for order in orders:
            yield run_seed(order)
            if enough():
                return
        return
    spawning = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(arguments.jobs, spawning, initializer=prepare) as processes:
        waiting: deque[Future[Outcome]] = deque()
        try:
            for order in orders:
                waiting.append(processes.submit(run_seed, order))
                if len(waiting) > arguments.jobs * _SEEDS_AHEAD:
                    yield waiting.popleft().result()
                if enough():
                    break
            while waiting and not enough():
                yield waiting.popleft().result()
        finally:
            processes.shutdown(wait=False, cancel_futures=True)
