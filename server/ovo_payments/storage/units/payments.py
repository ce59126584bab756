"""Writes payments."""

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
from ovo_payments.storage import acts, rows
from ovo_payments.storage.rows import Parameters
from ovo_payments.storage.statements import bindings as binding_sql
from ovo_payments.storage.statements import payments as sql
from ovo_payments.storage.times import to_microseconds
from ovo_payments.storage.transaction import Transaction
from ovo_payments.storage.units import audit, events, order_claims, refunds
from ovo_payments.storage.units.requests import use_up

_DUE_COLUMN: Final = 3
_SEQUENCE_COLUMN: Final = 7


def create(
    transaction: Transaction, payment: Payment, request: RequestRecord, lease: Leased
) -> RequestRecord | None:
    """Writes a payment with all that belongs to its beginning."""
    earlier = use_up(transaction, request)
    if earlier is not None:
        return earlier
    if payment.binding_id:
        _require_usable_binding(transaction, payment)
    parameters = {**rows.of_payment(payment, transaction.sealer), **rows.with_lease(lease)}
    transaction.execute(sql.INSERT, parameters)
    if holder := order_claims.take(transaction, payment):
        raise OrderAlreadyPaidError(holder)
    events.append(transaction, parameters)
    audit.append(transaction, acts.of_payment(payment, request.caller, request.method))
    return None


def create_refund(
    transaction: Transaction, change: PaymentChange, request: RequestRecord, lease: Leased
) -> RequestRecord | None:
    """Writes the change that adds a refund, and leases the payment to the refund's sender."""
    earlier = use_up(transaction, request)
    if earlier is None:
        written = _write(transaction, change, rows.with_lease(lease))
        refunds.insert(transaction, change.after)
        events.append(transaction, written)
        audit.append(transaction, acts.of_payment(change.after, request.caller, request.method))
    return earlier


def record(transaction: Transaction, change: PaymentChange) -> None:
    """Writes a change and ends the lease under which it was made."""
    written = _write(transaction, change, rows.under_lease(change.lease))
    if change.after.refund is not None and change.after.refund != change.before.refund:
        refunds.put(transaction, change.after)
    order_claims.follow(transaction, change)
    if change.after.version != change.before.version:
        events.append(transaction, written)
        audit.append(transaction, acts.of_change(change))


def claim_due(
    transaction: Transaction, now: datetime, limit: int, lease: Leased, provider: str
) -> Sequence[Payment]:
    """Leases what is due, longest due first."""
    parameters: Parameters = {
        **rows.with_lease(lease),
        "now_us": to_microseconds(now),
        "limit": limit,
        "provider": provider,
    }
    claimed = transaction.execute(sql.CLAIM_DUE, parameters).fetchall()
    claimed.sort(key=lambda row: (row[_DUE_COLUMN], row[_SEQUENCE_COLUMN]))
    return [rows.to_payment(row[:_SEQUENCE_COLUMN], transaction.sealer) for row in claimed]


def release(transaction: Transaction, payment_id: str, lease: str, retry_time: datetime) -> None:
    """Ends a lease; changes nothing where it is lost already."""
    parameters: Parameters = {
        "payment_id": payment_id,
        "lease": lease,
        "retry_time_us": to_microseconds(retry_time),
    }
    transaction.execute(sql.RELEASE, parameters)


def recover(transaction: Transaction, now: datetime) -> int:
    """Ends every lease, and makes due at once what was under one."""
    return transaction.execute(sql.RECOVER, {"now_us": to_microseconds(now)}).rowcount


def _write(transaction: Transaction, change: PaymentChange, lease: Parameters) -> Parameters:
    """Writes evidence and row where the row still is what the writer read; gives the columns."""
    before, after = change.before, change.after
    for evidence in change.evidence:
        transaction.execute(sql.INSERT_EVIDENCE, rows.of_evidence(evidence))
    conditions = {**rows.of_payment_as_read(before), **lease}
    if after.version == before.version:
        columns = rows.of_checks(after.payment_id, after.checks)
        written = transaction.execute(sql.UPDATE_CHECKS, {**columns, **conditions})
    else:
        columns = rows.of_payment(after, transaction.sealer)
        written = transaction.execute(sql.UPDATE, {**columns, **conditions})
    if written.rowcount == 0:
        raise _why_not_written(transaction, change)
    return columns


def _why_not_written(transaction: Transaction, change: PaymentChange) -> Exception:
    payment_id = change.before.payment_id
    row = transaction.execute(sql.FIND_LEASE, {"payment_id": payment_id}).fetchone()
    if row is None:
        return PaymentNotFoundError(payment_id=payment_id)
    if change.lease and row[0] != change.lease:
        return LeaseLostError()
    return VersionConflictError()


def _require_usable_binding(transaction: Transaction, payment: Payment) -> None:
    """Raises where the link can't be debited; that the order is paid already is said first."""
    parameters = {
        "binding_id": payment.binding_id,
        "scope": payment.scope,
        "provider": payment.provider,
    }
    row = transaction.execute(binding_sql.FIND_FOR_PAYMENT, parameters).fetchone()
    if row == (BindingState.ACTIVE, 0):
        return
    if holder := order_claims.holder(transaction, payment):
        raise OrderAlreadyPaidError(holder)
    if row is None:
        raise BindingNotFoundError(payment.binding_id)
    raise BindingNotActiveError(payment.binding_id, state=row[0])
