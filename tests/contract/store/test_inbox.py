"""How webhooks wait, are worked on, and end."""

from dataclasses import replace
from datetime import timedelta

import pytest

from ovo_payments.domain.ports import InboxState, LeaseLostError, Store
from tests.contract.store.databases import Database
from tests.contract.store.samples import NOW, SOON, a_lease, a_webhook

LATER = SOON + timedelta(minutes=1)


async def test_a_webhook_comes_back_as_it_came(store: Store) -> None:
    """Raw bytes, headers and target: what was signed is what is kept."""
    entry = a_webhook()
    await store.append_webhook(entry)

    assert await store.claim_due_webhooks(NOW, 10, a_lease("w", LATER)) == [entry]


async def test_new_webhooks_are_claimed_in_their_order(store: Store) -> None:
    """What came first is worked on first."""
    for number in range(4):
        await store.append_webhook(a_webhook(f"hook{number}"))

    claimed = await store.claim_due_webhooks(NOW, 3, a_lease("w", LATER))

    assert [entry.inbox_id for entry in claimed] == ["hook0", "hook1", "hook2"]


async def test_a_new_webhook_is_due_whatever_the_clock_says(store: Store) -> None:
    """I-36: a clock that was set back holds no webhook up."""
    await store.append_webhook(a_webhook(receive_time=NOW))

    claimed = await store.claim_due_webhooks(NOW - timedelta(hours=1), 10, a_lease("w", NOW))

    assert len(claimed) == 1


async def test_what_one_worker_holds_no_other_gets_until_its_time_is_up(store: Store) -> None:
    """As payments are."""
    await store.append_webhook(a_webhook())
    await store.claim_due_webhooks(NOW, 10, a_lease("first", SOON))

    early = SOON - timedelta(microseconds=1)
    assert await store.claim_due_webhooks(early, 10, a_lease("second", LATER)) == []
    assert len(await store.claim_due_webhooks(SOON, 10, a_lease("second", LATER))) == 1


@pytest.mark.parametrize(
    "state",
    [InboxState.APPLIED, InboxState.IGNORED, InboxState.QUARANTINED, InboxState.PARKED],
)
async def test_a_settled_webhook_is_not_worked_on_again(store: Store, state: InboxState) -> None:
    """I-24: applied once is applied for ever."""
    await store.append_webhook(a_webhook())
    [entry] = await store.claim_due_webhooks(NOW, 10, a_lease("worker", SOON))

    await store.settle_webhook(replace(entry, state=state, attempt_count=1), "worker")

    assert await store.claim_due_webhooks(LATER, 10, a_lease("next", LATER)) == []


async def test_a_waiting_webhook_comes_back_when_its_worker_said(store: Store) -> None:
    """What can't be worked on yet is tried again, with its count and note."""
    await store.append_webhook(a_webhook())
    [entry] = await store.claim_due_webhooks(NOW, 10, a_lease("worker", LATER))
    waiting = replace(
        entry,
        state=InboxState.WAITING,
        attempt_count=1,
        next_attempt_time=SOON,
        note="no such payment here",
    )

    await store.settle_webhook(waiting, "worker")

    early = SOON - timedelta(microseconds=1)
    assert await store.claim_due_webhooks(early, 10, a_lease("next", LATER)) == []
    assert await store.claim_due_webhooks(SOON, 10, a_lease("next", LATER)) == [waiting]


async def test_new_webhooks_pass_those_that_wait(store: Store) -> None:
    """I-35: what always fails stops nothing behind it."""
    await store.append_webhook(a_webhook("poison"))
    [entry] = await store.claim_due_webhooks(NOW, 10, a_lease("worker", LATER))
    waiting = replace(entry, state=InboxState.WAITING, next_attempt_time=NOW)
    await store.settle_webhook(waiting, "worker")
    await store.append_webhook(a_webhook("good"))

    claimed = await store.claim_due_webhooks(SOON, 1, a_lease("next", LATER))

    assert [entry.inbox_id for entry in claimed] == ["good"]


async def test_a_worker_whose_lease_is_gone_settles_nothing(store: Store) -> None:
    """I-34: the worker that holds it now decides."""
    await store.append_webhook(a_webhook())
    [entry] = await store.claim_due_webhooks(NOW, 10, a_lease("first", SOON))
    await store.claim_due_webhooks(SOON, 10, a_lease("second", LATER))

    with pytest.raises(LeaseLostError):
        await store.settle_webhook(replace(entry, state=InboxState.PARKED), "first")

    await store.settle_webhook(replace(entry, state=InboxState.APPLIED), "second")


async def test_a_settled_webhook_is_not_settled_twice(store: Store) -> None:
    """Its lease ended with it."""
    await store.append_webhook(a_webhook())
    [entry] = await store.claim_due_webhooks(NOW, 10, a_lease("worker", SOON))
    await store.settle_webhook(replace(entry, state=InboxState.APPLIED), "worker")

    with pytest.raises(LeaseLostError):
        await store.settle_webhook(replace(entry, state=InboxState.PARKED), "worker")


async def test_what_came_can_not_be_rewritten(store: Store, database: Database) -> None:
    """The raw webhook is evidence."""
    await store.append_webhook(a_webhook())

    with pytest.raises(database.refusal):
        database.execute("UPDATE inbox SET target = '/'")
    with pytest.raises(database.refusal):
        database.execute("UPDATE inbox SET sealed = NULL")
