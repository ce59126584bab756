"""Keeps every version of every payment, in the one order in which a caller sees them."""

from ovo_payments.storage.rows import Parameters
from ovo_payments.storage.statements import payments as sql
from ovo_payments.storage.transaction import Transaction


def append(transaction: Transaction, payment: Parameters) -> None:
    """Writes a version at the next position of its scope.

    Among a unit's last statements: it locks the scope's counter until the commit, so that positions
    become visible in their order and none is ever passed over by a reader.
    """
    position = transaction.execute(sql.NEXT_POSITION, {"scope": payment["scope"]}).fetchone()[0]
    transaction.execute(sql.INSERT_EVENT, {**payment, "position": position})
