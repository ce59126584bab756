"""Writes the inbox."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final

from ovo_payments.domain.ports import InboxEntry, InboxState, Leased, LeaseLostError
from ovo_payments.domain.provider import WebhookKind
from ovo_payments.storage import rows
from ovo_payments.storage.statements import inbox as sql
from ovo_payments.storage.times import to_microseconds
from ovo_payments.storage.transaction import Transaction

_DUE_COLUMN: Final = 9
_SEQUENCE_COLUMN: Final = 11
_DONE: Final = frozenset({InboxState.APPLIED, InboxState.IGNORED})


def append(transaction: Transaction, entry: InboxEntry) -> None:
    """Writes a webhook."""
    transaction.execute(sql.INSERT, rows.of_webhook(entry, transaction.sealer))


def claim_due(
    transaction: Transaction, now: datetime, limit: int, lease: Leased, provider: str
) -> Sequence[InboxEntry]:
    """Leases what waits to be worked on."""
    parameters = {
        **rows.with_lease(lease),
        "now_us": to_microseconds(now),
        "limit": limit,
        "provider": provider,
    }
    claimed = transaction.execute(sql.CLAIM_DUE, parameters).fetchall()
    claimed.sort(key=lambda row: (row[_DUE_COLUMN] or 0, row[_SEQUENCE_COLUMN]))
    return [rows.to_webhook(row[:_SEQUENCE_COLUMN], transaction.sealer) for row in claimed]


def settle(transaction: Transaction, entry: InboxEntry, lease: str) -> None:
    """Writes what became of a webhook; raises LeaseLostError where another worker has it.

    What came of a link may hold its auth code. From now on the binding holds that, and its end
    must destroy it everywhere: the body goes.
    """
    destroyed = entry.kind == WebhookKind.BINDING and entry.state in _DONE
    columns = rows.of_settled_webhook(entry)
    parameters = {**columns, "lease": lease, "destroyed": int(destroyed)}
    if transaction.execute(sql.SETTLE, parameters).rowcount == 0:
        raise LeaseLostError


def recover(transaction: Transaction) -> int:
    """Ends every lease."""
    return transaction.execute(sql.RECOVER).rowcount


def beat(transaction: Transaction) -> None:
    """Writes something, to learn whether that works."""
    transaction.execute(sql.BEAT)
