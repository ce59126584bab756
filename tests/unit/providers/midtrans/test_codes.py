"""Every code that Midtrans answers with, and what it claims."""

from datetime import UTC, datetime

import pytest

from ovo_payments.domain.failure import FailureReason
from ovo_payments.domain.money import Money
from ovo_payments.domain.payment import misfit
from ovo_payments.domain.update import Claim, PaymentUpdate, Source
from ovo_payments.providers.http import Outcome
from ovo_payments.providers.midtrans import tables
from tests.unit.providers.midtrans.orders import PAYMENT, PHONE, refusal, transaction
from tests.unit.providers.midtrans.translated import (
    LOST,
    NOT_SENT,
    answered,
    of_charge,
    of_query,
    of_refund,
)


def test_an_accepted_charge_is_pending_with_its_deadline() -> None:
    """The deadline is the provider's, never a constant of ours."""
    update = of_charge(answered(transaction("pending", "201")))
    assert update == PaymentUpdate(
        source=Source.ANSWER,
        claim=Claim.PENDING,
        amount=Money(15_000),
        phone_number=PHONE,
        reference="ovo-demo-0001",
        provider_reference="78068ef3-e797-4eef-945e-e8516a312916",
        expire_time=datetime(2025, 11, 12, 7, 27, 58, tzinfo=UTC),
        provider_code="201 pending",
        detail="fraud_status accept",
    )
    assert misfit(PAYMENT, update) == ""


CHARGE_CODES = {
    "200": (Claim.UNKNOWN, None),
    "201": (Claim.UNKNOWN, None),
    "202": (Claim.UNKNOWN, None),
    "204": (Claim.UNKNOWN, None),
    "300": (Claim.UNKNOWN, None),
    "400": (Claim.FAILED, FailureReason.REJECTED_BY_PROVIDER),
    "401": (Claim.NOT_SENT, None),
    "402": (Claim.FAILED, FailureReason.MERCHANT_NOT_ALLOWED),
    "403": (Claim.FAILED, FailureReason.REJECTED_BY_PROVIDER),
    "404": (Claim.FAILED, FailureReason.ACCOUNT_NOT_FOUND),
    "405": (Claim.FAILED, FailureReason.REJECTED_BY_PROVIDER),
    "406": (Claim.UNKNOWN, None),
    "407": (Claim.UNKNOWN, None),
    "408": (Claim.FAILED, FailureReason.REJECTED_BY_PROVIDER),
    "409": (Claim.FAILED, FailureReason.LIMIT_EXCEEDED),
    "410": (Claim.FAILED, FailureReason.MERCHANT_NOT_ALLOWED),
    "411": (Claim.FAILED, FailureReason.REJECTED_BY_PROVIDER),
    "412": (Claim.FAILED, FailureReason.REJECTED_BY_PROVIDER),
    "413": (Claim.FAILED, FailureReason.REJECTED_BY_PROVIDER),
    "414": (Claim.FAILED, FailureReason.REJECTED_BY_PROVIDER),
    "429": (Claim.NOT_SENT, None),
    "500": (Claim.UNKNOWN, None),
    "501": (Claim.UNKNOWN, None),
    "502": (Claim.UNKNOWN, None),
    "503": (Claim.UNKNOWN, None),
    "504": (Claim.UNKNOWN, None),
    "505": (Claim.UNKNOWN, None),
    "599": (Claim.UNKNOWN, None),
    "999": (Claim.UNKNOWN, None),
}


@pytest.mark.parametrize("code", CHARGE_CODES)
def test_every_code_of_a_charge_has_one_meaning(code: str) -> None:
    """The body's code decides, under HTTP 200 as Midtrans mostly answers."""
    claim, reason = CHARGE_CODES[code]
    update = of_charge(answered(refusal(code)))
    assert update.claim is claim
    assert update.provider_code == code
    assert (update.failure.reason if update.failure else None) is reason
    if update.failure is not None:
        assert update.failure.message
        assert update.failure.provider_code == code


@pytest.mark.parametrize("code", [*CHARGE_CODES, tables.LOST])
def test_a_query_without_a_transaction_learns_nothing_but_that_there_is_none(code: str) -> None:
    """Only 404 says something, and that is not yet evidence."""
    update = of_query(answered(refusal(code)))
    assert update.claim is (Claim.NOT_FOUND if code == "404" else Claim.UNKNOWN)
    assert update.failure is None


@pytest.mark.parametrize(
    ("outcome", "source", "claim"),
    [
        (NOT_SENT, Source.TRANSPORT, Claim.NOT_SENT),
        (LOST, Source.TRANSPORT, Claim.UNKNOWN),
        (answered(b"", 202), Source.ANSWER, Claim.PENDING),
        (answered(refusal("400"), 400), Source.ANSWER, Claim.FAILED),
        (answered(refusal("402"), 402), Source.ANSWER, Claim.FAILED),
        (answered(refusal("401"), 401), Source.ANSWER, Claim.NOT_SENT),
        (answered(b"denied", 401), Source.ANSWER, Claim.NOT_SENT),
        (answered(b'{"message":"API rate limit exceeded"}', 429), Source.ANSWER, Claim.NOT_SENT),
        (answered(transaction("pending", "201"), 201), Source.ANSWER, Claim.PENDING),
    ],
)
def test_what_the_wire_says_beside_the_body(outcome: Outcome, source: Source, claim: Claim) -> None:
    """HTTP's own word counts where the body has none, and both forms are accepted."""
    update = of_charge(outcome)
    assert (update.source, update.claim) == (source, claim)


@pytest.mark.parametrize(
    "outcome",
    [
        answered(b""),
        answered(b"<html>Bad gateway</html>", 502),
        answered(refusal("404"), 500),
        answered(refusal("404"), 503),
        answered(b"not found", 404),
        answered(b"{}", 404),
        answered(b'{"status_code": "20', 200),
        answered(transaction("pending", "201"), 400),
        answered(transaction("settlement"), 500),
        answered(transaction("settlement"), 302),
        answered(refusal("404"), 408),
        answered(b'{"status_code":"404","status_code":"200"}'),
    ],
    ids=lambda outcome: f"{outcome.status}-{outcome.body[:12]!r}",
)
def test_nonsense_proves_nothing(outcome: Outcome) -> None:
    """A broken or contradictory answer leaves the outcome open, for every operation."""
    assert of_charge(outcome).claim is Claim.UNKNOWN
    assert of_query(outcome).claim is Claim.UNKNOWN
    assert of_refund(outcome).claim is Claim.UNKNOWN


REFUND_CODES = {
    "201": (Claim.UNKNOWN, None),
    "202": (Claim.FAILED, FailureReason.REJECTED_BY_PROVIDER),
    "400": (Claim.FAILED, FailureReason.REJECTED_BY_PROVIDER),
    "401": (Claim.NOT_SENT, None),
    "402": (Claim.FAILED, FailureReason.MERCHANT_NOT_ALLOWED),
    "404": (Claim.FAILED, FailureReason.NOT_FOUND_AT_PROVIDER),
    "406": (Claim.UNKNOWN, None),
    "410": (Claim.FAILED, FailureReason.MERCHANT_NOT_ALLOWED),
    "412": (Claim.FAILED, FailureReason.REFUND_WINDOW_PASSED),
    "413": (Claim.FAILED, FailureReason.REJECTED_BY_PROVIDER),
    "414": (Claim.FAILED, FailureReason.REJECTED_BY_PROVIDER),
    "429": (Claim.NOT_SENT, None),
    "500": (Claim.UNKNOWN, None),
    "503": (Claim.UNKNOWN, None),
    "999": (Claim.UNKNOWN, None),
}


@pytest.mark.parametrize("code", REFUND_CODES)
def test_every_code_of_a_refund_has_one_meaning(code: str) -> None:
    """A refund fails only by Midtrans' own word."""
    claim, reason = REFUND_CODES[code]
    update = of_refund(answered(refusal(code)))
    assert update.claim is claim
    assert (update.failure.reason if update.failure else None) is reason
    assert update.refund_id == "reference1"


def test_no_code_is_untested() -> None:
    """The tables hold no code that the tests above and below do not name."""
    beside_codes = {tables.NOT_SENT, tables.LOST, tables.IN_PROCESS, tables.UNREADABLE}
    assert set(tables.CHARGE) - beside_codes <= set(CHARGE_CODES)
    assert set(tables.REFUND) - beside_codes <= {*CHARGE_CODES, *REFUND_CODES}
    assert set(tables.STATUS) - beside_codes <= set(CHARGE_CODES)
