"""P2 to P5: Charge at a provider that answers at once, or that takes a second.

Its yardsticks are a bare unary call of the same size and, of what the service adds to the
provider's own time, a call to the provider without the service.
"""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Final

from tests.benchmarks.harness import generator, goals, service
from tests.benchmarks.harness.extent import Extent
from tests.benchmarks.harness.generator import Calls, Requests
from tests.benchmarks.harness.goals import Measured
from tests.benchmarks.harness.seeding import AMOUNT_RUPIAH, PHONE_NUMBER
from tests.benchmarks.harness.service import Service

_CALLERS: Final = 64
_SLOW_S: Final = 1.0
_SLOW_RATE_PER_S: Final = 200.0


class Charges:
    """Makes each run's Charges new ones: a number that was used up would be a replay."""

    def __init__(self, served: Service) -> None:
        self._served = served
        self._first = 1

    def run(self, seconds: float, *, callers: int = 1, rate_per_s: float = 0.0) -> Calls:
        """Charges by so many callers, or at a rate."""
        requests = Requests(message=service.charge_request(), first=self._first)
        calls = generator.unary(
            self._served.grpc,
            service.CHARGE,
            requests,
            seconds=seconds,
            callers=callers,
            rate_per_s=rate_per_s,
        )
        self._first += calls.calls
        return calls


def measure(extent: Extent, directory: Path) -> list[Measured]:
    """Measures all of them."""
    with (
        service.running_provider(directory) as provider_url,
        service.running_service(directory / "payments.db", provider_url) as served,
    ):
        request = generator.numbered(service.charge_request().decode("latin-1"), 0)
        answer = service.call(served.grpc, service.CHARGE, request.encode("latin-1"))
        charges = Charges(served)
        charges.run(extent.warm_up_s, callers=_CALLERS)
        charged, charge_cpu_us = service.with_cpu(
            served.pid, lambda: charges.run(extent.seconds, callers=_CALLERS)
        )
        alone = charges.run(extent.seconds)
        at_provider = _at_provider(directory, provider_url, extent)
        bare, bare_cpu_us = _bare(directory, len(answer), extent)
    slow_cpu_us = _slow(directory, extent)
    return [
        Measured(goal=goals.CHARGES, service=charged.per_s, yardstick=bare.per_s),
        Measured(goal=goals.CHARGE_CPU, service=charge_cpu_us, yardstick=bare_cpu_us),
        Measured(goal=goals.CHARGE_ADDED, service=alone.p50_ms, yardstick=at_provider.p50_ms),
        Measured(goal=goals.CHARGE_SLOW_CPU, service=slow_cpu_us, yardstick=charge_cpu_us),
    ]


def _bare(directory: Path, answer_bytes: int, extent: Extent) -> tuple[Calls, float]:
    requests = Requests(message=service.charge_request())
    with service.running_bare_grpc(directory, answer_bytes) as bare:

        def load(seconds: float) -> Calls:
            return generator.unary(
                bare.address, service.BARE_UNARY, requests, seconds=seconds, callers=_CALLERS
            )

        load(extent.warm_up_s)
        return service.with_cpu(bare.pid, lambda: load(extent.seconds))


def _at_provider(directory: Path, provider_url: str, extent: Extent) -> Calls:
    """Calls the provider with what the service sends it."""
    body = {
        "payment_type": "ovo",
        "transaction_details": {"order_id": "pay" + "0" * 26, "gross_amount": AMOUNT_RUPIAH},
        "customer_details": {"phone": PHONE_NUMBER},
        "ovo": {"payer_phone_number": PHONE_NUMBER},
    }
    bodies = directory / "charges.json"
    bodies.write_text(json.dumps(body) + "\n", encoding="utf-8")
    return generator.post(f"{provider_url}/v2/charge", bodies, seconds=extent.warm_up_s)


def _slow(directory: Path, extent: Extent) -> float:
    """Measures the CPU per Charge, in µs, where two hundred wait for the provider."""
    with (
        service.running_provider(directory, _SLOW_S) as provider_url,
        service.running_service(directory / "slow.db", provider_url) as served,
    ):
        charges = Charges(served)

        def paced(seconds: float) -> Callable[[], Calls]:
            return lambda: charges.run(seconds, rate_per_s=_SLOW_RATE_PER_S)

        # As above, connections to the provider are open before anything is measured.
        paced(extent.warm_up_s)()
        _, cpu_us = service.with_cpu(served.pid, paced(extent.paced_s))
    return cpu_us
