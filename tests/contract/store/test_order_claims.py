"""Which payment an order has, however payments end and come back."""

import pytest

from ovo_payments.domain.errors import OrderAlreadyPaidError
from ovo_payments.domain.payment import Payment, PaymentState
from ovo_payments.domain.ports import Store
from ovo_payments.domain.update import Claim
from tests.contract.store.samples import a_payment, recorded, stored, told


async def order_is_held_by(store: Store, payment_id: str) -> bool:
    """Tries to pay the order once more."""
    with pytest.raises(OrderAlreadyPaidError) as refused:
        await stored(store, a_payment("probe", order_id="order-1"))
    return refused.value.payment_id == payment_id


async def first_payment(store: Store) -> Payment:
    """Begins to pay the order."""
    return await stored(store, a_payment("pay1", order_id="order-1"))


async def second_payment(store: Store) -> Payment:
    """Begins to pay the order once more."""
    return await stored(store, a_payment("pay2", order_id="order-1"))


@pytest.mark.parametrize("claim", [Claim.PENDING, Claim.UNKNOWN, Claim.SUCCEEDED])
async def test_a_payment_that_may_have_taken_money_keeps_its_order(
    store: Store, claim: Claim
) -> None:
    """Pending, in doubt or succeeded: the order is not paid again."""
    await recorded(store, told(await first_payment(store), claim))

    assert await order_is_held_by(store, "pay1")


@pytest.mark.parametrize("claim", [Claim.FAILED, Claim.EXPIRED, Claim.REFUNDED, Claim.NOT_SENT])
async def test_a_payment_that_ends_without_money_frees_its_order(
    store: Store, claim: Claim
) -> None:
    """The customer may try again."""
    await recorded(store, told(await first_payment(store), claim))

    await second_payment(store)

    assert await order_is_held_by(store, "pay2")


async def test_a_refunded_payment_frees_its_order(store: Store) -> None:
    """What was given back may be paid anew."""
    paid = await recorded(store, told(await first_payment(store), Claim.SUCCEEDED))
    await recorded(store, told(paid, Claim.REFUNDED))

    await second_payment(store)

    assert await order_is_held_by(store, "pay2")


async def test_a_late_success_claims_its_order_again(store: Store) -> None:
    """I-20: money that moved after all pays the order."""
    expired = await recorded(store, told(await first_payment(store), Claim.EXPIRED))

    await recorded(store, told(expired, Claim.SUCCEEDED))

    assert await order_is_held_by(store, "pay1")


async def test_a_late_success_is_recorded_though_another_payment_has_the_order(
    store: Store,
) -> None:
    """The money moved, so the success stands, and the evidence names the other payment."""
    expired = await recorded(store, told(await first_payment(store), Claim.EXPIRED))
    await second_payment(store)

    late = await recorded(store, told(expired, Claim.SUCCEEDED))

    assert late.late_success
    assert await store.find_payment("pay1") == late
    assert await order_is_held_by(store, "pay2")
    *_, success, note = await store.read_evidence("pay1")
    assert success.claim is Claim.SUCCEEDED
    assert "pay2" in note.detail
    assert note.version == late.version


async def test_an_order_passes_to_its_late_success_when_its_holder_ends(store: Store) -> None:
    """I-1: a paid order is never free, whichever of its payments had it."""
    expired = await recorded(store, told(await first_payment(store), Claim.EXPIRED))
    second = await second_payment(store)
    await recorded(store, told(expired, Claim.SUCCEEDED))

    await recorded(store, told(second, Claim.FAILED))

    assert await order_is_held_by(store, "pay1")


async def test_a_late_success_that_holds_nothing_frees_nothing(store: Store) -> None:
    """Giving its money back leaves the order with the payment that has it."""
    expired = await recorded(store, told(await first_payment(store), Claim.EXPIRED))
    await second_payment(store)
    late = await recorded(store, told(expired, Claim.SUCCEEDED))

    refunded = await recorded(store, told(late, Claim.REFUNDED))

    assert refunded.state is PaymentState.REFUNDED
    assert await order_is_held_by(store, "pay2")
