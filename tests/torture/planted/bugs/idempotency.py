"""Mistakes about request ids and about whose things are whose."""

from typing import Final

from tests.torture.planted.bug import Bug, Edit

_RECORDS: Final = "ovo_payments/application/idempotency.py"
_INTENTS: Final = "ovo_payments/application/intents.py"
_USE_UP: Final = "ovo_payments/storage/units/requests.py"

BUGS: Final = (
    Bug(
        name="key-is-not-scoped",
        what="Request ids of all callers are one set.",
        breaks="I-14",
        edits=(Edit(_RECORDS, "scope=call.caller.scope,", 'scope="",'),),
    ),
    Bug(
        name="digest-ignores-the-amount",
        what="The same request id with another amount counts as the same request.",
        breaks="I-12",
        edits=(
            Edit(
                _RECORDS,
                '    content.pop("request_id", None)\n',
                '    content.pop("request_id", None)\n    content.pop("amount", None)\n',
            ),
        ),
    ),
    Bug(
        name="replay-acts-again",
        what="A request id that is used up makes another payment.",
        breaks="I-11",
        edits=(
            Edit(
                "ovo_payments/application/intents.py",
                "return None if earlier is None else await self._replay(earlier, record)",
                "return None",
            ),
            Edit(
                _USE_UP,
                "return rows.to_request(row, transaction.sealer)",
                "return None",
            ),
        ),
    ),
    Bug(
        name="request-id-is-not-stored",
        what="A payment is written without the request id that made it.",
        breaks="I-11",
        edits=(
            Edit(
                _USE_UP,
                "if transaction.execute(sql.INSERT, parameters).rowcount == 1:",
                "if transaction.execute(sql.FIND, parameters).fetchone() is None:",
            ),
        ),
    ),
    Bug(
        name="refusal-keeps-its-rows",
        what="What is refused half-way leaves behind what it had written by then.",
        breaks="I-15",
        edits=(
            Edit(
                "ovo_payments/storage/sqlite/writer.py",
                'self._connection.execute("ROLLBACK TO unit")',
                'self._connection.execute("SELECT 1")',
            ),
        ),
    ),
    Bug(
        name="refused-for-time-uses-the-id-up",
        what="That too little time is left to send is found out after the request id is written.",
        breaks="I-15",
        edits=(
            Edit(_INTENTS, "        require_time(call)\n", ""),
            Edit(
                _INTENTS,
                "            written.set()\n",
                "            require_time(call)\n            written.set()\n",
            ),
        ),
    ),
    Bug(
        name="another-s-payment-is-shown",
        what="Whoever names a payment may read it.",
        breaks="I-14",
        edits=(
            Edit(
                "ovo_payments/application/ownership.py",
                "self.store.find_own_payment(caller.scope, payment_id)",
                "self.store.find_payment(payment_id)",
            ),
        ),
    ),
    Bug(
        name="orders-are-not-scoped",
        what="An order is looked up among the orders of all callers.",
        breaks="I-14",
        edits=(
            Edit(
                "ovo_payments/storage/statements/payments.py",
                "WHERE scope = :scope AND order_id = :order_id ORDER BY sequence DESC LIMIT 1",
                "WHERE order_id = :order_id ORDER BY sequence DESC LIMIT 1",
            ),
        ),
    ),
)
