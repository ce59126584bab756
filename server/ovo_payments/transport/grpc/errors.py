"""From an error to what the caller gets: the one table, and google.rpc.Status around a row."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import grpc
from google.protobuf.any_pb2 import Any
from google.protobuf.duration_pb2 import Duration
from google.rpc.error_details_pb2 import BadRequest, ErrorInfo, RetryInfo
from google.rpc.status_pb2 import Status

from ovo.payments.v1 import errors_pb2
from ovo_payments.domain import errors
from ovo_payments.domain.errors import InvalidRequestError, PaymentServiceError, Violation

DOMAIN: Final = "ovo.payments"
DETAILS_KEY: Final = "grpc-status-details-bin"
_REASON_PREFIX: Final = "ERROR_REASON_"
_NANOS_PER_SECOND: Final = 1_000_000_000

# Details travel in a trailer, of which clients take 8 KiB by default; base64 adds a third.
_VIOLATIONS_BYTES_MAX: Final = 4_096
_FACT_LENGTH_MAX: Final = 128


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """What one kind of error becomes."""

    status: grpc.StatusCode
    reason: errors_pb2.ErrorReason.ValueType
    message: str
    facts: tuple[str, ...] = ()
    """The error's fields that go into ErrorInfo's metadata; an empty one is left out."""

    @property
    def reason_name(self) -> str:
        """The reason as ErrorInfo carries it."""
        return errors_pb2.ErrorReason.Name(self.reason).removeprefix(_REASON_PREFIX)


TABLE: Final[Mapping[type[PaymentServiceError], Row]] = {
    errors.InvalidRequestError: Row(
        status=grpc.StatusCode.INVALID_ARGUMENT,
        reason=errors_pb2.ERROR_REASON_INVALID_REQUEST,
        message="The request is wrong",
    ),
    errors.RequestIdReusedError: Row(
        status=grpc.StatusCode.ALREADY_EXISTS,
        reason=errors_pb2.ERROR_REASON_REQUEST_ID_REUSED,
        message="The request id was used with other content.",
        facts=("payment_id", "binding_id", "differing_fields"),
    ),
    errors.OrderAlreadyPaidError: Row(
        status=grpc.StatusCode.ALREADY_EXISTS,
        reason=errors_pb2.ERROR_REASON_ORDER_ALREADY_PAID,
        message="The order has a payment that is open or succeeded.",
        facts=("payment_id",),
    ),
    errors.PaymentNotFoundError: Row(
        status=grpc.StatusCode.NOT_FOUND,
        reason=errors_pb2.ERROR_REASON_PAYMENT_NOT_FOUND,
        message="There is no such payment.",
        facts=("payment_id", "order_id"),
    ),
    errors.BindingNotFoundError: Row(
        status=grpc.StatusCode.NOT_FOUND,
        reason=errors_pb2.ERROR_REASON_BINDING_NOT_FOUND,
        message="There is no such binding.",
        facts=("binding_id",),
    ),
    errors.BindingNotActiveError: Row(
        status=grpc.StatusCode.FAILED_PRECONDITION,
        reason=errors_pb2.ERROR_REASON_BINDING_NOT_ACTIVE,
        message="The binding is not active.",
        facts=("binding_id", "state"),
    ),
    errors.PaymentInFlightError: Row(
        status=grpc.StatusCode.FAILED_PRECONDITION,
        reason=errors_pb2.ERROR_REASON_PAYMENT_IN_FLIGHT,
        message="A payment that uses the binding is open.",
        facts=("payment_id",),
    ),
    errors.NotRefundableError: Row(
        status=grpc.StatusCode.FAILED_PRECONDITION,
        reason=errors_pb2.ERROR_REASON_NOT_REFUNDABLE,
        message="Only a succeeded payment without an open refund can be refunded.",
        facts=("payment_id", "state"),
    ),
    errors.NotSupportedByProviderError: Row(
        status=grpc.StatusCode.UNIMPLEMENTED,
        reason=errors_pb2.ERROR_REASON_NOT_SUPPORTED_BY_PROVIDER,
        message="The provider can't do this.",
        facts=("provider", "capability"),
    ),
    errors.VersionOutOfRangeError: Row(
        status=grpc.StatusCode.OUT_OF_RANGE,
        reason=errors_pb2.ERROR_REASON_VERSION_OUT_OF_RANGE,
        message="The payment has no such version yet.",
        facts=("latest_version",),
    ),
    errors.CursorGoneError: Row(
        status=grpc.StatusCode.OUT_OF_RANGE,
        reason=errors_pb2.ERROR_REASON_CURSOR_GONE,
        message="The cursor's place does not exist here: begin without a cursor.",
    ),
    errors.UnauthenticatedError: Row(
        status=grpc.StatusCode.UNAUTHENTICATED,
        reason=errors_pb2.ERROR_REASON_UNAUTHENTICATED,
        message="The caller did not prove who it is: send `authorization: Bearer <token>`.",
    ),
    errors.PermissionDeniedError: Row(
        status=grpc.StatusCode.PERMISSION_DENIED,
        reason=errors_pb2.ERROR_REASON_PERMISSION_DENIED,
        message="The caller may not call this method.",
        facts=("method",),
    ),
    errors.DeadlineTooShortError: Row(
        status=grpc.StatusCode.DEADLINE_EXCEEDED,
        reason=errors_pb2.ERROR_REASON_DEADLINE_TOO_SHORT,
        message="Too little time was left, and nothing was sent.",
    ),
    errors.ProviderUnavailableError: Row(
        status=grpc.StatusCode.UNAVAILABLE,
        reason=errors_pb2.ERROR_REASON_PROVIDER_UNAVAILABLE,
        message="The provider can't be reached, and nothing was sent.",
        facts=("provider", "payment_id", "binding_id"),
    ),
    errors.RateLimitedError: Row(
        status=grpc.StatusCode.RESOURCE_EXHAUSTED,
        reason=errors_pb2.ERROR_REASON_RATE_LIMITED,
        message="Too many calls, and nothing was sent.",
    ),
    errors.StoreUnavailableError: Row(
        status=grpc.StatusCode.UNAVAILABLE,
        reason=errors_pb2.ERROR_REASON_STORE_UNAVAILABLE,
        message="The store can't take the request, and nothing was sent.",
    ),
    errors.StreamInterruptedError: Row(
        status=grpc.StatusCode.UNAVAILABLE,
        reason=errors_pb2.ERROR_REASON_STREAM_INTERRUPTED,
        message="The stream ends here; watch again from the last version or cursor.",
        facts=("last_version", "cursor", "cause"),
    ),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Refusal:
    """What a caller gets instead of an answer."""

    status: grpc.StatusCode
    message: str
    reason: str = ""
    facts: Mapping[str, str]
    details: bytes = b""
    """A google.rpc.Status, serialized; empty for our own bugs, of which nothing is told."""


def refusal_of(error: PaymentServiceError) -> Refusal:
    """Looks an error up; raises KeyError for one without a row, which a test rules out."""
    row = TABLE[type(error)]
    reason = row.reason_name
    facts = _facts(error, row.facts)
    details: list[ErrorInfo | BadRequest | RetryInfo] = [
        ErrorInfo(reason=reason, domain=DOMAIN, metadata=facts)
    ]
    message = row.message
    if isinstance(error, InvalidRequestError):
        told = _as_many_as_fit(error.violations)
        message = f"{message}: {_named(error.violations)}."
        details.append(BadRequest(field_violations=told))
    if isinstance(error, errors.RepeatableError):
        details.append(RetryInfo(retry_delay=_duration(error.retry_after_s)))
    status = Status(code=row.status.value[0], message=message)
    for detail in details:
        packed = Any()
        packed.Pack(detail)
        status.details.append(packed)
    return Refusal(
        status=row.status,
        message=message,
        reason=reason,
        facts=facts,
        details=status.SerializeToString(),
    )


def internal(request_id: str) -> Refusal:
    """What a caller learns of a bug of ours: the name under which the log tells about it."""
    return Refusal(
        status=grpc.StatusCode.INTERNAL,
        message=f"A fault of the service; its log tells of request {request_id}.",
        facts={},
    )


def _facts(error: PaymentServiceError, names: tuple[str, ...]) -> dict[str, str]:
    facts = {}
    for name in names:
        value = getattr(error, name)
        if value is None:
            continue
        text = ",".join(value) if isinstance(value, tuple) else str(value)
        if text:
            facts[name] = text[:_FACT_LENGTH_MAX]
    return facts


def _as_many_as_fit(violations: tuple[Violation, ...]) -> list[BadRequest.FieldViolation]:
    told = []
    left = _VIOLATIONS_BYTES_MAX
    for violation in violations:
        field = violation.field[:_FACT_LENGTH_MAX]
        message = BadRequest.FieldViolation(field=field, description=violation.description)
        left -= message.ByteSize()
        if left < 0:
            break
        told.append(message)
    return told


def _named(violations: tuple[Violation, ...], shown_max: int = 5) -> str:
    names = ", ".join(violation.field[:_FACT_LENGTH_MAX] for violation in violations[:shown_max])
    hidden_count = len(violations) - shown_max
    return names if hidden_count <= 0 else f"{names} and {hidden_count} more"


def _duration(seconds: float) -> Duration:
    whole, fraction = divmod(max(seconds, 0.0), 1)
    return Duration(seconds=int(whole), nanos=int(fraction * _NANOS_PER_SECOND))
