"""P8 and P9: many watchers of one payment, a tenth of whom never read, beside bare streams.

The change is the payment's last: each watcher gets a message and the end of its stream, of the
service and of the yardstick alike. The service's time counts from the payment's own
`update_time`, which is before the commit.
"""

import urllib.request
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from ovo.payments.v1 import ovo_payments_pb2 as messages
from tests.benchmarks.harness import generator, goals, processes, seeding, service
from tests.benchmarks.harness.extent import Extent
from tests.benchmarks.harness.generator import Requests
from tests.benchmarks.harness.goals import Goal, Measured
from tests.benchmarks.harness.percentiles import percentile

_SILENT_EVERY: Final = 10
_TIMEOUT_S: Final = 30.0


@dataclass(frozen=True, slots=True, kw_only=True)
class _Watched:
    """What watching gave."""

    kib_each: float
    opened_s: float
    delays_ms: Sequence[float]


def measure(extent: Extent, directory: Path) -> list[Measured]:
    """Measures both."""
    database = directory / "payments.db"
    seeding.seed(database, 1, succeeded=False)
    with (
        service.running_provider(directory) as provider_url,
        service.running_service(database, provider_url) as served,
    ):
        request = _of_the_payment(service.get_status_request())
        answer_bytes = len(service.call(served.grpc, service.GET_STATUS, request))

        def change() -> Callable[[], int]:
            notification = urllib.request.Request(  # noqa: S310 - our own sidecar
                served.midtrans_door, seeding.notification(0), method="POST"
            )
            with urllib.request.urlopen(notification, timeout=_TIMEOUT_S):  # noqa: S310 - the same
                return lambda: _update_time_ns(served.grpc, request)

        ours = _watched(served.pid, served.grpc, service.WATCH_PAYMENT, change, extent)
    with service.running_bare_grpc(directory, answer_bytes) as bare:

        def publish() -> Callable[[], int]:
            published_ns = int(service.call(bare.address, service.BARE_PUBLISH, b""))
            return lambda: published_ns

        theirs = _watched(bare.pid, bare.address, service.BARE_WATCH, publish, extent)
    return [
        Measured(goal=goals.WATCHER_MEMORY, service=ours.kib_each, yardstick=theirs.kib_each),
        Measured(goal=goals.WATCHERS_OPEN, service=ours.opened_s, yardstick=theirs.opened_s),
        _delay(goals.WATCHERS_P50, 0.50, ours, theirs),
        _delay(goals.WATCHERS_P99, 0.99, ours, theirs),
    ]


def _watched(
    pid: int, address: str, method: str, change: Callable[[], Callable[[], int]], extent: Extent
) -> _Watched:
    """Opens watchers and changes what they watch; `change` gives how to learn when that was."""
    before_kib = service.settled_memory_kib(pid, extent.settle_s)
    requests = Requests(message=_of_the_payment(service.watch_request()))
    count = extent.watchers
    with generator.watchers(
        address, method, requests, count=count, silent_every=_SILENT_EVERY
    ) as watchers:
        after_kib = service.settled_memory_kib(pid, extent.settle_s)
        changed_ns = change()
        received_ns = watchers.received_ns()
    if len(received_ns) != count - -(-count // _SILENT_EVERY):
        raise processes.BenchmarkFailedError(f"only {len(received_ns)} watchers were reached")
    began_ns = changed_ns()
    return _Watched(
        kib_each=(after_kib - before_kib) / count,
        opened_s=watchers.opened_s,
        delays_ms=[(moment_ns - began_ns) / 1e6 for moment_ns in received_ns],
    )


def _delay(goal: Goal, share: float, ours: _Watched, theirs: _Watched) -> Measured:
    return Measured(
        goal=goal,
        service=percentile(ours.delays_ms, share),
        yardstick=percentile(theirs.delays_ms, share),
    )


def _update_time_ns(address: str, request: bytes) -> int:
    answer = service.call(address, service.GET_STATUS, request)
    payment = messages.GetStatusResponse.FromString(answer).payment
    return payment.update_time.ToNanoseconds()


def _of_the_payment(pattern: bytes) -> bytes:
    return generator.numbered(pattern.decode("latin-1"), 0).encode("latin-1")
