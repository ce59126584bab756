"""Units of work: each done wholly or not at all, told the truth, and durable when told so."""

import asyncio
import sqlite3
from collections.abc import AsyncIterator
from contextlib import closing
from pathlib import Path

import pytest

from ovo_payments.domain.errors import StoreUnavailableError
from ovo_payments.storage.sqlite.connection import connect
from ovo_payments.storage.sqlite.location import DatabaseFiles
from ovo_payments.storage.sqlite.migrate import migrate_file
from ovo_payments.storage.sqlite.writer import GROUP_UNITS_MAX, Writer
from ovo_payments.storage.transaction import Transaction
from tests.sealing import a_sealer

INSERT = "INSERT INTO notes (text) VALUES (:text)"


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """A database with one more table, whose parents are checked at the commit."""
    path = tmp_path / "payments.db"
    migrate_file(path)
    with closing(connect(path, 1)) as connection:
        connection.execute("CREATE TABLE notes (text TEXT UNIQUE NOT NULL) STRICT")
        connection.execute(
            "CREATE TABLE children (note TEXT NOT NULL REFERENCES notes (text)"
            " DEFERRABLE INITIALLY DEFERRED) STRICT"
        )
    return path


@pytest.fixture
async def connection(path: Path) -> sqlite3.Connection:
    """The connection that the writer takes over."""
    connection = connect(path, 0.05)
    connection.execute("SELECT * FROM notes").fetchall()
    return connection


@pytest.fixture
async def writer(path: Path, connection: sqlite3.Connection) -> AsyncIterator[Writer]:
    """A writer that runs."""
    writer = Writer(connection, DatabaseFiles.of_open(path), a_sealer())
    yield writer
    await writer.close()


def note(transaction: Transaction, text: str) -> int:
    """Writes a row."""
    return transaction.execute(INSERT, {"text": text}).rowcount


def notes(path: Path) -> list[str]:
    """Reads all rows, as another process would."""
    with closing(connect(path, 1)) as connection:
        return [row[0] for row in connection.execute("SELECT text FROM notes ORDER BY rowid")]


async def test_a_unit_gives_its_result_once_it_is_durable(writer: Writer, path: Path) -> None:
    """Whoever is told can read it from another process."""
    assert await writer.submit(note, "a") == 1
    assert notes(path) == ["a"]


async def test_units_are_done_in_the_order_in_which_they_came(writer: Writer, path: Path) -> None:
    """First come, first written."""
    texts = [f"{number:03d}" for number in range(GROUP_UNITS_MAX * 2)]

    await asyncio.gather(*(writer.submit(note, text) for text in texts))

    assert notes(path) == texts
    assert writer.commits < 16


async def test_a_unit_that_raises_is_undone_alone(writer: Writer, path: Path) -> None:
    """All of it, and nothing of its neighbours; its own error reaches its own caller."""

    def half_done(transaction: Transaction) -> None:
        note(transaction, "half")
        raise LookupError("the other half")

    outcomes = await asyncio.gather(
        writer.submit(note, "a"),
        writer.submit(half_done),
        writer.submit(note, "a"),
        writer.submit(note, "b"),
        return_exceptions=True,
    )

    assert [type(outcome) for outcome in outcomes] == [
        int,
        LookupError,
        sqlite3.IntegrityError,
        int,
    ]
    assert notes(path) == ["a", "b"]


async def test_a_bug_is_not_disguised_as_a_missing_store(writer: Writer) -> None:
    """SQL that is wrong is an error of ours, not of the disk."""
    with pytest.raises(sqlite3.OperationalError, match="no such table"):
        await writer.submit(lambda transaction: transaction.execute("SELECT * FROM nowhere"))


async def test_a_commit_that_fails_is_told_to_everybody_in_it(writer: Writer, path: Path) -> None:
    """Nobody is told that it is done, and nothing of it is there."""

    def orphan(transaction: Transaction) -> None:
        transaction.execute("INSERT INTO children (note) VALUES ('of nobody')")

    _, *outcomes = await asyncio.gather(
        _blocked(writer), writer.submit(note, "a"), writer.submit(orphan), return_exceptions=True
    )

    for outcome in outcomes:
        assert isinstance(outcome, StoreUnavailableError)
        assert isinstance(outcome.__cause__, sqlite3.IntegrityError)
    assert notes(path) == []
    await writer.submit(note, "afterwards")
    assert notes(path) == ["afterwards"]


async def test_a_full_disk_leaves_nothing_half_done(
    writer: Writer, connection: sqlite3.Connection, path: Path
) -> None:
    """Everybody in the transaction is told, and writing goes on once there is room."""
    [pages] = connection.execute("PRAGMA page_count").fetchone()
    await writer.submit(lambda each: each.execute(f"PRAGMA max_page_count = {pages}").fetchall())

    _, *outcomes = await asyncio.gather(
        _blocked(writer),
        writer.submit(note, "small"),
        writer.submit(note, "x" * 100_000),
        return_exceptions=True,
    )

    for outcome in outcomes:
        assert isinstance(outcome, StoreUnavailableError)
        assert isinstance(outcome.__cause__, sqlite3.OperationalError)
        assert outcome.__cause__.sqlite_errorcode == sqlite3.SQLITE_FULL
    assert notes(path) == []
    await writer.submit(lambda each: each.execute("PRAGMA max_page_count = 100000").fetchall())
    await writer.submit(note, "y" * 100_000)
    assert notes(path) == ["y" * 100_000]


async def test_files_deleted_during_a_commit_are_noticed(writer: Writer, path: Path) -> None:
    """What was written to files that are gone is not told as done."""

    def unlink(transaction: Transaction) -> None:
        note(transaction, "lost")
        path.unlink()

    with pytest.raises(StoreUnavailableError) as refused:
        await writer.submit(unlink)

    assert isinstance(refused.value.__cause__, FileNotFoundError)


async def test_a_caller_that_stops_waiting_stops_nothing(writer: Writer, path: Path) -> None:
    """Its unit is done, and its neighbours are told."""
    gone = asyncio.create_task(writer.submit(note, "of one who left"))
    stays = asyncio.create_task(writer.submit(note, "of one who stays"))
    await asyncio.sleep(0)  # Lets both queue their unit.
    gone.cancel()

    assert await stays == 1
    assert notes(path) == ["of one who left", "of one who stays"]


async def test_a_closed_writer_takes_nothing(writer: Writer) -> None:
    """It says so at once."""
    await writer.close()

    with pytest.raises(StoreUnavailableError):
        await writer.submit(note, "late")


async def _blocked(writer: Writer) -> None:
    """Keeps the writer busy until the loop has queued what comes next, to one transaction."""
    busy = asyncio.Event()
    loop = asyncio.get_running_loop()
    await writer.submit(
        lambda _: asyncio.run_coroutine_threadsafe(_set(busy), loop).result(timeout=10)
    )


async def _set(event: asyncio.Event) -> None:
    event.set()
