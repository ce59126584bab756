"""Keeps which payment an order has: the one that is open or succeeded."""

from dataclasses import replace
from typing import Final

from ovo_payments.domain.evidence import Evidence
from ovo_payments.domain.payment import Payment, PaymentState
from ovo_payments.domain.ports import PaymentChange
from ovo_payments.domain.update import Claim, Source
from ovo_payments.storage import rows
from ovo_payments.storage.rows import Parameters
from ovo_payments.storage.statements import payments as sql
from ovo_payments.storage.transaction import Transaction

_HOLDING: Final = frozenset({PaymentState.PENDING, PaymentState.IN_DOUBT, PaymentState.SUCCEEDED})


def holder(transaction: Transaction, payment: Payment) -> str:
    """Gives the payment that has this payment's order; empty where none has."""
    row = transaction.execute(sql.FIND_ORDER_CLAIM, _claim(payment)).fetchone()
    return "" if row is None else str(row[0])


def take(transaction: Transaction, payment: Payment) -> str:
    """Claims the order for a payment; gives the payment that has it already, else nothing."""
    while transaction.execute(sql.CLAIM_ORDER, _claim(payment)).rowcount == 0:
        # Whoever had it may have freed it in between, where several write at once.
        if earlier := holder(transaction, payment):
            return earlier
    return ""


def follow(transaction: Transaction, change: PaymentChange) -> None:
    """Frees or claims the order as the payment's new state asks for."""
    held, holds = change.before.state in _HOLDING, change.after.state in _HOLDING
    if held == holds:
        return
    transaction.execute(sql.LOCK_ORDER_CLAIM, _claim(change.after)).fetchone()
    if held:
        _free(transaction, change.after)
    elif earlier := take(transaction, change.after):
        _note_second_success(transaction, change, earlier)


def _free(transaction: Transaction, payment: Payment) -> None:
    # A payment that succeeded late holds no claim if another had the order by then. Once that
    # other one ends without money, the order is the late one's, or it could be paid again.
    if transaction.execute(sql.FREE_ORDER, _claim(payment)).rowcount == 1:
        transaction.execute(sql.HAND_ORDER_OVER, _claim(payment))


def _note_second_success(transaction: Transaction, change: PaymentChange, earlier: str) -> None:
    """Notes that an order may now be paid twice: the money moved, so the success stands."""
    payment = change.after
    note = f"The order is held by payment {earlier} as well."
    if change.evidence:
        evidence = replace(change.evidence[-1], detail=note)
    else:
        evidence = Evidence(
            payment_id=payment.payment_id,
            refund_id="",
            observe_time=payment.update_time,
            source=Source.TRANSPORT,
            claim=Claim.SUCCEEDED,
            provider_code="",
            detail=note,
            version=payment.version,
        )
    transaction.execute(sql.INSERT_EVIDENCE, rows.of_evidence(evidence))


def _claim(payment: Payment) -> Parameters:
    return {
        "scope": payment.scope,
        "order_id": payment.order_id,
        "payment_id": payment.payment_id,
    }
