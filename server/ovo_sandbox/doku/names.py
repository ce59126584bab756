"""Makes the names that DOKU gives to things."""

from random import Random
from typing import Final

_ALPHANUMERICS: Final = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"


def digits(random: Random, count: int) -> str:
    """Returns that many digits, the first of which is not zero."""
    return f"{random.randrange(10 ** (count - 1), 10**count)}"


def alphanumerics(random: Random, count: int) -> str:
    """Returns that many letters and digits."""
    return "".join(random.choice(_ALPHANUMERICS) for _ in range(count))
