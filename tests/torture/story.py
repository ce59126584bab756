"""Tells a payment's whole story, for whoever must find out what went wrong."""

from collections.abc import Iterator
from typing import TypeAlias

from ovo_sandbox.ledger import LedgerEntry
from tests.torture.observed import Delivery, Observed, Operation, ProviderCall

Line: TypeAlias = tuple[float, int, str]


def story(observed: Observed, payment_id: str) -> Iterator[str]:
    """Everything that is known of one payment, in the order in which it happened."""
    yield f"the story of {payment_id}, by {observed.command}"
    lines = [*_of_callers(observed, payment_id), *_of_the_service(observed, payment_id)]
    first = min((at for at, order, _ in lines if order), default=0.0)
    for at, _, text in sorted([*lines, *_of_the_world(observed)]):
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


def _of_callers(observed: Observed, payment_id: str) -> Iterator[Line]:
    payment = observed.payments.get(payment_id)
    order_id = payment.order_id if payment else ""
    for one in observed.operations:
        named = payment_id in {one.payment_id, one.subject_id}
        if named or (order_id and one.order_id == order_id):
            yield from _operation(one)
    for watch in observed.watches:
        if watch.payment_id == payment_id:
            got = [version for _, version, _ in watch.versions]
            text = f"a watcher after {watch.after_version} gets {got}, {watch.ended}"
            yield watch.began_at, watch.order, text


def _of_the_service(observed: Observed, payment_id: str) -> Iterator[Line]:
    refunds = {refund for owner, refund, _, _ in observed.refunds if owner == payment_id}
    names = {payment_id, *refunds}
    for call in observed.calls:
        if call.reference in names:
            yield from _call(call)
    for commit in observed.commits:
        if commit.subject_id.partition("@")[0] == payment_id:
            told = "" if commit.told else ", and its writer was told otherwise"
            text = f"{commit.node} commits {commit.operation}: {commit.outcome}{told}"
            yield commit.at, commit.order, text
    for delivery in observed.deliveries:
        if payment_id.encode() in delivery.body:
            yield delivery.at, delivery.order, _delivery(delivery)
    for entry in observed.ledger:
        if entry.merchant_reference in names:
            yield _ledger(observed, entry)


def _of_the_world(observed: Observed) -> Iterator[Line]:
    for life in observed.lives:
        yield life.began_at, 0, f"{life.node} starts"
        if life.ended_at >= 0:
            yield life.ended_at, 0, f"{life.node} dies"
    for moment, skew_s in observed.clock_jumps:
        yield moment, 0, f"the service's clock is wrong by {skew_s:.0f} s"
    for begin, to in observed.store_outages:
        yield begin, 0, f"the store is away until {to:.3f} s"
    yield observed.healed_at, 0, "all troubles end"


def _operation(one: Operation) -> list[Line]:
    what = f"{one.scope} {one.method} {one.request_id}"
    end = f"{one.outcome} {one.reason} {one.state} {one.version or ''}".rstrip()
    return [
        (one.invoked_at, one.order, f"{what} is called"),
        (one.ended_at, one.order, f"{what} ends: {end}{', cancelled' if one.cancelled else ''}"),
    ]


def _call(call: ProviderCall) -> list[Line]:
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


def _ledger(observed: Observed, entry: LedgerEntry) -> Line:
    at = (entry.at - observed.began).total_seconds()
    return (at, 1, f"LEDGER {entry.kind} Rp{entry.amount_rupiah} {entry.phone}")
