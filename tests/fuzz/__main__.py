"""Besieges the doors for as long as one likes: `python -m tests.fuzz --count 1000000 --seed 1`."""

import argparse
import asyncio
import sys
import tempfile
import time
from pathlib import Path

from tests.fuzz.arena import arena
from tests.fuzz.siege import Result, besiege
from tests.fuzz.wire import OverTheWire

_TELL_EVERY_S = 10.0


def main() -> None:
    """Reads the command line."""
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz", description=__doc__)
    parser.add_argument("--count", type=int, default=5_000, help="attacks to make")
    parser.add_argument("--seed", type=int, default=1, help="the same seed makes the same attacks")
    parser.add_argument(
        "--over-the-wire", action="store_true", help="through the sidecar, on a real socket"
    )
    given = parser.parse_args()
    asyncio.run(_siege(given.count, given.seed, over_the_wire=given.over_the_wire))


async def _siege(count: int, seed: int, *, over_the_wire: bool) -> None:
    told = 0.0

    def tell(result: Result) -> None:
        nonlocal told
        if time.monotonic() - told >= _TELL_EVERY_S:
            told = time.monotonic()
            sys.stdout.write(f"{result.count:>9,} attacks, {result.rate:,.0f}/s\n")
            sys.stdout.flush()

    with tempfile.TemporaryDirectory() as folder:
        async with arena(Path(folder)) as ground:
            if over_the_wire:
                async with OverTheWire(ground.application) as doors:
                    result = await besiege(ground, count, seed, doors=doors, tell=tell)
            else:
                result = await besiege(ground, count, seed, tell=tell)
            inbox = ground.inbox()
    lines = [
        f"{result.count:,} attacks with seed {seed} in {result.elapsed_s:.1f} s",
        f"{result.rate:,.0f} a second, the slowest {result.slowest_s * 1000:.1f} ms",
        f"{result.refused.total():,} refused alike, without a row",
        f"{result.stored.total():,} authentic (replayed, or altered where nothing is signed)",
        f"these were stored and worked off: {inbox}",
        f"{result.question_count:,} questions to the providers, which did not agree",
        "0 payments, refunds or links changed; 0 crashes; 0 breaches",
        *(f"  {kind:<28} {sum(counts):>9,}" for kind, counts in sorted(result.kinds().items())),
    ]
    sys.stdout.write("\n".join(lines) + "\n")


if __name__ == "__main__":
    main()
