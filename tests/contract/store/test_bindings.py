"""How a link is kept, changed, leased, and ended while nobody pays with it."""

import asyncio
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from ovo_payments.domain.binding import Binding, BindingState, apply
from ovo_payments.domain.errors import (
    BindingNotActiveError,
    BindingNotFoundError,
    PaymentInFlightError,
)
from ovo_payments.domain.failure import Failure, FailureReason
from ovo_payments.domain.payment import Customer
from ovo_payments.domain.ports import LeaseLostError, Store, VersionConflictError
from ovo_payments.domain.update import BindingClaim, BindingUpdate, Claim, Source
from tests.contract.store.databases import Database
from tests.contract.store.samples import (
    NOW,
    SOON,
    a_binding,
    a_debit,
    a_lease,
    a_request,
    recorded,
    refunding,
    stored,
    stored_binding,
    told,
    unbinding,
)

LATER = SOON + timedelta(minutes=1)


def pending(binding_id: str = "bind1", due_in_s: float = 30) -> Binding:
    """Makes a link that its customer has yet to finish."""
    due = NOW + timedelta(seconds=due_in_s)
    return a_binding(
        binding_id, state=BindingState.PENDING, next_check_time=due, sending=True, credentials={}
    )


def linked(binding: Binding) -> Binding:
    """Gives what the provider's word that it is linked makes of a link."""
    update = BindingUpdate(source=Source.QUERY, claim=BindingClaim.ACTIVE)
    return apply(binding, update, NOW)


async def test_a_created_binding_reads_back_whole(store: Store) -> None:
    """Every field comes back, secrets and checks too."""
    binding = replace(
        a_binding(),
        customer=Customer(customer_id="c-1", name="Siti", email="siti@shop.example"),
        redirect_url="https://doku.example/link",
        failure=Failure(reason=FailureReason.ALREADY_BOUND, message="Linked elsewhere."),
        next_check_time=SOON,
        sending=True,
    )
    await stored_binding(store, binding)

    found = await store.find_binding("bind1")

    assert found == binding
    assert found is not None
    assert (found.next_check_time, found.sending) == (SOON, True)
    assert found.credentials["token"].reveal() == "b2b2c-token"


async def test_a_binding_is_found_by_its_reference(store: Store) -> None:
    """The provider knows it by our reference alone."""
    binding = await stored_binding(store, a_binding())

    assert await store.find_binding_by_reference("doku", "reference of bind1") == binding
    assert await store.find_binding_by_reference("midtrans", "reference of bind1") is None
    assert await store.find_binding_by_reference("doku", "another") is None
    assert await store.find_binding("another") is None


async def test_a_used_request_id_creates_no_binding(store: Store) -> None:
    """I-16: asked twice, linked once."""
    await store.create_binding(a_binding("bind1"), a_request(subject_id="bind1"), a_lease())

    again = a_request(subject_id="bind2")
    earlier = await store.create_binding(a_binding("bind2"), again, a_lease())

    assert earlier == a_request(subject_id="bind1")
    assert await store.find_binding("bind2") is None


async def test_simultaneous_calls_with_one_request_id_create_one_binding(
    store: Store, database: Database
) -> None:
    """I-13: one writer is first, and all others get its record."""
    records = await asyncio.gather(
        *(
            store.create_binding(
                a_binding(f"bind{number}"), a_request(subject_id=f"bind{number}"), a_lease()
            )
            for number in range(16)
        )
    )

    assert records.count(None) == 1
    assert database.execute("SELECT count(*) FROM bindings") == [(1,)]


async def test_a_reference_names_one_binding(store: Store, database: Database) -> None:
    """Two links with one reference could not be told apart at the provider."""
    await stored_binding(store, a_binding("bind1"))

    with pytest.raises(database.refusal):
        await stored_binding(store, a_binding("bind2", external_reference="reference of bind1"))


async def test_a_change_of_a_binding_is_written(store: Store) -> None:
    """What the provider told is kept."""
    binding = await stored_binding(store, pending())

    await store.record_binding(binding, linked(binding))

    found = await store.find_binding("bind1")
    assert found == linked(binding)
    assert found is not None
    assert not found.sending


async def test_a_change_of_an_old_binding_is_refused(store: Store) -> None:
    """Who decided on what is no longer true decides again."""
    binding = await stored_binding(store, pending())
    await store.record_binding(binding, linked(binding))

    with pytest.raises(VersionConflictError):
        await store.record_binding(binding, replace(binding, state=BindingState.FAILED, version=2))

    assert await store.find_binding("bind1") == linked(binding)


@pytest.mark.parametrize("changed", [{"next_check_time": LATER}, {"sending": False}])
async def test_a_change_of_old_checks_of_a_binding_is_refused(
    store: Store, changed: dict[str, Any]
) -> None:
    """Two writers who change the checks alone do not undo each other."""
    binding = await stored_binding(store, pending())
    await store.record_binding(binding, replace(binding, **changed))

    with pytest.raises(VersionConflictError):
        await store.record_binding(binding, linked(binding))

    found = await store.find_binding("bind1")
    assert found is not None
    assert found.state is BindingState.PENDING


async def test_a_change_of_a_binding_that_is_not_there_is_refused(store: Store) -> None:
    """Nothing is created by changing it."""
    with pytest.raises(BindingNotFoundError):
        await store.record_binding(pending(), linked(pending()))


async def test_due_bindings_are_claimed_oldest_first_and_once(store: Store) -> None:
    """As payments are."""
    for binding_id, due_in_s in (("bind1", 3), ("bind2", 1), ("bind3", 2), ("bind4", 99)):
        await stored_binding(store, pending(binding_id, due_in_s), a_lease("sender", NOW))

    first = await store.claim_due_bindings(SOON, 2, a_lease("first", LATER))
    second = await store.claim_due_bindings(SOON, 10, a_lease("second", LATER))

    assert [binding.binding_id for binding in first] == ["bind2", "bind3"]
    assert [binding.binding_id for binding in second] == ["bind1"]


async def test_a_binding_is_leased_to_its_sender(store: Store) -> None:
    """Nobody asks about it before its answer came or its sender's time ran out."""
    await stored_binding(store, pending(), a_lease("sender", LATER))

    assert await store.claim_due_bindings(SOON, 10, a_lease("worker", LATER)) == []
    assert len(await store.claim_due_bindings(LATER, 10, a_lease("worker", LATER))) == 1


async def test_a_writer_of_a_binding_without_its_lease_is_fenced_off(store: Store) -> None:
    """I-34: a worker that was away too long writes nothing; the holder does, and lets go."""
    binding = await stored_binding(store, pending(), a_lease("first", NOW))
    await store.claim_due_bindings(SOON, 1, a_lease("second", LATER))

    with pytest.raises(LeaseLostError):
        await store.record_binding(binding, linked(binding), "first")
    await store.record_binding(binding, linked(binding), "second")
    with pytest.raises(LeaseLostError):
        await store.record_binding(linked(binding), linked(binding), "second")


async def test_a_writer_without_a_lease_leaves_a_bindings_lease_alone(store: Store) -> None:
    """A webhook that is taken in does not free what a worker holds."""
    binding = await stored_binding(store, pending(), a_lease("sender", LATER))
    after = replace(binding, sending=False)

    await store.record_binding(binding, after)

    assert await store.claim_due_bindings(SOON, 1, a_lease("worker", LATER)) == []
    await store.record_binding(after, linked(after), "sender")


async def test_a_released_binding_is_due_when_its_worker_said(store: Store) -> None:
    """A worker that could do nothing puts its item back; a fenced one does not."""
    await stored_binding(store, pending(), a_lease("worker", LATER))

    await store.release_binding("bind1", "other", NOW)
    assert await store.claim_due_bindings(SOON, 1, a_lease("next", LATER)) == []

    await store.release_binding("bind1", "worker", SOON)
    [claimed] = await store.claim_due_bindings(SOON, 1, a_lease("next", LATER))
    assert claimed.next_check_time == SOON


async def test_an_unlinking_is_written_and_leased(store: Store) -> None:
    """It begins in the store, before anything is sent."""
    binding = await stored_binding(store, a_binding(), a_lease("worker", LATER))
    asked = unbinding(binding)

    await store.request_unbind(binding, asked, a_lease("sender", LATER))

    assert await store.find_binding("bind1") == asked
    assert await store.claim_due_bindings(SOON, 1, a_lease("next", LATER)) == []
    await store.record_binding(asked, replace(asked, sending=False), "sender")


async def test_no_account_is_unlinked_while_a_payment_uses_it(store: Store) -> None:
    """The payment in flight is named, and nothing is written."""
    binding = await stored_binding(store, a_binding())
    payment = await stored(store, a_debit())

    with pytest.raises(PaymentInFlightError) as refused:
        await store.request_unbind(binding, unbinding(binding), a_lease("sender"))

    assert refused.value.payment_id == "pay1"
    assert await store.find_binding("bind1") == binding
    assert await store.find_open_payment_of_binding("bind1") == payment


async def test_an_account_is_unlinked_once_its_payments_are_settled(store: Store) -> None:
    """What is over holds nothing up."""
    binding = await stored_binding(store, a_binding())
    payment = await stored(store, a_debit())
    await recorded(store, told(payment, Claim.SUCCEEDED))

    await store.request_unbind(binding, unbinding(binding), a_lease("sender"))

    assert await store.find_open_payment_of_binding("bind1") is None


async def test_an_open_refund_keeps_its_account_linked(store: Store) -> None:
    """The money goes back by the same link."""
    binding = await stored_binding(store, a_binding())
    paid = await recorded(store, told(await stored(store, a_debit()), Claim.SUCCEEDED))
    await store.create_refund(refunding(paid), a_request("refund-1"), a_lease())

    with pytest.raises(PaymentInFlightError):
        await store.request_unbind(binding, unbinding(binding), a_lease("sender"))


async def test_an_unlinking_of_an_old_version_is_refused(store: Store) -> None:
    """As any other change."""
    binding = await stored_binding(store, a_binding())
    await store.record_binding(binding, replace(binding, redirect_url="x", version=2))

    with pytest.raises(VersionConflictError):
        await store.request_unbind(binding, unbinding(binding), a_lease("sender"))


@pytest.mark.parametrize("payment_first", [True, False])
async def test_a_payment_and_an_unlinking_at_once_never_both_begin(
    store: Store, *, payment_first: bool
) -> None:
    """Whichever is first, the other is refused."""
    for number in range(10):
        binding_id = f"bind{number}"
        binding = await stored_binding(store, a_binding(binding_id, external_reference=binding_id))
        pay = stored(store, a_debit(f"pay{number}", binding_id, order_id=f"order{number}"))
        unbind = store.request_unbind(binding, unbinding(binding), a_lease("sender"))
        both = [pay, unbind] if payment_first else [unbind, pay]

        outcomes = await asyncio.gather(*both, return_exceptions=True)

        paid, unbound = outcomes if payment_first else reversed(outcomes)
        if isinstance(paid, BaseException):
            assert isinstance(paid, BindingNotActiveError)
            assert unbound is None
        else:
            assert isinstance(unbound, PaymentInFlightError)


async def test_a_binding_that_ended_never_begins_again(store: Store, database: Database) -> None:
    """The store itself refuses it."""
    ended = await stored_binding(store, a_binding(state=BindingState.UNBOUND))

    with pytest.raises(database.refusal):
        await store.record_binding(ended, replace(ended, state=BindingState.ACTIVE, version=2))
