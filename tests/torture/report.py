"""Adds runs up and tells what came of them."""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, field
from typing import Any, Final

from tests.torture.checker import Tally
from tests.torture.observed import Observed, ProviderCall

_ADDED_UP: Final = (
    *("seeds", "payments", "provider_calls", "calls_struck", "deaths", "webhooks"),
    *("rpcs", "commits", "steps", "elapsed_s", "cpu_s"),
)


@dataclass(slots=True)
class Report:
    """Many runs in numbers."""

    tally: Tally = field(default_factory=Tally)
    seeds: int = 0
    payments: int = 0
    provider_calls: int = 0
    calls_struck: int = 0
    deaths: int = 0
    webhooks: int = 0
    rpcs: int = 0
    commits: int = 0
    steps: int = 0
    elapsed_s: float = 0.0
    cpu_s: float = 0.0
    known_after_s: dict[str, Counter[float]] = field(default_factory=dict)
    """From a lost answer to the known outcome, by provider, on the virtual clock, in tenths."""

    @classmethod
    def of_document(cls, document: Mapping[str, Any]) -> "Report":
        """Reads what `as_document` wrote."""
        report = cls(tally=Tally(**document["tally"]))
        for name in _ADDED_UP:
            setattr(report, name, document[name])
        report.known_after_s = {
            provider: Counter({float(duration_s): count for duration_s, count in counted.items()})
            for provider, counted in document["known_after_s"].items()
        }
        return report

    def as_document(self) -> dict[str, Any]:
        """Writes it for JSON."""
        return {
            "tally": asdict(self.tally),
            **{name: getattr(self, name) for name in _ADDED_UP},
            "known_after_s": {name: dict(counted) for name, counted in self.known_after_s.items()},
        }

    def add(self, observed: Observed, *, struck: int, steps: int) -> None:
        """Adds one run."""
        self.seeds += 1
        self.payments += len(observed.payments)
        self.provider_calls += len(observed.calls)
        self.calls_struck += struck
        self.deaths += sum(life.ended_at >= 0 for life in observed.lives) - 1
        self.webhooks += len(observed.deliveries)
        self.rpcs += len(observed.operations) + len(observed.watches)
        self.commits += len(observed.commits)
        self.steps += steps
        for provider, duration_s in times_to_know(observed):
            self.known_after_s.setdefault(provider, Counter())[round(duration_s, 1)] += 1

    def merge(self, other: "Report") -> None:
        """Adds what another report counted."""
        self.tally.merge(other.tally)
        for name in _ADDED_UP:
            setattr(self, name, getattr(self, name) + getattr(other, name))
        for provider, counted in other.known_after_s.items():
            self.known_after_s.setdefault(provider, Counter()).update(counted)

    def lines(self) -> Iterator[str]:
        """What is printed at the end."""
        yield from self.tally.lines()
        yield ""
        made = f"{self.payments} payments, {self.rpcs} RPCs, {self.webhooks} webhooks"
        yield f"{made} in {self.seeds} seeds"
        share = self.calls_struck / self.provider_calls if self.provider_calls else 0.0
        yield f"{self.provider_calls} provider calls, {share:.0%} of them hit by a fault"
        yield f"{self.deaths} deaths of the service, {self.commits} commits, {self.steps} steps"
        for provider, counted in sorted(self.known_after_s.items()):
            yield (
                f"from a lost answer to the known outcome, {provider}: p50"
                f" {quantile(counted, 0.5):.1f} s, p99 {quantile(counted, 0.99):.1f} s"
                f" on the virtual clock ({sum(counted.values())} lost answers)"
            )
        if self.elapsed_s and self.cpu_s:
            yield (
                f"{self.elapsed_s:.1f} s of real time, {self.payments / self.elapsed_s:.0f}"
                f" payments/s; {self.cpu_s:.1f} s of CPU, {self.payments / self.cpu_s:.0f}"
                " payments per second of one core"
            )


def times_to_know(observed: Observed) -> Iterator[tuple[str, float]]:
    """How long each payment whose answer was lost took until its outcome was known."""
    died = {life.node: life.ended_at for life in observed.lives}
    for call in observed.calls:
        if call.operation not in {"charge", "pay"} or call.left < 0 or call.answered >= 0:
            continue
        lost_at = _lost_at(call, died)
        known_at = _known_at(observed, call.reference)
        if lost_at is not None and known_at is not None:
            yield call.provider, max(0.0, known_at - lost_at)


def _lost_at(call: ProviderCall, died: dict[str, float]) -> float | None:
    if call.lost_at >= 0:
        return call.lost_at
    ended_at = died.get(call.node, -1.0)
    return ended_at if ended_at >= 0 else None


def _known_at(observed: Observed, payment_id: str) -> float | None:
    for version in observed.events.get(payment_id, ()):
        if not version.state.open:
            return observed.event_times.get((payment_id, version.version))
    return None


def quantile(counted: Mapping[float, int], share: float) -> float:
    """The value below which a share of all lies."""
    left = int(share * sum(counted.values()))
    for value in sorted(counted):
        left -= counted[value]
        if left < 0:
            return value
    return max(counted, default=0.0)
