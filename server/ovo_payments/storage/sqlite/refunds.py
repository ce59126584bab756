"""Keeps refunds in rows of their own, where constraints watch them."""

import sqlite3
from typing import Final

from ovo_payments.domain.errors import NotRefundableError
from ovo_payments.domain.payment import Payment
from ovo_payments.storage import rows
from ovo_payments.storage.statements import payments as sql

# One refund that may move money, and never more than the payment: a unique index and a trigger.
_TOO_MUCH: Final = frozenset({sqlite3.SQLITE_CONSTRAINT_UNIQUE, sqlite3.SQLITE_CONSTRAINT_TRIGGER})


def insert(connection: sqlite3.Connection, payment: Payment) -> None:
    """Writes the payment's new refund.

    Raises NotRefundableError where refunds would exceed the payment.
    """
    if payment.refund is None:
        raise ValueError("the change adds no refund")
    try:
        connection.execute(sql.INSERT_REFUND, rows.of_refund(payment.payment_id, payment.refund))
    except sqlite3.IntegrityError as error:
        if error.sqlite_errorcode not in _TOO_MUCH:
            raise
        raise NotRefundableError(payment.payment_id, payment.state.value) from error


def put(connection: sqlite3.Connection, payment: Payment) -> None:
    """Writes what is now known of the payment's refund, also of one made beside this service."""
    if payment.refund is None:
        return
    parameters = rows.of_refund(payment.payment_id, payment.refund)
    if connection.execute(sql.UPDATE_REFUND, parameters).rowcount == 0:
        connection.execute(sql.INSERT_REFUND, parameters)
