"""Writes the inbox: each function is one unit of the writer, done wholly or not at all."""

import sqlite3
from collections.abc import Sequence
from datetime import datetime
from typing import Final

from ovo_payments.domain.ports import InboxEntry, Leased, LeaseLostError
from ovo_payments.storage import rows
from ovo_payments.storage.statements import inbox as sql
from ovo_payments.storage.times import to_microseconds

# New ones first, as they came; then those that wait, longest due first: what always fails stops
# nothing behind it.
_CLAIM_DUE: Final = """
UPDATE inbox SET lease = :lease_after, lease_until_us = :lease_until_us
WHERE sequence IN (
  SELECT sequence FROM inbox
  WHERE state IN ('RECEIVED', 'WAITING') AND coalesce(next_attempt_time_us, 0) <= :now_us
    AND (lease IS NULL OR lease_until_us <= :now_us)
    AND (:provider = '' OR provider = :provider)
  ORDER BY coalesce(next_attempt_time_us, 0), sequence LIMIT :limit
)
RETURNING
  inbox_id, provider, kind, target, headers, body, receive_time_us,
  state, attempt_count, next_attempt_time_us, note, sequence
"""

_DUE_COLUMN: Final = 9
_SEQUENCE_COLUMN: Final = 11


def append(connection: sqlite3.Connection, entry: InboxEntry) -> None:
    """Writes a webhook."""
    connection.execute(sql.INSERT, rows.of_webhook(entry))


def claim_due(
    connection: sqlite3.Connection, now: datetime, limit: int, lease: Leased, provider: str
) -> Sequence[InboxEntry]:
    """Leases what waits to be worked on."""
    parameters = {
        **rows.with_lease(lease),
        "now_us": to_microseconds(now),
        "limit": limit,
        "provider": provider,
    }
    claimed = connection.execute(_CLAIM_DUE, parameters).fetchall()
    claimed.sort(key=lambda row: (row[_DUE_COLUMN] or 0, row[_SEQUENCE_COLUMN]))
    return [rows.to_webhook(row[:_SEQUENCE_COLUMN]) for row in claimed]


def settle(connection: sqlite3.Connection, entry: InboxEntry, lease: str) -> None:
    """Writes what became of a webhook; raises LeaseLostError where another worker has it."""
    parameters = {**rows.of_webhook(entry), "lease": lease}
    if connection.execute(sql.SETTLE, parameters).rowcount == 0:
        raise LeaseLostError


def recover(connection: sqlite3.Connection) -> int:
    """Ends every lease."""
    return connection.execute(sql.RECOVER).rowcount


def beat(connection: sqlite3.Connection) -> None:
    """Writes something, to learn whether that works."""
    connection.execute(sql.BEAT)
