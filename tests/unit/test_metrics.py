"""What operators count."""

from dataclasses import replace
from datetime import timedelta

from prometheus_client import CollectorRegistry

from ovo_payments.domain.payment import PaymentState, Review
from ovo_payments.domain.ports import InboxEntry, InboxState
from ovo_payments.metrics import PaymentMetrics
from tests.unit.domain.makers import NOW, payment


def test_changes_late_successes_and_reviews_are_counted_once() -> None:
    """A further version in the same state counts nothing."""
    registry = CollectorRegistry()
    metrics = PaymentMetrics(registry)
    pending = payment()
    expired = payment(state=PaymentState.EXPIRED)
    late = payment(state=PaymentState.SUCCEEDED, late_success=True, review=Review.MISFIT)
    again = replace(late, success_time=NOW + timedelta(seconds=1))
    for before, after in ((pending, expired), (expired, late), (late, again)):
        metrics.payment_changed(before, after)

    def count(name: str, **labels: str) -> float | None:
        return registry.get_sample_value(name, {"provider": "midtrans", **labels})

    method = "PUSH_TO_PHONE"
    assert count("ovo_payment_states_total", method=method, state="EXPIRED") == 1
    assert count("ovo_payment_states_total", method=method, state="SUCCEEDED") == 1
    assert count("ovo_payment_late_successes_total") == 1
    assert count("ovo_payment_reviews_total", reason="MISFIT") == 1


def test_what_became_of_webhooks_is_counted() -> None:
    """By provider and state."""
    registry = CollectorRegistry()
    entry = InboxEntry(
        inbox_id="inb1",
        provider="doku",
        kind="payment",
        target="/",
        headers={},
        body=b"",
        receive_time=NOW,
        state=InboxState.QUARANTINED,
    )
    PaymentMetrics(registry).webhook_settled(entry)
    labels = {"provider": "doku", "state": "QUARANTINED"}
    assert registry.get_sample_value("ovo_webhooks_settled_total", labels) == 1
