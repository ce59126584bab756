"""What operators count beside calls: attempts at providers, payments, what became of webhooks."""

from typing import Final

from prometheus_client import CollectorRegistry, Counter, Histogram

from ovo_payments.domain.payment import Payment
from ovo_payments.domain.ports import InboxEntry
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


class PaymentMetrics:
    """Counts changes of state, and what calls for a person; the application's observer."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self._states = Counter(
            "ovo_payment_states",
            "Payments that came into a state, by provider, method and state.",
            ("provider", "method", "state"),
            registry=registry,
        )
        self._late_successes = Counter(
            "ovo_payment_late_successes",
            "Payments whose money moved after they were told failed or expired.",
            ("provider",),
            registry=registry,
        )
        self._reviews = Counter(
            "ovo_payment_reviews",
            "Payments that a person must look at, by why.",
            ("provider", "reason"),
            registry=registry,
        )
        self._webhooks = Counter(
            "ovo_webhooks_settled",
            "Webhooks that were worked on, by what was made of them.",
            ("provider", "state"),
            registry=registry,
        )

    def payment_changed(self, before: Payment, after: Payment) -> None:
        """Takes note of a new version."""
        if after.state is not before.state:
            self._states.labels(after.provider, after.method.value, after.state.value).inc()
        if after.late_success and not before.late_success:
            self._late_successes.labels(after.provider).inc()
        if after.review is not None and before.review is None:
            self._reviews.labels(after.provider, after.review.value).inc()

    def webhook_settled(self, entry: InboxEntry) -> None:
        """Takes note of what was made of a webhook."""
        self._webhooks.labels(entry.provider, entry.state.value).inc()
