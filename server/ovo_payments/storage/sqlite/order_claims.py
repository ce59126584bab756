"""Keeps which payment an order has: the one that is open or succeeded."""

import sqlite3
from dataclasses import replace
from typing import Final

from ovo_payments.domain.evidence import Evidence
from ovo_payments.domain.payment import Payment, PaymentState
from ovo_payments.domain.ports import PaymentChange
from ovo_payments.domain.update import Claim, Source
from ovo_payments.storage import rows
from ovo_payments.storage.rows import Parameters
from ovo_payments.storage.statements import payments as sql

_HOLDING: Final = frozenset({PaymentState.PENDING, PaymentState.IN_DOUBT, PaymentState.SUCCEEDED})


def holder(connection: sqlite3.Connection, payment: Payment) -> str:
    """Gives the payment that has this payment's order; empty where none has."""
    row = connection.execute(sql.FIND_ORDER_CLAIM, _claim(payment)).fetchone()
    return "" if row is None else str(row[0])


def take(connection: sqlite3.Connection, payment: Payment) -> bool:
    """Claims the order for a payment; False where another has it."""
    return connection.execute(sql.CLAIM_ORDER, _claim(payment)).rowcount == 1


def follow(connection: sqlite3.Connection, change: PaymentChange) -> None:
    """Frees or claims the order as the payment's new state asks for."""
    held, holds = change.before.state in _HOLDING, change.after.state in _HOLDING
    if held and not holds:
        _free(connection, change.after)
    elif holds and not held and not take(connection, change.after):
        _note_second_success(connection, change)


def _free(connection: sqlite3.Connection, payment: Payment) -> None:
    # A payment that succeeded late holds no claim if another had the order by then. Once that
    # other one ends without money, the order is the late one's, or it could be paid again.
    if connection.execute(sql.FREE_ORDER, _claim(payment)).rowcount == 1:
        connection.execute(sql.HAND_ORDER_OVER, _claim(payment))


def _note_second_success(connection: sqlite3.Connection, change: PaymentChange) -> None:
    """Notes that an order may now be paid twice: the money moved, so the success stands."""
    payment = change.after
    note = f"The order is held by payment {holder(connection, payment)} as well."
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
    connection.execute(sql.INSERT_EVIDENCE, rows.of_evidence(evidence))


def _claim(payment: Payment) -> Parameters:
    return {
        "scope": payment.scope,
        "order_id": payment.order_id,
        "payment_id": payment.payment_id,
    }
