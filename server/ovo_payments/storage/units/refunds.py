"""Keeps refunds in rows of their own, where constraints watch them."""

from ovo_payments.domain.errors import NotRefundableError
from ovo_payments.domain.payment import Payment
from ovo_payments.storage import rows
from ovo_payments.storage.statements import payments as sql
from ovo_payments.storage.transaction import Transaction


def insert(transaction: Transaction, payment: Payment) -> None:
    """Writes the payment's new refund; the payment's own row is written before, and so locked.

    Raises NotRefundableError where refunds would exceed the payment, which is refunded once.
    """
    if payment.refund is None:
        raise ValueError("the change adds no refund")
    key = {"payment_id": payment.payment_id}
    moving = transaction.execute(sql.FIND_MOVING_REFUND, key).fetchone()
    if moving is not None or payment.refund.amount.rupiah > payment.amount.rupiah:
        raise NotRefundableError(payment.payment_id, payment.state.value)
    parameters = rows.of_refund(payment.payment_id, payment.refund, transaction.sealer)
    transaction.execute(sql.INSERT_REFUND, parameters)


def put(transaction: Transaction, payment: Payment) -> None:
    """Writes what is now known of the payment's refund, also of one made beside this service."""
    if payment.refund is None:
        return
    parameters = rows.of_refund(payment.payment_id, payment.refund, transaction.sealer)
    if transaction.execute(sql.UPDATE_REFUND, parameters).rowcount == 0:
        transaction.execute(sql.INSERT_REFUND, parameters)
