"""What DOKU's words mean for a refund."""

from datetime import UTC, datetime
from typing import Any

import pytest

from ovo_payments.domain import payment as payments
from ovo_payments.domain.failure import FailureReason
from ovo_payments.domain.payment import PaymentState
from ovo_payments.domain.refund import RefundState
from ovo_payments.domain.update import Claim, PaymentUpdate, RefundUpdate, Source
from ovo_payments.providers.doku.codes import Service
from ovo_payments.providers.doku.refunds import adopted_refund, refund_from_answer
from ovo_payments.providers.doku.reply import Reply, not_sent, read_answer
from ovo_payments.providers.doku.translate import payment_from_notification, payment_from_query
from ovo_payments.providers.doku.wire import encode
from tests.unit.domain import makers
from tests.unit.providers.doku.merchant import NOW, PAYMENT_ID, payment, rupiah

REFUND_TIME = datetime(2026, 1, 2, 4, 0, 0, tzinfo=UTC)
REFUND = makers.refund()
REFUNDING = payment(state=PaymentState.SUCCEEDED, acknowledged=True, refund=REFUND)


def reply(code: str, http_status: int | None = None, **fields: Any) -> Reply:  # noqa: ANN401 - JSON
    """Reads an answer to a refund."""
    body = encode({"responseCode": code, "responseMessage": "Told", **fields})
    return read_answer(http_status or int(code[:3]), body, Service.REFUND)


def answer(code: str, **fields: Any) -> RefundUpdate:  # noqa: ANN401 - JSON
    """Says what an answer to a refund means."""
    return refund_from_answer(reply(code, **fields), REFUND)


def entry(refund_id: str = "rfd1", status: str = "00", amount: int = 15_000) -> dict[str, Any]:
    """Writes an entry of a history."""
    return {
        "refundNo": "1",
        "partnerRefundNo": refund_id,
        "refundAmount": rupiah(amount),
        "refundStatus": status,
        "refundDate": "2026-01-02T11:00:00+07:00",
    }


def status(
    latest: str, *history: dict[str, Any], of: payments.Payment = REFUNDING
) -> PaymentUpdate:
    """Reads the answer to a status query."""
    document = {
        "responseCode": "2005500",
        "originalPartnerReferenceNo": PAYMENT_ID,
        "latestTransactionStatus": latest,
        "transAmount": rupiah(15_000),
        "paidTime": "2026-01-02T10:04:05+07:00",
        **({"refundHistory": list(history)} if history else {}),
    }
    return payment_from_query(read_answer(200, encode(document), Service.STATUS), of)


def test_a_refund_that_tells_its_time_is_done() -> None:
    """2005800 with refundTime is the money's way back."""
    update = answer(
        "2005800",
        partnerRefundNo="rfd1",
        refundAmount=rupiah(15_000),
        refundTime="2026-01-02T11:00:00+07:00",
    )
    assert (update.claim, update.success_time) == (Claim.SUCCEEDED, REFUND_TIME)
    assert update.refund_id == "rfd1"
    done = payments.apply_refund(REFUNDING, update, NOW)
    assert done.state is PaymentState.REFUNDED


@pytest.mark.parametrize("code", ["2005800", "2025800"])
def test_a_refund_that_tells_no_time_is_on_its_way(code: str) -> None:
    """Accepted and in progress are acknowledgements; status 04 confirms."""
    assert answer(code, partnerRefundNo="rfd1").claim is Claim.PENDING


@pytest.mark.parametrize(
    "told",
    [
        {"partnerRefundNo": "another"},
        {"refundAmount": rupiah(1)},
        {"refundAmount": "15000.00"},
    ],
)
def test_an_answer_about_another_refund_says_nothing(told: dict[str, Any]) -> None:
    """Another reference or amount than ours is not believed."""
    fields = {"refundTime": "2026-01-02T11:00:00+07:00", **told}
    assert answer("2005800", **fields).claim is Claim.UNKNOWN


@pytest.mark.parametrize(
    ("code", "claim", "reason"),
    [
        ("4005801", Claim.FAILED, FailureReason.REJECTED_BY_PROVIDER),
        ("4015802", Claim.FAILED, FailureReason.BINDING_REVOKED),
        ("4035800", Claim.FAILED, FailureReason.REFUND_WINDOW_PASSED),
        ("4045801", Claim.FAILED, FailureReason.NOT_FOUND_AT_PROVIDER),
        ("4045813", Claim.FAILED, FailureReason.REJECTED_BY_PROVIDER),
        ("4015800", Claim.NOT_SENT, None),
        ("4295800", Claim.NOT_SENT, None),
        ("5005800", Claim.UNKNOWN, None),
        ("5045800", Claim.UNKNOWN, None),
        ("2000700", Claim.UNKNOWN, None),
    ],
)
def test_every_refusal_of_a_refund_says_why(
    code: str, claim: Claim, reason: FailureReason | None
) -> None:
    """Refused, not processed, and unknown are three different things."""
    update = answer(code)
    assert update.claim is claim
    assert (update.failure.reason if update.failure is not None else None) is reason


def test_a_refund_that_never_left_was_not_sent() -> None:
    """Proof of not sent lets it be asked for again."""
    update = refund_from_answer(not_sent("refused"), REFUND)
    assert (update.claim, update.source) == (Claim.NOT_SENT, Source.TRANSPORT)


def test_status_04_confirms_the_refund() -> None:
    """With its history, or without one."""
    with_history, without = status("04", entry()), status("04")
    assert with_history.refund is not None
    assert with_history.refund.success_time == REFUND_TIME
    for update in (with_history, without):
        done = payments.apply(REFUNDING, update, NOW)
        assert done.state is PaymentState.REFUNDED
        assert done.refund is not None
        assert done.refund.state is RefundState.SUCCEEDED


def test_a_refund_made_beside_us_is_taken_in() -> None:
    """A refund from DOKU's dashboard is known by the reference that it was given there."""
    paid = payment(state=PaymentState.SUCCEEDED, acknowledged=True)
    done = payments.apply(paid, status("04", entry("dashboard-1"), of=paid), NOW)
    assert done.state is PaymentState.REFUNDED
    assert done.refund is not None
    assert done.refund.refund_id == "dashboard-1"


def test_a_notified_refund_is_taken_in() -> None:
    """Status 04 means the same in a notification."""
    update = payment_from_notification(
        {
            "originalPartnerReferenceNo": PAYMENT_ID,
            "latestTransactionStatus": "04",
            "amount": rupiah(15_000),
        }
    )
    assert payments.apply(REFUNDING, update, NOW).state is PaymentState.REFUNDED


def test_a_refund_of_a_part_is_no_refund_of_all() -> None:
    """Where the history does not add up to the payment, a person must look."""
    update = status("04", entry("dashboard-1", amount=5_000))
    assert "refunds of 5000" in payments.misfit(REFUNDING, update)


def test_refunds_that_add_up_are_a_refund_of_all() -> None:
    """Two parts make a whole, and one that failed does not count."""
    update = status("04", entry("a", amount=5_000), entry("b", amount=10_000), entry("c", "06"))
    assert payments.misfit(REFUNDING, update) == ""
    assert update.claim is Claim.REFUNDED


@pytest.mark.parametrize("name", ["partnerRefundNo", "partnerReferenceNo"])
@pytest.mark.parametrize(
    ("told", "claim"),
    [
        ("00", Claim.SUCCEEDED),
        ("03", Claim.PENDING),
        ("06", Claim.FAILED),
        ("", Claim.PENDING),
    ],
)
def test_our_refund_is_found_in_the_history_of_a_standing_payment(
    told: str, claim: Claim, name: str
) -> None:
    """Under either of the names that DOKU and SNAP give our reference."""
    ours = entry(status=told)
    ours[name] = ours.pop("partnerRefundNo")
    update = status("00", entry("another", amount=1), ours)
    assert update.refund is not None
    assert (update.refund.claim, update.refund.refund_id) == (claim, "rfd1")
    assert (update.refund.failure is not None) is (claim is Claim.FAILED)


def test_our_refund_with_another_amount_is_a_misfit() -> None:
    """Our reference on another amount is for a person to look at."""
    assert payments.misfit(REFUNDING, status("00", entry(amount=1)))


def test_a_refund_that_is_not_in_the_history_is_not_found() -> None:
    """A payment that stands without our refund says that DOKU does not know it."""
    for update in (status("00"), status("00", entry("another", amount=1))):
        assert update.refund is not None
        assert update.refund.claim is Claim.NOT_FOUND


def test_a_standing_payment_without_a_refund_says_nothing_of_refunds() -> None:
    """Nobody asked for one."""
    assert status("00", of=payment()).refund is None


@pytest.mark.parametrize(
    ("code", "http_status", "found", "claim"),
    [
        ("4095801", 409, status("04", entry()), Claim.SUCCEEDED),
        ("4095801", 409, status("00", entry(status="03")), Claim.PENDING),
        ("4095801", 409, status("00"), Claim.UNKNOWN),
        ("4095801", 409, status("99"), Claim.UNKNOWN),
        ("2005800", 409, status("04", entry()), Claim.SUCCEEDED),
        ("4045800", 404, status("04", entry()), Claim.SUCCEEDED),
        ("4045800", 404, status("00"), Claim.FAILED),
        ("4045800", 404, status("03"), Claim.FAILED),
        ("4045800", 404, status("99"), Claim.UNKNOWN),
        ("4045800", 404, status("00", entry(amount=1)), Claim.UNKNOWN),
    ],
)
def test_a_refund_that_exists_already_is_adopted_from_the_query(
    code: str, http_status: int, found: PaymentUpdate, claim: Claim
) -> None:
    """Asked, DOKU tells what became of it; a refusal stands where it tells of none."""
    update = adopted_refund(reply(code, http_status), found, REFUND)
    assert (update.claim, update.source) == (claim, Source.ANSWER)
    assert (update.failure is not None) is (claim is Claim.FAILED)
