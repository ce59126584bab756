"""What the operators count beside calls and webhooks: the attempts at the providers."""

from typing import Final

from prometheus_client import CollectorRegistry, Counter, Histogram

from ovo_payments.providers.http import Answered, Attempt

_BUCKETS_S: Final = (0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0)


class ProviderMetrics:
    """Counts attempts by provider, operation and outcome: a status, NOT_SENT or LOST."""

    def __init__(self, registry: CollectorRegistry) -> None:
        labels = ("provider", "operation", "outcome")
        self._attempts = Counter(
            "ovo_provider_attempts", "Attempts at a provider.", labels, registry=registry
        )
        self._seconds = Histogram(
            "ovo_provider_attempt_seconds",
            "How long attempts at a provider took.",
            ("provider", "operation"),
            buckets=_BUCKETS_S,
            registry=registry,
        )

    def observe(self, attempt: Attempt) -> None:
        """Takes one attempt in."""
        outcome = attempt.outcome
        name = str(outcome.status) if isinstance(outcome, Answered) else type(outcome).__name__
        self._attempts.labels(attempt.provider, attempt.operation, name).inc()
        self._seconds.labels(attempt.provider, attempt.operation).observe(attempt.elapsed_s)
