"""How much is measured: enough for figures, or just enough to see that the parts work."""

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True, kw_only=True)
class Extent:
    """What one repetition takes; lengths of time are in seconds."""

    seconds: float
    """How long each closed loop lasts."""
    warm_up_s: float
    paced_s: float
    """How long calls come at a fixed rate."""
    settle_s: float
    """How long a process is left alone before its memory is read."""
    stored: int
    """How many payments there are to read."""
    watchers: int
    """How many watch one payment."""
    watched: int
    """How many payments have a watcher each, and are notified of."""
    writers: int = 64


FULL: Final = Extent(
    seconds=3.0,
    warm_up_s=0.7,
    paced_s=6.0,
    settle_s=1.0,
    stored=1_000,
    watchers=10_000,
    watched=1_000,
)
SHORT: Final = Extent(
    seconds=0.2,
    warm_up_s=0.05,
    paced_s=0.5,
    settle_s=0.0,
    stored=20,
    watchers=40,
    watched=20,
)
