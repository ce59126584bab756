"""Adds runs up and tells what came of them."""

import resource
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from tests.torture.checker import Tally
from tests.torture.observed import Observed, ProviderCall


def cpu_used_s() -> float:
    """What this process and those that it waited for have computed."""
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(one.ru_utime + one.ru_stime for one in used)


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
    known_after_s: dict[str, list[float]] = field(default_factory=dict)
    """From a lost answer to the known outcome, by provider, on the virtual clock."""
    cpu_before_s: float = field(default_factory=cpu_used_s)
    """What was computed before the report was begun: the imports, which are no payment's cost."""

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
            self.known_after_s.setdefault(provider, []).append(duration_s)

    def merge(self, other: "Report") -> None:
        """Adds what another report counted."""
        self.tally.merge(other.tally)
        self.seeds += other.seeds
        self.payments += other.payments
        self.provider_calls += other.provider_calls
        self.calls_struck += other.calls_struck
        self.deaths += other.deaths
        self.webhooks += other.webhooks
        self.rpcs += other.rpcs
        self.commits += other.commits
        self.steps += other.steps
        for provider, durations_s in other.known_after_s.items():
            self.known_after_s.setdefault(provider, []).extend(durations_s)

    def lines(self, elapsed_s: float) -> Iterator[str]:
        """What is printed at the end."""
        yield from self.tally.lines()
        yield ""
        made = f"{self.payments} payments, {self.rpcs} RPCs, {self.webhooks} webhooks"
        yield f"{made} in {self.seeds} seeds"
        share = self.calls_struck / self.provider_calls if self.provider_calls else 0.0
        yield f"{self.provider_calls} provider calls, {share:.0%} of them hit by a fault"
        yield f"{self.deaths} deaths of the service, {self.commits} commits, {self.steps} steps"
        for provider, durations_s in sorted(self.known_after_s.items()):
            yield (
                f"from a lost answer to the known outcome, {provider}: p50"
                f" {quantile(durations_s, 0.5):.1f} s, p99 {quantile(durations_s, 0.99):.1f} s"
                f" on the virtual clock ({len(durations_s)} lost answers)"
            )
        cpu_s = cpu_used_s() - self.cpu_before_s
        yield (
            f"{elapsed_s:.1f} s of real time, {self.payments / elapsed_s:.0f} payments/s;"
            f" {cpu_s:.1f} s of CPU, {self.payments / cpu_s:.0f} payments per second of one core"
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


def quantile(values: Sequence[float], share: float) -> float:
    """The value below which a share of all lies."""
    ordered = sorted(values)
    return ordered[min(int(share * len(ordered)), len(ordered) - 1)] if ordered else 0.0
