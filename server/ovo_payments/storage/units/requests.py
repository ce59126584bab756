"""Uses up request ids."""

from ovo_payments.domain.ports import RequestRecord
from ovo_payments.storage import rows
from ovo_payments.storage.statements import requests as sql
from ovo_payments.storage.transaction import Transaction


def use_up(transaction: Transaction, request: RequestRecord) -> RequestRecord | None:
    """Writes a request id, or gives the record of whoever used it first."""
    parameters = rows.of_request(request, transaction.sealer)
    if transaction.execute(sql.INSERT, parameters).rowcount == 1:
        return None
    row = transaction.execute(sql.FIND, parameters).fetchone()
    return rows.to_request(row, transaction.sealer)
