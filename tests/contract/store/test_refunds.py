"""How a refund begins, what bounds it, and what becomes of it."""

import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest

from ovo_payments.domain.errors import NotRefundableError
from ovo_payments.domain.payment import Payment, PaymentState
from ovo_payments.domain.ports import LeaseLostError, PaymentChange, Store, VersionConflictError
from ovo_payments.domain.refund import RefundState
from ovo_payments.domain.update import Claim
from tests.contract.store.databases import Database
from tests.contract.store.samples import (
    SOON,
    a_lease,
    a_payment,
    a_request,
    checked,
    recorded,
    refunding,
    succeeded,
    told,
    told_of_refund,
)


async def test_a_refund_is_row_event_and_request(store: Store) -> None:
    """One transaction writes the payment's new version, its event and the request id."""
    payment = await succeeded(store, a_payment())
    change = refunding(payment)

    earlier = await store.create_refund(change, a_request("refund-1"), a_lease("sender"))

    assert earlier is None
    assert await store.find_payment("pay1") == change.after
    assert await store.read_events("pay1", after_version=2, limit=10) == [change.after]
    assert await store.find_request("shop", "Charge", "refund-1") == a_request("refund-1")


async def test_a_refund_is_leased_to_its_sender(store: Store) -> None:
    """Nobody asks about it before its answer came or its sender's time ran out."""
    payment = await succeeded(store, a_payment())
    until = SOON + timedelta(minutes=1)
    await store.create_refund(refunding(payment), a_request("refund-1"), a_lease("sender", until))

    assert await store.claim_due_payments(SOON, 10, a_lease("worker")) == []
    [claimed] = await store.claim_due_payments(until, 10, a_lease("worker"))
    assert claimed.payment_id == "pay1"


async def test_a_refund_takes_the_lease_of_whoever_was_asking(store: Store) -> None:
    """The sender's answer counts; the worker that asked before is fenced off."""
    payment = await succeeded(store, a_payment())
    due = await recorded(store, _due(payment))
    await store.claim_due_payments(SOON, 10, a_lease("worker"))

    refund = refunding(due)
    await store.create_refund(refund, a_request("refund-1"), a_lease("sender"))

    with pytest.raises(LeaseLostError):
        await store.record_payment(replace(_due(refund.after), lease="worker"))


async def test_a_used_request_id_refunds_nothing(store: Store) -> None:
    """I-16: asked twice, refunded once."""
    payment = await succeeded(store, a_payment())
    await store.create_refund(refunding(payment), a_request("refund-1"), a_lease())
    found = await store.find_payment("pay1")
    assert found is not None

    again = refunding(found, "refund2")
    earlier = await store.create_refund(again, a_request("refund-1"), a_lease())

    assert earlier == a_request("refund-1")
    assert await store.find_payment("pay1") == found


async def test_simultaneous_refunds_leave_one(store: Store) -> None:
    """I-16: however many ask, the money goes back once."""
    payment = await succeeded(store, a_payment())

    outcomes = await asyncio.gather(
        *(
            store.create_refund(
                refunding(payment, f"refund{number}"), a_request(f"refund-{number}"), a_lease()
            )
            for number in range(8)
        ),
        return_exceptions=True,
    )

    assert outcomes.count(None) == 1
    assert sum(isinstance(outcome, VersionConflictError) for outcome in outcomes) == 7


async def test_a_refund_of_an_old_version_is_refused(store: Store) -> None:
    """A payment that moved on is looked at again, and the request id stays free."""
    payment = await succeeded(store, a_payment())
    await recorded(store, told(payment, Claim.REFUNDED))

    with pytest.raises(VersionConflictError):
        await store.create_refund(refunding(payment), a_request("refund-1"), a_lease())

    assert await store.find_request("shop", "Charge", "refund-1") is None


@pytest.mark.parametrize("claim", [Claim.PENDING, Claim.UNKNOWN])
async def test_a_second_refund_is_refused_while_one_may_move_money(
    store: Store, claim: Claim
) -> None:
    """I-16: a constraint of the store, whatever the code above it decides."""
    payment = await succeeded(store, a_payment())
    change = refunding(payment, rupiah=5_000)
    await store.create_refund(change, a_request("refund-1"), a_lease())
    refunded = await recorded(store, told_of_refund(change.after, claim))

    with pytest.raises(NotRefundableError) as refused:
        await store.create_refund(
            refunding(refunded, "refund2", rupiah=5_000), a_request("refund-2"), a_lease()
        )

    assert refused.value.payment_id == "pay1"
    assert await store.find_payment("pay1") == refunded
    assert await store.find_request("shop", "Charge", "refund-2") is None


async def test_a_refund_beyond_the_payment_is_refused(store: Store) -> None:
    """I-16: refunds never exceed the payment."""
    payment = await succeeded(store, a_payment())

    with pytest.raises(NotRefundableError):
        await store.create_refund(
            refunding(payment, rupiah=15_001), a_request("refund-1"), a_lease()
        )

    assert await store.find_payment("pay1") == payment


async def test_a_failed_refund_makes_room_for_another(store: Store) -> None:
    """What did not go back may be asked for again."""
    payment = await succeeded(store, a_payment())
    change = refunding(payment)
    await store.create_refund(change, a_request("refund-1"), a_lease())
    failed = await recorded(store, told_of_refund(change.after, Claim.FAILED))

    again = refunding(failed, "refund2")
    await store.create_refund(again, a_request("refund-2"), a_lease())

    found = await store.find_payment("pay1")
    assert found is not None
    assert found.refund is not None
    assert found.refund.refund_id == "refund2"
    assert found.refund.state is RefundState.PENDING


async def test_a_succeeded_refund_is_kept_as_such(store: Store, database: Database) -> None:
    """The refund's own row follows the payment."""
    payment = await succeeded(store, a_payment())
    change = refunding(payment)
    await store.create_refund(change, a_request("refund-1"), a_lease())

    refunded = await recorded(store, told_of_refund(change.after, Claim.SUCCEEDED))

    assert refunded.state is PaymentState.REFUNDED
    assert await store.find_payment("pay1") == refunded
    kept = database.execute("SELECT refund_id, state FROM refunds")
    assert kept == [("refund1", "SUCCEEDED")]


async def test_a_refund_made_beside_this_service_is_kept(store: Store, database: Database) -> None:
    """What the provider's own pages gave back counts against the payment as well."""
    payment = await succeeded(store, a_payment())

    refunded = await recorded(store, told(payment, Claim.REFUNDED))

    assert refunded.refund is not None
    kept = database.execute("SELECT refund_id, state, amount_rupiah FROM refunds")
    assert kept == [(refunded.refund.refund_id, "SUCCEEDED", 15_000)]


def _due(payment: Payment) -> PaymentChange:
    return checked(payment, next_check_time=SOON)
