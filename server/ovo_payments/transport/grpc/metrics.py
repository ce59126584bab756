"""What is counted of calls."""

from collections.abc import Callable
from typing import Final

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram

_BUCKETS_S: Final = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30)


class RpcMetrics:
    """Counts finished calls. Children are kept, since looking one up costs more than counting."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self._durations = Histogram(
            "ovo_rpc_duration_seconds",
            "How long calls took, by method and status code; its count is the number of calls.",
            ("method", "code"),
            buckets=_BUCKETS_S,
            registry=registry,
        )
        self._streams = Counter(
            "ovo_rpc_streams_finished",
            "Streams that ended, by method and status code.",
            ("method", "code"),
            registry=registry,
        )
        self._open = Gauge(
            "ovo_rpc_open",
            "Calls that are being answered, by kind: `unary` or `stream`.",
            ("kind",),
            registry=registry,
        )
        self._duration_of: dict[tuple[str, str], Histogram] = {}

    def show_open(self, kind: str, count: Callable[[], int]) -> None:
        """Shows a count that is kept elsewhere, read whenever somebody scrapes."""
        self._open.labels(kind).set_function(count)

    def count_unary(self, method: str, code: str, duration_s: float) -> None:
        """Counts an answered call."""
        child = self._duration_of.get((method, code))
        if child is None:
            child = self._duration_of[method, code] = self._durations.labels(method, code)
        child.observe(duration_s)

    def count_stream(self, method: str, code: str) -> None:
        """Counts a stream that ended; how long it lasted says nothing of the service."""
        self._streams.labels(method, code).inc()
