"""The load generator: built from `load/`, run as a process, its lines of JSON read."""

import base64
import json
import os
import shutil
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any, Final

from tests.benchmarks.harness.processes import BenchmarkFailedError
from tests.stack import CHECKOUT

BUILT: Final = CHECKOUT / ".bench"
"""Where what benchmarks make stands; never committed."""
LOAD: Final = BUILT / "load"
MARKER: Final = "@NUMBER@@@@@"
"""Stands in a request where the generator writes a call's number, in as many digits."""
_SOURCES: Final = Path(__file__).parent.parent / "load"
_WITHIN_S: Final = 120.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Calls:
    """What a run of calls gave."""

    calls: int
    seconds: float
    p50_ms: float
    p99_ms: float
    max_ms: float
    cpu_s: float
    """The generator's own processor time, in seconds."""

    @property
    def per_s(self) -> float:
        """Calls a second."""
        return self.calls / self.seconds


@dataclass(frozen=True, slots=True, kw_only=True)
class Requests:
    """What is sent: bytes in which MARKER is replaced by numbers."""

    message: bytes
    first: int = 0
    cycle: int = 0
    """How many numbers there are before they begin again; 0 for no end."""
    stride: int = 1
    """How far apart two numbers of a cycle are; prime to `cycle`, or some never come."""

    @property
    def flags(self) -> list[str]:
        """Writes them for the generator."""
        message = base64.b64encode(self.message).decode("ascii")
        numbers = ["-first", str(self.first), "-cycle", str(self.cycle)]
        return ["-request", message, *numbers, "-stride", str(self.stride)]


def numbered(pattern: str, number: int) -> str:
    """Writes a number into a text as the generator does."""
    return pattern.replace(MARKER, f"{number:0{len(MARKER)}d}")


def build() -> None:
    """Builds the generator. Raises BenchmarkFailedError where that fails or Go is missing."""
    go = shutil.which("go")
    if go is None:
        raise BenchmarkFailedError("the load generator needs Go 1.23 or newer")
    BUILT.mkdir(exist_ok=True)
    built = subprocess.run(
        [go, "build", "-o", str(LOAD), "."],
        cwd=_SOURCES,
        capture_output=True,
        text=True,
        check=False,
    )
    if built.returncode != 0:
        raise BenchmarkFailedError(f"the load generator does not build:\n{built.stderr}")


def unary(
    address: str,
    method: str,
    requests: Requests,
    *,
    seconds: float,
    callers: int = 1,
    rate_per_s: float = 0.0,
) -> Calls:
    """Calls a method: `callers` one call after another, or at a rate whatever the answers do."""
    # More connections than callers would only be opened.
    connections = 1 if callers == 1 and not rate_per_s else 4
    flags = ["-target", address, "-method", method, "-callers", str(callers)]
    flags += ["-connections", str(connections), "-rate", str(rate_per_s)]
    return calls_of(_told("unary", [*flags, "-seconds", str(seconds), *requests.flags]))


def post(url: str, bodies: Path, *, seconds: float, callers: int = 1) -> Calls:
    """Posts the lines of a file again and again."""
    flags = ["-url", url, "-bodies", str(bodies), "-callers", str(callers)]
    return calls_of(_told("post", [*flags, "-seconds", str(seconds)]))


def notify(
    address: str, method: str, requests: Requests, *, url: str, bodies: Path, rate_per_s: float
) -> Calls:
    """Watches a payment for each line of a file, posts them, and times each until its watcher."""
    flags = ["-target", address, "-method", method, "-url", url, "-bodies", str(bodies)]
    return calls_of(_told("notify", [*flags, "-rate", str(rate_per_s), *requests.flags]))


class Watchers:
    """Streams that are open."""

    def __init__(self, process: subprocess.Popen[str], opened_s: float) -> None:
        self._process = process
        self.opened_s = opened_s

    def received_ns(self) -> Sequence[int]:
        """Waits for an update at each that reads; gives nanoseconds since 1970."""
        received: list[int] = _line(self._process)["received_ns"]
        return received


@contextmanager
def watchers(
    address: str, method: str, requests: Requests, *, count: int, silent_every: int
) -> Iterator[Watchers]:
    """Holds streams open for the length of the block; each `silent_every`th never reads."""
    flags = ["-target", address, "-method", method, "-count", str(count)]
    flags += ["-silent-every", str(silent_every)]
    process = _started("watch", [*flags, *requests.flags])
    try:
        yield Watchers(process, float(_line(process)["opened_s"]))
    finally:
        process.kill()
        process.communicate()


def calls_of(figures: dict[str, Any]) -> Calls:
    """Reads the figures that the generator told."""
    return Calls(**figures)


def _told(command: str, flags: Sequence[str]) -> dict[str, Any]:
    process = _started(command, flags)
    try:
        output, errors = process.communicate(timeout=_WITHIN_S)
    except subprocess.TimeoutExpired:
        process.kill()
        process.communicate()
        raise BenchmarkFailedError(f"load {command} did not end") from None
    if process.returncode != 0:
        raise BenchmarkFailedError(errors.strip())
    figures: dict[str, Any] = json.loads(output)
    return figures


def _started(command: str, flags: Sequence[str]) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [str(LOAD), command, *flags],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        # One core for the load leaves the other to what is measured, where there are two.
        env={**os.environ, "GOMAXPROCS": "1"},
    )


def _line(process: subprocess.Popen[str]) -> dict[str, Any]:
    # The generator has time-outs of its own, so a line or its end comes.
    line = _pipe(process.stdout).readline()
    if not line:
        raise BenchmarkFailedError(_pipe(process.stderr).read().strip())
    told: dict[str, Any] = json.loads(line)
    return told


def _pipe(pipe: IO[str] | None) -> IO[str]:
    assert pipe is not None
    return pipe
