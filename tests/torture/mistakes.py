"""Mistakes made by hand in a good run, one for each kind, and the invariant that must notice."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Final

from ovo_payments.domain.evidence import Evidence
from ovo_payments.domain.money import Money
from ovo_payments.domain.payment import Payment, PaymentState
from ovo_payments.domain.ports import InboxState
from ovo_payments.domain.update import Claim, Source
from tests.torture.checker import UNCAUGHT
from tests.torture.observed import Commit, Delivery, Observed, Operation, Watch


def paid(observed: Observed, provider: str = "midtrans") -> Payment:
    """Some payment that succeeded and was not refunded."""
    return next(
        payment
        for payment in observed.payments.values()
        if payment.state is PaymentState.SUCCEEDED
        and payment.refund is None
        and payment.provider == provider
    )


def ended_without_money(observed: Observed, provider: str = "midtrans") -> Payment:
    """Some payment that failed by the provider's word."""
    return next(
        payment
        for payment in observed.payments.values()
        if payment.state is PaymentState.FAILED and payment.provider == provider
    )


def put(observed: Observed, payment: Payment) -> None:
    """Writes a payment's row and last event anew."""
    observed.payments = {**observed.payments, payment.payment_id: payment}
    versions = [*observed.events[payment.payment_id][:-1], payment]
    observed.events = {**observed.events, payment.payment_id: versions}


def follow(observed: Observed, version: Payment) -> None:
    """Adds an event to a payment."""
    versions = [*observed.events[version.payment_id], version]
    observed.events = {**observed.events, version.payment_id: versions}


def learnt(observed: Observed, payment: Payment, change: Callable[[Evidence], Evidence]) -> None:
    """Changes a payment's evidence."""
    rows = [change(one) for one in observed.evidence[payment.payment_id]]
    observed.evidence = {**observed.evidence, payment.payment_id: rows}


def _debited_twice(observed: Observed) -> None:
    entry = observed.ledger[0]
    observed.ledger = [*observed.ledger, replace(entry, entry_id=10**6)]


def _order_paid_twice(observed: Observed) -> None:
    one, other = (payment for payment in _succeeded(observed)[:2])
    put(observed, replace(other, scope=one.scope, order_id=one.order_id))


def _debit_lost(observed: Observed) -> None:
    put(observed, replace(paid(observed), state=PaymentState.FAILED))


def _success_invented(observed: Observed) -> None:
    put(observed, replace(ended_without_money(observed), state=PaymentState.SUCCEEDED))


def _amounts_differ(observed: Observed) -> None:
    entry = observed.ledger[0]
    observed.ledger = [
        replace(entry, amount_rupiah=entry.amount_rupiah + 1),
        *observed.ledger[1:],
    ]


def _sent_before_commit(observed: Observed) -> None:
    call = next(one for one in observed.calls if one.moves_money and one.left >= 0)
    for commit in observed.commits:
        if commit.operation == "payments.create" and commit.subject_id == call.reference:
            commit.order = call.left + 1


def _sent_twice(observed: Observed) -> None:
    call = next(one for one in observed.calls if one.moves_money and one.left >= 0)
    observed.calls.append(replace(call, order=10**6, left=10**6))


def _time_out_means_failed(observed: Observed) -> None:
    payment = ended_without_money(observed)
    learnt(
        observed,
        payment,
        lambda one: replace(one, source=Source.TRANSPORT, claim=Claim.UNKNOWN),
    )


def _one_404_means_failed(observed: Observed) -> None:
    payment = ended_without_money(observed)
    learnt(observed, payment, lambda one: replace(one, claim=Claim.NOT_FOUND))


def _amount_changes(observed: Observed) -> None:
    payment = paid(observed)
    put(observed, replace(payment, amount=Money(payment.amount.rupiah + 1)))


def _wrong_customer(observed: Observed) -> None:
    entry = observed.ledger[0]
    observed.ledger = [replace(entry, phone="6281999999999"), *observed.ledger[1:]]


def _answer_lost(observed: Observed) -> None:
    call = next(one for one in observed.calls if one.moves_money and one.answered >= 0)
    observed.commits = [
        commit for commit in observed.commits if not commit.subject_id.startswith(call.reference)
    ]


def _another_payment_for_the_same_request(observed: Observed) -> None:
    operation = _charged(observed)
    observed.operations.append(replace(operation, payment_id=paid(observed, "doku").payment_id))


def _other_content_taken(observed: Observed) -> None:
    observed.operations.append(replace(_charged(observed), content="something else"))


def _asked_at_once_and_sent_twice(observed: Observed) -> None:
    operation = _charged(observed)
    observed.operations.append(replace(operation, invoked_at=operation.invoked_at + 0.001))
    call = next(one for one in observed.calls if one.reference == operation.payment_id)
    observed.calls.append(replace(call, left=10**6, status=200))


def _scopes_meet(observed: Observed) -> None:
    _charged(observed).seen_scope = "another"


def _refusal_uses_the_id_up(observed: Observed) -> None:
    operation = _charged(observed)
    key = (operation.scope, operation.method, operation.request_id)
    for one in observed.operations:
        if (one.scope, one.method, one.request_id) == key:
            one.outcome, one.reason = "failed", "InvalidRequestError"


def _refunded_twice(observed: Observed) -> None:
    entry = next(one for one in observed.ledger if one.kind == "refund")
    observed.ledger = [*observed.ledger, replace(entry, entry_id=10**6)]


def _version_left_out(observed: Observed) -> None:
    payment = paid(observed)
    put(observed, replace(payment, version=payment.version + 1))


def _row_is_not_its_events(observed: Observed) -> None:
    payment = paid(observed)
    observed.payments = {
        **observed.payments,
        payment.payment_id: replace(payment, provider_reference="other"),
    }


def _another_end(observed: Observed) -> None:
    observed.truth = {**observed.truth, paid(observed).payment_id: "EXPIRED"}


def _success_taken_back(observed: Observed) -> None:
    payment = paid(observed)
    follow(observed, replace(payment, version=payment.version + 1, state=PaymentState.PENDING))


def _late_success_unmarked(observed: Observed) -> None:
    payment = ended_without_money(observed)
    follow(observed, replace(payment, version=payment.version + 1, state=PaymentState.SUCCEEDED))


def _stuck(observed: Observed) -> None:
    put(observed, replace(paid(observed), state=PaymentState.IN_DOUBT))


def _too_late(observed: Observed) -> None:
    payment = paid(observed)
    times = dict(observed.event_times)
    times[payment.payment_id, payment.version] = observed.healed_at + 1000
    observed.event_times = times


def _forgery_believed(observed: Observed) -> None:
    delivery = next(one for one in observed.deliveries if one.path.endswith("midtrans"))
    observed.deliveries.append(replace(delivery, tampering="forged", body=b"{}", status=200))


def _acknowledged_before_commit(observed: Observed) -> None:
    for commit in observed.commits:
        if commit.operation == "inbox.append":
            commit.order = 10**6


def _acknowledged_and_forgotten(observed: Observed) -> None:
    observed.inbox = observed.inbox[1:]


def _applied_twice(observed: Observed) -> None:
    payment = paid(observed)
    again = replace(
        payment,
        version=payment.version + 1,
        update_time=payment.update_time + timedelta(seconds=1),
    )
    follow(observed, again)


def _misfit_applied(observed: Observed) -> None:
    entry = observed.inbox[0]
    observed.deliveries.append(_delivery(entry.body, "wrong_amount"))
    observed.inbox = [replace(entry, state=InboxState.APPLIED), *observed.inbox[1:]]


def _webhook_trusted(observed: Observed) -> None:
    learnt(observed, paid(observed), lambda one: replace(one, source=Source.WEBHOOK))


def _webhook_sends(observed: Observed) -> None:
    next(one for one in observed.calls if one.moves_money).origin = ""


def _versions_out_of_order(observed: Observed) -> None:
    watch = next(one for one in observed.watches if one.versions)
    watch.versions = [*watch.versions, watch.versions[0]]


def _stream_ends_early(observed: Observed) -> None:
    watch = next(one for one in observed.watches if one.ended == "done" and one.versions)
    moment, version, _ = watch.versions[-1]
    watch.versions = [*watch.versions[:-1], (moment, version, True)]


def _wake_up_lost(observed: Observed) -> None:
    payment = paid(observed)
    at = observed.event_times[payment.payment_id, payment.version]
    observed.watches.append(
        Watch(
            order=10**6,
            payment_id=payment.payment_id,
            after_version=None,
            began_at=at - 1,
            node=observed.lives[0].node,
            versions=[(at - 1, 1, True)],
            ended_at=at + 30,
            ended="left",
        )
    )


def _told_and_gone(observed: Observed) -> None:
    _charged(observed).payment_id = "pay-nobody-knows"


def _sent_without_intent(observed: Observed) -> None:
    call = next(one for one in observed.calls if one.operation == "charge" and one.left >= 0)
    observed.commits.append(
        Commit(
            order=10**6,
            at=0.0,
            node="service-1",
            operation="payments.create",
            subject_id=call.reference,
            outcome="lost",
        )
    )


def _lease_ignored(observed: Observed) -> None:
    next(one for one in observed.commits if one.operation == "payments.record").lease_broken = True


def _webhook_stuck(observed: Observed) -> None:
    observed.inbox = [replace(observed.inbox[0], state=InboxState.WAITING), *observed.inbox[1:]]


def _due_for_ever(observed: Observed) -> None:
    payment = paid(observed)
    checks = replace(payment.checks, next_check_time=observed.began)
    put(observed, replace(payment, checks=checks))


def _expired_by_a_timer(observed: Observed) -> None:
    payment = ended_without_money(observed)
    put(observed, replace(payment, state=PaymentState.EXPIRED))


def _debit_retried(observed: Observed) -> None:
    call = next(one for one in observed.calls if one.operation == "charge" and one.left >= 0)
    observed.calls += [replace(call, left=10**6 + number) for number in range(2)]


def _queries_multiplied(observed: Observed) -> None:
    observed.attempts = {**observed.attempts, "query.repeated": 10**4}


def _debit_as_a_probe(observed: Observed) -> None:
    call = next(one for one in observed.calls if one.moves_money and one.left >= 0)
    call.breaker = "HALF_OPEN"


def _exception_uncaught(observed: Observed) -> None:
    observed.failures.append("Task exception was never retrieved")


def _internal_error(observed: Observed) -> None:
    operation = _charged(observed)
    operation.outcome, operation.reason = "failed", "INTERNAL KeyError('x')"


def _charged(observed: Observed) -> Operation:
    return next(
        one
        for one in observed.operations
        if one.method == "Charge" and one.outcome == "ok" and not one.replayed
    )


def _succeeded(observed: Observed) -> list[Payment]:
    return [
        payment
        for payment in observed.payments.values()
        if payment.state is PaymentState.SUCCEEDED and payment.refund is None
    ]


def _delivery(body: bytes, tampering: str) -> Delivery:
    return Delivery(
        order=10**6,
        at=0.0,
        node="service-1",
        provider="midtrans",
        path="/webhooks/midtrans",
        body=body,
        tampering=tampering,
        status=200,
        answered=10**6,
    )


MISTAKES: Final[dict[Callable[[Observed], None], str]] = {
    _debited_twice: "I-1",
    _order_paid_twice: "I-1",
    _debit_lost: "I-2",
    _success_invented: "I-3",
    _amounts_differ: "I-4",
    _sent_before_commit: "I-5",
    _sent_twice: "I-6",
    _time_out_means_failed: "I-7",
    _one_404_means_failed: "I-7",
    _amount_changes: "I-8",
    _wrong_customer: "I-9",
    _answer_lost: "I-10",
    _another_payment_for_the_same_request: "I-11",
    _other_content_taken: "I-12",
    _asked_at_once_and_sent_twice: "I-13",
    _scopes_meet: "I-14",
    _refusal_uses_the_id_up: "I-15",
    _refunded_twice: "I-16",
    _version_left_out: "I-17",
    _row_is_not_its_events: "I-17",
    _another_end: "I-18",
    _success_taken_back: "I-19",
    _late_success_unmarked: "I-20",
    _stuck: "I-21",
    _too_late: "I-21",
    _forgery_believed: "I-22",
    _acknowledged_before_commit: "I-23",
    _acknowledged_and_forgotten: "I-23",
    _applied_twice: "I-24",
    _misfit_applied: "I-25",
    _webhook_trusted: "I-26",
    _webhook_sends: "I-27",
    _versions_out_of_order: "I-28",
    _stream_ends_early: "I-28",
    _wake_up_lost: "I-29",
    _told_and_gone: "I-32",
    _sent_without_intent: "I-33",
    _internal_error: "I-33",
    _lease_ignored: "I-34",
    _webhook_stuck: "I-35",
    _due_for_ever: "I-35",
    _expired_by_a_timer: "I-36",
    _debit_retried: "I-37",
    _queries_multiplied: "I-37",
    _debit_as_a_probe: "I-39",
    _exception_uncaught: UNCAUGHT,
}
