"""The callers' history, in lines of JSON: what was invoked, and what came of it.

A line is written before its call leaves and another when its end is known, so that a caller that
dies leaves a call whose outcome is unknown. Times are the machine's monotonic clock, which all
processes share.
"""

import json
import time
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import fields
from pathlib import Path
from typing import Any, Final, TextIO

from tests.torture.observed import Operation, Watch

_OPERATION: Final = frozenset(field.name for field in fields(Operation))
_ORDERS: Final = ("invoked", "began", "ok", "failed", "unknown", "seen", "ended")

Line = dict[str, Any]


class HistoryWriter:
    """One process's part of the history."""

    def __init__(self, file: TextIO, writer: str) -> None:
        """Writes to a file; `writer` is the process's name."""
        self.writer = writer
        self._file = file
        self._calls = 0

    def invoked(self, **known: object) -> int:
        """Writes that a call leaves, and gives its number."""
        self._calls += 1
        self._write("invoked", self._calls, known)
        return self._calls

    def ended(self, number: int, outcome: str, **known: object) -> None:
        """Writes how a call ended: ok, failed or unknown."""
        self._write(outcome, number, known)

    def watching(self, **known: object) -> int:
        """Writes that a watch begins, and gives its number."""
        self._calls += 1
        self._write("began", self._calls, known)
        return self._calls

    def seen(self, number: int, version: int, *, is_open: bool) -> None:
        """Writes that a watcher saw a version."""
        self._write("seen", number, {"version": version, "open": is_open})

    def watched(self, number: int, ended: str) -> None:
        """Writes how a watch ended."""
        self._write("ended", number, {"ended": ended})

    def flush(self) -> None:
        """Hands everything to the system."""
        self._file.flush()

    def _write(self, event: str, number: int, known: Mapping[str, object]) -> None:
        line = {"at": time.monotonic(), "event": event, "call": f"{self.writer}:{number}", **known}
        self._file.write(json.dumps(line, separators=(",", ":")) + "\n")


def read_history(files: Iterable[Path], began_at: float) -> tuple[list[Operation], list[Watch]]:
    """Reads all processes' histories as one, in the order of their times."""
    lines = [line for file in files for line in _lines(file)]
    lines.sort(key=lambda line: (line["at"], _ORDERS.index(line["event"])))
    operations: dict[str, Operation] = {}
    watches: dict[str, Watch] = {}
    for order, line in enumerate(lines, 1):
        at, event, call = line.pop("at") - began_at, line.pop("event"), line.pop("call")
        if event == "invoked":
            operations[call] = Operation(order=order, invoked_at=at, **line)
        elif event == "began":
            watches[call] = Watch(order=order, began_at=at, **line)
        elif event == "seen":
            watches[call].versions.append((at, line["version"], line["open"]))
        elif event == "ended":
            watches[call].ended, watches[call].ended_at = line["ended"], at
        else:
            operation = operations[call]
            operation.outcome, operation.ended_at = event, at
            for name, value in line.items():
                assert name in _OPERATION, name
                setattr(operation, name, value)
    return list(operations.values()), list(watches.values())


def _lines(file: Path) -> Iterator[Line]:
    with file.open(encoding="utf-8") as opened:
        for text in opened:
            # The last line of a process that was killed may be half a line.
            if text.endswith("\n"):
                yield json.loads(text)
