"""The simulation: the same seed tells the same story, and no trouble breaks an invariant."""

import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Final

import pytest

from tests.torture.crashing import STORIES

_CHECKOUT: Final = Path(__file__).parents[2]
_PAYMENTS: Final = 1500
_FAULTS_SHARE_MIN: Final = 20


def torture(*arguments: str, **environment: str) -> "subprocess.CompletedProcess[str]":
    """Runs the command in a process of its own, as whoever reproduces a seed does."""
    return subprocess.run(
        [sys.executable, "-m", "tests.torture", *arguments],
        cwd=_CHECKOUT,
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        check=False,
    )


def test_the_same_seed_gives_the_same_trace(tmp_path: Path) -> None:
    """Byte for byte, in another process and with other hashes."""
    traces = []
    for hash_seed in ("0", "4711"):
        trace = tmp_path / f"trace-{hash_seed}"
        told = torture(
            *("sim", "--seed", "5", "--seeds", "2", "--payments-per-seed", "40"),
            *("--trace", str(trace)),
            PYTHONHASHSEED=hash_seed,
        )
        assert told.returncode == 0, told.stdout + told.stderr
        traces.append(trace.read_bytes())
    assert traces[0]
    assert traces[0] == traces[1]


def test_another_seed_gives_another_trace(tmp_path: Path) -> None:
    """Else the seed would draw nothing."""
    traces = set()
    for seed in ("5", "6"):
        trace = tmp_path / f"trace-{seed}"
        torture(
            *("sim", "--seed", seed, "--seeds", "1", "--payments-per-seed", "10"),
            *("--trace", str(trace)),
        )
        traces.add(trace.read_bytes())
    assert len(traces) == 2


@pytest.mark.timeout(300)
def test_no_trouble_breaks_an_invariant() -> None:
    """All faults at once, at a fifth of the provider calls and more."""
    told = torture("sim", "--seed", "1", "--payments", str(_PAYMENTS))
    assert told.returncode == 0, told.stdout + told.stderr
    share = re.search(r"(\d+)% of them hit by a fault", told.stdout)
    assert share is not None
    assert int(share[1]) >= _FAULTS_SHARE_MIN
    for number in range(1, 40):
        assert re.search(rf"^I-{number} ", told.stdout, re.MULTILINE), told.stdout


@pytest.mark.timeout(300)
def test_no_trouble_breaks_an_invariant_on_postgresql(tmp_path: Path) -> None:
    """A real server on virtual time: the same seed tells the same story there as well."""
    traces = []
    for run in ("first", "second"):
        trace = tmp_path / run
        told = torture(
            *("sim", "--database", "postgres", "--seed", "5", "--seeds", "2"),
            *("--payments-per-seed", "40", "--trace", str(trace)),
        )
        assert told.returncode == 0, told.stdout + told.stderr
        traces.append(trace.read_bytes())
    assert traces[0]
    assert traces[0] == traces[1]


@pytest.mark.timeout(300)
@pytest.mark.parametrize("rpc", STORIES)
def test_a_death_at_any_step_breaks_no_invariant(rpc: str) -> None:
    """Of the service and of the provider, at every await and at every named point."""
    told = torture("crashes", "--rpc", rpc)
    assert told.returncode == 0, told.stdout + told.stderr
    deaths = re.search(rf"^{rpc}, seed 1: (\d+) deaths", told.stdout, re.MULTILINE)
    assert deaths is not None
    assert int(deaths[1]) > 5


@pytest.mark.timeout(120)
def test_a_death_breaks_no_invariant_on_postgresql() -> None:
    """Nobody ends the dead one's lease there: it runs out."""
    point = ("--point", "after_commit:payments.create")
    told = torture("crashes", "--database", "postgres", "--rpc", "Charge", *point)
    assert told.returncode == 0, told.stdout + told.stderr
    assert "1 deaths of the service" in told.stdout
