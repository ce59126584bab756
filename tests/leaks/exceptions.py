"""Where a canary is written because that is what the writer is for, and why."""

import re
from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True, kw_only=True)
class Exemption:
    """A place at which one kind of canary may be written."""

    canary: str
    place: str
    """A pattern of where it is written."""
    line: str = ""
    """A pattern that its line has."""
    why: str

    def holds(self, canary: str, place: str, line: str) -> bool:
        """Tells whether it is of this canary, here."""
        of_it = self.canary == canary and re.search(self.place, place) is not None
        return of_it and re.search(self.line, line) is not None


EXEMPTIONS: Final = (
    Exemption(
        canary="caller's token",
        place=r"^the output of .*'callers', '(add|rotate)'",
        line=r"^ovo_[\w-]{43}$",
        why="the command makes a token and prints it once, alone on its line",
    ),
    Exemption(
        canary="server key",
        place=r"^the output of .*ovo.sandbox', '--help'",
        why="the stand-in's own default, which everybody knows and production refuses",
    ),
    Exemption(
        canary="client secret",
        place=r"^the output of .*ovo.sandbox', '--help'",
        why="the stand-in's own default, which everybody knows and production refuses",
    ),
    Exemption(
        canary="phone number",
        place=r"^(output\.log |the output of deploy\.cluster)",
        # Not one of the log, which begins with its time.
        line=r"^(?!.{0,9}[0-9]{4}-[0-9]{2}-[0-9]{2}T)(?!\{)",
        why="what developers run prints the stand-in's numbers, and commands to paste with them",
    ),
)


def is_exempt(canary: str, place: str, line: str) -> bool:
    """Tells whether this may be written here."""
    return any(exemption.holds(canary, place, line) for exemption in EXEMPTIONS)
