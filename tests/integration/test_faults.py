"""Every fault that the sandbox knows, on every call that moves money, end to end.

Real processes, real gRPC, real HTTP; the sandbox's ledger is the judge. Each test ends with the
same question: does what we tell of its payments agree with the money that moved?
"""

from typing import Final

import pytest

from ovo_payments_client import FailureReason, PaymentState, RefundState, UnavailableError
from tests.integration.faults import (
    DONE,
    LATER,
    NOTHING_DONE,
    ON_STATUS,
    ON_WEBHOOKS,
    REFUSED,
    STALE_TOKEN,
    WRONG_S,
)
from tests.integration.shop import DEBITS, PROVIDERS, Shop

pytestmark = pytest.mark.asyncio(loop_scope="module")

PUSH_OVER_S: Final = 70.0
SETTLED_S: Final = {"charge": 65.0 + 101.0, "pay": 61.0}
"""When a denial of the status query begins to count."""
REFUND_SETTLED_S: Final = {"charge": 101.0, "pay": 61.0}


async def test_every_fault_has_its_case(shop: Shop) -> None:
    """A fault that the sandbox learns needs a test here."""
    kinds = (await shop.apart.control("GET", "/sandbox/faults"))["kinds"]
    cases = {*DONE, *NOTHING_DONE, *REFUSED, *ON_STATUS, *ON_WEBHOOKS, LATER, STALE_TOKEN}
    assert {kind["name"] for kind in kinds} == cases


# Charge and Pay.


@pytest.mark.parametrize("operation", DEBITS)
@pytest.mark.parametrize("fault", DONE)
async def test_a_payment_whose_answer_goes_wrong_is_paid_once(
    shop: Shop, operation: str, fault: str
) -> None:
    """The call answers OK with what is known, and asking alone finds the money."""
    await shop.unnotified(operation)
    armed = await shop.apart.arm(fault, operation=operation, seconds=WRONG_S)
    payment = await shop.debit(operation)
    await shop.apart.struck(armed)
    if fault == "slow_drip":
        assert payment.state is PaymentState.PENDING, "slow, and still an answer"
    else:
        assert payment.state is PaymentState.IN_DOUBT
    paid = await shop.paid(operation, payment)
    assert paid.state is PaymentState.SUCCEEDED
    assert not paid.late_success
    assert not paid.needs_review


@pytest.mark.parametrize("operation", DEBITS)
@pytest.mark.parametrize("fault", NOTHING_DONE)
async def test_a_payment_that_never_was_fails_once_the_provider_is_sure(
    shop: Shop, operation: str, fault: str
) -> None:
    """Until then it is in doubt and holds its order; after that the order can be paid."""
    order_id = shop.new_order()
    await shop.apart.arm(fault, operation=operation, seconds=WRONG_S)
    payment = await shop.debit(operation, order_id=order_id)
    assert payment.state is PaymentState.IN_DOUBT
    failed = await shop.denied_three_times(payment, SETTLED_S[operation])
    assert failed.state is PaymentState.FAILED
    assert failed.failure is not None
    assert failed.failure.reason is FailureReason.NOT_FOUND_AT_PROVIDER
    again = await shop.debit(operation, order_id=order_id)
    assert (await shop.paid(operation, again)).state is PaymentState.SUCCEEDED


@pytest.mark.parametrize("operation", DEBITS)
@pytest.mark.parametrize("fault", REFUSED)
async def test_a_payment_that_the_provider_did_not_process_is_unavailable(
    shop: Shop, operation: str, fault: str
) -> None:
    """Nothing was sent as far as money goes: the payment failed, and the order is free."""
    order_id = shop.new_order()
    await shop.apart.arm(fault, operation=operation)
    with pytest.raises(UnavailableError) as refused:
        await shop.debit(operation, order_id=order_id)
    assert refused.value.reason == "PROVIDER_UNAVAILABLE"
    assert refused.value.retry_delay is not None
    failed = await shop.client.get_status(refused.value.metadata["payment_id"])
    assert failed.state is PaymentState.FAILED
    again = await shop.debit(operation, order_id=order_id)
    assert (await shop.paid(operation, again)).state is PaymentState.SUCCEEDED


async def test_a_push_that_is_paid_after_it_expired_is_a_late_success(shop: Shop) -> None:
    """EXPIRED was the provider's word; the money decides."""
    await shop.apart.arm(LATER, operation="charge", seconds=90)
    payment = await shop.debit("charge")
    await shop.apart.advance(PUSH_OVER_S)
    await shop.becomes(payment, PaymentState.EXPIRED)
    await shop.apart.advance(90 - PUSH_OVER_S)
    paid = await shop.becomes(payment, PaymentState.SUCCEEDED)
    assert paid.late_success


async def test_a_late_success_is_not_lost_while_the_provider_denies_the_payment(
    shop: Shop,
) -> None:
    """The webhook waits until asking agrees: nobody else asks about what has expired."""
    await shop.apart.arm(LATER, operation="charge", seconds=90)
    payment = await shop.debit("charge")
    await shop.apart.advance(PUSH_OVER_S)
    await shop.becomes(payment, PaymentState.EXPIRED)
    denial = await shop.apart.arm("status_404", reference=payment.payment_id, count=1, for_s=3600)
    await shop.apart.advance(90 - PUSH_OVER_S)
    await shop.apart.struck(denial)
    paid = await shop.becomes(payment, PaymentState.SUCCEEDED)
    assert paid.late_success


async def test_a_debit_that_comes_later_is_found(shop: Shop) -> None:
    """A recurring debit is accepted first, and made later."""
    await shop.apart.arm(LATER, operation="pay", seconds=90)
    payment = await shop.debit("pay")
    asked = await shop.status(payment, refresh=True)
    assert asked.state is PaymentState.PENDING
    await shop.apart.advance(90)
    assert (await shop.paid("pay", payment)).state is PaymentState.SUCCEEDED


async def test_a_debit_with_a_stale_token_is_sent_again_with_a_fresh_one(shop: Shop) -> None:
    """A 401 proves that nothing was processed."""
    armed = await shop.apart.arm(STALE_TOKEN, operation="pay")
    payment = await shop.debit("pay")
    await shop.apart.struck(armed)
    assert payment.state is PaymentState.PENDING
    assert (await shop.paid("pay", payment)).state is PaymentState.SUCCEEDED


@pytest.mark.parametrize("operation", DEBITS)
async def test_a_caller_in_a_hurry_stops_no_payment(shop: Shop, operation: str) -> None:
    """Its deadline passes while the provider hangs: it gets the present state, the send goes on."""
    armed = await shop.apart.arm("debit_then_hang", operation=operation, seconds=300)
    payment = await shop.debit(operation, deadline_seconds=1.5)
    # DOKU's notification may be there before its answer.
    assert payment.state in {PaymentState.PENDING, PaymentState.SUCCEEDED}
    await shop.apart.struck(armed)
    await shop.apart.advance(300)
    assert (await shop.paid(operation, payment)).state is PaymentState.SUCCEEDED


# Refund.


@pytest.mark.parametrize("operation", DEBITS)
@pytest.mark.parametrize("fault", DONE)
async def test_a_refund_whose_answer_goes_wrong_is_made_once(
    shop: Shop, operation: str, fault: str
) -> None:
    """The money went back, and asking alone finds it."""
    paid = await shop.paid(operation)
    await shop.unnotified(operation)
    armed = await shop.apart.arm(
        fault, operation="refund", provider=PROVIDERS[operation], seconds=WRONG_S
    )
    asked = (await shop.client.refund(paid.payment_id)).payment
    await shop.apart.struck(armed)
    assert asked.refund is not None
    in_doubt = asked.refund.state is RefundState.IN_DOUBT
    assert in_doubt is not (fault == "slow_drip")
    assert await shop.refunded(paid)


@pytest.mark.parametrize("operation", DEBITS)
@pytest.mark.parametrize("fault", NOTHING_DONE)
async def test_a_refund_that_never_was_fails_once_the_provider_is_sure(
    shop: Shop, operation: str, fault: str
) -> None:
    """The payment stays paid, and can be refunded by another request."""
    paid = await shop.paid(operation)
    await shop.apart.arm(fault, operation="refund", provider=PROVIDERS[operation], seconds=WRONG_S)
    asked = (await shop.client.refund(paid.payment_id)).payment
    assert asked.refund is not None
    assert asked.refund.state is RefundState.IN_DOUBT
    denied = await shop.denied_three_times(asked, REFUND_SETTLED_S[operation])
    assert denied.state is PaymentState.SUCCEEDED
    assert denied.refund is not None
    assert denied.refund.state is RefundState.FAILED
    assert denied.refund.failure is not None
    assert denied.refund.failure.reason is FailureReason.NOT_FOUND_AT_PROVIDER
    again = (await shop.client.refund(paid.payment_id)).payment
    assert again.refund is not None
    assert again.refund.refund_id != denied.refund.refund_id
    assert await shop.refunded(paid)


@pytest.mark.parametrize("operation", DEBITS)
@pytest.mark.parametrize("fault", REFUSED)
async def test_a_refund_that_the_provider_did_not_process_is_unavailable(
    shop: Shop, operation: str, fault: str
) -> None:
    """The payment stays paid, and can be refunded by another request."""
    paid = await shop.paid(operation)
    await shop.apart.arm(fault, operation="refund", provider=PROVIDERS[operation])
    with pytest.raises(UnavailableError) as refused:
        await shop.client.refund(paid.payment_id)
    assert refused.value.reason == "PROVIDER_UNAVAILABLE"
    failed = await shop.status(paid)
    assert failed.state is PaymentState.SUCCEEDED
    assert failed.refund is not None
    assert failed.refund.state is RefundState.FAILED
    await shop.client.refund(paid.payment_id)
    assert await shop.refunded(paid)


async def test_a_refund_with_a_stale_token_is_sent_again_with_a_fresh_one(shop: Shop) -> None:
    """A 401 proves that nothing was processed."""
    paid = await shop.paid("pay")
    armed = await shop.apart.arm(STALE_TOKEN, operation="refund")
    asked = (await shop.client.refund(paid.payment_id)).payment
    await shop.apart.struck(armed)
    assert asked.state is PaymentState.REFUNDED
