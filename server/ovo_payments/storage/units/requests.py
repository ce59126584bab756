"""Uses up request ids."""

from ovo_payments.domain.ports import RequestRecord
from ovo_payments.storage import rows
from ovo_payments.storage.statements import requests as sql
from ovo_payments.storage.transaction import Transaction


def use_up(transaction: Transaction, request: RequestRecord) -> RequestRecord | None:
    """Writes a request id, or gives the record of whoever used it first."""
    parameters = rows.of_request(request)
    if transaction.execute(sql.INSERT, parameters).rowcount == 1:
        return None
    return rows.to_request(transaction.execute(sql.FIND, parameters).fetchone())
