"""How much one caller may ask, and all of them together."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from ovo_payments.application.call import Caller
from ovo_payments.domain.errors import RateLimitedError

_RETRY_S_MIN: Final = 0.1
"""Sooner nobody shall come back: each refusal costs something, too."""


@dataclass(slots=True)
class Gate:
    """Counts who is inside, and lets in no more than `limit`.

    It stands behind authentication, so that nobody unknown takes a place. Who does not read the
    end of a call keeps the place until the connection is gone.
    """

    limit: int
    inside: int = 0

    def enter(self) -> None:
        """Takes a place; raises RateLimitedError where none is free."""
        if self.inside >= self.limit:
            raise RateLimitedError
        self.inside += 1

    def leave(self) -> None:
        """Gives the place back."""
        self.inside -= 1


class Pace:
    """Lets so many calls a second through, and as many at once after a second's pause."""

    def __init__(self, per_second: float, clock: Callable[[], float] = time.monotonic) -> None:
        """Reads the time from `clock`, in seconds."""
        self._per_second = per_second
        self._clock = clock
        self._left = per_second
        self._counted_at_s = clock()

    def step(self) -> None:
        """Counts a call; raises RateLimitedError where it comes too soon."""
        now_s = self._clock()
        earned = (now_s - self._counted_at_s) * self._per_second
        self._left = min(self._left + earned, self._per_second)
        self._counted_at_s = now_s
        if self._left < 1:
            wait_s = (1 - self._left) / self._per_second
            raise RateLimitedError(retry_after_s=max(wait_s, _RETRY_S_MIN))
        self._left -= 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Allowance:
    """What one caller may take up."""

    pace: Pace
    calls: Gate
    watches: Gate


class Allowances:
    """Keeps every caller's allowance, so that none uses up what is there for others."""

    def __init__(
        self,
        *,
        calls_per_second_max: float,
        calls_at_once_max: int,
        watches_at_once_max: int,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """Gives each caller the same."""
        self._calls_per_second_max = calls_per_second_max
        self._calls_at_once_max = calls_at_once_max
        self._watches_at_once_max = watches_at_once_max
        self._clock = clock
        # Callers are those of a file: there are no more of them than somebody wrote down.
        self._of: dict[str, Allowance] = {}

    def of(self, caller: Caller) -> Allowance:
        """Gives a caller's allowance."""
        allowance = self._of.get(caller.name)
        if allowance is None:
            allowance = self._of[caller.name] = Allowance(
                pace=Pace(self._calls_per_second_max, self._clock),
                calls=Gate(self._calls_at_once_max),
                watches=Gate(self._watches_at_once_max),
            )
        return allowance
