"""Reads see what is committed, and say why where they can't."""

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from ovo_payments.domain.errors import StoreUnavailableError
from ovo_payments.storage.sqlite.connection import connect
from ovo_payments.storage.sqlite.migrate import migrate_file
from ovo_payments.storage.sqlite.reader import Reader


async def test_a_read_sees_what_was_committed_since_the_last_one(tmp_path: Path) -> None:
    """No reader looks at the past."""
    path = tmp_path / "payments.db"
    migrate_file(path)
    with closing(connect(path, 1)) as writing:
        reader = Reader(connect(path, 1))
        before = await reader.row("SELECT beats FROM heartbeat", {})
        writing.execute("UPDATE heartbeat SET beats = beats + 1")

        assert before == (0,)
        assert await reader.row("SELECT beats FROM heartbeat", {}) == (1,)
        await reader.close()


async def test_a_file_that_can_not_be_read_is_unavailable(tmp_path: Path) -> None:
    """With the cause chained."""
    path = tmp_path / "payments.db"
    connection = sqlite3.connect(path)
    path.write_bytes(b"damaged" * 1000)

    reader = Reader(connection)
    with pytest.raises(StoreUnavailableError) as refused:
        await reader.rows("SELECT * FROM sqlite_schema", {})

    assert isinstance(refused.value.__cause__, sqlite3.DatabaseError)
    await reader.close()


async def test_a_bug_is_not_disguised_as_a_missing_store(tmp_path: Path) -> None:
    """SQL that is wrong is an error of ours, not of the disk."""
    path = tmp_path / "payments.db"
    migrate_file(path)

    reader = Reader(connect(path, 1))
    with pytest.raises(sqlite3.OperationalError, match="no such table"):
        await reader.rows("SELECT * FROM nowhere", {})
    await reader.close()
