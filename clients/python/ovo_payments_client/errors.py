"""What can go wrong with a call, sorted by what the caller does next.

OvoPaymentsError
├── RetryableError            repeat the call, with the same request id
│   ├── UnavailableError      nothing was sent; try again after `retry_delay`
│   ├── RateLimitedError      too many calls; nothing was sent
│   └── NoAnswerError         no answer came: money may have moved; keep to the request id
├── RequestError              fix the call before repeating it
│   ├── InvalidRequestError   `field_violations` names each wrong field; none: it is too big
│   ├── RequestIdReusedError  the request id belongs to a call with other content
│   ├── NotFoundError         no such payment or binding, or not this caller's
│   ├── OutOfRangeError       `after_version` is beyond the payment's latest version
│   └── AccessError           who calls is not proved, or may not call this
├── RefusedError              stop: the call is right, and the answer is no
│   ├── OrderAlreadyPaidError the order has a payment that is open or succeeded: `payment_id`
│   ├── PreconditionError     the payment or binding is in another state than the call needs
│   └── NotSupportedError     the provider can't do this
└── ServiceError              stop and report: the service broke its contract

Every error carries the facts as fields; nobody needs to read the message.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum

import grpc


class ErrorReason(StrEnum):
    """The service's words for why it refused a call."""

    INVALID_REQUEST = "INVALID_REQUEST"
    REQUEST_ID_REUSED = "REQUEST_ID_REUSED"
    ORDER_ALREADY_PAID = "ORDER_ALREADY_PAID"
    PAYMENT_NOT_FOUND = "PAYMENT_NOT_FOUND"
    BINDING_NOT_FOUND = "BINDING_NOT_FOUND"
    BINDING_NOT_ACTIVE = "BINDING_NOT_ACTIVE"
    PAYMENT_IN_FLIGHT = "PAYMENT_IN_FLIGHT"
    NOT_REFUNDABLE = "NOT_REFUNDABLE"
    NOT_SUPPORTED_BY_PROVIDER = "NOT_SUPPORTED_BY_PROVIDER"
    PROVIDER_UNAVAILABLE = "PROVIDER_UNAVAILABLE"
    RATE_LIMITED = "RATE_LIMITED"
    VERSION_OUT_OF_RANGE = "VERSION_OUT_OF_RANGE"
    CURSOR_GONE = "CURSOR_GONE"
    STREAM_INTERRUPTED = "STREAM_INTERRUPTED"
    UNAUTHENTICATED = "UNAUTHENTICATED"
    PERMISSION_DENIED = "PERMISSION_DENIED"
    STORE_UNAVAILABLE = "STORE_UNAVAILABLE"
    DEADLINE_TOO_SHORT = "DEADLINE_TOO_SHORT"


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldViolation:
    """One wrong field of a request, and what is wrong with it."""

    field: str
    description: str


class OvoPaymentsError(Exception):
    """A call that did not get its answer.

    `reason` is an `ErrorReason`, a word that only a newer service knows, or
    empty where the answer carried none. `request_id` is what the call was
    sent with, also where the client made it.
    """

    def __init__(
        self,
        message: str,
        *,
        status: grpc.StatusCode = grpc.StatusCode.UNKNOWN,
        reason: str = "",
        metadata: Mapping[str, str] | None = None,
        field_violations: tuple[FieldViolation, ...] = (),
        retry_delay: timedelta | None = None,
        request_id: str | None = None,
    ) -> None:
        super().__init__(message)
        self.message = message
        self.status = status
        self.reason = reason
        self.metadata = dict(metadata or {})
        self.field_violations = field_violations
        self.retry_delay = retry_delay
        self.request_id = request_id

    def __str__(self) -> str:
        told = f"{self.reason or self.status.name}: {self.message}"
        return "; ".join(
            [told, *(f"{wrong.field}: {wrong.description}" for wrong in self.field_violations)]
        )


class RetryableError(OvoPaymentsError):
    """The same call, with the same request id, may succeed later."""


class UnavailableError(RetryableError):
    """The service told that nothing was sent to a provider."""


class RateLimitedError(RetryableError):
    """Too many calls; nothing was sent to a provider."""


class NoAnswerError(RetryableError):
    """No answer of the service arrived before the connection or the deadline ended.

    The call may have acted. Repeating it with the same request id is safe and
    tells what became of it; another request id is another payment.
    """


class RequestError(OvoPaymentsError):
    """The call can't succeed as it is."""


class InvalidRequestError(RequestError):
    """Fields are wrong, and `field_violations` names each; or the whole is too big."""


class RequestIdReusedError(RequestError):
    """The request id was used with other content; `metadata` names what it made."""


class NotFoundError(RequestError):
    """There is no such payment or binding, or it is another caller's."""


class OutOfRangeError(RequestError):
    """The version to watch from is beyond the payment's latest version."""


class AccessError(RequestError):
    """The caller did not prove who it is, or may not make this call."""


class RefusedError(OvoPaymentsError):
    """The call is right, and the state of the world says no."""


class OrderAlreadyPaidError(RefusedError):
    """The order has a payment that is open or succeeded."""

    @property
    def payment_id(self) -> str | None:
        """The order's payment, where the service named it."""
        return self.metadata.get("payment_id")


class PreconditionError(RefusedError):
    """The payment or the binding is in another state than the call needs."""


class NotSupportedError(RefusedError):
    """The provider, or this version of the service, can't do this."""


class ServiceError(OvoPaymentsError):
    """The service broke its contract; this is a bug to report."""
