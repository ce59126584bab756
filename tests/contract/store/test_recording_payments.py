"""How a payment changes: by versions, each with its event and its evidence, or not at all."""

import asyncio
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from ovo_payments.domain.errors import PaymentNotFoundError
from ovo_payments.domain.payment import Checks, PaymentState
from ovo_payments.domain.ports import LeaseLostError, PaymentChange, Store, VersionConflictError
from ovo_payments.domain.update import Claim, Source
from tests.contract.store.databases import Database
from tests.contract.store.samples import (
    NOW,
    SOON,
    a_lease,
    a_payment,
    checked,
    recorded,
    stored,
    told,
)


async def test_a_change_is_row_event_and_evidence(store: Store) -> None:
    """One transaction writes what the payment is, that it became so, and why."""
    payment = await stored(store, a_payment())

    change = told(payment, Claim.SUCCEEDED, success_time=NOW, provider_reference="midtrans-1")
    await store.record_payment(change)

    assert await store.find_payment("pay1") == change.after
    assert await store.read_events("pay1", after_version=0, limit=10) == [payment, change.after]
    assert await store.read_evidence("pay1") == list(change.evidence)


async def test_events_are_read_above_a_version_and_up_to_a_limit(store: Store) -> None:
    """A watcher reads on from the last version that it saw, in pieces."""
    first = await stored(store, a_payment())
    second = await recorded(store, told(first, Claim.UNKNOWN))
    third = await recorded(store, told(second, Claim.PENDING))
    fourth = await recorded(store, told(third, Claim.SUCCEEDED))

    assert await store.read_events("pay1", after_version=1, limit=2) == [second, third]
    assert await store.read_events("pay1", after_version=3, limit=2) == [fourth]
    assert await store.read_events("pay1", after_version=4, limit=2) == []


async def test_an_event_keeps_the_checks_of_its_version(store: Store) -> None:
    """What a watcher is told of the next question is what was true of that version."""
    payment = await stored(store, a_payment())
    await store.record_payment(checked(payment, not_found_count=1, sending=False))

    [event] = await store.read_events("pay1", after_version=0, limit=10)

    assert event.checks == payment.checks


async def test_a_change_of_the_checks_alone_is_no_event(store: Store) -> None:
    """Asking the provider is no change of the payment."""
    payment = await stored(store, a_payment())
    checks: dict[str, Any] = {"next_check_time": NOW, "not_found_count": 2, "not_found_time": SOON}
    change = replace(
        checked(payment, sending=False, **checks),
        evidence=told(payment, Claim.PENDING).evidence,
    )

    await store.record_payment(change)

    found = await store.find_payment("pay1")
    assert found is not None
    assert found.checks == change.after.checks
    assert await store.read_events("pay1", after_version=1, limit=10) == []
    assert await store.read_evidence("pay1") == list(change.evidence)


async def test_checks_can_end(store: Store) -> None:
    """A payment that is settled has no next question."""
    payment = await stored(store, a_payment())
    change = told(payment, Claim.SUCCEEDED)
    await store.record_payment(replace(change, after=replace(change.after, checks=Checks())))

    found = await store.find_payment("pay1")

    assert found is not None
    assert found.checks == Checks()


async def test_a_change_of_an_old_version_is_refused(store: Store) -> None:
    """I-17: who decided on what is no longer true decides again."""
    payment = await stored(store, a_payment())
    await store.record_payment(told(payment, Claim.SUCCEEDED))

    with pytest.raises(VersionConflictError):
        await store.record_payment(told(payment, Claim.UNKNOWN))

    found = await store.find_payment("pay1")
    assert found is not None
    assert found.state is PaymentState.SUCCEEDED
    assert len(await store.read_evidence("pay1")) == 1


@pytest.mark.parametrize(
    "changed",
    [
        {"next_check_time": NOW},
        {"next_check_time": None},
        {"sending": False},
        {"not_found_count": 1},
        {"not_found_time": NOW},
    ],
)
async def test_a_change_of_old_checks_is_refused(store: Store, changed: dict[str, Any]) -> None:
    """Two writers who change the checks alone do not undo each other."""
    payment = await stored(store, a_payment())
    await store.record_payment(checked(payment, **changed))

    with pytest.raises(VersionConflictError):
        await store.record_payment(told(payment, Claim.SUCCEEDED))
    with pytest.raises(VersionConflictError):
        await store.record_payment(checked(payment, not_found_count=9))

    found = await store.find_payment("pay1")
    assert found is not None
    assert found.checks == replace(payment.checks, **changed)


async def test_of_simultaneous_changes_one_is_written(store: Store) -> None:
    """I-18: an answer, a webhook and a poll at once make one version."""
    payment = await stored(store, a_payment())
    claims = [Claim.SUCCEEDED, Claim.FAILED, Claim.UNKNOWN, Claim.EXPIRED]

    outcomes = await asyncio.gather(
        *(store.record_payment(told(payment, claim)) for claim in claims), return_exceptions=True
    )

    assert outcomes.count(None) == 1
    assert sum(isinstance(outcome, VersionConflictError) for outcome in outcomes) == 3
    assert len(await store.read_events("pay1", after_version=0, limit=10)) == 2


async def test_a_change_of_what_is_not_there_is_refused(store: Store) -> None:
    """Nothing is created by changing it."""
    with pytest.raises(PaymentNotFoundError):
        await store.record_payment(checked(a_payment(), sending=False))


async def test_a_writer_with_its_lease_ends_it(store: Store) -> None:
    """The sender's lease ends with its answer, and the next worker may ask."""
    payment = await stored(store, a_payment(), a_lease("sender", SOON + timedelta(hours=1)))

    await store.record_payment(told(payment, Claim.PENDING, lease="sender"))

    claimed = await store.claim_due_payments(SOON, 10, a_lease("worker"))
    assert [each.payment_id for each in claimed] == ["pay1"]


async def test_a_writer_without_a_lease_leaves_anothers_alone(store: Store) -> None:
    """A webhook that is taken in while the sender still waits does not free the payment."""
    payment = await stored(store, a_payment(), a_lease("sender", SOON + timedelta(hours=1)))

    after = await recorded(store, told(payment, Claim.PENDING))

    assert await store.claim_due_payments(SOON, 10, a_lease("worker")) == []
    await store.record_payment(told(after, Claim.SUCCEEDED, lease="sender"))


@pytest.mark.parametrize("checks_alone", [False, True])
async def test_a_writer_whose_lease_is_gone_writes_nothing(
    store: Store, *, checks_alone: bool
) -> None:
    """I-34: a worker that was away too long is fenced off."""
    payment = await stored(store, a_payment(), a_lease("first", SOON))
    [claimed] = await store.claim_due_payments(
        SOON, 1, a_lease("second", SOON + timedelta(hours=1))
    )
    change = told(claimed, Claim.FAILED, lease="first")
    if checks_alone:
        change = checked(claimed, lease="first", not_found_count=1)

    with pytest.raises(LeaseLostError):
        await store.record_payment(change)

    found = await store.find_payment("pay1")
    assert found == payment
    assert found is not None
    assert found.checks == payment.checks
    assert await store.read_evidence("pay1") == []
    await store.record_payment(told(claimed, Claim.SUCCEEDED, lease="second"))


async def test_a_lost_lease_is_told_before_an_old_version(store: Store) -> None:
    """A worker that is fenced off has no reason to read again."""
    payment = await stored(store, a_payment(), a_lease("first", SOON))
    await recorded(store, told(payment, Claim.PENDING, lease="first"))

    with pytest.raises(LeaseLostError):
        await store.record_payment(told(payment, Claim.FAILED, lease="first"))


async def test_a_conflict_keeps_the_writers_lease(store: Store) -> None:
    """Whoever reads again still holds what it claimed."""
    payment = await stored(store, a_payment(), a_lease("worker", SOON + timedelta(hours=1)))
    after = await recorded(store, told(payment, Claim.UNKNOWN))

    with pytest.raises(VersionConflictError):
        await store.record_payment(told(payment, Claim.SUCCEEDED, lease="worker"))

    await store.record_payment(told(after, Claim.SUCCEEDED, lease="worker"))


async def test_evidence_is_read_oldest_first(store: Store) -> None:
    """The story of a payment is told in order, whatever the clock says."""
    payment = await stored(store, a_payment())
    first = told(payment, Claim.UNKNOWN, provider_code="504", detail="the answer was lost")
    second = told(first.after, Claim.SUCCEEDED)
    [late] = second.evidence
    early = replace(late, observe_time=NOW - timedelta(hours=1), source=Source.QUERY)
    await store.record_payment(first)
    await store.record_payment(replace(second, evidence=(early,)))

    found = await store.read_evidence("pay1")

    assert found == [first.evidence[0], early]


async def test_a_version_is_never_skipped(store: Store, database: Database) -> None:
    """I-17: a change that is more than one version is a bug, and is refused as one."""
    payment = await stored(store, a_payment())
    leap = replace(payment, version=3, late_success=True)

    with pytest.raises(database.refusal):
        await store.record_payment(PaymentChange(before=payment, after=leap))

    assert await store.find_payment("pay1") == payment


@pytest.mark.parametrize("claim", [Claim.SUCCEEDED, Claim.FAILED, Claim.EXPIRED, Claim.REFUNDED])
async def test_a_payment_never_ends_without_evidence(
    store: Store, database: Database, claim: Claim
) -> None:
    """I-3, I-7: the store itself refuses an end that nothing proves."""
    payment = await stored(store, a_payment())

    with pytest.raises(database.refusal):
        await store.record_payment(replace(told(payment, claim), evidence=()))

    assert await store.find_payment("pay1") == payment


async def test_the_amount_and_the_order_never_change(store: Store, database: Database) -> None:
    """I-8: a change that carries another amount, order or provider is a bug."""
    payment = await stored(store, a_payment())
    change = told(payment, Claim.PENDING)
    wrongs: tuple[dict[str, Any], ...] = (
        {"amount": replace(payment.amount, rupiah=1)},
        {"order_id": "another"},
        {"scope": "another"},
        {"provider": "doku"},
    )
    for wrong in wrongs:
        with pytest.raises(database.refusal):
            await store.record_payment(replace(change, after=replace(change.after, **wrong)))

    assert await store.find_payment("pay1") == payment
