"""Decides what an update makes of a payment: the table, the counting of 404s and the schedule."""

from dataclasses import dataclass, replace
from datetime import datetime

from ovo_payments.domain import payment as payments
from ovo_payments.domain import refund as refunds
from ovo_payments.domain import schedule
from ovo_payments.domain.failure import Failure, FailureReason
from ovo_payments.domain.payment import Payment, Review
from ovo_payments.domain.schedule import Patience
from ovo_payments.domain.update import Claim, PaymentUpdate, RefundUpdate, Source


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """What a payment becomes, and what is noted beside the evidence."""

    payment: Payment
    note: str = ""


def decide(
    payment: Payment, update: PaymentUpdate | RefundUpdate, now: datetime, patience: Patience
) -> Decision:
    """Takes an update in, and says when to ask next.

    Pure: the same payment, update and time give the same decision.
    """
    note = ""
    if isinstance(update, RefundUpdate):
        taken = _refund_taken_in(payment, update, now, patience)
    else:
        note = payments.misfit(payment, update)
        taken = _taken_in(payment, update, now, patience)
    after = _scheduled(taken, now, patience)
    # Whatever one update changes is one version: the log has no gaps.
    if after.version > payment.version + 1:
        after = replace(after, version=payment.version + 1)
    return Decision(payment=after, note=note and f"misfit: {note}")


def changes(payment: Payment, update: PaymentUpdate, now: datetime) -> bool:
    """Whether an update would make another version of a payment."""
    return payments.apply(payment, update, now).version != payment.version


def _taken_in(
    payment: Payment, update: PaymentUpdate, now: datetime, patience: Patience
) -> Payment:
    if payments.misfit(payment, update):
        return payments.apply(payment, update, now)
    if update.claim is Claim.NOT_FOUND:
        return _not_found_taken_in(payment, now, patience)
    if update.refund is not None and update.refund.claim is Claim.NOT_FOUND:
        taken = payments.apply(payment, replace(update, refund=None), now)
        return _refund_taken_in(taken, update.refund, now, patience)
    return payments.apply(payment, update, now)


def _not_found_taken_in(payment: Payment, now: datetime, patience: Patience) -> Payment:
    if not payment.state.open:
        return payment
    counted = schedule.count_not_found(payment, now, patience)
    if not schedule.not_found_often_enough(counted):
        return counted
    if payment.acknowledged:
        return payments.with_review(counted, Review.MISFIT, now)
    if not patience.not_found_is_final:
        return payments.with_review(counted, Review.EXHAUSTED, now)
    failed = PaymentUpdate(
        source=Source.QUERY,
        claim=Claim.FAILED,
        failure=Failure(
            reason=FailureReason.NOT_FOUND_AT_PROVIDER,
            message="The provider has no record of this payment, and no money moved.",
            retryable=True,
        ),
    )
    return payments.apply(counted, failed, now)


def _refund_taken_in(
    payment: Payment, update: RefundUpdate, now: datetime, patience: Patience
) -> Payment:
    if update.claim is not Claim.NOT_FOUND:
        return payments.apply_refund(payment, update, now)
    refund = payment.refund
    if refund is None or not refund.state.open or refund.acknowledged:
        return payment
    if refunds.names_another(refund, update):
        return payment
    counted = schedule.count_not_found(payment, now, patience)
    if not schedule.not_found_often_enough(counted):
        return counted
    if not patience.not_found_is_final:
        return payments.with_review(counted, Review.EXHAUSTED, now)
    failed = replace(
        update,
        claim=Claim.FAILED,
        failure=Failure(
            reason=FailureReason.NOT_FOUND_AT_PROVIDER,
            message="The provider has no record of this refund, and no money went back.",
            retryable=True,
        ),
    )
    return payments.apply_refund(counted, failed, now)


def _scheduled(payment: Payment, now: datetime, patience: Patience) -> Payment:
    """Sets the next question; an open payment that has none left needs a person."""
    next_check_time = schedule.next_check_time(payment, now, patience)
    if payment.open and next_check_time is None:
        payment = payments.with_review(payment, Review.EXHAUSTED, now)
    if payment.checks.next_check_time == next_check_time:
        return payment
    return replace(payment, checks=replace(payment.checks, next_check_time=next_check_time))
