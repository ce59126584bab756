"""Refunds: approved, confirmed by the bank, missing, or somebody else's."""

from datetime import UTC, datetime

import pytest

from ovo_payments.domain.money import Money
from ovo_payments.domain.payment import misfit
from ovo_payments.domain.update import Claim, RefundUpdate, Source
from tests.unit.providers.midtrans.orders import (
    CONFIRMED_ENTRY,
    PAYMENT,
    REFUND_ENTRY,
    transaction,
)
from tests.unit.providers.midtrans.translated import (
    APPROVED_IS_ENOUGH,
    REFUNDING,
    answered,
    of_query,
    of_refund,
)


def test_an_approved_refund_waits_for_the_bank() -> None:
    """Until the bank has confirmed, the payment stays succeeded and the refund pending."""
    update = of_query(answered(transaction("refund", refunds=[REFUND_ENTRY])), REFUNDING)
    assert update.claim is Claim.SUCCEEDED
    assert update.refund is not None
    assert update.refund.claim is Claim.PENDING
    assert update.refund.refund_id == "reference1"
    assert update.refund.amount == Money(15_000)


def test_a_confirmed_refund_is_done() -> None:
    """The bank's confirmation ends it, with the bank's time."""
    update = of_query(answered(transaction("refund", refunds=[CONFIRMED_ENTRY])), REFUNDING)
    assert update.claim is Claim.REFUNDED
    assert update.refund is not None
    assert update.refund.claim is Claim.SUCCEEDED
    assert update.refund.success_time == datetime(2025, 11, 12, 19, 30, 20, tzinfo=UTC)


def test_approval_is_enough_where_the_operator_says_so() -> None:
    """Some merchants never see a confirmation."""
    update = of_query(
        answered(transaction("refund", refunds=[REFUND_ENTRY])), REFUNDING, APPROVED_IS_ENOUGH
    )
    assert update.claim is Claim.REFUNDED
    refund = transaction("refund", refund_key="reference1", refund_amount="15000.00")
    assert of_refund(answered(refund), APPROVED_IS_ENOUGH).claim is Claim.SUCCEEDED


def test_a_refund_without_a_list_is_approved_only() -> None:
    """The state alone does not tell of the bank."""
    update = of_query(answered(transaction("refund")), REFUNDING)
    assert update.claim is Claim.SUCCEEDED
    assert update.refund is not None
    assert update.refund.claim is Claim.PENDING


def test_our_refund_is_found_among_others() -> None:
    """Each refund has its key."""
    other = {**CONFIRMED_ENTRY, "refund_key": "other"}
    update = of_query(answered(transaction("refund", refunds=[other, REFUND_ENTRY])), REFUNDING)
    assert update.refund is not None
    assert (update.refund.refund_id, update.refund.claim) == ("reference1", Claim.PENDING)


def test_a_refund_made_elsewhere_is_told_too() -> None:
    """A merchant may refund on Midtrans' own pages."""
    other = {**CONFIRMED_ENTRY, "refund_key": "by-hand"}
    update = of_query(answered(transaction("refund", refunds=[REFUND_ENTRY, other])))
    assert update.claim is Claim.REFUNDED
    assert update.refund is not None
    assert update.refund.refund_id == "by-hand"


def test_a_refund_that_midtrans_does_not_have_is_not_found() -> None:
    """The payment is settled and our refund is not among its refunds: counted, not believed."""
    update = of_query(answered(transaction("settlement")), REFUNDING)
    assert update.claim is Claim.SUCCEEDED
    assert update.refund is not None
    assert update.refund.claim is Claim.NOT_FOUND
    assert of_query(answered(transaction("settlement"))).refund is None


def test_a_partial_refund_needs_a_person() -> None:
    """OVO has none, so whatever it is, it is not ours."""
    entry = {**CONFIRMED_ENTRY, "refund_amount": "5000.00"}
    update = of_query(answered(transaction("partial_refund", refunds=[entry])), REFUNDING)
    assert "refund of another amount" in misfit(PAYMENT, update)


def test_an_accepted_refund_is_pending() -> None:
    """The answer is the approval, not the money."""
    body = transaction("refund", refund_key="reference1", refund_amount="15000.00")
    update = of_refund(answered(body))
    assert update == RefundUpdate(
        source=Source.ANSWER,
        claim=Claim.PENDING,
        refund_id="reference1",
        amount=Money(15_000),
        provider_code="200 refund",
    )


@pytest.mark.parametrize(
    "changes",
    [
        {"refund_key": "another"},
        {"refund_amount": "1.00"},
        {"refund_amount": "15000.50"},
        {"order_id": "another"},
        {"transaction_status": "settlement"},
        {"transaction_status": None},
    ],
)
def test_an_answer_about_another_refund_leaves_ours_open(changes: dict[str, object]) -> None:
    """Only the refund that we asked for counts."""
    body = {
        **transaction("refund", refund_key="reference1", refund_amount="15000.00"),
        **changes,
    }
    body = {key: value for key, value in body.items() if value is not None}
    assert of_refund(answered(body)).claim is Claim.UNKNOWN
