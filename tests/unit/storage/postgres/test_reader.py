"""Reads on PostgreSQL: who goes away costs no connection, and a lost one is replaced."""

import asyncio
from collections.abc import AsyncIterator

import psycopg
import pytest
from psycopg_pool import AsyncConnectionPool

from ovo_payments.domain.errors import StoreUnavailableError
from ovo_payments.storage.postgres.reader import Pool, Reader

_SLOW = "SELECT pg_backend_pid() FROM pg_sleep(0.5)"


@pytest.fixture
async def pool(empty_postgres: str) -> AsyncIterator[Pool]:
    """One connection."""
    opened: Pool = AsyncConnectionPool(
        empty_postgres, min_size=1, max_size=1, kwargs={"autocommit": True}, open=False
    )
    await opened.open()
    yield opened
    await opened.close()


async def test_whoever_goes_away_goes_at_once_and_costs_no_connection(pool: Pool) -> None:
    """The statement ends by itself, and the next reader has the same connection."""
    reader = Reader(pool)
    before = await reader.row(_SLOW, {})
    reading = asyncio.create_task(reader.rows(_SLOW, {}))
    await asyncio.sleep(0.05)
    reading.cancel()
    with pytest.raises(asyncio.CancelledError):
        async with asyncio.timeout(0.3):
            await reading

    assert await reader.row(_SLOW, {}) == before
    await reader.close()


async def test_a_connection_that_died_while_it_was_idle_is_replaced(
    pool: Pool, empty_postgres: str
) -> None:
    """The read is made again on another."""
    reader = Reader(pool)
    before = await reader.row(_SLOW, {})
    with psycopg.connect(empty_postgres, autocommit=True) as connection:
        connection.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )

    after = await reader.row(_SLOW, {})

    assert after is not None
    assert after != before
    await reader.close()


async def test_a_closed_reader_is_unavailable(pool: Pool) -> None:
    """With the cause chained."""
    reader = Reader(pool)
    await reader.close()
    with pytest.raises(StoreUnavailableError) as refused:
        await reader.rows(_SLOW, {})
    assert refused.value.__cause__ is not None


async def test_a_bug_is_not_disguised_as_a_missing_store(pool: Pool) -> None:
    """SQL that is wrong is an error of ours."""
    reader = Reader(pool)
    with pytest.raises(psycopg.errors.UndefinedTable):
        await reader.rows("SELECT nothing FROM nowhere", {})
    await reader.close()
