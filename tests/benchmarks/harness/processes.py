"""Processes that are measured: started, awaited by their first line, read from /proc, stopped."""

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Final

from tests.stack import CHECKOUT, environment

_READY_WITHIN_S: Final = 30.0
_STOP_WITHIN_S: Final = 30.0
_TICKS_PER_S: Final = os.sysconf("SC_CLK_TCK")
# The command's name may hold spaces and brackets; what follows it is counted from here.
_USER_TICKS_FIELD: Final = 11
_SYSTEM_TICKS_FIELD: Final = 12


class BenchmarkFailedError(Exception):
    """Something did not work that is measured, so there is no figure."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Running:
    """A process that told that it is ready."""

    pid: int
    ready: str
    """Its first line."""


@contextmanager
def running(
    command: Sequence[str], *, log: Path, settings: Mapping[str, str] | None = None
) -> Iterator[Running]:
    """Runs a program from its first line on standard output until the end of the block.

    Its errors go to `log`. Raises BenchmarkFailedError where it does not start or was gone
    before the end.
    """
    with log.open("ab") as errors:
        process = subprocess.Popen(
            command,
            stdout=subprocess.PIPE,
            stderr=errors,
            cwd=CHECKOUT,
            env=environment(settings or {}),
            text=True,
        )
    try:
        yield Running(pid=process.pid, ready=_first_line(process, log))
        if process.poll() is not None:
            raise BenchmarkFailedError(f"{_name(command)} was gone too early:\n{_tail(log)}")
    finally:
        _stop(process)


def end_in_order_when_terminated() -> None:
    """Makes SIGTERM end the benchmark as an exit does, so that nothing it started outlives it."""
    signal.signal(signal.SIGTERM, lambda number, _frame: sys.exit(128 + number))


def output(command: Sequence[str], *, log: Path) -> str:
    """Runs a program to its end and gives what it wrote. Raises BenchmarkFailedError."""
    with log.open("ab") as errors:
        ended = subprocess.run(
            command,
            stdout=subprocess.PIPE,
            stderr=errors,
            cwd=CHECKOUT,
            env=environment({}),
            text=True,
            check=False,
        )
    if ended.returncode != 0:
        raise BenchmarkFailedError(f"{_name(command)} failed:\n{_tail(log)}")
    return ended.stdout


def python(module: str, *arguments: str) -> list[str]:
    """Makes the command that runs a module on this interpreter."""
    return [sys.executable, "-m", module, *arguments]


def cpu_s(pid: int) -> float:
    """Reads how much processor time a process took so far, in seconds."""
    return parsed_cpu_s(Path(f"/proc/{pid}/stat").read_text(encoding="utf-8"))


def parsed_cpu_s(stat: str) -> float:
    """Reads user and system time, in seconds, out of what /proc/<pid>/stat holds."""
    fields = stat.rpartition(")")[2].split()
    ticks = int(fields[_USER_TICKS_FIELD]) + int(fields[_SYSTEM_TICKS_FIELD])
    return ticks / _TICKS_PER_S


def resident_kib(pid: int) -> int:
    """Reads how much memory a process holds, in KiB."""
    return parsed_resident_kib(Path(f"/proc/{pid}/status").read_text(encoding="utf-8"))


def parsed_resident_kib(status: str) -> int:
    """Reads the resident memory, in KiB, out of what /proc/<pid>/status holds."""
    line = next(line for line in status.splitlines() if line.startswith("VmRSS:"))
    return int(line.split()[1])


def _first_line(process: subprocess.Popen[str], log: Path) -> str:
    # A read has no time-out of its own: it ends when the process does.
    watchdog = threading.Timer(_READY_WITHIN_S, process.kill)
    watchdog.start()
    try:
        line = _output(process).readline().strip()
    finally:
        watchdog.cancel()
    if not line:
        raise BenchmarkFailedError(f"{process.args!r} did not start:\n{_tail(log)}")
    return line


def _output(process: subprocess.Popen[str]) -> IO[str]:
    assert process.stdout is not None
    return process.stdout


def _stop(process: subprocess.Popen[str]) -> None:
    process.terminate()
    try:
        process.wait(_STOP_WITHIN_S)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
        raise BenchmarkFailedError(f"{process.args!r} did not stop") from None
    finally:
        _output(process).close()


def _name(command: Sequence[str]) -> str:
    return " ".join(command[:3])


def _tail(log: Path) -> str:
    return "\n".join(log.read_text(encoding="utf-8", errors="replace").splitlines()[-20:])
