"""Values that no log, error or trace may show."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TypeAlias


@dataclass(frozen=True, slots=True)
class Secret:
    """A text that prints as `***`."""

    _text: str = field(repr=False)

    def reveal(self) -> str:
        """Gives the text, for the one place that needs it."""
        return self._text

    def __repr__(self) -> str:
        """Hides the text."""
        return "Secret(***)"

    def __str__(self) -> str:
        """Hides the text."""
        return "***"


Credentials: TypeAlias = Mapping[str, Secret]
"""What a provider needs to act on a linked account; only its adapter knows the names."""
