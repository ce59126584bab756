"""Amounts of money: whole rupiah, never a float."""

import re
from dataclasses import dataclass
from typing import Final

RUPIAH: Final = "IDR"

_DECIMAL_TEXT: Final = re.compile(r"(?P<whole>[0-9]{1,16})(?:\.0{1,2})?", re.ASCII)


class AmountFormatError(ValueError):
    """A text is no exact amount of whole rupiah."""


@dataclass(frozen=True, slots=True, order=True)
class Money:
    """An amount in whole rupiah."""

    rupiah: int
    currency: str = RUPIAH

    @classmethod
    def from_decimal_text(cls, text: str, currency: str = RUPIAH) -> "Money":
        """Reads a provider's amount such as `15000.00`, exactly.

        Raises AmountFormatError for fractions, exponents, signs and anything else that is
        not a whole number of rupiah written with at most two zero decimals.
        """
        match = _DECIMAL_TEXT.fullmatch(text)
        if match is None or currency != RUPIAH:
            message = f"not an exact amount of rupiah: {text[:32]!r} {currency[:8]!r}"
            raise AmountFormatError(message)
        return cls(int(match["whole"]), currency)

    def to_decimal_text(self) -> str:
        """Writes the amount with two decimals, as both providers do."""
        return f"{self.rupiah}.00"

    def __str__(self) -> str:
        """Writes the amount as Indonesians read it."""
        return f"Rp{self.rupiah:,}".replace(",", ".")


@dataclass(frozen=True, slots=True)
class MoneyInput:
    """An amount as a caller wrote it, not yet known to be good."""

    currency_code: str
    units: int
    nanos: int
