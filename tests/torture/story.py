"""Tells a payment's whole story, for whoever must find out what went wrong."""

from collections.abc import Iterator

from ovo_sandbox.ledger import LedgerEntry
from tests.torture.observed import Delivery, Observed, Operation, ProviderCall


def story(observed: Observed, payment_id: str) -> Iterator[str]:
    """Everything that is known of one payment, in the order in which it happened."""
    payment = observed.payments.get(payment_id)
    refunds = {refund for owner, refund, _, _ in observed.refunds if owner == payment_id}
    names = {payment_id, *refunds}
    lines: list[tuple[float, int, str]] = []
    order_id = payment.order_id if payment else ""
    for one in observed.operations:
        if payment_id in {one.payment_id, one.subject_id} or (order_id and one.order_id == order_id):
            lines += _operation(one)
    for call in observed.calls:
        if call.reference in names:
            lines += _call(call)
    for commit in observed.commits:
        if commit.subject_id.partition("@")[0] == payment_id:
            told = "" if commit.told else ", and its writer was told otherwise"
            text = f"{commit.node} commits {commit.operation}: {commit.outcome}{told}"
            lines.append((commit.at, commit.order, text))
    for delivery in observed.deliveries:
        if payment_id.encode() in delivery.body:
            lines.append((delivery.at, delivery.order, _delivery(delivery)))
    for watch in observed.watches:
        if watch.payment_id == payment_id:
            got = [version for _, version, _ in watch.versions]
            text = f"a watcher after {watch.after_version} gets {got}, {watch.ended}"
            lines.append((watch.began_at, watch.order, text))
    lines += [_life(life.node, life.began_at, "starts") for life in observed.lives]
    lines += [_life(life.node, life.ended_at, "dies") for life in observed.lives if life.ended_at > 0]
    lines += [_ledger(observed, entry) for entry in observed.ledger if entry.merchant_reference in names]
    lines.append((observed.healed_at, 0, "all troubles end"))
    yield f"the story of {payment_id}, by {observed.command}"
    first = min((at for at, order, _ in lines if order), default=0.0)
    for at, _, text in sorted(lines):
        if at >= first - 1:
            yield f"  {at:12.3f} s  {text}"
    for evidence in observed.evidence.get(payment_id, ()):
        at = (evidence.observe_time - observed.began).total_seconds()
        yield (
            f"  evidence at {at:.3f} s: version {evidence.version} {evidence.source.value}"
            f" {evidence.claim.value} {evidence.provider_code} {evidence.detail}"
        )
    for event in observed.events.get(payment_id, ()):
        refund = f", refund {event.refund.state.value}" if event.refund else ""
        review = f", review {event.review.value}" if event.review else ""
        yield f"  version {event.version}: {event.state.value}{refund}{review}"
    yield f"  the provider holds it as {observed.truth.get(payment_id, 'unknown')}"


def _operation(one: Operation) -> list[tuple[float, int, str]]:
    what = f"{one.scope} {one.method} {one.request_id}"
    end = f"{one.outcome} {one.reason} {one.state} {one.version or ''}".rstrip()
    return [
        (one.invoked_at, one.order, f"{what} is called"),
        (one.ended_at, one.order, f"{what} ends: {end}{', cancelled' if one.cancelled else ''}"),
    ]


def _call(call: ProviderCall) -> list[tuple[float, int, str]]:
    what = f"{call.node} → {call.provider} {call.operation} {call.reference}"
    lines = [(call.at, call.order, f"{what} {'leaves' if call.left >= 0 else 'does not leave'}")]
    if call.fault:
        lines.append((call.at, call.order, f"{what} meets: {call.fault}"))
    if call.answered >= 0:
        answer = f"{what} is answered {call.status} {call.code}"
        lines.append((call.answered_at, call.answered, answer))
    return lines


def _delivery(one: Delivery) -> str:
    body = one.body.decode("latin-1")
    return f"{one.provider} notifies {one.node} ({one.tampering or 'true'}): {one.status} {body}"


def _life(node: str, at: float, what: str) -> tuple[float, int, str]:
    return (at, 0, f"{node} {what}")


def _ledger(observed: Observed, entry: LedgerEntry) -> tuple[float, int, str]:
    at = (entry.at - observed.began).total_seconds()
    return (at, 1, f"LEDGER {entry.kind} Rp{entry.amount_rupiah} {entry.phone}")
