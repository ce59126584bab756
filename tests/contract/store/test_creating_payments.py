"""How a payment begins: its request id, its order, its link and its first event, or nothing."""

import asyncio
from dataclasses import replace
from typing import Any

import pytest

from ovo_payments.domain.binding import BindingState
from ovo_payments.domain.errors import (
    BindingNotActiveError,
    BindingNotFoundError,
    OrderAlreadyPaidError,
)
from ovo_payments.domain.money import Money
from ovo_payments.domain.payment import Customer, LineItem, Review
from ovo_payments.domain.ports import Store
from ovo_payments.domain.update import Claim
from tests.contract.store.databases import Database
from tests.contract.store.samples import (
    NOW,
    SOON,
    a_binding,
    a_debit,
    a_lease,
    a_payment,
    a_request,
    stored,
    stored_binding,
    told,
    unbinding,
)


async def test_a_created_payment_reads_back_whole(store: Store) -> None:
    """Every field that a request can fill comes back, the checks too."""
    payment = a_payment(
        points_amount=Money(5_000),
        merchant_initiated=True,
        success_url="https://shop.example/paid",
        failure_url="https://shop.example/not-paid",
        items=(LineItem(item_id="1", name="Kopi ☕", price_rupiah=15_000, quantity=1),),
        customer=Customer(customer_id="c-1", name="Siti", email="siti@shop.example"),
        expire_time=SOON,
        review=Review.EXHAUSTED,
    )

    await stored(store, payment)

    found = await store.find_payment("pay1")
    assert found == payment
    assert found is not None
    assert found.checks == payment.checks


async def test_a_created_payment_has_its_first_event(store: Store) -> None:
    """The log begins with version 1."""
    payment = await stored(store, a_payment())

    assert await store.read_events("pay1", after_version=0, limit=10) == [payment]


async def test_a_created_payment_has_its_request(store: Store) -> None:
    """The request id is used up by the same transaction."""
    await store.create_payment(a_payment(), a_request(), a_lease())

    assert await store.find_request("shop", "Charge", "request-1") == a_request()


async def test_what_was_never_created_is_not_found(store: Store) -> None:
    """Nothing is made up."""
    assert await store.find_payment("pay1") is None
    assert await store.find_latest_payment("shop", "order-1") is None
    assert await store.find_open_payment_of_binding("bind1") is None
    assert await store.find_request("shop", "Charge", "request-1") is None
    assert await store.read_events("pay1", after_version=0, limit=10) == []
    assert await store.read_evidence("pay1") == []


async def test_a_used_request_id_gives_its_record_and_writes_nothing(store: Store) -> None:
    """I-11: the second payment of a request id does not come to be."""
    await store.create_payment(a_payment("pay1"), a_request(), a_lease())
    again = replace(a_request(subject_id="pay2"), digests={"amount": "another digest"})

    earlier = await store.create_payment(a_payment("pay2"), again, a_lease())

    assert earlier == a_request()
    assert await store.find_payment("pay2") is None
    assert await store.find_request("shop", "Charge", "request-1") == a_request()


async def test_simultaneous_calls_with_one_request_id_create_one_payment(
    store: Store, database: Database
) -> None:
    """I-13: one writer is first, and all others get its record."""
    calls = [
        store.create_payment(
            a_payment(f"pay{number}", order_id="order-1"),
            a_request(subject_id=f"pay{number}"),
            a_lease(),
        )
        for number in range(32)
    ]

    records = await asyncio.gather(*calls)

    assert records.count(None) == 1
    [[payment_id]] = database.execute("SELECT payment_id FROM payments")
    assert {record.subject_id for record in records if record is not None} == {payment_id}


@pytest.mark.parametrize("changed", [{"scope": "other shop"}, {"method": "Pay"}])
async def test_a_request_id_belongs_to_its_scope_and_method(
    store: Store, changed: dict[str, Any]
) -> None:
    """I-14: two callers may use the same request id, and one caller for two methods."""
    await store.create_payment(a_payment("pay1"), a_request(), a_lease())

    request = replace(a_request(subject_id="pay2"), **changed)
    earlier = await store.create_payment(a_payment("pay2"), request, a_lease())

    assert earlier is None


async def test_an_order_with_an_open_payment_is_refused(store: Store) -> None:
    """The customer who clicks twice pays once."""
    await stored(store, a_payment("pay1", order_id="order-1"))

    with pytest.raises(OrderAlreadyPaidError) as refused:
        await store.create_payment(
            a_payment("pay2", order_id="order-1"), a_request("request-2", "pay2"), a_lease()
        )

    assert refused.value.payment_id == "pay1"


async def test_a_refused_payment_uses_up_no_request_id(store: Store) -> None:
    """I-15: the same request may be repeated once its cause is gone."""
    await stored(store, a_payment("pay1", order_id="order-1"))
    second = a_payment("pay2", order_id="order-1")

    with pytest.raises(OrderAlreadyPaidError):
        await store.create_payment(second, a_request("request-2", "pay2"), a_lease())

    assert await store.find_request("shop", "Charge", "request-2") is None
    assert await store.find_payment("pay2") is None


async def test_an_order_belongs_to_its_scope(store: Store) -> None:
    """I-14: two callers may name their orders alike."""
    await stored(store, a_payment("pay1", order_id="order-1"))

    await stored(store, a_payment("pay2", order_id="order-1", scope="other shop"))

    found = await store.find_latest_payment("other shop", "order-1")
    assert found is not None
    assert found.payment_id == "pay2"


async def test_simultaneous_payments_of_one_order_leave_one(
    store: Store, database: Database
) -> None:
    """I-1: however many requests ask, the order has one payment."""
    calls = [
        store.create_payment(
            a_payment(f"pay{number}", order_id="order-1"),
            a_request(f"request-{number}", f"pay{number}"),
            a_lease(),
        )
        for number in range(16)
    ]

    outcomes = await asyncio.gather(*calls, return_exceptions=True)

    assert outcomes.count(None) == 1
    refused = [outcome for outcome in outcomes if isinstance(outcome, OrderAlreadyPaidError)]
    assert len(refused) == 15
    [[payment_id]] = database.execute("SELECT payment_id FROM payments")
    assert {outcome.payment_id for outcome in refused} == {payment_id}


@pytest.mark.parametrize(
    "state", [state for state in BindingState if state is not BindingState.ACTIVE]
)
async def test_a_payment_needs_an_active_binding(store: Store, state: BindingState) -> None:
    """A link that does not work is debited by nobody."""
    await stored_binding(store, a_binding(state=state))

    with pytest.raises(BindingNotActiveError) as refused:
        await stored(store, a_debit())

    assert refused.value.binding_id == "bind1"
    assert refused.value.state == state
    assert await store.find_payment("pay1") is None


async def test_a_binding_that_is_being_unlinked_is_not_used(store: Store) -> None:
    """Nobody pays with a link that its caller wants to end."""
    binding = await stored_binding(store, a_binding())
    await store.request_unbind(binding, unbinding(binding), a_lease())

    with pytest.raises(BindingNotActiveError):
        await stored(store, a_debit())


@pytest.mark.parametrize("changed", [{"scope": "other shop"}, {"provider": "midtrans"}])
async def test_a_payment_uses_no_binding_of_another(store: Store, changed: dict[str, Any]) -> None:
    """I-9: a link of another caller or provider is as good as none."""
    await stored_binding(store, a_binding(**changed))

    with pytest.raises(BindingNotFoundError):
        await stored(store, a_debit())


async def test_that_an_order_is_paid_is_told_before_that_its_binding_is_gone(
    store: Store,
) -> None:
    """Who pays twice with a link that ended in between learns of the payment."""
    binding = await stored_binding(store, a_binding())
    await stored(store, a_debit("pay1", order_id="order-1"))
    gone = replace(binding, state=BindingState.UNBOUND, version=2)
    await store.record_binding(binding, gone, "lease-1")

    with pytest.raises(OrderAlreadyPaidError):
        await stored(store, a_debit("pay2", order_id="order-1"))


async def test_the_latest_payment_of_an_order_is_the_one_created_last(store: Store) -> None:
    """Creation orders them, whatever their clocks or names say."""
    await stored(store, a_payment("pay2", order_id="order-1", scope="one"))
    first = await stored(store, a_payment("pay9", order_id="order-1"))
    await store.record_payment(told(first, Claim.FAILED))
    later = a_payment("pay3", order_id="order-1", create_time=NOW)
    await stored(store, later)

    found = await store.find_latest_payment("shop", "order-1")

    assert found == later
