"""What an update makes of a payment, counting and schedule included."""

from dataclasses import replace
from datetime import datetime, timedelta

from ovo_payments.domain.decide import decide
from ovo_payments.domain.failure import FailureReason
from ovo_payments.domain.payment import Payment, PaymentState, Review
from ovo_payments.domain.refund import RefundState
from ovo_payments.domain.update import Claim, PaymentUpdate, RefundUpdate, Source
from tests.unit.domain.makers import NOW, PATIENCE, payment, refund, told, told_of_refund

SETTLED_S = 65 + 100


def after_404s(
    subject: Payment, update: PaymentUpdate | RefundUpdate, count: int, start_s: float = SETTLED_S
) -> Payment:
    """Takes a 404 in `count` times, ten seconds apart."""
    for index in range(count):
        now = NOW + timedelta(seconds=start_s + 10 * index)
        subject = decide(subject, update, now, PATIENCE).payment
    return subject


def test_three_late_404s_prove_that_no_money_moved() -> None:
    """Two do not."""
    doubted = payment(state=PaymentState.IN_DOUBT)
    assert after_404s(doubted, told(Claim.NOT_FOUND), 2).state is PaymentState.IN_DOUBT
    after = after_404s(doubted, told(Claim.NOT_FOUND), 3)
    assert after.state is PaymentState.FAILED
    assert after.failure is not None
    assert after.failure.reason is FailureReason.NOT_FOUND_AT_PROVIDER
    assert after.checks.next_check_time == after.update_time + timedelta(hours=1)


def test_404s_of_a_provider_that_is_not_trusted_call_for_a_person() -> None:
    """And never fail the payment."""
    distrustful = replace(PATIENCE, not_found_is_final=False)
    subject = payment(state=PaymentState.IN_DOUBT)
    for index in range(4):
        now = NOW + timedelta(seconds=SETTLED_S + 10 * index)
        subject = decide(subject, told(Claim.NOT_FOUND), now, distrustful).payment
    assert subject.state is PaymentState.IN_DOUBT
    assert subject.review is Review.EXHAUSTED
    settled = decide(subject, told(Claim.SUCCEEDED), NOW + timedelta(hours=1), distrustful).payment
    assert not settled.needs_review, "a word that settles it ends the review"


def test_404s_for_a_payment_that_the_provider_knew_call_for_a_person() -> None:
    """A provider that forgets is a contradiction, not an end."""
    after = after_404s(payment(acknowledged=True), told(Claim.NOT_FOUND), 3)
    assert after.state is PaymentState.PENDING
    assert after.review is Review.MISFIT


def test_a_404_changes_nothing_that_is_final() -> None:
    """A settled payment stays."""
    paid = payment(state=PaymentState.SUCCEEDED)
    assert after_404s(paid, told(Claim.NOT_FOUND), 5) == paid


def test_the_last_question_without_an_answer_calls_for_a_person() -> None:
    """Exhausted questions never fail a payment."""
    day_later = NOW + timedelta(days=1)
    after = decide(payment(), told(Claim.UNKNOWN), day_later, PATIENCE).payment
    assert after.state is PaymentState.PENDING
    assert after.review is Review.EXHAUSTED
    assert after.checks.next_check_time is None


def test_a_refund_that_the_provider_never_had_fails_after_three_late_looks() -> None:
    """The payment stays SUCCEEDED and may be refunded again."""
    doubted = payment(state=PaymentState.SUCCEEDED, refund=refund(state=RefundState.IN_DOUBT))
    look = told(Claim.SUCCEEDED, refund=told_of_refund(Claim.NOT_FOUND))
    assert after_404s(doubted, look, 2).open
    after = after_404s(doubted, look, 3)
    assert after.state is PaymentState.SUCCEEDED
    assert after.refund is not None
    assert after.refund.state is RefundState.FAILED


def test_an_acknowledged_refund_is_never_failed_by_silence() -> None:
    """The bank may take days."""
    accepted = payment(state=PaymentState.SUCCEEDED, refund=refund(acknowledged=True))
    look = told(Claim.SUCCEEDED, refund=told_of_refund(Claim.NOT_FOUND))
    assert after_404s(accepted, look, 5).open


def test_404s_of_another_refund_do_not_count() -> None:
    """A question about an earlier try may be answered after the next try was made."""
    doubted = payment(state=PaymentState.SUCCEEDED, refund=refund(state=RefundState.IN_DOUBT))
    other = told(Claim.SUCCEEDED, refund=told_of_refund(Claim.NOT_FOUND, refund_id="rfd0"))
    assert after_404s(doubted, other, 5).open


def test_one_update_is_one_version_whatever_it_changes() -> None:
    """Also where the last question both moves a payment and calls for a person."""
    day_later = NOW + timedelta(days=1)
    lost = told(Claim.UNKNOWN, Source.TRANSPORT)
    after = decide(payment(version=4), lost, day_later, PATIENCE).payment
    assert (after.state, after.review) == (PaymentState.IN_DOUBT, Review.EXHAUSTED)
    assert after.version == 5


def test_the_answer_says_when_to_ask_next() -> None:
    """From the provider's deadline on, once it is known."""
    deadline = NOW + timedelta(seconds=65)
    now: datetime = NOW + timedelta(seconds=41)
    answer = told(Claim.PENDING, Source.ANSWER, expire_time=deadline)
    after = decide(payment(), answer, now, PATIENCE).payment
    assert after.checks.next_check_time == deadline + timedelta(seconds=10)
    assert not after.checks.sending


def test_a_misfit_is_noted_beside_the_evidence() -> None:
    """So that whoever looks finds the reason."""
    decision = decide(payment(), told(Claim.SUCCEEDED, misfit="another merchant"), NOW, PATIENCE)
    assert decision.note == "misfit: another merchant"
