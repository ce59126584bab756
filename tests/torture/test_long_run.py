"""Long runs are taken up again where they were interrupted."""

import argparse
import json
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.stack import CHECKOUT
from tests.torture import sim
from tests.torture.long_run import SEEDS_PER_LINE, LongRun, OtherRunError
from tests.torture.report import Report, quantile


def of_one_seed(payments: int = 100, known_after_s: float = 2.5) -> Report:
    """What a seed could report."""
    report = Report(seeds=1, payments=payments, cpu_s=0.5)
    report.tally.checked["I-1"] = payments
    report.tally.found["I-1"] = 0
    report.tally.also["I-1"] = {"orders": 2}
    report.known_after_s["doku"] = Counter({known_after_s: 3})
    return report


def test_a_run_goes_on_after_the_last_seed_of_its_file(tmp_path: Path) -> None:
    """And tells of all its seeds, as if it had never been interrupted."""
    file = tmp_path / "report.jsonl"
    first, at_once = (LongRun(where, first=7, what="a run") for where in (file, None))
    for number in range(5):
        first.add(of_one_seed(known_after_s=float(number)))
        at_once.add(of_one_seed(known_after_s=float(number)))
    first.write()
    again = LongRun(file, first=7, what="a run")
    assert (again.first, again.next_seed) == (7, 12)
    again.add(of_one_seed(payments=1))
    at_once.add(of_one_seed(payments=1))
    again.write()
    assert LongRun(file, first=7, what="a run").next_seed == 13
    again.report.elapsed_s = at_once.report.elapsed_s
    assert list(again.report.lines()) == list(at_once.report.lines())


def test_what_is_killed_loses_the_seeds_of_one_line_at_most(tmp_path: Path) -> None:
    """Each line is written as soon as its seeds are through."""
    file = tmp_path / "report.jsonl"
    killed = LongRun(file, first=1, what="a run")
    for _ in range(2 * SEEDS_PER_LINE + 1):
        killed.add(of_one_seed())
    lines = [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines()]
    assert [(line["first"], line["last"]) for line in lines] == [(1, 100), (101, 200)]
    assert LongRun(file, first=1, what="a run").next_seed == 201


def test_what_is_interrupted_loses_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The seeds of the line that is not full are written as well."""

    def outcomes(*_: object) -> Iterator[sim.Outcome]:
        for _number in range(3):
            yield sim.Outcome(report=of_one_seed(), told=[], trace=[])
        raise KeyboardInterrupt

    monkeypatch.setattr(sim, "_outcomes", outcomes)
    file = tmp_path / "report.jsonl"
    parser = argparse.ArgumentParser()
    sim.add_arguments(parser)
    with pytest.raises(KeyboardInterrupt):
        sim.run(parser.parse_args(["--report", str(file)]))
    assert json.loads(file.read_text(encoding="utf-8"))["last"] == 3


def test_a_file_of_another_run_is_refused(tmp_path: Path) -> None:
    """Results of different troubles are not added up."""
    file = tmp_path / "report.jsonl"
    run = LongRun(file, first=1, what="a run")
    run.add(of_one_seed())
    run.write()
    with pytest.raises(OtherRunError, match="'a run', not of 'another'"):
        LongRun(file, first=1, what="another")


def _children_of(pid: int) -> list[int]:
    return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


@pytest.mark.timeout(120)
def test_what_is_ended_leaves_nobody() -> None:
    """SIGTERM ends a run together with its processes."""
    arguments = ("--jobs", "2", "--payments", "1000000", "--payments-per-seed", "1")
    command = [sys.executable, "-m", "tests.torture", "sim", *arguments]
    with subprocess.Popen(command, cwd=CHECKOUT) as run:
        children: list[int] = []
        # The two that simulate, and the one that watches over what they share.
        while len(children) < 3:
            assert run.poll() is None
            children = _children_of(run.pid)
            time.sleep(0.05)
        run.terminate()
        assert run.wait() == 128 + signal.SIGTERM
    # The third goes once the others are gone.
    while any(Path(f"/proc/{pid}").exists() for pid in children):
        time.sleep(0.05)


@pytest.mark.parametrize(("share", "value"), [(0.0, 1.0), (0.5, 2.0), (0.9, 4.0), (0.99, 4.0)])
def test_a_quantile_counts_each_value_as_often_as_it_came(share: float, value: float) -> None:
    """Of 1, 2, 2, 2, 4."""
    assert quantile({1.0: 1, 4.0: 1, 2.0: 3}, share) == value
