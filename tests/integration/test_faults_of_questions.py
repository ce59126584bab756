"""Every fault on the calls that only ask: status queries and tokens, end to end."""

import pytest

from ovo_payments_client import PaymentState, UnavailableError
from tests.customer import link
from tests.integration.faults import ON_QUESTIONS, ON_STATUS, STALE_TOKEN, WRONG_S
from tests.integration.shop import DEBITS, PAID_S, Shop
from tests.stack import eventually

pytestmark = pytest.mark.asyncio(loop_scope="module")


# Status.


@pytest.mark.parametrize("operation", DEBITS)
@pytest.mark.parametrize("fault", ON_STATUS)
async def test_a_question_that_goes_wrong_teaches_nothing(
    shop: Shop, operation: str, fault: str
) -> None:
    """Without any webhook: the payment stays as it is, until the provider answers again."""
    await shop.unnotified(operation)
    await shop.apart.arm(fault, operation="status", seconds=WRONG_S, count=None, for_s=None)
    payment = await shop.debit(operation)
    if operation == "charge":
        await shop.apart.advance(PAID_S)
    asked = await shop.status(payment, refresh=True)
    if fault == "slow_drip":
        assert asked.state is PaymentState.SUCCEEDED, "slow, and still an answer"
        return
    assert asked.version == payment.version
    await shop.apart.disarm()

    async def answered() -> bool:
        return (await shop.status(payment, refresh=True)).state is PaymentState.SUCCEEDED

    await eventually(answered, "the provider answers again")


async def test_a_question_with_a_stale_token_is_asked_again_with_a_fresh_one(shop: Shop) -> None:
    """At once, so that nobody notices."""
    await shop.unnotified("pay")
    payment = await shop.debit("pay")
    armed = await shop.apart.arm(STALE_TOKEN, operation="status")
    asked = await shop.status(payment, refresh=True)
    await shop.apart.struck(armed)
    assert asked.state is PaymentState.SUCCEEDED


# Tokens.


@pytest.mark.parametrize("fault", ON_QUESTIONS)
async def test_a_merchant_token_that_does_not_come_costs_nobody_money(
    shop: Shop, fault: str
) -> None:
    """The debit is made with a token that came after all, or it is UNAVAILABLE and never was."""
    stale = await shop.apart.arm(STALE_TOKEN, operation="pay")
    armed = await shop.apart.arm(fault, operation="token_b2b", seconds=WRONG_S)
    order_id = shop.new_order()
    try:
        payment = await shop.debit("pay", order_id=order_id)
    except UnavailableError as error:
        failed = await shop.client.get_status(error.metadata["payment_id"])
        assert failed.state is PaymentState.FAILED
        assert await shop.money(failed.payment_id) == (0, 0)
        payment = await shop.debit("pay", order_id=order_id)
    await shop.apart.struck(stale)
    await shop.apart.struck(armed)
    assert (await shop.paid("pay", payment)).state is PaymentState.SUCCEEDED


@pytest.mark.parametrize("fault", ON_QUESTIONS)
async def test_a_customer_token_that_does_not_come_leaves_the_link(shop: Shop, fault: str) -> None:
    """DOKU's signed word makes the binding active; the token is fetched when it is needed."""
    armed = await shop.apart.arm(fault, operation="token_b2b2c", seconds=WRONG_S)
    binding = await link(shop.client, shop.apart.client, shop.new_phone())
    await shop.apart.struck(armed)
    linked, shop.binding = shop.binding, binding
    try:
        payment = await shop.debit("pay")
    finally:
        shop.binding = linked
    assert (await shop.paid("pay", payment)).state is PaymentState.SUCCEEDED
