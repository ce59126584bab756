"""Files payments under every name that a merchant or a browser may ask for them by."""

from typing import Final

from ovo_sandbox.doku.records import Payment
from ovo_sandbox.store import Store

_KIND: Final = "doku.payment"
_BY_PARTNER_REFERENCE: Final = "doku.payment_by_partner_reference"
_BY_EXTERNAL_ID: Final = "doku.payment_by_external_id"
_BY_PAGE: Final = "doku.payment_by_page"


class PaymentBook:
    """Keeps payments in the store."""

    def __init__(self, store: Store) -> None:
        """Writes to the store, in whatever transaction is open."""
        self._store = store

    def enter(self, payment: Payment) -> None:
        """Writes a new payment, and the names it is found by."""
        store, pointer = self._store, {"reference": payment.reference}
        self.save(payment)
        client_id = payment.client_id
        store.put(_BY_PARTNER_REFERENCE, f"{client_id}:{payment.partner_reference}", pointer)
        store.put(_BY_EXTERNAL_ID, f"{client_id}:{payment.external_id}", pointer)
        store.put(_BY_PAGE, payment.page_code, pointer)

    def find(self, reference: str) -> Payment | None:
        """Reads a payment by DOKU's reference, or None."""
        document = self._store.get(_KIND, reference)
        return None if document is None else Payment.from_json(document)

    def find_by_partner_reference(self, client_id: str, partner_reference: str) -> Payment | None:
        """Reads a payment by the merchant's reference, or None."""
        return self._follow(_BY_PARTNER_REFERENCE, f"{client_id}:{partner_reference}")

    def find_by_external_id(self, client_id: str, external_id: str) -> Payment | None:
        """Reads a payment by the X-EXTERNAL-ID of its call, or None."""
        return self._follow(_BY_EXTERNAL_ID, f"{client_id}:{external_id}")

    def find_by_page(self, page_code: str) -> Payment | None:
        """Reads a payment by its page, or None."""
        return self._follow(_BY_PAGE, page_code)

    def all(self) -> list[Payment]:
        """Lists the payments, oldest first."""
        return [Payment.from_json(document) for document in self._store.documents(_KIND)]

    def save(self, payment: Payment) -> None:
        """Writes a payment as it should be."""
        self._store.put(_KIND, payment.reference, payment.as_json())

    def _follow(self, kind: str, key: str) -> Payment | None:
        pointer = self._store.get(kind, key)
        return None if pointer is None else self.find(pointer["reference"])
