"""The sandbox's store as the simulation keeps it: documents in memory, the ledger in SQLite."""

import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from ovo_sandbox.store import Document, Store


class MemoryStore(Store):
    """Keeps documents as JSON texts by kind and key; what a transaction did can be undone."""

    def __init__(self) -> None:
        self._kinds: dict[str, dict[str, str]] = {}
        self._undoing: list[Callable[[], None]] = []
        super().__init__(None)

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """Keeps all writes inside together, or none; an inner one joins the outer one."""
        outermost = self._depth == 0
        self._depth += 1
        try:
            yield
        except BaseException:
            self._depth -= 1
            if outermost:
                self._undo()
            raise
        self._depth -= 1
        if outermost:
            self._undoing.clear()
            if self._connection.in_transaction:
                self._connection.execute("COMMIT")

    def put(self, kind: str, key: str, document: Mapping[str, Any]) -> None:
        """Writes a document, which keeps its place in the order of its kind."""
        documents = self._kinds.setdefault(kind, {})
        if self._depth:
            before = documents.get(key)
            if before is None:
                self._undoing.append(lambda: documents.__delitem__(key))
            else:
                self._undoing.append(lambda: documents.__setitem__(key, before))
        documents[key] = json.dumps(document)

    def get(self, kind: str, key: str) -> Document | None:
        """Reads a document, or None."""
        text = self._kinds.get(kind, {}).get(key)
        return None if text is None else _document(text)

    def delete(self, kind: str, key: str) -> bool:
        """Removes a document, and tells whether there was one."""
        documents = self._kinds.get(kind, {})
        if key not in documents:
            return False
        if self._depth:
            before = documents.copy()

            def undo() -> None:
                documents.clear()
                documents.update(before)

            self._undoing.append(undo)
        del documents[key]
        return True

    def documents(self, kind: str, *, newest: int | None = None) -> list[Document]:
        """Lists a kind's documents as first written, or only the newest, newest first."""
        texts = list(self._kinds.get(kind, {}).values())
        return [_document(text) for text in (texts if newest is None else texts[::-1][:newest])]

    def count(self, kind: str) -> int:
        """Counts a kind's documents."""
        return len(self._kinds.get(kind, {}))

    def query(self, sql: str, values: tuple[Any, ...] = ()) -> list[Any]:
        """Runs one statement; for the ledger."""
        if self._depth and not self._connection.in_transaction:
            self._connection.execute("BEGIN IMMEDIATE")
        return super().query(sql, values)

    def clear(self) -> None:
        """Forgets everything, the ledger included."""
        super().clear()
        self._kinds.clear()

    def _undo(self) -> None:
        for undo in reversed(self._undoing):
            undo()
        self._undoing.clear()
        if self._connection.in_transaction:
            self._connection.execute("ROLLBACK")


def _document(text: str) -> Document:
    document: Document = json.loads(text)
    return document
