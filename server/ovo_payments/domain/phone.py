"""Phone numbers of OVO accounts: Indonesian mobiles, one spelling inside."""

import re
from dataclasses import dataclass
from typing import Final

_SEPARATORS: Final = re.compile(r"[\s().-]", re.ASCII)
_MOBILE: Final = re.compile(r"(?:\+?62|0)(?P<subscriber>8[1-9][0-9]{6,10})", re.ASCII)
_DIGITS_SHOWN: Final = 4


class PhoneNumberFormatError(ValueError):
    """A text is no Indonesian mobile number."""


@dataclass(frozen=True, slots=True)
class PhoneNumber:
    """An Indonesian mobile number; prints masked, since it names a person."""

    international: str
    """The number as `628…`."""

    @classmethod
    def parse(cls, text: str) -> "PhoneNumber":
        """Reads `08…`, `628…` or `+628…`, with spaces, dashes, dots and brackets or without.

        Raises PhoneNumberFormatError for anything else.
        """
        match = _MOBILE.fullmatch(_SEPARATORS.sub("", text))
        if match is None:
            message = "not an Indonesian mobile number: write 08…, 628… or +628…"
            raise PhoneNumberFormatError(message)
        return cls(f"62{match['subscriber']}")

    @property
    def local(self) -> str:
        """The number as `08…`."""
        return f"0{self.international[2:]}"

    @property
    def masked(self) -> str:
        """The number with all but its last four digits hidden."""
        shown = self.international[-_DIGITS_SHOWN:]
        return "*" * (len(self.international) - _DIGITS_SHOWN) + shown

    def __repr__(self) -> str:
        """Hides the number from logs and tracebacks."""
        return f"PhoneNumber({self.masked})"

    def __str__(self) -> str:
        """Hides the number from messages."""
        return self.masked
