"""When a call may be repeated, and after how long."""

from typing import Final

_CALLS_PER_REPETITION: Final = 10
_CALLS_AT_FIRST: Final = 3 * _CALLS_PER_REPETITION
_CALLS_MAX: Final = 10 * _CALLS_PER_REPETITION
_SHORTEST_PAUSE_S: Final = 0.1
_GROWTH: Final = 2.0
_PAUSE_S_MAX: Final = 2.0


class RetryBudget:
    """Lets a tenth of the calls be repeated, so that repeating never multiplies an overload."""

    def __init__(self) -> None:
        self._calls = _CALLS_AT_FIRST

    def earn(self) -> None:
        """Counts a first attempt."""
        self._calls = min(self._calls + 1, _CALLS_MAX)

    def spend(self) -> bool:
        """Takes one repetition; False where none is left."""
        if self._calls < _CALLS_PER_REPETITION:
            return False
        self._calls -= _CALLS_PER_REPETITION
        return True


def pause_s(attempt: int, random: float) -> float:
    """Says how long to wait after an attempt (the first is 1): full jitter, doubling."""
    return random * min(_SHORTEST_PAUSE_S * _GROWTH**attempt, _PAUSE_S_MAX)
