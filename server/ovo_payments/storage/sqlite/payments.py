"""Writes payments: each function is one unit of the writer, done wholly or not at all."""

import sqlite3
from collections.abc import Sequence
from datetime import datetime
from typing import Final

from ovo_payments.domain.binding import BindingState
from ovo_payments.domain.errors import (
    BindingNotActiveError,
    BindingNotFoundError,
    OrderAlreadyPaidError,
    PaymentNotFoundError,
)
from ovo_payments.domain.payment import Payment
from ovo_payments.domain.ports import (
    Leased,
    LeaseLostError,
    PaymentChange,
    RequestRecord,
    VersionConflictError,
)
from ovo_payments.storage import rows
from ovo_payments.storage.rows import Parameters
from ovo_payments.storage.sqlite import order_claims, refunds
from ovo_payments.storage.sqlite.requests import use_up
from ovo_payments.storage.statements import bindings as binding_sql
from ovo_payments.storage.statements import payments as sql
from ovo_payments.storage.times import to_microseconds

_CLAIM_DUE: Final = """
UPDATE payments SET lease = :lease_after, lease_until_us = :lease_until_us
WHERE sequence IN (
  SELECT sequence FROM payments
  WHERE next_check_time_us <= :now_us AND (lease IS NULL OR lease_until_us <= :now_us)
    AND (:provider = '' OR provider = :provider)
  ORDER BY next_check_time_us, sequence LIMIT :limit
)
RETURNING document, next_check_time_us, sending, not_found_count, not_found_time_us, sequence
"""

_DUE_COLUMN: Final = 1
_SEQUENCE_COLUMN: Final = 5


def create(
    connection: sqlite3.Connection, payment: Payment, request: RequestRecord, lease: Leased
) -> RequestRecord | None:
    """Writes a payment with all that belongs to its beginning."""
    earlier = use_up(connection, request)
    if earlier is not None:
        return earlier
    if payment.binding_id:
        _require_usable_binding(connection, payment)
    parameters = {**rows.of_payment(payment), **rows.with_lease(lease)}
    connection.execute(sql.INSERT, parameters)
    connection.execute(sql.INSERT_EVENT, parameters)
    if not order_claims.take(connection, payment):
        raise OrderAlreadyPaidError(order_claims.holder(connection, payment))
    return None


def create_refund(
    connection: sqlite3.Connection, change: PaymentChange, request: RequestRecord, lease: Leased
) -> RequestRecord | None:
    """Writes the change that adds a refund, and leases the payment to the refund's sender."""
    earlier = use_up(connection, request)
    if earlier is None:
        _write(connection, change, rows.with_lease(lease))
        refunds.insert(connection, change.after)
    return earlier


def record(connection: sqlite3.Connection, change: PaymentChange) -> None:
    """Writes a change and ends the lease under which it was made."""
    _write(connection, change, rows.under_lease(change.lease))
    if change.after.refund is not None and change.after.refund != change.before.refund:
        refunds.put(connection, change.after)
    order_claims.follow(connection, change)


def claim_due(
    connection: sqlite3.Connection, now: datetime, limit: int, lease: Leased, provider: str
) -> Sequence[Payment]:
    """Leases what is due, longest due first."""
    parameters = {
        **rows.with_lease(lease),
        "now_us": to_microseconds(now),
        "limit": limit,
        "provider": provider,
    }
    claimed = connection.execute(_CLAIM_DUE, parameters).fetchall()
    claimed.sort(key=lambda row: (row[_DUE_COLUMN], row[_SEQUENCE_COLUMN]))
    return [rows.to_payment(row[:_SEQUENCE_COLUMN]) for row in claimed]


def release(
    connection: sqlite3.Connection, payment_id: str, lease: str, retry_time: datetime
) -> None:
    """Ends a lease; changes nothing where it is lost already."""
    parameters = {
        "payment_id": payment_id,
        "lease": lease,
        "retry_time_us": to_microseconds(retry_time),
    }
    connection.execute(sql.RELEASE, parameters)


def recover(connection: sqlite3.Connection, now: datetime) -> int:
    """Ends every lease, and makes due at once what was under one."""
    return connection.execute(sql.RECOVER, {"now_us": to_microseconds(now)}).rowcount


def _write(connection: sqlite3.Connection, change: PaymentChange, lease: Parameters) -> None:
    """Writes evidence, row and event where the row still is what the writer read."""
    before, after = change.before, change.after
    connection.executemany(
        sql.INSERT_EVIDENCE, [rows.of_evidence(evidence) for evidence in change.evidence]
    )
    conditions = {**rows.of_payment_as_read(before), **lease}
    if after.version == before.version:
        parameters = {**rows.of_checks(after.payment_id, after.checks), **conditions}
        written = connection.execute(sql.UPDATE_CHECKS, parameters)
    else:
        parameters = {**rows.of_payment(after), **conditions}
        written = connection.execute(sql.UPDATE, parameters)
    if written.rowcount == 0:
        raise _why_not_written(connection, change)
    if after.version != before.version:
        connection.execute(sql.INSERT_EVENT, parameters)


def _why_not_written(connection: sqlite3.Connection, change: PaymentChange) -> Exception:
    payment_id = change.before.payment_id
    row = connection.execute(sql.FIND_LEASE, {"payment_id": payment_id}).fetchone()
    if row is None:
        return PaymentNotFoundError(payment_id=payment_id)
    if change.lease and row[0] != change.lease:
        return LeaseLostError()
    return VersionConflictError()


def _require_usable_binding(connection: sqlite3.Connection, payment: Payment) -> None:
    """Raises where the link can't be debited; that the order is paid already is said first."""
    parameters = {
        "binding_id": payment.binding_id,
        "scope": payment.scope,
        "provider": payment.provider,
    }
    row = connection.execute(binding_sql.FIND_FOR_PAYMENT, parameters).fetchone()
    if row == (BindingState.ACTIVE, 0):
        return
    if holder := order_claims.holder(connection, payment):
        raise OrderAlreadyPaidError(holder)
    if row is None:
        raise BindingNotFoundError(payment.binding_id)
    raise BindingNotActiveError(payment.binding_id, state=row[0])
