"""A connection keeps what a commit promises."""

from contextlib import closing
from pathlib import Path

from ovo_payments.storage.sqlite.connection import connect
from ovo_payments.storage.sqlite.migrate import migrate_file

FULL = 2


def test_a_commit_survives_the_loss_of_power(tmp_path: Path) -> None:
    """Each one is flushed to the disk, which no test that kills a process could tell."""
    path = tmp_path / "payments.db"
    migrate_file(path)
    with closing(connect(path, 1)) as connection:
        assert connection.execute("PRAGMA synchronous").fetchone() == (FULL,)
        assert connection.execute("PRAGMA journal_mode").fetchone() == ("wal",)
        assert connection.execute("PRAGMA foreign_keys").fetchone() == (1,)
