"""The benchmarks run with real parts, and give no figure where something fails."""

import subprocess
from pathlib import Path

import pytest

from tests.benchmarks.harness import generator, processes, service
from tests.benchmarks.harness.generator import Requests
from tests.benchmarks.harness.processes import BenchmarkFailedError
from tests.stack import CHECKOUT, environment

# The first build of the generator takes a while.
pytestmark = pytest.mark.timeout(300)


def test_a_short_run_measures_beside_the_yardstick() -> None:
    """Service, stand-in, bare server and generator are built, started and read."""
    ended = subprocess.run(
        processes.python("tests.benchmarks", "watchers", "--short", "--repetitions", "1"),
        cwd=CHECKOUT,
        env=environment({}),
        capture_output=True,
        text=True,
        check=False,
    )
    assert ended.returncode == 0, ended.stderr
    rows = [line for line in ended.stdout.splitlines() if line.startswith("| P")]
    assert [row.split(" | ")[0] for row in rows if " × |" in row] == [
        "| P8",
        "| P8",
        "| P9",
        "| P9",
    ]


def test_a_call_that_fails_is_no_figure(tmp_path: Path) -> None:
    """The generator ends at the first one and says what it was."""
    generator.build()
    with (
        service.running_bare_grpc(tmp_path, answer_bytes=10) as bare,
        pytest.raises(BenchmarkFailedError, match="Unimplemented"),
    ):
        generator.unary(bare.address, "/bench.Bare/Missing", Requests(message=b""), seconds=5.0)


def test_a_program_that_does_not_start_is_no_figure(tmp_path: Path) -> None:
    """What it wrote is told."""
    command = processes.python("tests.benchmarks.harness.bare_grpc")
    with (
        pytest.raises(BenchmarkFailedError, match="--answer-bytes"),
        processes.running(command, log=tmp_path / "log"),
    ):
        pytest.fail("it has started")
