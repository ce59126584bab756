"""How long a stream may be quiet before it shows that it is alive."""

from typing import Final

from ovo_payments.domain.errors import Violations
from ovo_payments.domain.ports import Clock

_DEFAULT_S: Final = 15.0
_MIN_S: Final = 1.0
_MAX_S: Final = 60.0


def heartbeat_interval_s(violations: Violations, asked_s: float | None) -> float:
    """Gives the interval that was asked for, or the usual one."""
    if asked_s is None:
        return _DEFAULT_S
    if not _MIN_S <= asked_s <= _MAX_S:
        violations.add("heartbeat_interval", "must be 1 s to 60 s")
    return asked_s


class Silence:
    """The time since a stream last said something."""

    def __init__(self, clock: Clock, allowed_s: float) -> None:
        """May last `allowed_s` seconds."""
        self._clock = clock
        self._allowed_s = allowed_s
        self._since = clock.now()

    def end(self) -> None:
        """Something was said."""
        self._since = self._clock.now()

    @property
    def left_s(self) -> float:
        """How much longer it may last, in seconds; a jump of the clock does not extend it."""
        lasted_s = (self._clock.now() - self._since).total_seconds()
        return min(max(self._allowed_s - lasted_s, 0.0), self._allowed_s)
