"""What is counted of webhooks, and the registry that everything is counted in."""

from enum import StrEnum
from typing import Final

from prometheus_client import (
    CollectorRegistry,
    GCCollector,
    Histogram,
    PlatformCollector,
    ProcessCollector,
)

_BUCKETS_S: Final = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10)


class Outcome(StrEnum):
    """What became of an HTTP request of a provider."""

    ACCEPTED = "accepted"
    REFUSED = "refused"
    """By the application: unsigned, wrongly signed, unreadable."""
    UNREAD = "unread"
    """Too big or too slow."""
    GONE = "gone"
    """The sender left before its body was there."""
    UNAVAILABLE = "unavailable"
    """The store could not take it; the provider repeats it."""
    BROKEN = "broken"
    """A bug of ours; answered like the above."""


def make_registry() -> CollectorRegistry:
    """Makes a registry that also tells of the process, the platform and the garbage collector."""
    registry = CollectorRegistry()
    ProcessCollector(registry=registry)
    PlatformCollector(registry=registry)
    GCCollector(registry=registry)
    return registry


class WebhookMetrics:
    """Counts what providers send, by path and outcome."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self._durations = Histogram(
            "ovo_webhook_duration_seconds",
            "How long providers' requests took, by path and outcome; its count is their number.",
            ("path", "outcome"),
            buckets=_BUCKETS_S,
            registry=registry,
        )
        self._children: dict[tuple[str, Outcome], Histogram] = {}

    def count(self, path: str, outcome: Outcome, duration_s: float) -> None:
        """Counts an answered request."""
        child = self._children.get((path, outcome))
        if child is None:
            child = self._durations.labels(path, outcome.value)
            self._children[path, outcome] = child
        child.observe(duration_s)
