"""The table of a payment's changes: every pair, the forbidden ones too."""

from dataclasses import replace
from datetime import timedelta
from itertools import product

import pytest

from ovo_payments.domain import payment as payments
from ovo_payments.domain.failure import FailureReason
from ovo_payments.domain.money import Money
from ovo_payments.domain.payment import TRANSITIONS, Checks, PaymentState, Review
from ovo_payments.domain.phone import PhoneNumber
from ovo_payments.domain.refund import RefundState
from ovo_payments.domain.update import Claim, Source
from tests.unit.domain.makers import DECLINED, NOW, payment, refund, told, told_of_refund

LATER = NOW + timedelta(seconds=10)
P, D, S, F, E, R = PaymentState

# Written apart from the code's own table, row by row: what each claim makes of each state.
EXPECTED = {
    #                   P  D  S  F  E  R
    Claim.PENDING: (P, P, S, F, E, R),
    Claim.SUCCEEDED: (S, S, S, S, S, R),
    Claim.FAILED: (F, F, S, F, E, R),
    Claim.EXPIRED: (E, E, S, F, E, R),
    Claim.REFUNDED: (R, R, R, R, R, R),
    Claim.UNKNOWN: (D, D, S, F, E, R),
    Claim.NOT_SENT: (F, F, S, F, E, R),
    Claim.NOT_FOUND: (P, D, S, F, E, R),
}


@pytest.mark.parametrize(("state", "claim"), list(product(PaymentState, Claim)))
def test_every_pair_of_state_and_claim_has_one_end(state: PaymentState, claim: Claim) -> None:
    """Nothing but the expected table moves a payment."""
    before = payment(state=state)
    after = payments.apply(before, told(claim, Source.ANSWER), LATER)
    assert after.state is EXPECTED[claim][list(PaymentState).index(state)]


@pytest.mark.parametrize(("state", "claim"), list(product(PaymentState, Claim)))
def test_a_change_is_one_version_and_no_change_is_none(state: PaymentState, claim: Claim) -> None:
    """Versions rise by one with each change, and only with a change."""
    before = payment(state=state, version=7)
    after = payments.apply(before, told(claim, Source.ANSWER), LATER)
    changed = after != before
    assert after.version == (8 if changed else 7)
    assert after.update_time == (LATER if changed else NOW)
    again = payments.apply(after, told(claim, Source.ANSWER), LATER)
    assert again.version == after.version, "a repeated update changes nothing"


def test_the_table_never_leads_out_of_refunded_nor_back_to_doubt() -> None:
    """SUCCEEDED never regresses but to REFUNDED, and REFUNDED is the end."""
    for (state, _claim), after in TRANSITIONS.items():
        assert state is not R
        if state is S:
            assert after is R
        if state in {F, E}:
            assert after in {S, R}


def test_a_clock_that_went_back_turns_no_time_back() -> None:
    """Who sorts the versions by their times sorts them by their numbers."""
    earlier = NOW - timedelta(hours=1)
    after = payments.apply(payment(), told(Claim.SUCCEEDED), earlier)
    assert after.version == 2
    assert after.update_time == NOW


@pytest.mark.parametrize("source", [Source.QUERY, Source.WEBHOOK])
def test_a_query_that_fails_is_no_doubt(source: Source) -> None:
    """Only the loss of the answer itself makes a payment IN_DOUBT."""
    assert payments.apply(payment(), told(Claim.UNKNOWN, source), LATER).state is P


def test_an_acknowledged_payment_is_not_doubted_by_a_lost_answer() -> None:
    """A webhook that outran the answer proved that the provider has the payment."""
    known = payments.apply(payment(), told(Claim.PENDING, Source.WEBHOOK), LATER)
    for claim in (Claim.UNKNOWN, Claim.NOT_SENT):
        after = payments.apply(known, told(claim, Source.TRANSPORT), LATER)
        assert after.state is P
        assert not after.checks.sending


@pytest.mark.parametrize("state", [F, E])
@pytest.mark.parametrize("claim", [Claim.SUCCEEDED, Claim.REFUNDED])
def test_money_that_moved_after_all_is_a_late_success(state: PaymentState, claim: Claim) -> None:
    """It is accepted and marked, and no failure is left beside it."""
    before = payment(state=state, failure=DECLINED if state is F else None)
    after = payments.apply(before, told(claim), LATER)
    assert after.late_success
    assert after.failure is None


def test_details_are_kept_once_told() -> None:
    """The first word on page, reference and deadline stays."""
    first = told(Claim.PENDING, redirect_url="https://a", provider_reference="r", expire_time=LATER)
    other = told(Claim.PENDING, redirect_url="https://b", provider_reference="s", expire_time=NOW)
    after = payments.apply(payments.apply(payment(), first, LATER), other, LATER)
    assert (after.redirect_url, after.provider_reference) == ("https://a", "r")
    assert after.expire_time == LATER


@pytest.mark.parametrize(
    "misfit",
    [
        {"amount": Money(15_001)},
        {"reference": "pay2"},
        {"phone_number": PhoneNumber.parse("082222222222")},
        {"misfit": "another merchant"},
    ],
)
@pytest.mark.parametrize("source", Source)
def test_what_does_not_fit_moves_nothing(misfit: dict[str, object], source: Source) -> None:
    """A word about other money is kept out; one in answer to us calls for a person."""
    after = payments.apply(payment(), told(Claim.SUCCEEDED, source, **misfit), LATER)
    assert after.state is (D if source is Source.ANSWER else P)
    assert after.review is (None if source is Source.WEBHOOK else Review.MISFIT)


def test_a_misfit_does_not_doubt_what_the_provider_acknowledged() -> None:
    """It is flagged; that the provider has the payment stays true whichever came first."""
    known = payments.apply(payment(), told(Claim.PENDING), LATER)
    odd = told(Claim.SUCCEEDED, Source.ANSWER, amount=Money(1))
    after = payments.apply(known, odd, LATER)
    assert (after.state, after.review) == (P, Review.MISFIT)


@pytest.mark.parametrize("state", [S, R])
@pytest.mark.parametrize("source", Source)
def test_a_failure_told_of_money_that_moved_calls_for_a_person(
    state: PaymentState, source: Source
) -> None:
    """The state stays, and the contradiction is not swallowed."""
    after = payments.apply(payment(state=state), told(Claim.FAILED, source), LATER)
    assert (after.state, after.review) == (state, Review.MISFIT)
    assert payments.apply(after, told(Claim.FAILED, source), LATER) == after


def test_a_payment_that_was_not_there_and_appears_calls_for_a_person() -> None:
    """It is not opened again, but a debit may come."""
    gone = payments.apply(payment(), told(Claim.NOT_SENT, Source.TRANSPORT), LATER)
    after = payments.apply(gone, told(Claim.PENDING), LATER)
    assert (after.state, after.review) == (F, Review.MISFIT)
    declined = payment(state=F, failure=DECLINED)
    assert payments.apply(declined, told(Claim.PENDING), LATER) == declined, "an old word"


@pytest.mark.parametrize("claim", [Claim.PENDING, Claim.FAILED, Claim.NOT_SENT, Claim.UNKNOWN])
def test_a_word_about_another_refund_does_not_concern_ours(claim: Claim) -> None:
    """Such as the late answer to an earlier try; the answer to ours is still to come."""
    before = payment(state=S, refund=refund())
    after = payments.apply_refund(
        before, told_of_refund(claim, Source.ANSWER, refund_id="rfd0"), LATER
    )
    assert after == before
    assert after.checks.sending


def test_money_that_went_back_by_another_refund_did_go_back() -> None:
    """Only all of a payment can be refunded, and that is done."""
    before = payment(state=S, refund=refund())
    after = payments.apply_refund(before, told_of_refund(Claim.SUCCEEDED, refund_id="x"), LATER)
    assert after.state is R


def test_a_review_for_want_of_answers_ends_with_an_answer() -> None:
    """Evidence that comes after the last scheduled question settles the payment."""
    tired = payments.with_review(payment(), Review.EXHAUSTED, NOW)
    assert tired.needs_review
    assert not payments.apply(tired, told(Claim.SUCCEEDED), LATER).needs_review


def test_a_review_for_a_misfit_stays() -> None:
    """A person must look at a contradiction even where money moved as it should."""
    odd = payments.with_review(payment(), Review.MISFIT, NOW)
    assert payments.apply(odd, told(Claim.SUCCEEDED), LATER).needs_review


def test_proof_of_not_sent_is_a_failure_that_may_be_tried_again() -> None:
    """Nothing left, so that no money moved, and the order is free."""
    after = payments.apply(payment(), told(Claim.NOT_SENT, Source.TRANSPORT), LATER)
    assert after.failure is not None
    assert after.failure.reason is FailureReason.NOT_FOUND_AT_PROVIDER
    assert after.failure.retryable


def test_a_confirmed_refund_makes_the_payment_refunded() -> None:
    """The refund's end is the payment's next state, in one version."""
    before = payment(state=S, refund=refund(), version=3)
    after = payments.apply_refund(before, told_of_refund(Claim.SUCCEEDED), LATER)
    assert (after.state, after.version) == (R, 4)
    assert after.refund is not None
    assert after.refund.state is RefundState.SUCCEEDED


def test_a_refund_that_failed_leaves_the_payment_succeeded() -> None:
    """And says why."""
    before = payment(state=S, refund=refund())
    after = payments.apply_refund(before, told_of_refund(Claim.FAILED), LATER)
    assert after.state is S
    assert after.refund is not None
    assert after.refund.failure is DECLINED
    assert not after.open


def test_a_refund_made_beside_this_service_is_taken_in() -> None:
    """Somebody refunded it in the provider's dashboard."""
    after = payments.apply(payment(state=S), told(Claim.REFUNDED), LATER)
    assert after.state is R
    assert after.refund is not None
    assert after.refund.amount == after.amount


def test_an_open_refund_keeps_a_payment_open() -> None:
    """Its stream and its questions go on."""
    assert payment(state=S, refund=refund()).open
    assert not payment(state=S, refund=refund(state=RefundState.FAILED)).open


def test_checks_are_no_version() -> None:
    """Asking is no change of the payment."""
    before = payment()
    after = replace(before, checks=Checks(not_found_count=2))
    assert before == after


@pytest.mark.parametrize("claim", [Claim.UNKNOWN, Claim.SUCCEEDED, Claim.FAILED])
def test_a_late_end_of_a_push_does_not_end_the_sending_of_its_refund(claim: Claim) -> None:
    """A webhook settled it and it is being refunded, while its own answer was on its way."""
    refunding = payment(state=S, refund=refund())
    source = Source.TRANSPORT if claim is Claim.UNKNOWN else Source.ANSWER
    assert payments.apply(refunding, told(claim, source), LATER).checks.sending
    assert not payments.apply_refund(refunding, told_of_refund(claim, source), LATER).checks.sending


def test_a_push_whose_refund_is_known_ends_its_sending_with_its_own_answer() -> None:
    """What was refunded at the provider is not being sent from here."""
    refunded = payment(state=S, refund=refund(acknowledged=True))
    assert not payments.apply(refunded, told(Claim.UNKNOWN, Source.TRANSPORT), LATER).checks.sending
