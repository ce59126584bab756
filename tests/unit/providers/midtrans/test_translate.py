"""Every word of Midtrans, and what it claims."""

import json
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from ovo_payments.domain.failure import FailureReason
from ovo_payments.domain.money import Money
from ovo_payments.domain.payment import Payment, misfit
from ovo_payments.domain.update import Claim, PaymentUpdate, RefundUpdate, Source
from ovo_payments.providers.http import Answered, Lost, NotSent, Outcome, Phase
from ovo_payments.providers.midtrans import MidtransConfig, RefundConfirmation, tables, translate
from tests.unit.providers.midtrans.orders import (
    CONFIG,
    CONFIRMED_ENTRY,
    PAYMENT,
    PHONE,
    REFUND,
    REFUND_ENTRY,
    refusal,
    transaction,
)

NOT_SENT = NotSent(phase=Phase.CONNECT, cause="refused")
LOST = Lost(phase=Phase.READ, cause="out of time")
REFUNDING = replace(PAYMENT, refund=REFUND)
APPROVED_IS_ENOUGH = replace(CONFIG, refund_confirmation=RefundConfirmation.APPROVED)


def answered(body: dict[str, object] | bytes, status: int = 200) -> Answered:
    """Makes an answer."""
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    return Answered(status=status, headers={}, body=raw, elapsed_s=0.1)


def of_charge(outcome: Outcome, payment: Payment = PAYMENT) -> PaymentUpdate:
    """Translates what came of a charge."""
    told = translate.told_by(outcome, Source.ANSWER)
    return translate.payment_update(told, translate.charge_meaning(told), CONFIG, payment)


def of_query(
    outcome: Outcome, payment: Payment = PAYMENT, config: MidtransConfig = CONFIG
) -> PaymentUpdate:
    """Translates what came of a status query."""
    told = translate.told_by(outcome, Source.QUERY)
    return translate.payment_update(told, translate.status_meaning(told), config, payment)


def of_refund(outcome: Outcome, config: MidtransConfig = CONFIG) -> RefundUpdate:
    """Translates what came of a refund."""
    told = translate.told_by(outcome, Source.ANSWER)
    return translate.refund_update(told, REFUNDING, REFUND, config)


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


def test_no_code_is_untested() -> None:
    """The tables hold no code that the tests above and below do not name."""
    beside_codes = {tables.NOT_SENT, tables.LOST, tables.IN_PROCESS, tables.UNREADABLE}
    assert set(tables.CHARGE) - beside_codes <= set(CHARGE_CODES)
    assert set(tables.REFUND) - beside_codes <= {*CHARGE_CODES, *REFUND_CODES}
    assert set(tables.STATUS) - beside_codes <= set(CHARGE_CODES)
    assert set(tables.STATES) <= {status for status, _ in STATES} | {"refund", "partial_refund"}


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
