"""Uses up request ids."""

import sqlite3

from ovo_payments.domain.ports import RequestRecord
from ovo_payments.storage import rows
from ovo_payments.storage.statements import requests as sql


def use_up(connection: sqlite3.Connection, request: RequestRecord) -> RequestRecord | None:
    """Writes a request id, or gives the record of whoever used it first."""
    parameters = rows.of_request(request)
    if connection.execute(sql.INSERT, parameters).rowcount == 1:
        return None
    return rows.to_request(connection.execute(sql.FIND, parameters).fetchone())
