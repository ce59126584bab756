"""The service killed in the middle of things, and started again on what it left.

Real processes; the sandbox lives on and keeps the ledger.
"""

import asyncio

import pytest
import pytest_asyncio

from ovo_payments_client import (
    Binding,
    BindingState,
    NoAnswerError,
    OvoPaymentsClient,
    Payment,
    PaymentState,
    RefundState,
)
from tests.apart import Apart
from tests.customer import link
from tests.integration.restarts import (
    AMOUNT,
    HELD_S,
    PAID_S,
    calling,
    charge,
    ends_of,
    money,
    new_order,
    new_phone,
    pay,
    started_again,
    unanswered,
    versions,
)
from tests.stack import WITHIN_S, eventually

pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def binding(apart_of_module: Apart) -> Binding:
    """A linked wallet."""
    if apart_of_module.service.running.returncode is not None:
        await apart_of_module.service.start()
    async with calling(apart_of_module) as client:
        return await link(client, apart_of_module.client, new_phone())


async def test_a_charge_that_was_killed_in_the_middle_is_in_doubt_and_found(apart: Apart) -> None:
    """Debited once, and the same request id answers with it."""
    await apart.arm("webhook_dropped", provider="midtrans", count=None)
    armed = await apart.arm("debit_then_hang", operation="charge", seconds=HELD_S)
    order_id, phone_number = new_order(), new_phone()
    async with calling(apart) as client:
        charging = asyncio.create_task(
            client.charge(
                order_id=order_id, phone_number=phone_number, amount=AMOUNT, request_id=order_id
            )
        )
        await apart.struck(armed)
        await apart.service.kill()
        await unanswered(charging)
    await apart.advance(PAID_S)
    await started_again(apart)
    recovered = 0 if apart.service.shares_its_database else 1
    assert apart.service.log_lines("service.started", recovered=recovered)
    async with calling(apart) as client:
        payment_id = (await client.get_status(order_id=order_id)).payment_id
        told = await versions(client, payment_id)
        again = await client.charge(
            order_id=order_id, phone_number=phone_number, amount=AMOUNT, request_id=order_id
        )
    assert [version.state for version in told] == [
        PaymentState.PENDING,
        PaymentState.IN_DOUBT,
        PaymentState.SUCCEEDED,
    ]
    assert (again.replayed, again.payment.payment_id) == (True, payment_id)
    assert await money(apart, payment_id) == [("debit", AMOUNT)]


async def test_a_debit_that_was_killed_in_the_middle_is_in_doubt_and_found(
    apart: Apart, binding: Binding
) -> None:
    """The same for a linked wallet, whose money moved before the kill."""
    await apart.arm("webhook_dropped", provider="doku", count=None)
    armed = await apart.arm("debit_then_hang", operation="pay", seconds=HELD_S)
    order_id = new_order()
    async with calling(apart) as client:
        paying = asyncio.create_task(pay(client, binding, order_id))
        await apart.struck(armed)
        await apart.service.kill()
        await unanswered(paying)
    await started_again(apart)
    async with calling(apart) as client:
        payment_id = (await client.get_status(order_id=order_id)).payment_id
        told = await versions(client, payment_id)
        again = await pay(client, binding, order_id)
    assert [version.state for version in told] == [
        PaymentState.PENDING,
        PaymentState.IN_DOUBT,
        PaymentState.SUCCEEDED,
    ]
    assert (again.replayed, again.payment.payment_id) == (True, payment_id)
    assert await money(apart, payment_id) == [("debit", AMOUNT)]


async def test_a_refund_that_was_killed_in_the_middle_is_made_once(
    apart: Apart, binding: Binding
) -> None:
    """Its reference is fixed for ever, and its request id replays it."""
    async with calling(apart) as client:
        paid = await pay(client, binding, new_order())
        payment_id = paid.payment.payment_id
        await versions(client, payment_id)
        await apart.arm("webhook_dropped", provider="doku", count=None)
        armed = await apart.arm("debit_then_hang", operation="refund", seconds=HELD_S)
        refunding = asyncio.create_task(client.refund(payment_id, request_id=payment_id))
        await apart.struck(armed)
        await apart.service.kill()
        await unanswered(refunding)
    await started_again(apart)
    async with calling(apart) as client:
        told = await versions(client, payment_id)
        again = await client.refund(payment_id, request_id=payment_id)
    states = [version.refund.state for version in told if version.refund is not None]
    assert states == [RefundState.PENDING, RefundState.IN_DOUBT, RefundState.SUCCEEDED]
    assert told[-1].state is PaymentState.REFUNDED
    assert again.replayed
    assert await money(apart, payment_id) == [("debit", AMOUNT), ("refund", AMOUNT)]


@pytest.mark.parametrize("fault", ["hang_before", "debit_then_hang"])
async def test_an_unlinking_that_was_killed_in_the_middle_goes_on(apart: Apart, fault: str) -> None:
    """Whether DOKU had done it or not."""
    async with calling(apart) as client:
        linked = await link(client, apart.client, new_phone())
        armed = await apart.arm(fault, operation="unbind", seconds=HELD_S)
        unbinding = asyncio.create_task(client.unbind(linked.binding_id))
        await apart.struck(armed)
        await apart.service.kill()
        await unanswered(unbinding)
    await started_again(apart)
    async with calling(apart) as client:

        async def unbound() -> bool:
            found = await client.get_status(binding_id=linked.binding_id)
            return found.state is BindingState.UNBOUND

        await eventually(unbound, "the binding is unbound")


async def test_what_was_answered_with_ok_survives_a_kill(apart: Apart) -> None:
    """Killed amid many calls: who got an answer finds it, who got none repeats the call."""
    orders = {new_order(): new_phone() for _ in range(40)}
    answered: dict[str, Payment] = {}
    some_answered = asyncio.Event()

    async def buy(client: OvoPaymentsClient, order_id: str) -> None:
        result = await client.charge(
            order_id=order_id, phone_number=orders[order_id], amount=AMOUNT, request_id=order_id
        )
        answered[order_id] = result.payment
        if len(answered) >= len(orders) // 4:
            some_answered.set()

    async with calling(apart) as client:
        buying = asyncio.gather(
            *(buy(client, order_id) for order_id in orders), return_exceptions=True
        )
        async with asyncio.timeout(WITHIN_S):
            await some_answered.wait()
        await apart.service.kill()
        ends = await buying
    assert all(end is None or isinstance(end, NoAnswerError) for end in ends)
    before = dict(answered)

    await started_again(apart)
    async with calling(apart) as client:
        for order_id, payment in before.items():
            found = await client.get_status(payment.payment_id)
            assert (found.order_id, found.amount) == (order_id, AMOUNT)
            assert found.version >= payment.version
        for order_id in orders:
            await buy(client, order_id)
        assert {answered[one].payment_id for one in before} == {
            payment.payment_id for payment in before.values()
        }
        await apart.advance(PAID_S)
        last = await ends_of(apart, client, answered.values())
    for payment in last:
        paid = payment.state is PaymentState.SUCCEEDED
        # A payment that was written down and never sent fails, in time.
        assert paid or (payment.state is PaymentState.FAILED and payment.order_id not in before)
        assert await money(apart, payment.payment_id) == [("debit", AMOUNT)] * paid


async def test_a_webhook_that_was_acknowledged_before_a_kill_is_applied_after_it(
    apart: Apart,
) -> None:
    """A late success, of which nothing but the webhook would ever tell."""
    await apart.arm("answer_then_debit_later", operation="charge", seconds=90)
    async with calling(apart) as client:
        payment = await charge(client)
        await apart.advance(70)
        assert (await versions(client, payment.payment_id))[-1].state is PaymentState.EXPIRED
    asked = await apart.arm("hang_before", operation="status", seconds=HELD_S)
    await apart.advance(20)
    await apart.struck(asked)
    told = (await apart.notifications(payment.payment_id))[-1]
    assert (told["event"], told["state"]) == ("settlement", "delivered")
    await apart.service.kill()
    await started_again(apart)
    async with calling(apart) as client:

        async def paid() -> bool:
            found = await client.get_status(payment.payment_id)
            return found.state is PaymentState.SUCCEEDED and found.late_success

        await eventually(paid, "the webhook is applied")
    assert await money(apart, payment.payment_id) == [("debit", AMOUNT)]
