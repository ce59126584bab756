"""Circuit breakers: after a row of failures nothing is sent for a while."""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum


class BreakerState(StrEnum):
    """Whether calls are let through."""

    CLOSED = "CLOSED"
    """They are."""
    OPEN = "OPEN"
    """They are not, until the cool-down has passed."""
    HALF_OPEN = "HALF_OPEN"
    """The cool-down has passed; one safe call decides."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BreakerSettings:
    """When a breaker opens, and for how long."""

    failures_max: int = 5
    """Failures in a row after which it opens."""
    cool_down_s: float = 5.0
    cool_down_s_max: float = 60.0
    """The cool-down doubles each time that it was in vain, up to this."""


class CircuitBreaker:
    """One breaker. Time that is measured never goes back: a jumping clock moves nothing here."""

    def __init__(self, settings: BreakerSettings, monotonic: Callable[[], float]) -> None:
        self._settings = settings
        self._monotonic = monotonic
        self._failure_count = 0
        self._cool_down_s = settings.cool_down_s
        self._open_until: float | None = None

    @property
    def state(self) -> BreakerState:
        """Whether calls are let through now."""
        if self._open_until is None:
            return BreakerState.CLOSED
        return BreakerState.OPEN if self.available_in_s() > 0 else BreakerState.HALF_OPEN

    def available_in_s(self) -> float:
        """Seconds until a call has a chance again; 0 where it has one now."""
        if self._open_until is None:
            return 0.0
        return max(0.0, self._open_until - self._monotonic())

    def succeeded(self) -> None:
        """Notes that a call worked. While the breaker is open, it proves nothing."""
        if self.state is BreakerState.OPEN:
            return
        self._failure_count = 0
        self._cool_down_s = self._settings.cool_down_s
        self._open_until = None

    def failed(self) -> None:
        """Notes that a call failed."""
        self._failure_count += 1
        state = self.state
        if state is BreakerState.HALF_OPEN or (
            state is BreakerState.CLOSED and self._failure_count >= self._settings.failures_max
        ):
            self.trip()

    def trip(self) -> None:
        """Opens at once, for instance where the provider refused our key."""
        if self.state is BreakerState.OPEN:
            return
        self._open_until = self._monotonic() + self._cool_down_s
        self._cool_down_s = min(2 * self._cool_down_s, self._settings.cool_down_s_max)
