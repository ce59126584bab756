"""Every state of a transaction, and whether it is about our payment at all."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from ovo_payments.domain.failure import FailureReason
from ovo_payments.domain.payment import misfit
from ovo_payments.domain.update import Claim
from ovo_payments.providers.midtrans import tables
from tests.unit.providers.midtrans.orders import PAYMENT, transaction
from tests.unit.providers.midtrans.translated import answered, of_query

STATES = {
    ("pending", "201"): Claim.PENDING,
    ("pending", "200"): Claim.PENDING,
    ("authorize", "201"): Claim.PENDING,
    ("settlement", "200"): Claim.SUCCEEDED,
    ("capture", "200"): Claim.SUCCEEDED,
    ("expire", "407"): Claim.EXPIRED,
    ("expire", "202"): Claim.EXPIRED,
    ("expire", "200"): Claim.EXPIRED,
    ("deny", "202"): Claim.FAILED,
    ("deny", "200"): Claim.FAILED,
    ("cancel", "200"): Claim.FAILED,
    ("cancel", "202"): Claim.FAILED,
    ("failure", "202"): Claim.FAILED,
    ("failure", "200"): Claim.FAILED,
    # The status code disagrees: somebody altered one of them, or we misunderstand.
    ("settlement", "201"): Claim.UNKNOWN,
    ("settlement", "202"): Claim.UNKNOWN,
    ("capture", "201"): Claim.UNKNOWN,
    ("refund", "202"): Claim.UNKNOWN,
    ("expire", "201"): Claim.UNKNOWN,
    ("deny", "201"): Claim.UNKNOWN,
    ("pending", "407"): Claim.UNKNOWN,
    # Not of OVO, or not of this world.
    ("chargeback", "200"): Claim.UNKNOWN,
    ("partial_chargeback", "200"): Claim.UNKNOWN,
    ("teleported", "200"): Claim.UNKNOWN,
}


@pytest.mark.parametrize(("status", "code"), STATES)
def test_every_state_with_every_code(status: str, code: str) -> None:
    """A state counts only beside a status code that agrees."""
    update = of_query(answered(transaction(status, code)))
    assert update.claim is STATES[status, code]
    assert (update.failure is not None) is (update.claim is Claim.FAILED)


FRAUD = {
    ("pending", "201", "deny"): (Claim.PENDING, None),
    ("settlement", "200", None): (Claim.SUCCEEDED, None),
    ("settlement", "200", "challenge"): (Claim.PENDING, None),
    ("settlement", "200", "deny"): (Claim.UNKNOWN, None),
    ("settlement", "200", "denied"): (Claim.UNKNOWN, None),
    ("settlement", "200", "puzzled"): (Claim.UNKNOWN, None),
    ("deny", "202", "deny"): (Claim.FAILED, FailureReason.SUSPECTED_FRAUD),
    ("deny", "202", "denied"): (Claim.FAILED, FailureReason.SUSPECTED_FRAUD),
    ("deny", "202", "accept"): (Claim.FAILED, FailureReason.REJECTED_BY_PROVIDER),
    ("deny", "202", None): (Claim.FAILED, FailureReason.REJECTED_BY_PROVIDER),
    ("cancel", "202", "deny"): (Claim.FAILED, FailureReason.SUSPECTED_FRAUD),
    ("failure", "202", "deny"): (Claim.FAILED, FailureReason.SUSPECTED_FRAUD),
    ("failure", "202", "accept"): (Claim.FAILED, FailureReason.REJECTED_BY_PROVIDER),
    ("expire", "407", "deny"): (Claim.EXPIRED, None),
}


@pytest.mark.parametrize(("status", "code", "fraud_status"), FRAUD)
def test_every_state_with_every_opinion_on_fraud(
    status: str, code: str, fraud_status: str | None
) -> None:
    """Money that is settled and denied at once stays open until Midtrans has one opinion."""
    claim, reason = FRAUD[status, code, fraud_status]
    update = of_query(answered(transaction(status, code, fraud_status=fraud_status)))
    assert update.claim is claim
    assert (update.failure.reason if update.failure else None) is reason


@pytest.mark.parametrize(
    ("code", "reason"),
    [
        ("14", FailureReason.ACCOUNT_NOT_FOUND),
        ("17", FailureReason.DECLINED_BY_CUSTOMER),
        ("26", FailureReason.REJECTED_BY_PROVIDER),
        ("40", FailureReason.REJECTED_BY_PROVIDER),
        ("99", FailureReason.REJECTED_BY_PROVIDER),
    ],
)
def test_a_denial_tells_the_reason_of_ovo(code: str, reason: FailureReason) -> None:
    """OVO's own code is passed on by Midtrans, where it is."""
    update = of_query(answered(transaction("deny", "202", channel_response_code=code)))
    assert update.failure is not None
    assert update.failure.reason is reason
    assert update.failure.provider_code == f"202 deny {code}"


@pytest.mark.parametrize(
    "changes",
    [
        {"gross_amount": "15000.50"},
        {"gross_amount": "1e4"},
        {"gross_amount": "-15000.00"},
        {"gross_amount": "NaN"},
        {"gross_amount": "15000,00"},
        {"gross_amount": None},
        {"gross_amount": "16000.00"},
        {"currency": "USD"},
        {"merchant_id": "G999"},
        {"order_id": "another"},
        {"payment_type": "gopay"},
        {"payer_phone_number": "081222222222"},
    ],
)
def test_an_answer_about_something_else_fits_no_payment(changes: dict[str, object]) -> None:
    """Amount, currency, merchant, order, payer: whatever differs calls for a person (I-25)."""
    update = of_query(answered(transaction("settlement", "200", **changes)))
    assert misfit(PAYMENT, update)


@pytest.mark.parametrize(
    "changes",
    [
        {"payer_phone_number": "+62 811-1111-1111"},
        {"payer_phone_number": "6281111111111"},
        {"payer_phone_number": "0811*****111"},
        {"payer_phone_number": None},
        {"merchant_id": None},
        {"currency": None},
        {"gross_amount": "15000"},
    ],
)
def test_other_spellings_of_the_same_fit(changes: dict[str, object]) -> None:
    """Phone numbers are compared as numbers; one that is masked is not compared."""
    update = of_query(answered(transaction("settlement", "200", **changes)))
    assert misfit(PAYMENT, update) == ""
    assert update.claim is Claim.SUCCEEDED


def test_success_without_an_order_is_no_success() -> None:
    """A state must say of what."""
    update = of_query(answered(transaction("settlement", order_id=None)))
    assert update.claim is Claim.UNKNOWN


def test_another_transaction_under_our_order_fits_not() -> None:
    """Once Midtrans named its transaction, it stays the one."""
    payment = replace(PAYMENT, provider_reference="another")
    assert of_query(answered(transaction("settlement")), payment).misfit
    assert not of_query(answered(transaction("settlement", transaction_id=None)), payment).misfit


def test_the_time_of_success_is_the_settlement() -> None:
    """Only where it succeeded."""
    settled = transaction("settlement", settlement_time="2025-11-12 14:27:20")
    assert of_query(answered(settled)).success_time == datetime(2025, 11, 12, 7, 27, 20, tzinfo=UTC)
    denied = transaction("deny", "202", settlement_time="2025-11-12 14:27:20")
    assert of_query(answered(denied)).success_time is None


def test_no_state_is_untested() -> None:
    """The table holds no state that the tests above, and those of refunds, do not name."""
    assert set(tables.STATES) <= {status for status, _ in STATES} | {"refund", "partial_refund"}
