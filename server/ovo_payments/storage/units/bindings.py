"""Writes bindings."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final

from ovo_payments.domain.binding import Binding
from ovo_payments.domain.errors import BindingNotFoundError, PaymentInFlightError
from ovo_payments.domain.ports import (
    Leased,
    LeaseLostError,
    RequestRecord,
    VersionConflictError,
)
from ovo_payments.storage import acts, rows
from ovo_payments.storage.rows import Parameters
from ovo_payments.storage.statements import bindings as sql
from ovo_payments.storage.statements import payments as payment_sql
from ovo_payments.storage.times import to_microseconds
from ovo_payments.storage.transaction import Transaction
from ovo_payments.storage.units import audit
from ovo_payments.storage.units.requests import use_up

_DUE_COLUMN: Final = 3
_SEQUENCE_COLUMN: Final = 5


def create(
    transaction: Transaction, binding: Binding, request: RequestRecord, lease: Leased
) -> RequestRecord | None:
    """Writes a binding and leases it to its sender."""
    earlier = use_up(transaction, request)
    if earlier is None:
        columns = rows.of_binding(binding, transaction.sealer)
        transaction.execute(sql.INSERT, {**columns, **rows.with_lease(lease)})
        audit.append(transaction, acts.of_binding(binding, request.caller, request.method))
    return earlier


def record(
    transaction: Transaction, before: Binding, after: Binding, lease: str, actor: str
) -> None:
    """Writes a binding and ends the lease under which it was changed."""
    _write(transaction, before, after, rows.under_lease(lease))
    if after.version != before.version:
        audit.append(transaction, acts.of_binding(after, actor, acts.LEARNT))


def request_unbind(
    transaction: Transaction, before: Binding, after: Binding, lease: Leased, caller: str
) -> None:
    """Writes that an unlinking begins, unless an open payment uses the binding."""
    parameters = {"binding_id": before.binding_id}
    transaction.execute(sql.LOCK, parameters)
    row = transaction.execute(payment_sql.FIND_OPEN_OF_BINDING, parameters).fetchone()
    if row is not None:
        raise PaymentInFlightError(rows.to_payment(row, transaction.sealer).payment_id)
    _write(transaction, before, after, rows.with_lease(lease))
    audit.append(transaction, acts.of_binding(after, caller, acts.UNBIND))


def claim_due(
    transaction: Transaction, now: datetime, limit: int, lease: Leased, provider: str
) -> Sequence[Binding]:
    """Leases what is due, longest due first."""
    parameters: Parameters = {
        **rows.with_lease(lease),
        "now_us": to_microseconds(now),
        "limit": limit,
        "provider": provider,
    }
    claimed = transaction.execute(sql.CLAIM_DUE, parameters).fetchall()
    claimed.sort(key=lambda row: (row[_DUE_COLUMN], row[_SEQUENCE_COLUMN]))
    return [rows.to_binding(row[:_SEQUENCE_COLUMN], transaction.sealer) for row in claimed]


def release(transaction: Transaction, binding_id: str, lease: str, retry_time: datetime) -> None:
    """Ends a lease; changes nothing where it is lost already."""
    parameters: Parameters = {
        "binding_id": binding_id,
        "lease": lease,
        "retry_time_us": to_microseconds(retry_time),
    }
    transaction.execute(sql.RELEASE, parameters)


def recover(transaction: Transaction, now: datetime) -> int:
    """Ends every lease, and makes due at once what was under one."""
    return transaction.execute(sql.RECOVER, {"now_us": to_microseconds(now)}).rowcount


def _write(transaction: Transaction, before: Binding, after: Binding, lease: Parameters) -> None:
    """Writes a binding where its row still is what the writer read."""
    statement = sql.UPDATE_CHECKS if after.version == before.version else sql.UPDATE
    columns = rows.of_binding(after, transaction.sealer)
    parameters = {**columns, **rows.of_binding_as_read(before), **lease}
    if transaction.execute(statement, parameters).rowcount == 1:
        return
    row = transaction.execute(sql.FIND_LEASE, {"binding_id": before.binding_id}).fetchone()
    if row is None:
        raise BindingNotFoundError(before.binding_id)
    if lease["lease_before"] and row[0] != lease["lease_before"]:
        raise LeaseLostError
    raise VersionConflictError
