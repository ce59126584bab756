"""How workers share what is due: each item to one, for a time."""

from datetime import timedelta

from ovo_payments.domain.payment import Checks
from ovo_payments.domain.ports import Store
from ovo_payments.domain.update import Claim
from tests.contract.store.samples import (
    NOW,
    SOON,
    a_binding,
    a_lease,
    a_payment,
    a_webhook,
    checked,
    recorded,
    stored,
    stored_binding,
    told,
)

LATER = SOON + timedelta(minutes=1)


async def waiting(store: Store, payment_id: str, due_in_s: float) -> None:
    """Stores a payment that nobody holds and that is due some seconds from now."""
    checks = Checks(next_check_time=NOW + timedelta(seconds=due_in_s), sending=True)
    payment = await stored(store, a_payment(payment_id, checks=checks), a_lease("sender"))
    await recorded(store, told(payment, Claim.PENDING, lease="sender"))


async def test_what_is_due_is_claimed_oldest_first(store: Store) -> None:
    """Whoever waits longest is asked about first."""
    for payment_id, due_in_s in (("pay1", 3), ("pay2", 1), ("pay3", 2), ("pay4", 60)):
        await waiting(store, payment_id, due_in_s)

    claimed = await store.claim_due_payments(NOW + timedelta(seconds=3), 10, a_lease("w", LATER))

    assert [payment.payment_id for payment in claimed] == ["pay2", "pay3", "pay1"]


async def test_no_more_is_claimed_than_asked_for(store: Store) -> None:
    """A worker takes what it can work on, the longest due of it."""
    for number in range(5):
        await waiting(store, f"pay{number}", number)

    claimed = await store.claim_due_payments(LATER, 2, a_lease("w", LATER))

    assert [payment.payment_id for payment in claimed] == ["pay0", "pay1"]


async def test_what_one_worker_holds_no_other_gets(store: Store) -> None:
    """One item, one worker."""
    await waiting(store, "pay1", 1)
    await waiting(store, "pay2", 2)

    first = await store.claim_due_payments(SOON, 1, a_lease("first", LATER))
    second = await store.claim_due_payments(SOON, 10, a_lease("second", LATER))

    assert [payment.payment_id for payment in first] == ["pay1"]
    assert [payment.payment_id for payment in second] == ["pay2"]


async def test_a_lease_that_ran_out_passes_on(store: Store) -> None:
    """A worker that never comes back holds nothing up for ever."""
    await waiting(store, "pay1", 1)
    await store.claim_due_payments(SOON, 1, a_lease("first", LATER))

    early = LATER - timedelta(microseconds=1)
    assert await store.claim_due_payments(early, 1, a_lease("second", LATER)) == []
    assert len(await store.claim_due_payments(LATER, 1, a_lease("second", LATER))) == 1


async def test_what_is_not_due_is_not_claimed(store: Store) -> None:
    """Not a microsecond early, and what has no next question never."""
    await waiting(store, "pay1", 30)
    await stored(store, a_payment("pay2", checks=Checks()), a_lease("gone", NOW))

    early = SOON - timedelta(microseconds=1)

    assert await store.claim_due_payments(early, 10, a_lease("w", LATER)) == []
    assert len(await store.claim_due_payments(SOON, 10, a_lease("w", LATER))) == 1


async def test_a_released_payment_is_due_when_its_worker_said(store: Store) -> None:
    """A worker that could do nothing puts its item back for later."""
    await waiting(store, "pay1", 1)
    await store.claim_due_payments(SOON, 1, a_lease("worker", LATER))

    await store.release_payment("pay1", "worker", LATER)

    assert await store.claim_due_payments(SOON, 1, a_lease("next", LATER)) == []
    [claimed] = await store.claim_due_payments(LATER, 1, a_lease("next", LATER))
    assert claimed.checks.next_check_time == LATER


async def test_releasing_what_another_holds_changes_nothing(store: Store) -> None:
    """I-34: a fenced worker does not even put anything back."""
    await waiting(store, "pay1", 1)
    await store.claim_due_payments(SOON, 1, a_lease("holder", LATER))

    await store.release_payment("pay1", "other", NOW)

    assert await store.claim_due_payments(SOON, 1, a_lease("next", LATER)) == []


async def test_recovery_ends_every_lease_and_counts_them(store: Store) -> None:
    """What a stopped process held is worked on at once."""
    await waiting(store, "pay0", 5)
    await stored(store, a_payment("pay1"), a_lease("sender", LATER))
    await stored_binding(
        store, a_binding(next_check_time=SOON, sending=True), a_lease("sender", LATER)
    )
    await store.append_webhook(a_webhook())
    await store.claim_due_webhooks(NOW, 10, a_lease("worker", LATER))

    assert await store.recover(NOW) == 3

    [payment] = await store.claim_due_payments(NOW, 10, a_lease("next", LATER))
    assert payment.payment_id == "pay1"
    assert payment.checks == Checks(next_check_time=NOW, sending=True)
    [binding] = await store.claim_due_bindings(NOW, 10, a_lease("next", LATER))
    assert (binding.next_check_time, binding.sending) == (NOW, True)
    assert len(await store.claim_due_webhooks(NOW, 10, a_lease("next", LATER))) == 1


async def test_what_was_being_sent_is_asked_about_though_nobody_planned_to(store: Store) -> None:
    """A sender that stopped before it set a time leaves no payment or link behind unasked."""
    checks = Checks(next_check_time=None, sending=True)
    await stored(store, a_payment(checks=checks), a_lease("sender", LATER))
    await stored_binding(store, a_binding(sending=True), a_lease("sender", LATER))

    assert await store.recover(NOW) == 2

    assert len(await store.claim_due_payments(NOW, 10, a_lease("next", LATER))) == 1
    assert len(await store.claim_due_bindings(NOW, 10, a_lease("next", LATER))) == 1


async def test_recovery_of_nothing_changes_nothing(store: Store) -> None:
    """A clean stop leaves no lease behind."""
    await waiting(store, "pay1", 5)

    assert await store.recover(NOW) == 0

    found = await store.find_payment("pay1")
    assert found is not None
    assert found.checks.next_check_time == NOW + timedelta(seconds=5)


async def test_what_was_settled_is_not_woken_by_recovery(store: Store) -> None:
    """A lease on what has no next question ends, and no question is made up."""
    await stored(store, a_payment("pay1", checks=Checks()), a_lease("sender", LATER))

    assert await store.recover(NOW) == 1

    assert await store.claim_due_payments(LATER, 10, a_lease("next", LATER)) == []


async def test_one_providers_worker_leaves_anothers_alone(store: Store) -> None:
    """A provider that hangs holds up nothing of another's."""
    await waiting(store, "pay1", 1)
    await store.append_webhook(a_webhook("inb1", provider="midtrans", next_attempt_time=NOW))

    assert await store.claim_due_payments(LATER, 10, a_lease("w", LATER), "doku") == []
    assert await store.claim_due_webhooks(LATER, 10, a_lease("w", LATER), "doku") == []
    assert len(await store.claim_due_payments(LATER, 10, a_lease("w", LATER), "midtrans")) == 1
    assert len(await store.claim_due_webhooks(LATER, 10, a_lease("w", LATER), "midtrans")) == 1


async def test_the_providers_of_whom_something_is_still_to_be_asked_are_named(
    store: Store,
) -> None:
    """Of payments and of links; what is settled needs nobody."""
    assert not await store.asked_of()
    await waiting(store, "pay1", 1)
    await stored_binding(store, a_binding(next_check_time=SOON))
    assert await store.asked_of() == ["doku", "midtrans"]
    payment = await store.find_payment("pay1")
    assert payment is not None
    await recorded(store, checked(payment, next_check_time=None))
    assert await store.asked_of() == ["doku"]
