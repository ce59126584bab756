"""Reads the service's database from outside, in the moment in which something passes a link.

What another process can read is committed, and outlives the service's death. So the links can say
whether an intent was written before its first byte left, and a webhook before its 2xx.
"""

import hmac
import json
import re
import sqlite3
from pathlib import Path
from typing import Any, Final

from ovo_sandbox.doku.signing import transaction_signature_holds, transaction_string_to_sign
from ovo_sandbox.midtrans.signing import signature_key
from tests.torture.observed import Commit, Recorder

_HEADER: Final = re.compile(
    rb"\r\n(authorization|x-timestamp|x-signature):\s*([^\r]*)", re.IGNORECASE
)


class Witness:
    """Notes as commits what it finds committed."""

    def __init__(self, database: Path, recorder: Recorder) -> None:
        """Opens the database at the first look."""
        self._database = database
        self._recorder = recorder
        self._connection: sqlite3.Connection | None = None
        self._inbox_count = 0

    def intent(self, operation: str, reference: str, node: str) -> None:
        """Looks for the intent of a call that moves money."""
        if operation == "refund":
            found = self._rows("SELECT payment_id FROM refunds WHERE refund_id = ?", reference)
            written = "payments.create_refund"
        else:
            found = self._rows("SELECT payment_id FROM payments WHERE payment_id = ?", reference)
            written = "payments.create"
        for (payment_id,) in found:
            self._commit(node, written, str(payment_id))

    def inbox(self, node: str) -> None:
        """Counts the webhooks that are stored."""
        count = int(self._rows("SELECT coalesce(max(sequence), 0) FROM inbox")[0][0])
        while self._inbox_count < count:
            self._inbox_count += 1
            self._commit(node, "inbox.append", "")

    def close(self) -> None:
        """Lets go of the database."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def _commit(self, node: str, operation: str, subject_id: str) -> None:
        self._recorder.observed.commits.append(
            Commit(
                order=self._recorder.next(),
                at=self._recorder.now,
                node=node,
                operation=operation,
                subject_id=subject_id,
                outcome="done",
            )
        )

    def _rows(self, statement: str, *values: str) -> list[tuple[Any, ...]]:
        if self._connection is None:
            self._connection = sqlite3.connect(
                f"{self._database.as_uri()}?mode=rw", uri=True, isolation_level=None, timeout=5
            )
            self._connection.execute("PRAGMA query_only = ON")
        return self._connection.execute(statement, values).fetchall()


def is_authentic(path: str, head: bytes, body: bytes, *, server_key: str, secret: str) -> bool:
    """Whether a notification is signed as its provider signs, by the sandbox's own rules."""
    if path.endswith("midtrans"):
        told = json.loads(body)
        expected = signature_key(
            order_id=told["order_id"],
            status_code=told["status_code"],
            gross_amount=told["gross_amount"],
            server_key=server_key,
        )
        return hmac.compare_digest(expected, str(told["signature_key"]))
    headers = {name.lower(): value.decode("latin-1") for name, value in _HEADER.findall(head)}
    return transaction_signature_holds(
        secret=secret,
        string_to_sign=transaction_string_to_sign(
            method="POST",
            endpoint=path,
            access_token=headers.get(b"authorization", "").removeprefix("Bearer "),
            body=body,
            timestamp=headers.get(b"x-timestamp", ""),
        ),
        signature=headers.get(b"x-signature", ""),
    )
