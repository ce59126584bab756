"""What came of an attack for the attacker."""

from dataclasses import dataclass, field
from enum import StrEnum


class Fate(StrEnum):
    """What becomes of the attacker's connection."""

    CUT = "cut"
    """The service closes it, with a reason or without one."""
    REFUSED = "refused"
    """What came is answered with an error, and the connection goes on."""
    BORNE = "borne"
    """It holds nothing but itself, until its time is over or its sender leaves."""

    @property
    def or_harder(self) -> frozenset["Fate"]:
        """Fates that serve the service as well: what may be borne may be refused or cut."""
        order = (Fate.BORNE, Fate.REFUSED, Fate.CUT)
        return frozenset(order[order.index(self) :])


@dataclass(kw_only=True)
class Outcome:
    """What an attacker got for it."""

    closed: bool
    refused: bool = False
    told: list[str] = field(default_factory=list)
    """Each answer once, in the order of their coming."""

    @property
    def fate(self) -> Fate:
        """Tells what became of the connection."""
        if self.closed:
            return Fate.CUT
        return Fate.REFUSED if self.refused else Fate.BORNE

    def __str__(self) -> str:
        """Writes it as a table does."""
        return ", ".join([*self.told[:3], *(["closed"] if self.closed else [])]) or "nothing"
