"""Watchers are woken, none is missed, and nothing is kept of those who left."""

import asyncio

from ovo_payments.storage.feed import LocalFeed
from tests.contract.store.samples import a_payment


async def test_a_change_wakes_its_watchers() -> None:
    """Everybody who watches the payment, and nobody else."""
    feed = LocalFeed()
    first, second, other = (feed.subscribe(name) for name in ("pay1", "pay1", "pay2"))
    waiting = [asyncio.create_task(place.wait(5)) for place in (first, second)]
    stranger = asyncio.create_task(other.wait(0.01))
    await asyncio.sleep(0)  # Lets them begin to wait.

    feed.wake(a_payment("pay1"))

    assert await asyncio.gather(*waiting) == [True, True]
    assert not await stranger


async def test_a_change_between_subscribing_and_waiting_is_not_missed() -> None:
    """I-29: the wake-up lies in the mailbox."""
    feed = LocalFeed()
    place = feed.subscribe("pay1")

    feed.wake(a_payment("pay1"))

    assert await place.wait(0)


async def test_many_changes_are_one_wake_up() -> None:
    """I-30: a watcher that never looks holds one wake-up, not a queue."""
    feed = LocalFeed()
    place = feed.subscribe("pay1")
    for _ in range(1000):
        feed.wake(a_payment("pay1"))

    assert await place.wait(0)
    assert not await place.wait(0)


async def test_a_change_while_its_watcher_reads_wakes_it_again() -> None:
    """A wake-up that was taken makes room for the next."""
    feed = LocalFeed()
    place = feed.subscribe("pay1")
    feed.wake(a_payment("pay1"))
    assert await place.wait(0)

    feed.wake(a_payment("pay1"))

    assert await place.wait(0)


async def test_no_change_is_told_as_such() -> None:
    """A watcher that was not woken in time sends its heartbeat."""
    assert not await LocalFeed().subscribe("pay1").wait(0.001)


async def test_a_cancelled_wait_takes_no_wake_up() -> None:
    """What came while the watcher was interrupted is still there."""
    feed = LocalFeed()
    place = feed.subscribe("pay1")
    waiting = asyncio.create_task(place.wait(5))
    await asyncio.sleep(0)  # Lets it begin to wait.
    feed.wake(a_payment("pay1"))
    waiting.cancel()
    await asyncio.wait({waiting})

    assert waiting.cancelled()
    assert await place.wait(0)


async def test_waking_a_payment_that_nobody_watches_does_nothing() -> None:
    """Most changes have no watcher."""
    feed = LocalFeed()

    feed.wake(a_payment("pay1"))

    assert feed.watchers == 0


async def test_nothing_is_kept_of_watchers_who_left() -> None:
    """Neither their places nor their payments; leaving twice counts once."""
    feed = LocalFeed()
    places = [feed.subscribe(f"pay{number % 3}") for number in range(9)]
    assert (feed.watchers, feed.watched_payments) == (9, 3)

    for place in places[1:]:
        place.close()
    assert (feed.watchers, feed.watched_payments) == (1, 1)

    for place in places:
        place.close()
    assert (feed.watchers, feed.watched_payments) == (0, 0)


async def test_a_watcher_who_left_is_not_woken() -> None:
    """The place is given up."""
    feed = LocalFeed()
    place = feed.subscribe("pay1")
    place.close()

    feed.wake(a_payment("pay1"))

    assert not await place.wait(0)
