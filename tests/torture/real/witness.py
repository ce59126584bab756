"""Reads the service's database from outside, in the moment in which something passes a link.

What another process can read is committed, and outlives the service's death. So the links can say
whether an intent was written before its first byte left, and a webhook before its 2xx.
"""

import hmac
import json
import re
from contextlib import suppress
from dataclasses import dataclass
from typing import Final

from ovo_sandbox.doku.signing import transaction_signature_holds, transaction_string_to_sign
from ovo_sandbox.midtrans.signing import signature_key
from tests.torture.observed import Commit, Recorder
from tests.torture.real.database import Database, DatabaseAwayError

_HEADER: Final = re.compile(
    rb"\r\n(authorization|x-timestamp|x-signature):\s*([^\r]*)", re.IGNORECASE
)
_PAYMENT: Final = "SELECT payment_id FROM payments WHERE payment_id = :reference"
_REFUND: Final = "SELECT payment_id FROM refunds WHERE refund_id = :reference"
_INBOX: Final = "SELECT count(*) FROM inbox"


@dataclass(frozen=True, slots=True, kw_only=True)
class _Look:
    """What was to be seen in one moment; without a reference, the inbox."""

    order: int
    at: float
    node: str
    written: str
    reference: str


class Witness:
    """Notes as commits what it finds committed.

    While a database is away nothing can be committed to it: what was to be seen then is seen by
    the next look, before whoever wants to write has found it again.
    """

    def __init__(self, database: Database, recorder: Recorder) -> None:
        """Reads the database."""
        self._database = database
        self._recorder = recorder
        self._inbox_count = 0
        self._put_off: list[_Look] = []

    def intent(self, operation: str, reference: str, node: str) -> None:
        """Looks for the intent of a call that moves money."""
        written = "payments.create_refund" if operation == "refund" else "payments.create"
        self._look(node, written, reference)

    def inbox(self, node: str) -> None:
        """Counts the webhooks that are stored."""
        self._look(node, "inbox.append")

    def catch_up(self) -> None:
        """Sees what could not be seen in its moment. Raises DatabaseAwayError."""
        while self._put_off:
            self._see(self._put_off[0])
            del self._put_off[0]

    def _look(self, node: str, written: str, reference: str = "") -> None:
        self._put_off.append(
            _Look(
                order=self._recorder.next(),
                at=self._recorder.now,
                node=node,
                written=written,
                reference=reference,
            )
        )
        with suppress(DatabaseAwayError):
            self.catch_up()

    def _see(self, look: _Look) -> None:
        if not look.reference:
            count = int(self._database.rows(_INBOX)[0][0])
            for _ in range(self._inbox_count, count):
                self._commit(look, "")
            self._inbox_count = max(self._inbox_count, count)
            return
        statement = _REFUND if look.written == "payments.create_refund" else _PAYMENT
        for (payment_id,) in self._database.rows(statement, {"reference": look.reference}):
            self._commit(look, str(payment_id))

    def _commit(self, look: _Look, subject_id: str) -> None:
        self._recorder.observed.commits.append(
            Commit(
                order=look.order,
                at=look.at,
                node=look.node,
                operation=look.written,
                subject_id=subject_id,
                outcome="done",
            )
        )


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
