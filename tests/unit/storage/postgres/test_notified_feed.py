"""Watchers on one node are woken by what changed on another."""

import asyncio
from collections.abc import AsyncIterator

import psycopg
import pytest

from ovo_payments.storage.postgres import NotifiedFeed, PostgresStore
from ovo_payments.storage.postgres.notified_feed import _notifications
from tests.contract.store.samples import a_payment, stored
from tests.sealing import KEYS

_SOON_S = 10.0


@pytest.fixture
async def store(empty_postgres: str) -> AsyncIterator[PostgresStore]:
    """Where the changes are."""
    opened = await PostgresStore.open(empty_postgres, KEYS)
    yield opened
    await opened.close()


@pytest.fixture
async def here(empty_postgres: str) -> AsyncIterator[NotifiedFeed]:
    """The node that watches."""
    feed = NotifiedFeed(empty_postgres)
    await feed.start()
    yield feed
    await feed.close()


async def listening(url: str) -> None:
    """Waits until somebody listens."""
    async with asyncio.timeout(_SOON_S):
        while True:
            with psycopg.connect(url) as connection:
                found = connection.execute(
                    "SELECT 1 FROM pg_stat_activity WHERE query LIKE 'LISTEN%'"
                    " AND datname = current_database()"
                ).fetchall()
            if found:
                return
            await asyncio.sleep(0.01)


async def test_a_change_on_another_node_wakes(here: NotifiedFeed, empty_postgres: str) -> None:
    """Told by NOTIFY alone: nothing is in the database to be found by looking."""
    there = NotifiedFeed(empty_postgres)
    await there.start()
    await listening(empty_postgres)
    place, scope, other = (
        here.subscribe("pay1"),
        here.subscribe_scope("shop"),
        here.subscribe("pay2"),
    )

    there.wake(a_payment("pay1"))

    assert await place.wait(_SOON_S)
    assert await scope.wait(_SOON_S)
    assert not await other.wait(0.01)
    await there.close()


async def test_a_change_that_nobody_told_of_is_found(
    here: NotifiedFeed, store: PostgresStore
) -> None:
    """I-29: the NOTIFY is lost, and costs a second."""
    first = here.subscribe("pay1")
    await stored(store, a_payment("pay1"))
    assert await first.wait(_SOON_S)

    second = here.subscribe("pay2")
    await stored(store, a_payment("pay2"))
    assert await second.wait(_SOON_S)


async def test_what_was_told_is_not_found_again(here: NotifiedFeed, store: PostgresStore) -> None:
    """Or everybody would read the log twice."""
    await stored(store, a_payment("known"))
    known = here.subscribe("known")
    assert await known.wait(_SOON_S)
    place = here.subscribe("pay1")
    payment = await stored(store, a_payment("pay1"))
    here.wake(payment)
    assert await place.wait(0)
    later = here.subscribe("pay2")
    await stored(store, a_payment("pay2"))

    assert await later.wait(_SOON_S)

    assert not await place.wait(0)


async def test_a_node_whose_connections_are_cut_comes_back(
    here: NotifiedFeed, store: PostgresStore, empty_postgres: str
) -> None:
    """What changed meanwhile is found."""
    place = here.subscribe("pay1")
    with psycopg.connect(empty_postgres, autocommit=True) as connection:
        connection.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )
    await stored(store, a_payment("pay1"))

    assert await place.wait(_SOON_S)


def test_many_changes_are_told_in_pieces_that_fit() -> None:
    """A notification takes less than 8,000 bytes."""
    changes = [(f"pay{number:032d}", 1, "scope" * 20) for number in range(500)]
    said = list(_notifications("node", changes))
    assert all(len(each.encode()) < 8_000 for each in said)
    assert sum(each.count("pay") for each in said) == 500
    assert list(_notifications("node", [])) == []
