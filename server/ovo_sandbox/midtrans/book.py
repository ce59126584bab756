"""Stores Midtrans' transactions and finds them again."""

from collections.abc import Sequence
from typing import Final

from ovo_sandbox.midtrans.transaction import Transaction
from ovo_sandbox.store import Store

_TRANSACTION: Final = "midtrans.transaction"
_ORDER: Final = "midtrans.order"
# Transactions with a timer still to come: what a restart has to take up again.
_DUE: Final = "midtrans.due"
_PAYER: Final = "midtrans.payer"
_COUNTER: Final = "midtrans.counter"
_HISTORY_MAX: Final = 20


class TransactionBook:
    """Reads and writes transactions, in whatever transaction the store has open."""

    def __init__(self, store: Store) -> None:
        """Keeps transactions as documents."""
        self._store = store

    def find(self, identifier: str) -> Transaction | None:
        """Finds by transaction_id or order_id; of a reused order_id, the latest."""
        document = self._store.get(_TRANSACTION, identifier)
        if document is None and (order := self._store.get(_ORDER, identifier)) is not None:
            document = self._store.get(_TRANSACTION, order["transaction_id"])
        return None if document is None else Transaction.from_json(document)

    def holder_of(self, order_id: str) -> Transaction | None:
        """Finds the latest transaction with this order_id."""
        order = self._store.get(_ORDER, order_id)
        return None if order is None else self.find(order["transaction_id"])

    def add(self, transaction: Transaction) -> None:
        """Makes a new transaction the holder of its order_id and the payer's latest."""
        transaction_id = transaction.transaction_id
        self._store.put(_ORDER, transaction.order_id, {"transaction_id": transaction_id})
        payer = self._store.get(_PAYER, transaction.phone) or {"ids": []}
        ids = [*payer["ids"], transaction_id][-_HISTORY_MAX:]
        self._store.put(_PAYER, transaction.phone, {"ids": ids})

    def save(self, transaction: Transaction, *, is_due: bool) -> None:
        """Writes a transaction, and whether something of it is still to come."""
        transaction_id = transaction.transaction_id
        self._store.put(_TRANSACTION, transaction_id, transaction.as_json())
        if is_due:
            self._store.put(_DUE, transaction_id, {"id": transaction_id})
        else:
            self._store.delete(_DUE, transaction_id)

    def due(self) -> list[Transaction]:
        """Lists the transactions with something to come, oldest first."""
        return self._found([document["id"] for document in self._store.documents(_DUE)])

    def payer_history(self, phone: str) -> list[Transaction]:
        """Lists a payer's last transactions, newest first."""
        payer = self._store.get(_PAYER, phone) or {"ids": []}
        return self._found(payer["ids"][::-1])

    def count(self) -> int:
        """Counts all transactions."""
        return self._store.count(_TRANSACTION)

    def next_number(self, counter: str) -> int:
        """Counts on: invoices and refunds have numbers."""
        document = self._store.get(_COUNTER, counter) or {"number": 0}
        number: int = document["number"] + 1
        self._store.put(_COUNTER, counter, {"number": number})
        return number

    def _found(self, transaction_ids: Sequence[str]) -> list[Transaction]:
        found = map(self.find, transaction_ids)
        return [transaction for transaction in found if transaction is not None]
