"""Status queries and refunds through a DOKU that answers by a script."""

from collections.abc import Mapping
from typing import Any

import pytest

from ovo_payments.domain.failure import FailureReason
from ovo_payments.domain.payment import PaymentState
from ovo_payments.domain.update import BindingClaim, Claim, RefundUpdate, Source
from tests.unit.domain import makers
from tests.unit.providers.doku.merchant import (
    CLIENT_ID,
    PAYMENT_ID,
    binding,
    config,
    payment,
    rupiah,
    with_token,
)
from tests.unit.providers.doku.scripted_doku import (
    B2B,
    B2B2C,
    REFUND,
    STATUS,
    Line,
    hangs,
    resets,
    says,
    says_raw,
    scene,
)

REFUNDING = payment(state=PaymentState.SUCCEEDED, acknowledged=True, refund=makers.refund())
REFUNDED = says(
    "2005800",
    partnerRefundNo="rfd1",
    refundAmount=rupiah(15_000),
    refundTime="2026-01-02T11:00:00+07:00",
)


def status(latest: str, **fields: Any) -> Line:  # noqa: ANN401 - JSON
    """Answers a status query."""
    return says(
        "2005500",
        originalPartnerReferenceNo=PAYMENT_ID,
        latestTransactionStatus=latest,
        transAmount=rupiah(15_000),
        **fields,
    )


async def refund(lines: Mapping[str, Line]) -> RefundUpdate:
    """Asks for a refund, in front of a script."""
    async with scene(lines) as at:
        return (await at.adapter.refund(REFUNDING, with_token())).refund


@pytest.mark.parametrize("service_code", ["54", "55"])
async def test_a_query_asks_in_our_own_name(service_code: str) -> None:
    """No customer's token; the service code is a setting, since DOKU's pages contradict SNAP's."""
    async with scene({STATUS: status("00")}, config(status_service_code=service_code)) as at:
        update = await at.adapter.query(payment())
        (asked,) = at.doku.of(STATUS)
    assert (update.claim, update.source) == (Claim.SUCCEEDED, Source.QUERY)
    assert asked.path == "/orders/v1.0/debit/status"
    assert "authorization-customer" not in asked.headers
    assert asked.document == {
        "originalPartnerReferenceNo": PAYMENT_ID,
        "serviceCode": service_code,
        "amount": rupiah(15_000),
        "merchantId": CLIENT_ID,
    }


async def test_54_is_asked_for_unless_told_otherwise() -> None:
    """The service of the debit: what SNAP says and production sends."""
    assert config().status_service_code == "54"


@pytest.mark.parametrize(
    ("line", "claim"),
    [
        (says("4045501"), Claim.NOT_FOUND),
        (says("4045501", 200), Claim.NOT_FOUND),
        (status("07"), Claim.NOT_FOUND),
        (says_raw(b"<html>", 404), Claim.UNKNOWN),
        (says("5045500"), Claim.UNKNOWN),
        (says("4015500"), Claim.UNKNOWN),
        (says("4015501"), Claim.UNKNOWN),
        (says("4295500"), Claim.UNKNOWN),
        (resets, Claim.UNKNOWN),
        (hangs, Claim.UNKNOWN),
    ],
)
async def test_only_doku_s_own_404_says_not_found(line: Line, claim: Claim) -> None:
    """A page that is not there, or an answer that never came, is no evidence."""
    async with scene({STATUS: line}) as at:
        update = await at.adapter.query(payment())
    assert (update.claim, update.source) == (claim, Source.QUERY)


async def test_a_query_without_a_token_teaches_nothing() -> None:
    """It never left."""
    async with scene({B2B: says("5007300")}) as at:
        update = await at.adapter.query(payment())
    assert (update.claim, update.source) == (Claim.UNKNOWN, Source.QUERY)


async def test_a_refund_names_the_debit_and_itself() -> None:
    """With the customer's token of the link that was debited."""
    async with scene({REFUND: REFUNDED}) as at:
        outcome = await at.adapter.refund(REFUNDING, with_token("kept"))
        (asked,) = at.doku.of(REFUND)
    assert outcome.refund.claim is Claim.SUCCEEDED
    assert asked.path == "/direct-debit/core/v1/debit/refund"
    assert asked.headers["authorization-customer"] == "Bearer kept"
    assert asked.document["originalPartnerReferenceNo"] == PAYMENT_ID
    assert asked.document["partnerRefundNo"] == "rfd1"
    assert asked.document["refundAmount"] == rupiah(15_000)


@pytest.mark.parametrize(
    ("line", "claim"),
    [
        (says("2005800"), Claim.PENDING),
        (says("2025800"), Claim.PENDING),
        (says("4035800"), Claim.FAILED),
        (says("4015800"), Claim.NOT_SENT),
        (says("5005800"), Claim.UNKNOWN),
        (resets, Claim.UNKNOWN),
        (hangs, Claim.UNKNOWN),
    ],
)
async def test_every_end_of_a_refund_claims_what_is_known(line: Line, claim: Claim) -> None:
    """And it is asked for once."""
    async with scene({REFUND: line}) as at:
        outcome = await at.adapter.refund(REFUNDING, with_token())
        assert len(at.doku.of(REFUND)) == 1
    assert outcome.refund.claim is claim
    assert outcome.refund.refund_id == "rfd1"


@pytest.mark.parametrize("conflict", [says("4095801"), says("4045800"), says("2005800", 409)])
async def test_a_refund_that_exists_already_is_asked_for(conflict: Line) -> None:
    """And found in the payment's status."""
    history = [{"partnerRefundNo": "rfd1", "refundAmount": rupiah(15_000), "refundStatus": "00"}]
    update = await refund({REFUND: conflict, STATUS: status("04", refundHistory=history)})
    assert (update.claim, update.source) == (Claim.SUCCEEDED, Source.ANSWER)


async def test_a_refund_in_the_wrong_state_fails_where_doku_has_none() -> None:
    """Refused, and the status shows that it was not because it was done before."""
    update = await refund({REFUND: says("4045800"), STATUS: status("00")})
    assert update.claim is Claim.FAILED
    assert update.failure is not None
    assert update.failure.provider_code == "4045800"


async def test_a_refund_of_a_revoked_link_fails() -> None:
    """DOKU wants the customer's token for a refund, and there is none any more."""
    async with scene({B2B2C: says("4017400")}) as at:
        outcome = await at.adapter.refund(REFUNDING, binding())
    assert outcome.refund.failure is not None
    assert outcome.refund.failure.reason is FailureReason.BINDING_REVOKED
    assert outcome.binding is not None
    assert outcome.binding.claim is BindingClaim.NOT_LINKED


async def test_a_refund_of_a_link_that_ended_here_fails() -> None:
    """Its auth code is destroyed; nothing is sent."""
    async with scene({}) as at:
        outcome = await at.adapter.refund(REFUNDING, binding({}))
        assert at.doku.asked == []
    assert outcome.refund.claim is Claim.FAILED
    assert outcome.refund.failure is not None
    assert outcome.refund.failure.reason is FailureReason.BINDING_REVOKED


async def test_a_refund_names_what_it_is_of() -> None:
    """Without a refund or a link there is nothing to ask for: a fault of ours, told as one."""
    async with scene({}) as at:
        with pytest.raises(ValueError, match="names the refund"):
            await at.adapter.refund(payment(), with_token())
        with pytest.raises(ValueError, match="and the link"):
            await at.adapter.refund(REFUNDING, None)
