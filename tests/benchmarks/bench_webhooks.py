"""P6 and P7: a notification's way to a watcher, and how many are taken in.

Midtrans' word proves no state, so on its way a notification becomes a question to the provider,
which the stand-in answers at once. The yardstick of taking in is a bare starlette route; what is
taken in there repeats what is known, and is worked off beside it.
"""

from pathlib import Path
from typing import Final

from tests.benchmarks.harness import generator, goals, seeding, service
from tests.benchmarks.harness.extent import Extent
from tests.benchmarks.harness.generator import Calls, Requests
from tests.benchmarks.harness.goals import Measured

_RATE_PER_S: Final = 200.0
_AT_ONCE: Final = 64


def measure(extent: Extent, directory: Path) -> list[Measured]:
    """Measures both."""
    bodies = directory / "notifications.json"
    seeding.write_notifications(bodies, extent.watched)
    told = _told(extent, directory, bodies)
    return [
        Measured(goal=goals.WEBHOOK_P50, service=told.p50_ms),
        Measured(goal=goals.WEBHOOK_P99, service=told.p99_ms),
        _taken_in(extent, directory, bodies),
    ]


def _told(extent: Extent, directory: Path, bodies: Path) -> Calls:
    database = directory / "open.db"
    seeding.seed(database, extent.watched, succeeded=False)
    with (
        service.running_provider(directory) as provider_url,
        service.running_service(database, provider_url) as served,
    ):
        return generator.notify(
            served.grpc,
            service.WATCH_PAYMENT,
            Requests(message=service.watch_request()),
            url=served.midtrans_door,
            bodies=bodies,
            rate_per_s=_RATE_PER_S,
        )


def _taken_in(extent: Extent, directory: Path, bodies: Path) -> Measured:
    database = directory / "settled.db"
    seeding.seed(database, extent.watched, succeeded=True)
    with (
        service.running_provider(directory) as provider_url,
        service.running_service(database, provider_url) as served,
        service.running_bare_http(directory) as bare,
    ):
        return Measured(
            goal=goals.WEBHOOK_INTAKE,
            service=_per_s(served.midtrans_door, bodies, extent),
            yardstick=_per_s(bare.address, bodies, extent),
        )


def _per_s(url: str, bodies: Path, extent: Extent) -> float:
    def webhooks_per_s(seconds: float) -> float:
        return generator.post(url, bodies, seconds=seconds, callers=_AT_ONCE).per_s

    webhooks_per_s(extent.warm_up_s)
    return webhooks_per_s(extent.seconds)
