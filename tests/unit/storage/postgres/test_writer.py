"""The writing threads: what is undone is run again, and what may be committed is not."""

import asyncio
from collections.abc import AsyncIterator, Callable
from threading import Barrier
from typing import Any

import psycopg
import pytest
from psycopg.rows import TupleRow

from ovo_payments.domain.errors import StoreUnavailableError
from ovo_payments.storage.postgres.connection import connect
from ovo_payments.storage.postgres.writer import Writer
from ovo_payments.storage.transaction import Transaction
from tests.sealing import a_sealer

_BEAT = "UPDATE heartbeat SET beats = beats + 1"


def _connect(url: str) -> psycopg.Connection[TupleRow]:
    return connect(url, lock_timeout_s=5.0, statement_timeout_s=10.0)


def beat(transaction: Transaction) -> None:
    """Writes."""
    transaction.execute(_BEAT)


def beats(url: str) -> int:
    """Reads how often something was written."""
    with psycopg.connect(url) as connection:
        row = connection.execute("SELECT beats FROM heartbeat").fetchone()
    assert row is not None
    return int(row[0])


class _AnswerIsLost(psycopg.Connection[Any]):
    """Loses the answer of a commit that was done."""

    def execute(self, query: Any, *arguments: Any, **named: Any) -> Any:  # noqa: ANN401 - psycopg's
        """Runs a statement."""
        cursor = super().execute(query, *arguments, **named)
        if query == "COMMIT":
            self.close()
            raise psycopg.OperationalError("the connection was lost")
        return cursor


@pytest.fixture
async def writer(empty_postgres: str) -> AsyncIterator[Writer]:
    """Two threads."""
    made = Writer(lambda: _connect(empty_postgres), 2, a_sealer())
    yield made
    await made.close()


def _cut(url: str) -> None:
    """Ends all other connections to the database, as a restart or a firewall does."""
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )


async def test_a_connection_that_died_while_it_was_idle_is_opened_again(
    writer: Writer, empty_postgres: str
) -> None:
    """Nobody notices."""
    before = beats(empty_postgres)
    await asyncio.gather(writer.submit(beat), writer.submit(beat))
    _cut(empty_postgres)

    await asyncio.gather(*(writer.submit(beat) for _ in range(4)))

    assert beats(empty_postgres) == before + 6


async def test_two_that_stand_in_each_others_way_are_both_done(
    writer: Writer, empty_postgres: str
) -> None:
    """The one that PostgreSQL undoes is run again."""
    both_began = Barrier(2)
    attempts: list[str] = []

    def locks(first: str, second: str) -> Callable[[Transaction], None]:
        def work(transaction: Transaction) -> None:
            attempts.append(first)
            transaction.execute(f"SELECT pg_advisory_xact_lock({first})")
            if len(attempts) <= 2:
                both_began.wait(timeout=5)
            transaction.execute(f"SELECT pg_advisory_xact_lock({second})")
            beat(transaction)

        return work

    before = beats(empty_postgres)
    await asyncio.gather(writer.submit(locks("1", "2")), writer.submit(locks("2", "1")))

    assert len(attempts) == 3
    assert beats(empty_postgres) == before + 2


async def test_a_commit_whose_answer_is_lost_is_not_made_again(empty_postgres: str) -> None:
    """It may have been done, and here it was."""
    before = beats(empty_postgres)
    writer = Writer(lambda: _AnswerIsLost.connect(empty_postgres, autocommit=True), 1, a_sealer())

    with pytest.raises(StoreUnavailableError) as told:
        await writer.submit(beat)

    assert isinstance(told.value.__cause__, psycopg.OperationalError)
    assert beats(empty_postgres) == before + 1
    await writer.close()


async def test_a_bug_is_not_disguised_as_a_missing_store(
    writer: Writer, empty_postgres: str
) -> None:
    """SQL that is wrong is an error of ours, and its unit is undone."""
    before = beats(empty_postgres)

    def wrong(transaction: Transaction) -> None:
        beat(transaction)
        transaction.execute("SELECT nothing FROM nowhere")

    with pytest.raises(psycopg.errors.UndefinedTable):
        await writer.submit(wrong)

    assert beats(empty_postgres) == before
    await writer.submit(beat)


async def test_a_nul_from_outside_is_stored_as_what_can_be(writer: Writer) -> None:
    """PostgreSQL's text can't hold it, and a provider may send it."""

    def keep(transaction: Transaction) -> str:
        kept = transaction.execute("SELECT :said || '!'", {"said": "a\x00b"}).fetchone()
        return str(kept[0])

    assert await writer.submit(keep) == "a\N{REPLACEMENT CHARACTER}b!"
