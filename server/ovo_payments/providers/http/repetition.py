"""When a call may be repeated, and after how long."""

from typing import Final

_SHORTEST_PAUSE_S: Final = 0.1
_GROWTH: Final = 2.0
_PAUSE_S_MAX: Final = 2.0


class RetryBudget:
    """Lets a tenth of the calls be repeated, so that repeating never multiplies an overload."""

    def __init__(
        self, *, ratio: float = 0.1, reserve: float = 3.0, balance_max: float = 10.0
    ) -> None:
        self._ratio = ratio
        self._balance = reserve
        self._balance_max = balance_max

    def earn(self) -> None:
        """Counts a first attempt."""
        self._balance = min(self._balance + self._ratio, self._balance_max)

    def spend(self) -> bool:
        """Takes one repetition; False where none is left."""
        if self._balance < 1:
            return False
        self._balance -= 1
        return True


def pause_s(attempt: int, random: float) -> float:
    """Says how long to wait after an attempt (the first is 1): full jitter, doubling."""
    return random * min(_SHORTEST_PAUSE_S * _GROWTH**attempt, _PAUSE_S_MAX)
