"""`python -m tests.attacks.planted`: plants each fault into a copy, where something must fail."""

import argparse
import asyncio
import shutil
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from tests.attacks.planted.faults import FAULTS
from tests.attacks.planted.page import lines
from tests.torture.planted.copies import CHECKOUT, copy_checkout, plant
from tests.torture.planted.judging import Verdict, tested

PAGE: Final = CHECKOUT / "docs" / "planted-faults.md"
_BY_NAME: Final = {fault.name: fault for fault in FAULTS}


async def judged(names: Sequence[str], directory: Path) -> tuple[Verdict, dict[str, Verdict]]:
    """Runs all that is to see the faults on a copy without any, and then each on its own."""
    pristine = directory / "pristine"
    copy_checkout(pristine)
    clean = await tested(pristine, *sorted({_BY_NAME[name].test for name in names}))
    _tell(f"(nothing planted): {clean.found}")
    verdicts = {}
    for name in names:
        copy = directory / name
        plant(_BY_NAME[name], pristine, copy)
        verdicts[name] = verdict = await tested(copy, _BY_NAME[name].test)
        shutil.rmtree(copy)
        _tell(f"{name}: {verdict.found}")
    return clean, verdicts


def _tell(text: str) -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


def main() -> int:
    """Runs the command; gives 1 where a fault is not seen, or something fails without one."""
    parser = argparse.ArgumentParser(prog="python -m tests.attacks.planted")
    parser.add_argument("--only", action="append", default=[], choices=sorted(_BY_NAME))
    parser.add_argument("--write", action="store_true", help=f"write docs/{PAGE.name}")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="ovo-planted-") as directory:
        clean, verdicts = asyncio.run(judged(arguments.only or list(_BY_NAME), Path(directory)))
    told = "\n".join(lines(clean, verdicts))
    _tell(told)
    if arguments.write:
        PAGE.write_text(f"{told}\n", "utf-8")
    holds = clean.found == Verdict().found and all(verdict.caught for verdict in verdicts.values())
    return 0 if holds else 1


if __name__ == "__main__":
    sys.exit(main())
