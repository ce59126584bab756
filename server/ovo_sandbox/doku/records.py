"""Describes a binding and a payment as the store keeps them."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from datetime import datetime
from typing import Any, Final, Literal, Self

from ovo_sandbox.doku.requests import PaymentType

BindingState = Literal["PENDING", "SUCCESS", "FAILED", "EXPIRED", "UNLINKED"]
# SNAP's latestTransactionStatus; see STATUS_WORDS.
PaymentState = Literal["00", "01", "03", "04", "05", "06"]
Step = Literal["review", "otp", "pin"]

EXPIRED: Final = "The page was not used in time"
STATUS_WORDS: Mapping[str, str] = {
    "00": "Success",
    "01": "Initiated",
    "02": "Paying",
    "03": "Pending",
    "04": "Refunded",
    "05": "Canceled",
    "06": "Failed",
    "07": "Not Found",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """Is anything that goes into the store and comes back equal."""

    def as_json(self) -> dict[str, Any]:
        """Returns the record as the store holds it."""
        return {field.name: _written(getattr(self, field.name)) for field in fields(self)}

    @classmethod
    def from_json(cls, document: Mapping[str, Any]) -> Self:
        """Reads what `as_json` wrote."""
        return cls(**{field.name: _read(field.name, document[field.name]) for field in fields(cls)})


@dataclass(frozen=True, slots=True, kw_only=True)
class HostedPage(Record):
    """Is what every hosted page remembers of its visitor.

    Attributes:
        form_token: what a form must bring back, so that no other site can post it.
        wrong_otps: how often the one-time code was wrong.
        wrong_pins: how often the PIN was wrong.
        failure: why it did not work out, in the customer's words.
    """

    phone: str
    success_url: str
    failed_url: str
    form_token: str
    created_at: datetime
    expires_at: datetime
    step: Step = "review"
    wrong_otps: int = 0
    wrong_pins: int = 0
    failure: str = ""

    @property
    def expired(self) -> bool:
        """Tells whether it ended because nobody came."""
        return self.failure == EXPIRED


@dataclass(frozen=True, slots=True, kw_only=True)
class Binding(HostedPage):
    """Is one attempt to link an OVO account, and the link that came of it."""

    auth_code: str
    reference: str
    client_id: str
    external_id: str
    customer_id: str
    state: BindingState = "PENDING"
    completed_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RefundRecord:
    """Is money given back."""

    refund_no: str
    partner_refund_no: str
    amount: int
    reason: str
    refunded_at: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Payment(HostedPage):
    """Is one debit, from the merchant's wish to its end.

    Attributes:
        cash, points: the shares that the merchant asked for.
        cash_taken, points_taken: what OVO took of each, once paid.
        debit_delay_s: how long after approval the money moves, where not at once.
        debit_at: when it will, once approved.
    """

    reference: str
    page_code: str
    client_id: str
    partner_reference: str
    external_id: str
    auth_code: str
    customer_id: str
    customer_token: str
    amount: int
    cash: int
    points: int
    payment_type: PaymentType
    remarks: str
    items: tuple[str, ...]
    state: PaymentState = "01"
    debit_delay_s: float = 0
    debit_at: datetime | None = None
    paid_at: datetime | None = None
    cash_taken: int = 0
    points_taken: int = 0
    refunds: tuple[RefundRecord, ...] = ()

    @property
    def shown_state(self) -> str:
        """The status that a query tells: a customer who is past the first screen is paying."""
        return "02" if self.state == "01" and self.step != "review" else self.state

    @property
    def refunded(self) -> int:
        """What was given back so far."""
        return sum(refund.amount for refund in self.refunds)


def _written(value: object) -> object:
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, tuple):
        return [asdict(part) if isinstance(part, RefundRecord) else part for part in value]
    return value


def _read(name: str, value: Any) -> Any:  # noqa: ANN401 - documents hold anything that JSON does
    if name.endswith("_at") and value is not None:
        return datetime.fromisoformat(value)
    if name == "refunds":
        return tuple(RefundRecord(**refund) for refund in value)
    return tuple(value) if isinstance(value, list) else value
