"""Attacks a service and tells how its neighbours fared: `python -m tests.attacks [--write]`."""

import argparse
import asyncio
import sys
import tempfile
import time
from pathlib import Path
from typing import Final

from tests.attacks.doors import SIEGES, door_of
from tests.attacks.neighbour import Beside, living_beside
from tests.attacks.page import lines
from tests.stack import CHECKOUT

PAGE: Final = CHECKOUT / "docs" / "attacks.md"
_PATIENCE_S: Final = 0.3


async def attacked() -> dict[str, list[Beside]]:
    """Makes all attacks, one after the other."""
    found = {}
    for way, siege in SIEGES.items():
        with tempfile.TemporaryDirectory() as directory:
            async with siege.run(Path(directory)) as service, living_beside(service) as neighbour:
                for name, cases in siege.attacks.items():
                    found[f"{name} port, {way}"] = [
                        await neighbour.beside(case, door_of(service, name, case, _PATIENCE_S))
                        for case in cases
                    ]
    return found


def main() -> int:
    """Prints the page; gives the exit status, which is 1 where a fate is milder than said."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--write", action="store_true", help=f"write {PAGE.relative_to(CHECKOUT)}")
    given = parser.parse_args()
    began = time.monotonic()
    found = asyncio.run(attacked())
    page = "\n".join(lines(found, time.monotonic() - began)) + "\n"
    sys.stdout.write(page)
    if given.write:
        PAGE.write_text(page, encoding="utf-8")
    every = [beside for besides in found.values() for beside in besides]
    return int(any(beside.outcome.fate not in beside.case.fate.or_harder for beside in every))


if __name__ == "__main__":
    sys.exit(main())
