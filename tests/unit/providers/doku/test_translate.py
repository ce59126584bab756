"""What DOKU's words mean for a payment."""

from datetime import UTC, datetime
from typing import Any

import pytest

from ovo_payments.domain import payment as payments
from ovo_payments.domain.failure import FailureReason
from ovo_payments.domain.money import Money
from ovo_payments.domain.update import Claim, PaymentUpdate, Source
from ovo_payments.providers.doku.codes import CASES, Service, Verdict
from ovo_payments.providers.doku.reply import Reply, not_sent, read_answer
from ovo_payments.providers.doku.tables import CLAIMS_OF_DEBIT, STATUSES
from ovo_payments.providers.doku.translate import (
    adopted,
    payment_from_answer,
    payment_from_notification,
    payment_from_query,
)
from ovo_payments.providers.doku.wire import encode
from tests.unit.providers.doku.merchant import NOW, PAYMENT_ID, payment, rupiah

PAID_TIME = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)


def answer(code: str, http_status: int | None = None, **fields: Any) -> Reply:  # noqa: ANN401 - JSON
    """Reads an answer to a debit."""
    body = encode({"responseCode": code, "responseMessage": "Told", **fields})
    return read_answer(http_status or int(code[:3]), body, Service.PAYMENT)


def status(latest: str | None, **fields: Any) -> PaymentUpdate:  # noqa: ANN401 - JSON
    """Reads the answer to a status query."""
    document = {
        "responseCode": "2005500",
        "originalPartnerReferenceNo": PAYMENT_ID,
        "originalReferenceNo": "DOKU1",
        "latestTransactionStatus": latest,
        "transAmount": rupiah(15_000),
        "paidTime": "2026-01-02T10:04:05+07:00",
        **fields,
    }
    return payment_from_query(read_answer(200, encode(document), Service.STATUS), payment())


def notification(latest: str, **fields: Any) -> PaymentUpdate:  # noqa: ANN401 - JSON
    """Reads a notification."""
    return payment_from_notification(
        {
            "originalPartnerReferenceNo": PAYMENT_ID,
            "originalReferenceNo": "DOKU1",
            "latestTransactionStatus": latest,
            "amount": rupiah(15_000),
            **fields,
        }
    )


def test_an_accepted_debit_is_not_paid() -> None:
    """2005400 starts the payment and names its page."""
    update = payment_from_answer(
        answer(
            "2005400",
            partnerReferenceNo=PAYMENT_ID,
            referenceNo="DOKU1",
            webRedirectUrl="https://sandbox.doku.com/pay/1",
        )
    )
    assert (update.claim, update.source) == (Claim.PENDING, Source.ANSWER)
    assert update.reference == PAYMENT_ID
    assert update.provider_reference == "DOKU1"
    assert update.redirect_url == "https://sandbox.doku.com/pay/1"
    assert update.provider_code == "2005400"


@pytest.mark.parametrize("key", sorted(CASES))
def test_every_code_claims_what_its_verdict_says(key: tuple[int, str]) -> None:
    """A debit fails with a reason, and where nothing is known nothing is claimed."""
    http_status, number = key
    update = payment_from_answer(answer(f"{http_status}54{number}"))
    assert update.claim is CLAIMS_OF_DEBIT[CASES[key].verdict]
    assert update.source is Source.ANSWER
    assert (update.failure is not None) is (update.claim is Claim.FAILED)
    if update.failure is not None:
        assert update.failure.reason is CASES[key].reason
        assert update.failure.provider_code == f"{http_status}54{number}"


def test_no_code_makes_a_debit_succeed() -> None:
    """Only a status or a notification tells that money moved."""
    assert Claim.SUCCEEDED not in CLAIMS_OF_DEBIT.values()


def test_a_debit_that_never_left_was_not_sent() -> None:
    """Proof of not sent frees the order."""
    update = payment_from_answer(not_sent("refused"))
    assert (update.claim, update.source) == (Claim.NOT_SENT, Source.TRANSPORT)


@pytest.mark.parametrize(
    ("latest", "claim"),
    [
        ("00", Claim.SUCCEEDED),
        ("01", Claim.PENDING),
        ("02", Claim.PENDING),
        ("03", Claim.PENDING),
        ("04", Claim.REFUNDED),
        ("05", Claim.FAILED),
        ("06", Claim.FAILED),
        ("07", Claim.NOT_FOUND),
        ("08", Claim.UNKNOWN),
        ("0", Claim.UNKNOWN),
        ("", Claim.UNKNOWN),
        (None, Claim.UNKNOWN),
    ],
)
def test_every_status_claims_what_it_says(latest: str | None, claim: Claim) -> None:
    """The status table, and what stands in no table."""
    update = status(latest)
    assert update.claim is claim
    assert update.source is Source.QUERY
    assert update.amount == Money(15_000)
    assert payments.misfit(payment(), update) == ""


@pytest.mark.parametrize("latest", sorted(STATUSES))
def test_a_notification_claims_what_the_query_would(latest: str) -> None:
    """One table serves both."""
    update = notification(latest)
    assert update.claim is STATUSES[latest]
    assert update.source is Source.WEBHOOK
    assert update.reference == PAYMENT_ID
    assert update.provider_reference == "DOKU1"


def test_a_paid_payment_tells_when() -> None:
    """The time of payment is the provider's, with its offset."""
    assert status("00").success_time == PAID_TIME


@pytest.mark.parametrize(
    ("latest", "original", "reason", "code"),
    [
        ("05", None, FailureReason.DECLINED_BY_CUSTOMER, "05"),
        ("06", None, FailureReason.REJECTED_BY_PROVIDER, "06"),
        ("06", "2005400", FailureReason.REJECTED_BY_PROVIDER, "06"),
        ("06", "4035414", FailureReason.INSUFFICIENT_FUNDS, "4035414"),
        ("06", "4035411", FailureReason.AUTHENTICATION_FAILED, "4035411"),
        ("06", "nonsense", FailureReason.REJECTED_BY_PROVIDER, "06"),
    ],
)
def test_a_failed_payment_says_why(
    latest: str, original: str | None, reason: FailureReason, code: str
) -> None:
    """By the code of the debit where DOKU repeats one, else by the status."""
    failure = status(latest, originalResponseCode=original).failure
    assert failure is not None
    assert (failure.reason, failure.provider_code) == (reason, code)


def test_a_payment_that_doku_does_not_know_is_not_found() -> None:
    """4045501 and status 07 say the same."""
    told = read_answer(404, encode({"responseCode": "4045501"}), Service.STATUS)
    assert payment_from_query(told, payment()).claim is Claim.NOT_FOUND
    assert status("07").claim is Claim.NOT_FOUND


@pytest.mark.parametrize(
    ("http_status", "code"), [(500, "5005500"), (404, "4045401"), (404, ""), (403, "4035505")]
)
def test_a_query_that_fails_teaches_nothing(http_status: int, code: str) -> None:
    """Also where it is refused: the refusal is of the question, not of the payment."""
    reply = read_answer(http_status, encode({"responseCode": code}), Service.STATUS)
    update = payment_from_query(reply, payment())
    assert (update.claim, update.source) == (Claim.UNKNOWN, Source.QUERY)
    assert payments.apply(payment(), update, NOW) == payment()


@pytest.mark.parametrize(
    "amount",
    [
        {"value": "15000.50", "currency": "IDR"},
        {"value": "15000.00", "currency": "USD"},
        rupiah(16_000),
        "15000.00",
        None,
    ],
)
def test_money_that_moved_with_another_amount_is_a_misfit(amount: object) -> None:
    """An amount that is another, that can't be read or that is missing is quarantined."""
    assert payments.misfit(payment(), status("00", transAmount=amount))
    assert payments.misfit(payment(), notification("00", amount=amount))


def test_an_answer_about_another_payment_is_a_misfit() -> None:
    """The reference is ours or it is not about us."""
    assert payments.misfit(payment(), status("00", originalPartnerReferenceNo="another"))
    assert payments.misfit(
        payment(), payment_from_answer(answer("2005400", partnerReferenceNo="x"))
    )


def test_a_pending_payment_needs_no_amount() -> None:
    """Where no money is said to have moved there is nothing to compare."""
    assert not payments.misfit(payment(), status("03", transAmount=None))


def test_what_exists_already_is_adopted_from_the_query() -> None:
    """The page stands in the repeated success, the state in the status."""
    conflict = answer("2005400", 409, webRedirectUrl="https://sandbox.doku.com/pay/1")
    assert conflict.verdict is Verdict.EXISTS
    update = adopted(conflict, status("01"))
    assert (update.claim, update.source) == (Claim.PENDING, Source.ANSWER)
    assert update.redirect_url == "https://sandbox.doku.com/pay/1"
    assert update.provider_reference == "DOKU1"


@pytest.mark.parametrize("latest", ["07", "99"])
def test_what_exists_and_is_not_found_is_unknown(latest: str) -> None:
    """Two answers that contradict each other are none."""
    assert adopted(answer("4095401"), status(latest)).claim is Claim.UNKNOWN


def test_what_exists_with_another_amount_is_quarantined() -> None:
    """Somebody else's payment under our reference is for a person to look at."""
    update = adopted(answer("4095401"), status("00", transAmount=rupiah(1)))
    held = payments.apply(payment(), update, NOW)
    assert held.state is payments.PaymentState.IN_DOUBT
    assert held.review is payments.Review.MISFIT
