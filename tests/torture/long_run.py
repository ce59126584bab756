"""Long runs: a file of results, a line for every few seeds, by which a run is taken up again.

A line is the report of consecutive seeds as JSON, with the revision of the code that they ran on.
What is in the file is not run again, and what a run tells at its end covers all lines.
"""

import json
import platform
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

from tests.torture.report import Report

SEEDS_PER_LINE: Final = 100


class OtherRunError(Exception):
    """The file holds the results of a run with other options."""


class LongRun:
    """The seeds of one run, written down in a file where there is one."""

    def __init__(self, file: Path | None, *, first: int, what: str) -> None:
        """Reads what is in the file; `what` tells runs with other options apart.

        Raises OtherRunError.
        """
        self.first = self._not_written_from = first
        self.report = Report()
        """All seeds, also those of earlier runs."""
        self.revisions: dict[str, None] = {}
        self._file = file
        self._what = what
        self._pending = Report()
        self._began = time.perf_counter()
        for line in self._lines():
            if line["what"] != what:
                message = f"{file} holds the results of '{line['what']}', not of '{what}'"
                raise OtherRunError(message)
            self.first = min(self.first, line["first"])
            self._not_written_from = line["last"] + 1
            self.revisions[line["revision"]] = None
            self.report.merge(Report.of_document(line["report"]))

    @property
    def next_seed(self) -> int:
        """The first seed that was not run."""
        return self._not_written_from + self._pending.seeds

    def add(self, report: Report) -> None:
        """Takes the next seed's report in; whole, or not at all where a signal ends the run."""
        pending = Report()
        pending.merge(self._pending)
        pending.merge(report)
        self._pending = pending
        self.report.merge(report)
        if self._pending.seeds >= SEEDS_PER_LINE:
            self.write()

    def write(self) -> None:
        """Writes down what is not in the file yet."""
        # Before anything is taken: it lasts longest, and a signal may end it.
        revision = _revision()
        pending, first, last = self._pending, self._not_written_from, self.next_seed - 1
        self._pending, self._not_written_from = Report(), self.next_seed
        now = time.perf_counter()
        pending.elapsed_s, self._began = now - self._began, now
        self.report.elapsed_s += pending.elapsed_s
        if self._file is None or not pending.seeds:
            return
        line = {
            "what": self._what,
            "first": first,
            "last": last,
            "revision": revision,
            "python": platform.python_version(),
            "machine": platform.machine(),
            "report": pending.as_document(),
        }
        self.revisions[revision] = None
        with self._file.open("a", encoding="utf-8") as file:
            file.write(json.dumps(line, separators=(",", ":")) + "\n")

    def _lines(self) -> Iterator[dict[str, Any]]:
        if self._file is not None and self._file.exists():
            for line in self._file.read_text(encoding="utf-8").splitlines():
                yield json.loads(line)


def _revision() -> str:
    """Names the commit that is checked out, and whether it is changed."""
    command = ("git", "describe", "--always", "--dirty", "--abbrev=10")
    told = subprocess.run(command, check=False, capture_output=True, text=True)
    return told.stdout.strip() or "unknown"
