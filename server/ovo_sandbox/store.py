"""Keeps the sandbox's state in one SQLite file: documents by kind and key, and the ledger's table.

SQLite runs on the event loop's thread on purpose: every state change is one short transaction, and
nothing can come between reading and writing.
"""

import json
import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

Document = dict[str, Any]

_SCHEMA = """
CREATE TABLE IF NOT EXISTS documents (
    kind TEXT NOT NULL,
    key TEXT NOT NULL,
    sequence INTEGER NOT NULL,
    body TEXT NOT NULL,
    PRIMARY KEY (kind, key)
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS documents_in_order ON documents (kind, sequence);
CREATE TABLE IF NOT EXISTS ledger (
    entry_id INTEGER PRIMARY KEY AUTOINCREMENT,
    at TEXT NOT NULL,
    provider TEXT NOT NULL,
    kind TEXT NOT NULL CHECK (kind IN ('debit', 'refund')),
    merchant_reference TEXT NOT NULL,
    provider_reference TEXT NOT NULL,
    phone TEXT NOT NULL,
    amount_rupiah INTEGER NOT NULL CHECK (amount_rupiah > 0),
    cash_rupiah INTEGER NOT NULL CHECK (cash_rupiah >= 0),
    points_rupiah INTEGER NOT NULL CHECK (points_rupiah >= 0),
    CHECK (cash_rupiah + points_rupiah = amount_rupiah)
);
CREATE INDEX IF NOT EXISTS ledger_by_reference ON ledger (merchant_reference);
CREATE TRIGGER IF NOT EXISTS ledger_is_never_changed BEFORE UPDATE ON ledger
BEGIN SELECT RAISE(ABORT, 'the ledger is append-only'); END;
CREATE TRIGGER IF NOT EXISTS ledger_is_never_shortened BEFORE DELETE ON ledger
BEGIN SELECT RAISE(ABORT, 'the ledger is append-only'); END;
"""


class Store:
    """Reads and writes documents; `transaction` makes several writes one."""

    def __init__(self, path: Path | None) -> None:
        """Opens the file, or memory where there is none."""
        self._connection = sqlite3.connect(
            ":memory:" if path is None else path, isolation_level=None, check_same_thread=False
        )
        self._connection.row_factory = sqlite3.Row
        self._connection.execute("PRAGMA journal_mode=WAL")
        # A killed process loses nothing this way; only a power cut could, which a sandbox can bear.
        self._connection.execute("PRAGMA synchronous=NORMAL")
        self._connection.executescript(_SCHEMA)
        self._depth = 0

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """Commits all writes inside together, or none; an inner one joins the outer one.

        There must be no `await` inside.
        """
        if self._depth == 0:
            self._connection.execute("BEGIN IMMEDIATE")
        self._depth += 1
        try:
            yield
        except BaseException:
            self._depth -= 1
            if self._depth == 0:
                self._connection.execute("ROLLBACK")
            raise
        self._depth -= 1
        if self._depth == 0:
            self._connection.execute("COMMIT")

    def put(self, kind: str, key: str, document: Mapping[str, Any]) -> None:
        """Writes a document, which keeps its place in the order of its kind."""
        self._connection.execute(
            "INSERT INTO documents (kind, key, sequence, body) VALUES (?1, ?2,"
            " (SELECT COALESCE(MAX(sequence), 0) + 1 FROM documents WHERE kind = ?1), ?3)"
            " ON CONFLICT (kind, key) DO UPDATE SET body = excluded.body",
            (kind, key, json.dumps(document)),
        )

    def get(self, kind: str, key: str) -> Document | None:
        """Reads a document, or None."""
        row = self._connection.execute(
            "SELECT body FROM documents WHERE kind = ? AND key = ?", (kind, key)
        ).fetchone()
        return None if row is None else _document(row)

    def delete(self, kind: str, key: str) -> bool:
        """Removes a document, and tells whether there was one."""
        cursor = self._connection.execute(
            "DELETE FROM documents WHERE kind = ? AND key = ?", (kind, key)
        )
        return cursor.rowcount > 0

    def documents(self, kind: str, *, newest: int | None = None) -> list[Document]:
        """Lists a kind's documents as first written, or only the newest, newest first."""
        if newest is None:
            query, values = "SELECT body FROM documents WHERE kind = ? ORDER BY sequence", (kind,)
            return [_document(row) for row in self._connection.execute(query, values)]
        rows = self._connection.execute(
            "SELECT body FROM documents WHERE kind = ? ORDER BY sequence DESC LIMIT ?",
            (kind, newest),
        )
        return [_document(row) for row in rows]

    def count(self, kind: str) -> int:
        """Counts a kind's documents."""
        row = self._connection.execute(
            "SELECT COUNT(*) AS n FROM documents WHERE kind = ?", (kind,)
        ).fetchone()
        return int(row["n"])

    def query(self, sql: str, values: tuple[Any, ...] = ()) -> list[sqlite3.Row]:
        """Runs one statement; for the ledger, which has a table of its own."""
        return self._connection.execute(sql, values).fetchall()

    def clear(self) -> None:
        """Forgets everything, the ledger included."""
        # Dropping is not deleting: the ledger's triggers stay in force for everyone else.
        with self.transaction():
            self._connection.execute("DROP TABLE documents")
            self._connection.execute("DROP TABLE ledger")
        self._connection.executescript(_SCHEMA)

    def close(self) -> None:
        """Closes the file."""
        self._connection.close()


def _document(row: sqlite3.Row) -> Document:
    document: Document = json.loads(row["body"])
    return document
