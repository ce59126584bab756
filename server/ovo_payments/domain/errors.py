"""Why a call is refused. Each error carries facts; nobody parses its text.

PaymentServiceError
├── InvalidRequestError            fix the request
├── RequestIdReusedError           fix the request id
├── OrderAlreadyPaidError          look at the payment that is there
├── PaymentNotFoundError
├── BindingNotFoundError
├── BindingNotActiveError          link the account first
├── PaymentInFlightError           wait for the payment
├── NotRefundableError
├── NotSupportedByProviderError
├── VersionOutOfRangeError
├── UnauthenticatedError
├── PermissionDeniedError
├── DeadlineTooShortError          nothing was sent; give more time
└── RepeatableError                nothing was sent; repeat as it is
    ├── ProviderUnavailableError
    ├── RateLimitedError
    ├── StoreUnavailableError
    └── StreamInterruptedError
"""

from dataclasses import dataclass, field
from enum import StrEnum


class PaymentServiceError(Exception):
    """Any refusal of a call."""


@dataclass(frozen=True, slots=True)
class Violation:
    """One field that is wrong, and how to mend it."""

    field: str
    description: str


@dataclass(eq=False)
class InvalidRequestError(PaymentServiceError):
    """Fields of the request are wrong."""

    violations: tuple[Violation, ...]


@dataclass(eq=False)
class RequestIdReusedError(PaymentServiceError):
    """The request id was used with other content."""

    differing_fields: tuple[str, ...]
    payment_id: str = ""
    binding_id: str = ""


@dataclass(eq=False)
class OrderAlreadyPaidError(PaymentServiceError):
    """The order has a payment that is open or succeeded."""

    payment_id: str


@dataclass(eq=False)
class PaymentNotFoundError(PaymentServiceError):
    """No such payment, or not this caller's."""

    payment_id: str = ""
    order_id: str = ""


@dataclass(eq=False)
class BindingNotFoundError(PaymentServiceError):
    """No such binding, or not this caller's."""

    binding_id: str


@dataclass(eq=False)
class BindingNotActiveError(PaymentServiceError):
    """The binding can't be used for what was asked."""

    binding_id: str
    state: str


@dataclass(eq=False)
class PaymentInFlightError(PaymentServiceError):
    """A payment that uses the binding is open."""

    payment_id: str


@dataclass(eq=False)
class NotRefundableError(PaymentServiceError):
    """Only a succeeded payment that has no open refund can be refunded."""

    payment_id: str
    state: str


@dataclass(eq=False)
class NotSupportedByProviderError(PaymentServiceError):
    """The provider can't do what was asked."""

    provider: str
    capability: str


@dataclass(eq=False)
class VersionOutOfRangeError(PaymentServiceError):
    """A watch asked for versions beyond the latest."""

    latest_version: int


@dataclass(eq=False)
class CursorGoneError(PaymentServiceError):
    """A watch asked for a place that does not exist in this database."""


@dataclass(eq=False)
class UnauthenticatedError(PaymentServiceError):
    """The caller did not prove who it is."""


@dataclass(eq=False)
class PermissionDeniedError(PaymentServiceError):
    """The caller may not call this method."""

    method: str


@dataclass(eq=False)
class DeadlineTooShortError(PaymentServiceError):
    """Too little time was left to send anything, and nothing was sent."""

    needed_s: float


class RepeatableError(PaymentServiceError):
    """Nothing was sent; the same call may be repeated."""

    retry_after_s: float


@dataclass(eq=False)
class ProviderUnavailableError(RepeatableError):
    """The provider can't be reached, and nothing was sent."""

    provider: str
    retry_after_s: float = 1.0
    payment_id: str = ""
    binding_id: str = ""


@dataclass(eq=False)
class RateLimitedError(RepeatableError):
    """Too many calls, and nothing was sent."""

    retry_after_s: float = 1.0


@dataclass(eq=False)
class StoreUnavailableError(RepeatableError):
    """The store can't take the request, and nothing was sent."""

    retry_after_s: float = 1.0


class InterruptionCause(StrEnum):
    """Why a stream ends before its payment does."""

    SERVER_STOPS = "SERVER_STOPS"
    STREAM_IS_OLD = "STREAM_IS_OLD"
    """So that no connection lasts for ever; the server is well."""
    READER_IS_SLOW = "READER_IS_SLOW"
    """The caller took nothing for too long."""


@dataclass(eq=False)
class StreamInterruptedError(RepeatableError):
    """A stream ends before its time; the caller goes on with the last version or cursor it saw."""

    last_version: int | None = None
    cursor: str = ""
    cause: InterruptionCause = InterruptionCause.SERVER_STOPS
    retry_after_s: float = 1.0


@dataclass
class Violations:
    """Collects what is wrong with a request, so that the caller learns all of it at once."""

    found: list[Violation] = field(default_factory=list)

    def add(self, field_name: str, description: str) -> None:
        """Notes one wrong field and how to mend it."""
        self.found.append(Violation(field_name, description))

    def raise_if_any(self) -> None:
        """Raises InvalidRequestError where anything was noted."""
        if self.found:
            raise InvalidRequestError(tuple(self.found))
