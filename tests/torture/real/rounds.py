"""The rounds of a long run: kept in a file, a line each, and told together."""

import json
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

from tests.torture.checker import Tally
from tests.torture.real.round import Plan

_ADDED_UP: Final = (
    *("payments", "operations", "watches", "provider_calls", "webhooks", "debits", "refunds"),
)


class Rounds:
    """What came of each round, those of earlier runs included."""

    def __init__(self, file: Path | None) -> None:
        """Reads what is in the file."""
        self._file = file
        self._rounds: list[dict[str, Any]] = []
        if file is not None and file.exists():
            lines = file.read_text(encoding="utf-8").splitlines()
            self._rounds = [json.loads(line) for line in lines]

    def has(self, plan: Plan) -> bool:
        """Whether this very round was run, and held."""
        return any(one["command"] == plan.command and one["holds"] for one in self._rounds)

    def add(self, told: dict[str, Any]) -> None:
        """Keeps a round."""
        self._rounds.append(told)
        if self._file is not None:
            with self._file.open("a", encoding="utf-8") as file:
                file.write(json.dumps(told) + "\n")

    @property
    def hold(self) -> bool:
        """Whether nothing was found in any."""
        return all(one["holds"] for one in self._rounds)

    def lines(self) -> Iterator[str]:
        """All rounds in numbers."""
        yield from self._tally().lines()
        added = {name: sum(one[name] for one in self._rounds) for name in _ADDED_UP}
        struck: Counter[str] = Counter()
        for one in self._rounds:
            struck.update(one["struck"])
        yield ""
        yield (
            f"{len(self._rounds)} rounds, {'all hold' if self.hold else 'NOT ALL HOLD'}:"
            f" {added['payments']} payments, compared with {added['debits']} debits and"
            f" {added['refunds']} refunds of the ledger"
        )
        yield (
            f"{added['operations']} calls, {added['watches']} watches,"
            f" {added['provider_calls']} provider calls, {added['webhooks']} notifications"
        )
        for kind, count in sorted(struck.items()):
            yield f"  {count:>6} × {kind}"
        seconds = sum(sum(one["seconds"].values()) for one in self._rounds)
        yield f"{seconds:.0f} s of real time, {added['payments'] / seconds:.0f} payments/s"

    def _tally(self) -> Tally:
        tally = Tally()
        for one in self._rounds:
            found = dict.fromkeys(one["checked"], 0) | one["violated"]
            tally.merge(
                Tally(
                    checked=one["checked"],
                    found=found,
                    unobservable=one["unobservable"],
                    also=one["also"],
                )
            )
        return tally
