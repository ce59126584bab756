"""All that tests and the processes that they start write, searched for canaries."""

from collections.abc import Collection
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from tests.leaks.canaries import CANARIES, shown
from tests.leaks.exceptions import is_exempt


@dataclass(frozen=True, slots=True)
class Hit:
    """A canary that was written somewhere."""

    canary: str
    where: str
    shown: str

    def __str__(self) -> str:
        """Names the canary and the place, and does not tell it to yet another reader."""
        return f"{self.canary} {self.shown} in {self.where}"


@dataclass(kw_only=True)
class Written:
    """What was written since somebody looked."""

    _files: dict[Path, int] = field(default_factory=dict)
    _hits: list[Hit] = field(default_factory=list)

    def file(self, path: Path) -> None:
        """Has a file searched from now on, as it grows; it must stay until its test is over."""
        self._files.setdefault(path, 0)

    def text(self, where: str, text: str) -> None:
        """Searches a text that was written."""
        for canary in CANARIES:
            for match in canary.found_in(text):
                begin, end = text.rfind("\n", 0, match.start()) + 1, text.find("\n", match.end())
                line = text[begin : end if end >= 0 else None]
                if is_exempt(canary.name, where, line):
                    continue
                place = f"{where}, line {text.count(chr(10), 0, begin) + 1}"
                self._hits.append(Hit(canary.name, place, shown(match[0])))

    def of_one_run(self, file: Path, secrets: Collection[str]) -> None:
        """Searches a whole file for the secrets of one run, which nobody could know before."""
        text = _read(file, 0).decode(errors="replace")
        for secret in secrets:
            if secret in text:
                self._hits.append(Hit("secret of this run", file.name, shown(secret)))

    def look(self) -> list[Hit]:
        """Gives what was found since the last look."""
        for file, searched in self._files.items():
            new, before = _read(file, searched), len(self._hits)
            self.text(f"{file.name} after byte {searched}", new.decode(errors="replace"))
            # A line that is not yet whole is read again, unless it is told of already.
            told = len(self._hits) > before
            self._files[file] = searched + (len(new) if told else new.rfind(b"\n") + 1)
        hits, self._hits = self._hits, []
        return hits


def _read(file: Path, begin: int) -> bytes:
    with file.open("rb") as opened:
        opened.seek(begin)
        return opened.read()


WRITTEN: Final = Written()
"""What the tests of this process write."""
