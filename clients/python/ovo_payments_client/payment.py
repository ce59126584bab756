"""A payment as its caller sees it: plain values that never change."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum


class PaymentState(StrEnum):
    """What is known of the money."""

    PENDING = "PENDING"
    IN_DOUBT = "IN_DOUBT"
    SUCCEEDED = "SUCCEEDED"
    FAILED = "FAILED"
    EXPIRED = "EXPIRED"
    REFUNDED = "REFUNDED"
    UNKNOWN = "UNKNOWN"
    """A state that a newer service knows and this client does not; not final."""

    @property
    def is_final(self) -> bool:
        """True where the state changes no more, but for refunds and the rare late success."""
        return self in {
            PaymentState.SUCCEEDED,
            PaymentState.FAILED,
            PaymentState.EXPIRED,
            PaymentState.REFUNDED,
        }


class PaymentMethod(StrEnum):
    """How the money is taken."""

    LINKED_ACCOUNT = "LINKED_ACCOUNT"
    PUSH_TO_PHONE = "PUSH_TO_PHONE"
    UNKNOWN = "UNKNOWN"


class RefundState(StrEnum):
    """What is known of a refund."""

    PENDING = "PENDING"
    IN_DOUBT = "IN_DOUBT"
    SUCCEEDED = "SUCCEEDED"
    FAILED = "FAILED"
    UNKNOWN = "UNKNOWN"


class FailureReason(StrEnum):
    """Why a payment, a refund or a binding failed."""

    INSUFFICIENT_FUNDS = "INSUFFICIENT_FUNDS"
    DECLINED_BY_CUSTOMER = "DECLINED_BY_CUSTOMER"
    ACCOUNT_NOT_FOUND = "ACCOUNT_NOT_FOUND"
    ACCOUNT_RESTRICTED = "ACCOUNT_RESTRICTED"
    LIMIT_EXCEEDED = "LIMIT_EXCEEDED"
    BINDING_REVOKED = "BINDING_REVOKED"
    ALREADY_BOUND = "ALREADY_BOUND"
    AUTHENTICATION_FAILED = "AUTHENTICATION_FAILED"
    SUSPECTED_FRAUD = "SUSPECTED_FRAUD"
    MERCHANT_NOT_ALLOWED = "MERCHANT_NOT_ALLOWED"
    REJECTED_BY_PROVIDER = "REJECTED_BY_PROVIDER"
    NOT_FOUND_AT_PROVIDER = "NOT_FOUND_AT_PROVIDER"
    REFUND_WINDOW_PASSED = "REFUND_WINDOW_PASSED"
    UNKNOWN = "UNKNOWN"


@dataclass(frozen=True, slots=True, kw_only=True)
class Failure:
    """Why the money did not move."""

    reason: FailureReason
    message: str
    provider_code: str | None = None
    retryable: bool = False
    """True where a new payment for the same order may succeed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Refund:
    """A refund of a payment."""

    refund_id: str
    state: RefundState
    amount: int
    reason: str | None = None
    failure: Failure | None = None
    create_time: datetime | None = None
    success_time: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Payment:
    """One version of a payment; amounts are whole rupiah, times are aware and UTC."""

    payment_id: str
    order_id: str
    state: PaymentState
    version: int
    method: PaymentMethod
    provider: str
    amount: int
    binding_id: str | None = None
    phone_number: str | None = None
    redirect_url: str | None = None
    provider_reference: str | None = None
    failure: Failure | None = None
    refund: Refund | None = None
    create_time: datetime | None = None
    update_time: datetime | None = None
    expire_time: datetime | None = None
    success_time: datetime | None = None
    next_check_time: datetime | None = None
    needs_review: bool = False
    late_success: bool = False
    metadata: Mapping[str, str] = field(default_factory=dict, hash=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class PaymentResult:
    """The answer to a call that asked for money to move.

    `request_id` names the call, also where the client made it; `replayed` is
    true where an earlier call with this request id had done it already.
    """

    payment: Payment
    request_id: str
    replayed: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class LineItem:
    """One thing that is bought; the price of one in whole rupiah, negative for a discount."""

    name: str
    price: int
    quantity: int = 1
    item_id: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Customer:
    """Who pays, as far as the merchant knows."""

    customer_id: str = ""
    name: str = ""
    email: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Heartbeat:
    """Tells that a watched stream is alive and that nothing changed above `version`."""

    version: int
    time: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PaymentChange:
    """One message of the stream of all payments: a version of one, or a sign of life.

    Store `cursor` in the transaction in which you store what you made of the message, and begin
    again with it: nothing is lost and nothing comes twice.
    """

    cursor: str
    payment: Payment | None = None
    """None where nothing changed; the cursor counts all the same."""
    time: datetime | None = None
    """Of a sign of life: the server's time."""
