"""The command `planted`: plants each bug into a copy of its own and lets the simulation find it."""

import argparse
import asyncio
import shutil
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from tests.torture.planted.bug import Bug
from tests.torture.planted.catalogue import BUGS
from tests.torture.planted.copies import CHECKOUT, copy_checkout, plant
from tests.torture.planted.judging import Search, Verdict, judge
from tests.torture.planted.page import lines

PAGE: Final = CHECKOUT / "docs" / "planted-bugs.md"
_SEEDS: Final = 60
_PAYMENTS_PER_SEED: Final = 100
_PROCESSES: Final = 2
_UNPATCHED: Final = "(nothing planted)"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Says what the command takes."""
    parser.add_argument("--only", action="append", default=[], choices=sorted(BUGS))
    parser.add_argument("--seed", type=int, default=1, help="the first seed")
    parser.add_argument("--seeds", type=int, default=_SEEDS, help="give a bug up after so many")
    parser.add_argument("--payments-per-seed", type=int, default=_PAYMENTS_PER_SEED)
    parser.add_argument("--write", action="store_true", help=f"write docs/{PAGE.name}")


def run(arguments: argparse.Namespace) -> int:
    """Runs it; gives 1 where a bug is not caught, or a copy without one is not clean."""
    search = Search(
        seed=arguments.seed,
        seeds=arguments.seeds,
        payments_per_seed=arguments.payments_per_seed,
    )
    names = arguments.only or list(BUGS)
    began = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="ovo-planted-") as directory:
        clean, *verdicts = asyncio.run(_judged(names, search, Path(directory)))
    told = list(
        lines(clean, dict(zip(names, verdicts, strict=True)), search, time.monotonic() - began)
    )
    _tell("\n".join(told))
    if arguments.write:
        PAGE.write_text("\n".join(told) + "\n", "utf-8")
    holds = clean.found == Verdict().found and all(verdict.caught for verdict in verdicts)
    return 0 if holds else 1


async def _judged(names: Sequence[str], search: Search, directory: Path) -> list[Verdict]:
    """Judges the copy without a bug, and then each bug."""
    pristine = directory / "pristine"
    copy_checkout(pristine)
    places = asyncio.Semaphore(_PROCESSES)

    async def judged(bug: Bug | None) -> Verdict:
        async with places:
            began = time.monotonic()
            copy = directory / (bug.name if bug else "clean")
            if bug is None:
                shutil.copytree(pristine, copy)
            else:
                plant(bug, pristine, copy)
            verdict = await judge(bug, copy, search)
            verdict.elapsed_s = time.monotonic() - began
            shutil.rmtree(copy)
        name = bug.name if bug else _UNPATCHED
        _tell(f"{name}: {verdict.found}, {verdict.catch.seeds} seeds, {verdict.elapsed_s:.0f} s")
        return verdict

    bugs: list[Bug | None] = [None, *(BUGS[name] for name in names)]
    return list(await asyncio.gather(*(judged(bug) for bug in bugs)))


def _tell(text: str) -> None:
    sys.stdout.write(text + "\n")
    sys.stdout.flush()
