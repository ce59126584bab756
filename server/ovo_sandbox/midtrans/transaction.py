"""Describes a transaction as Midtrans holds it, and the states that it may pass through.

Source: docs.midtrans.com/docs/transaction-status-cycle.
"""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import datetime
from enum import StrEnum
from typing import Any, Final

from ovo_sandbox.midtrans.magic import Reaction


class Status(StrEnum):
    """Names the states as they stand in transaction_status."""

    PENDING = "pending"
    SETTLEMENT = "settlement"
    DENY = "deny"
    EXPIRE = "expire"
    CANCEL = "cancel"
    FAILURE = "failure"
    REFUND = "refund"


# A settlement after an expiry or a cancellation is the money incident of Midtrans' own FAQ.
TRANSITIONS: Final[Mapping[Status, frozenset[Status]]] = {
    Status.PENDING: frozenset(
        {Status.SETTLEMENT, Status.DENY, Status.EXPIRE, Status.CANCEL, Status.FAILURE}
    ),
    Status.SETTLEMENT: frozenset({Status.REFUND}),
    Status.EXPIRE: frozenset({Status.SETTLEMENT}),
    Status.CANCEL: frozenset({Status.SETTLEMENT}),
    Status.DENY: frozenset(),
    Status.FAILURE: frozenset(),
    Status.REFUND: frozenset(),
}

_MOMENTS: Final = (
    "created_at",
    "expires_at",
    "answer_until",
    "answers_at",
    "settled_at",
    "refunded_at",
    "bank_confirmed_at",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Transaction:
    """Is one charge and all that has become of it."""

    transaction_id: str
    order_id: str
    gross_amount_rupiah: int
    phone: str
    phone_as_sent: str
    status: Status
    created_at: datetime
    expires_at: datetime
    # The payer sees the push until then.
    answer_until: datetime
    # When and how the payer answers by himself; no time: a tester answers, or nobody.
    answers_at: datetime | None
    reaction: Reaction
    # Whether that answer counts even after the order has ended.
    answers_late: bool = False
    notification_urls: tuple[str, ...] = ()
    custom_fields: Mapping[str, str]
    metadata: Mapping[str, Any] | None
    customer_details: Mapping[str, Any]
    merchant_invoice: str | None = None
    settled_at: datetime | None = None
    response_code: str | None = None
    response_message: str | None = None
    refund_key: str | None = None
    refund_reason: str | None = None
    refund_number: int | None = None
    refunded_at: datetime | None = None
    bank_confirmed_at: datetime | None = None

    def may_become(self, status: Status) -> bool:
        """Tells whether the state machine has that way."""
        return status in TRANSITIONS[self.status]

    def is_open(self, now: datetime) -> bool:
        """Tells whether the payer can still answer the push."""
        return self.status is Status.PENDING and now < self.answer_until

    def as_json(self) -> dict[str, Any]:
        """Returns the transaction as the store keeps it."""
        document = {name: getattr(self, name) for name in _FIELDS}
        for name in _MOMENTS:
            moment = document[name]
            document[name] = None if moment is None else moment.isoformat()
        return document

    @classmethod
    def from_json(cls, document: Mapping[str, Any]) -> "Transaction":
        """Reads what `as_json` wrote."""
        values = {name: document[name] for name in _FIELDS}
        for name in _MOMENTS:
            moment = values[name]
            values[name] = None if moment is None else datetime.fromisoformat(moment)
        values["status"] = Status(values["status"])
        values["notification_urls"] = tuple(values["notification_urls"])
        return cls(**values)


_FIELDS: Final = tuple(item.name for item in fields(Transaction))
