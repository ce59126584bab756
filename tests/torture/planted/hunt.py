"""`python -m tests.torture.planted.hunt`: simulates a copy until the checker finds something.

Runs in a process of its own, whose path leads to the copy; tells what it found as a line of JSON.
"""

import argparse
import gc
import json
import sys
import traceback
from dataclasses import asdict, dataclass, field
from pathlib import Path

import ovo_payments
from tests.torture.checker import check
from tests.torture.databases import MemoryDatabase
from tests.torture.simulation import simulate
from tests.torture.world import capture_logs

_FINDINGS_MAX = 3


@dataclass(slots=True, kw_only=True)
class Catch:
    """How far a hunt went, and what ended it."""

    seeds: int = 0
    payments: int = 0
    by: list[str] = field(default_factory=list)
    """The invariants that did not hold, in the first seed in which any did not."""
    findings: list[str] = field(default_factory=list)
    broke: str = ""
    """The exception with which the run itself ended."""


def hunt(first_seed: int, seeds: int, payments_per_seed: int) -> Catch:
    """Simulates until something is found or all seeds are through."""
    catch = Catch()
    for seed in range(first_seed, first_seed + seeds):
        catch.seeds += 1
        try:
            observed, _ = simulate(seed, MemoryDatabase(), payments=payments_per_seed)
            sheets = check(observed)
        except Exception as error:  # noqa: BLE001 - whatever a planted bug breaks is a finding
            catch.broke = f"{type(error).__name__}: {error}"
            traceback.print_exc()
            return catch
        catch.payments += len(observed.payments)
        catch.by = [sheet.invariant for sheet in sheets if sheet.findings]
        for sheet in sheets:
            for subject, finding in sheet.findings[:_FINDINGS_MAX]:
                catch.findings.append(f"{sheet.invariant} {subject}: {finding}"[:300])
        if catch.by:
            return catch
        gc.collect()
    return catch


def main() -> None:
    """Hunts in the copy that the path leads to, and in no other."""
    parser = argparse.ArgumentParser(prog="python -m tests.torture.planted.hunt")
    parser.add_argument("--copy", type=Path, required=True)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--seeds", type=int, required=True)
    parser.add_argument("--payments-per-seed", type=int, required=True)
    arguments = parser.parse_args()
    if not Path(ovo_payments.__file__).is_relative_to(arguments.copy):
        sys.exit(f"imported {ovo_payments.__file__}, which is not the copy's")
    capture_logs(cached=True)
    gc.freeze()
    gc.disable()
    catch = hunt(arguments.seed, arguments.seeds, arguments.payments_per_seed)
    sys.stdout.write(json.dumps(asdict(catch)) + "\n")


if __name__ == "__main__":
    main()
