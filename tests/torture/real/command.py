"""`python -m tests.torture real`: real processes, real sockets, real files."""

import argparse
import asyncio
import platform
import shutil
import tempfile
import time
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, Final, get_args

import uvloop

from tests.torture.real.arena import Kind
from tests.torture.real.round import Plan, Result, run_round
from tests.torture.real.rounds import Rounds
from tests.torture.story import story

_PAYMENTS_PER_ROUND: Final = 5000
_STORIES_MAX: Final = 3


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Says what can be asked for."""
    parser.add_argument("--seed", type=int, default=1, help="of the first round")
    parser.add_argument("--payments", type=int, default=1000, help="orders in all")
    parser.add_argument("--kills", type=int, default=5)
    parser.add_argument("--cuts", type=int, default=5)
    parser.add_argument("--others", type=int, default=10, help="pauses, full disks, locks, …")
    parser.add_argument("--database", choices=get_args(Kind), default="sqlite")
    parser.add_argument("--nodes", type=int, default=1, help="of the service, on postgres")
    parser.add_argument("--processes", type=int, default=2, help="of callers")
    parser.add_argument(
        "--payments-per-round", type=int, default=_PAYMENTS_PER_ROUND, help="rounds are seeds"
    )
    parser.add_argument("--report", type=Path, help="where rounds are kept, and gone on from")
    parser.add_argument("--keep", type=Path, help="where the files of a broken round shall stay")


def run(arguments: argparse.Namespace) -> int:
    """Runs all rounds that the report has not yet; gives the exit status."""
    rounds = Rounds(arguments.report)
    for plan in _plans(arguments):
        if rounds.has(plan):
            continue
        result = _run_round(plan, arguments.keep)
        rounds.add(as_json(result))
        _print_lines(round_lines(result))
        if not result.holds:
            _print_lines(_findings(result))
            break
    _print_lines(rounds.lines())
    return 0 if rounds.hold else 1


def as_json(result: Result) -> dict[str, Any]:
    """One round as a line of the report."""
    observed = result.observed
    return {
        "command": result.plan.command,
        "seed": result.plan.seed,
        "holds": result.holds,
        "machine": platform.platform(),
        "python": platform.python_version(),
        "at": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()),
        "orders": result.plan.payments,
        "payments": len(observed.payments),
        "operations": len(observed.operations),
        "watches": len(observed.watches),
        "provider_calls": len(observed.calls),
        "webhooks": len(observed.deliveries),
        "debits": sum(entry.kind == "debit" for entry in observed.ledger),
        "refunds": sum(entry.kind == "refund" for entry in observed.ledger),
        "struck": dict(result.struck),
        "seconds": {name: round(value, 1) for name, value in result.seconds.items()},
        "checked": {sheet.invariant: sheet.checked for sheet in result.sheets},
        "violated": {s.invariant: len(s.findings) for s in result.sheets if s.findings},
        "unobservable": {s.invariant: s.unobservable for s in result.sheets if s.unobservable},
        "also": {s.invariant: s.also for s in result.sheets if s.also},
        "drained": result.drained,
        "exit_status": result.exit_status,
    }


def round_lines(result: Result) -> Iterator[str]:
    """What one round was, in a few lines."""
    told = as_json(result)
    shop_s = result.seconds["shop"]
    yield f"seed {result.plan.seed}: {'holds' if result.holds else 'BROKEN'}"
    yield (
        f"  {told['payments']} payments in {shop_s:.1f} s of troubles"
        f" ({told['payments'] / shop_s:.0f}/s), then {result.seconds['drain']:.1f} s of draining"
    )
    yield (
        f"  {told['operations']} calls, {told['watches']} watches,"
        f" {told['provider_calls']} provider calls, {told['webhooks']} notifications,"
        f" {told['debits']} debits and {told['refunds']} refunds in the ledger"
    )
    yield f"  {', '.join(f'{count} × {kind}' for kind, count in sorted(result.struck.items()))}"


def _plans(arguments: argparse.Namespace) -> Iterator[Plan]:
    """Shares what was asked for out to rounds of consecutive seeds."""
    size = min(arguments.payments, arguments.payments_per_round)
    rounds = -(-arguments.payments // size)
    for number in range(rounds):
        yield Plan(
            seed=arguments.seed + number,
            payments=min(size, arguments.payments - number * size),
            kills=_share(arguments.kills, rounds, number),
            cuts=_share(arguments.cuts, rounds, number),
            others=_share(arguments.others, rounds, number),
            processes=arguments.processes,
            database=arguments.database,
            nodes=arguments.nodes,
        )


def _share(total: int, rounds: int, number: int) -> int:
    return total // rounds + (number < total % rounds)


def _run_round(plan: Plan, keep: Path | None) -> Result:
    with tempfile.TemporaryDirectory(prefix="ovo-torture-") as temporary:
        directory, result = Path(temporary), None
        try:
            with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
                result = runner.run(run_round(plan, directory))
        finally:
            if keep is not None and (result is None or not result.holds):
                shutil.copytree(directory, keep / f"seed-{plan.seed}", dirs_exist_ok=True)
        return result


def _findings(result: Result) -> Iterator[str]:
    if not result.drained:
        yield "it was not drained: something is still open"
    if result.exit_status:
        yield f"the service ended with {result.exit_status}"
    told: set[str] = set()
    for sheet in result.sheets:
        for subject, finding in sheet.findings[:_STORIES_MAX]:
            yield f"{sheet.invariant} {subject}: {finding}"
            if subject in result.observed.payments and len(told) < _STORIES_MAX:
                told.add(subject)
                yield from story(result.observed, subject)
    yield f"again: {result.plan.command}"


def _print_lines(lines: Iterable[str]) -> None:
    for line in lines:
        print(line, flush=True)  # noqa: T201 - a command's output
