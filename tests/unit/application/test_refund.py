"""Refund: at most one, in doubt where in doubt."""

import asyncio
from dataclasses import replace

import pytest

from ovo_payments.application.call import RefundRequest
from ovo_payments.domain.errors import (
    InvalidRequestError,
    NotRefundableError,
    NotSupportedByProviderError,
    PaymentNotFoundError,
    ProviderUnavailableError,
    RequestIdReusedError,
)
from ovo_payments.domain.payment import PaymentState
from ovo_payments.domain.refund import RefundState
from ovo_payments.domain.update import Claim, RefundUpdate, Source
from tests.unit.application.bench import CALL, STRANGER, Bench, rupiah
from tests.unit.domain.makers import told, told_of_refund


async def test_an_accepted_refund_is_pending_until_it_is_confirmed(bench: Bench) -> None:
    """The payment stays SUCCEEDED until the money went back."""
    asked = await bench.refund(await bench.paid())
    assert asked.state is PaymentState.SUCCEEDED
    assert asked.refund is not None
    assert asked.refund.state is RefundState.PENDING
    bench.provider.told = told(Claim.SUCCEEDED, refund=told_of_refund(Claim.SUCCEEDED))
    confirmed = await bench.refreshed(asked)
    assert confirmed.state is PaymentState.REFUNDED


async def test_a_repeated_refund_is_the_same_refund(bench: Bench) -> None:
    """Also many times at once."""
    payment = await bench.paid()
    request = RefundRequest(request_id="refund-1", payment_id=payment.payment_id)
    results = await asyncio.gather(*(bench.use_cases.refund(CALL, request) for _ in range(10)))
    assert sum(not result.replayed for result in results) == 1
    assert bench.provider.sends("refund") == 1
    with pytest.raises(RequestIdReusedError):
        await bench.use_cases.refund(CALL, replace(request, reason="another"))


async def test_a_second_refund_is_refused(bench: Bench) -> None:
    """Whether the first is open or done."""
    payment = await bench.paid()
    await bench.refund(payment)
    with pytest.raises(NotRefundableError):
        await bench.refund(payment, request_id="refund-2")


async def test_two_refunds_at_once_are_one(bench: Bench) -> None:
    """The loser of the race is refused and sends nothing."""
    payment = await bench.paid()
    results = await asyncio.gather(
        *(bench.refund(payment, request_id=f"refund-{number}") for number in range(5)),
        return_exceptions=True,
    )
    refused = [result for result in results if isinstance(result, NotRefundableError)]
    assert len(refused) == 4
    assert bench.provider.sends("refund") == 1


async def test_a_lost_answer_leaves_the_refund_in_doubt(bench: Bench) -> None:
    """It is asked for, never sent again."""
    payment = await bench.paid()
    bench.provider.refund_answer = RefundUpdate(source=Source.TRANSPORT, claim=Claim.UNKNOWN)
    asked = await bench.refund(payment)
    assert asked.refund is not None
    assert asked.refund.state is RefundState.IN_DOUBT
    with pytest.raises(NotRefundableError):
        await bench.refund(payment, request_id="refund-2")


async def test_a_refused_refund_may_be_asked_for_again(bench: Bench) -> None:
    """With a request of its own, under a reference of its own."""
    payment = await bench.paid()
    bench.provider.refund_answer = told_of_refund(Claim.FAILED, Source.ANSWER)
    first = await bench.refund(payment)
    bench.provider.refund_answer = told_of_refund(Claim.SUCCEEDED, Source.ANSWER)
    second = await bench.refund(payment, request_id="refund-2")
    assert first.refund is not None
    assert second.refund is not None
    assert first.refund.refund_id != second.refund.refund_id
    assert second.state is PaymentState.REFUNDED


async def test_a_refund_that_was_never_sent_may_be_repeated(bench: Bench) -> None:
    """UNAVAILABLE means that nothing was sent."""
    payment = await bench.paid()
    bench.provider.refund_answer = told_of_refund(Claim.NOT_SENT, Source.TRANSPORT)
    with pytest.raises(ProviderUnavailableError):
        await bench.refund(payment)
    after = await bench.stored(payment)
    assert after.refund is not None
    assert after.refund.state is RefundState.FAILED


async def test_only_a_succeeded_payment_can_be_refunded(bench: Bench) -> None:
    """The refusal names the state."""
    payment = await bench.charge()
    with pytest.raises(NotRefundableError) as caught:
        await bench.refund(payment)
    assert caught.value.state == "PENDING"
    assert bench.provider.sends("refund") == 0


async def test_part_of_the_money_is_not_supported_and_more_is_invalid(bench: Bench) -> None:
    """All of it, named or not, is fine."""
    payment = await bench.paid()
    with pytest.raises(NotSupportedByProviderError) as caught:
        await bench.refund(payment, amount=rupiah(1_000))
    assert caught.value.capability == "partial_refund"
    with pytest.raises(InvalidRequestError):
        await bench.refund(payment, amount=rupiah(15_001))
    assert (await bench.refund(payment, amount=rupiah(15_000))).refund is not None


async def test_anothers_payment_is_unknown(bench: Bench) -> None:
    """Indistinguishable from one that is not there."""
    payment = await bench.paid()
    request = RefundRequest(request_id="refund-1", payment_id=payment.payment_id)
    with pytest.raises(PaymentNotFoundError):
        await bench.use_cases.refund(STRANGER, request)
