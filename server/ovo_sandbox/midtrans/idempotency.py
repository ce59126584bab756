"""Remembers successful answers by Idempotency-Key.

Source: docs.midtrans.com/reference/api-headers (2025-11-10): POST alone, 46 characters at most (a
longer key is ignored), five minutes, whatever the endpoint and the body.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from ovo_sandbox.clock import Clock
from ovo_sandbox.store import Store

_KIND: Final = "midtrans.idempotency"
_KEY_MAX: Final = 46
_LIFETIME: Final = timedelta(minutes=5)


@dataclass(frozen=True, slots=True, kw_only=True)
class SavedAnswer:
    """Is an answer as it went out."""

    http_status: int
    body: str


def usable_key(header: str | None) -> str | None:
    """Returns the key that counts, or None where there is none or it is too long."""
    return header if header and len(header) <= _KEY_MAX else None


class Idempotency:
    """Keeps the answers in the store, and the keys in process in memory."""

    def __init__(self, store: Store, clock: Clock) -> None:
        """Measures the five minutes on the sandbox's clock."""
        self._store = store
        self._clock = clock
        self._in_process: set[str] = set()

    def saved(self, key: str) -> SavedAnswer | None:
        """Returns the first answer to this key while it is remembered."""
        document = self._store.get(_KIND, key)
        if document is None:
            return None
        if self._clock.now() - datetime.fromisoformat(document["at"]) >= _LIFETIME:
            self._store.delete(_KIND, key)
            return None
        return SavedAnswer(http_status=document["http_status"], body=document["body"])

    def save(self, key: str, answer: SavedAnswer) -> None:
        """Remembers a successful answer."""
        at = self._clock.now().isoformat()
        document = {"at": at, "http_status": answer.http_status, "body": answer.body}
        self._store.put(_KIND, key, document)

    def is_in_process(self, key: str) -> bool:
        """Tells whether the key's first request has not been answered yet."""
        return key in self._in_process

    @contextmanager
    def processing(self, key: str) -> Iterator[None]:
        """Marks the key as in process."""
        self._in_process.add(key)
        try:
            yield
        finally:
            self._in_process.discard(key)

    def reset(self) -> None:
        """Forgets the keys in process."""
        self._in_process.clear()
