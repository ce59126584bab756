"""Makes an error of the tree from `google.rpc.Status`, never by reading text."""

from datetime import timedelta
from typing import Final

import grpc
from google.protobuf.message import DecodeError
from google.rpc import error_details_pb2, status_pb2

from ovo_payments_client.errors import (
    AccessError,
    ErrorReason,
    FieldViolation,
    InvalidRequestError,
    NoAnswerError,
    NotFoundError,
    NotSupportedError,
    OrderAlreadyPaidError,
    OutOfRangeError,
    OvoPaymentsError,
    PreconditionError,
    RateLimitedError,
    RequestIdReusedError,
    ServiceError,
    UnavailableError,
)

DETAILS_KEY: Final = "grpc-status-details-bin"
DOMAIN: Final = "ovo.payments"
CALL_ID_KEY: Final = "x-request-id"

BY_REASON: dict[str, type[OvoPaymentsError]] = {
    ErrorReason.INVALID_REQUEST: InvalidRequestError,
    ErrorReason.REQUEST_ID_REUSED: RequestIdReusedError,
    ErrorReason.ORDER_ALREADY_PAID: OrderAlreadyPaidError,
    ErrorReason.PAYMENT_NOT_FOUND: NotFoundError,
    ErrorReason.BINDING_NOT_FOUND: NotFoundError,
    ErrorReason.BINDING_NOT_ACTIVE: PreconditionError,
    ErrorReason.PAYMENT_IN_FLIGHT: PreconditionError,
    ErrorReason.NOT_REFUNDABLE: PreconditionError,
    ErrorReason.NOT_SUPPORTED_BY_PROVIDER: NotSupportedError,
    ErrorReason.PROVIDER_UNAVAILABLE: UnavailableError,
    ErrorReason.RATE_LIMITED: RateLimitedError,
    ErrorReason.VERSION_OUT_OF_RANGE: OutOfRangeError,
    ErrorReason.CURSOR_GONE: OutOfRangeError,
    ErrorReason.STREAM_INTERRUPTED: UnavailableError,
    ErrorReason.UNAUTHENTICATED: AccessError,
    ErrorReason.PERMISSION_DENIED: AccessError,
    ErrorReason.STORE_UNAVAILABLE: UnavailableError,
    ErrorReason.DEADLINE_TOO_SHORT: UnavailableError,
}

BY_STATUS_WITH_UNKNOWN_REASON: dict[grpc.StatusCode, type[OvoPaymentsError]] = {
    grpc.StatusCode.INVALID_ARGUMENT: InvalidRequestError,
    grpc.StatusCode.NOT_FOUND: NotFoundError,
    grpc.StatusCode.OUT_OF_RANGE: OutOfRangeError,
    grpc.StatusCode.UNAUTHENTICATED: AccessError,
    grpc.StatusCode.PERMISSION_DENIED: AccessError,
    grpc.StatusCode.ALREADY_EXISTS: PreconditionError,
    grpc.StatusCode.FAILED_PRECONDITION: PreconditionError,
    grpc.StatusCode.ABORTED: NoAnswerError,
    grpc.StatusCode.UNIMPLEMENTED: NotSupportedError,
    grpc.StatusCode.RESOURCE_EXHAUSTED: RateLimitedError,
    grpc.StatusCode.UNAVAILABLE: UnavailableError,
    grpc.StatusCode.DEADLINE_EXCEEDED: NoAnswerError,
    grpc.StatusCode.CANCELLED: NoAnswerError,
}

# The service puts an ErrorInfo into each of its refusals. These, without one, were
# made on the way, by a broken connection, a proxy or a deadline of our own: they
# prove nothing about what the service did.
BY_STATUS_WITHOUT_REASON: dict[grpc.StatusCode, type[OvoPaymentsError]] = {
    **BY_STATUS_WITH_UNKNOWN_REASON,
    grpc.StatusCode.UNAVAILABLE: NoAnswerError,
    grpc.StatusCode.INTERNAL: NoAnswerError,
    # A message that is too big for somebody on the way; the service names its own reason.
    grpc.StatusCode.RESOURCE_EXHAUSTED: InvalidRequestError,
}


def decode_error(error: grpc.aio.AioRpcError, *, request_id: str | None = None) -> OvoPaymentsError:
    """Turns gRPC's error into ours."""
    details = _Details(error)
    return _kind(details.reason, error)(
        error.details() or "the answer carried no message",
        status=error.code(),
        reason=details.reason,
        metadata=details.metadata,
        field_violations=details.field_violations,
        retry_delay=details.retry_delay,
        request_id=request_id,
    )


def _kind(reason: str, error: grpc.aio.AioRpcError) -> type[OvoPaymentsError]:
    """Chooses the class: by the reason where it is known, else by the status."""
    if reason in BY_REASON:
        return BY_REASON[reason]
    if error.code() is grpc.StatusCode.INTERNAL and CALL_ID_KEY in error.trailing_metadata():
        # The service returns the name of every call that reached it: this is a fault of
        # its own, and not a stream that something on the way has reset.
        return ServiceError
    by_status = BY_STATUS_WITH_UNKNOWN_REASON if reason else BY_STATUS_WITHOUT_REASON
    return by_status.get(error.code(), ServiceError)


class _Details:
    """What `google.rpc.Status` adds to an error."""

    def __init__(self, error: grpc.aio.AioRpcError) -> None:
        self.reason = ""
        self.metadata: dict[str, str] = {}
        self.field_violations: tuple[FieldViolation, ...] = ()
        self.retry_delay: timedelta | None = None
        for detail in _status(error).details:
            info = error_details_pb2.ErrorInfo()
            bad_request = error_details_pb2.BadRequest()
            retry_info = error_details_pb2.RetryInfo()
            if detail.Unpack(info):
                self._read(info)
            elif detail.Unpack(bad_request):
                self.field_violations = tuple(
                    FieldViolation(field=wrong.field, description=wrong.description)
                    for wrong in bad_request.field_violations
                )
            elif detail.Unpack(retry_info):
                self.retry_delay = retry_info.retry_delay.ToTimedelta()

    def _read(self, info: error_details_pb2.ErrorInfo) -> None:
        """Takes the reason, where the service gave it and not somebody on the way."""
        if info.domain == DOMAIN:
            self.reason = _known(info.reason)
            self.metadata = dict(info.metadata)


def _status(error: grpc.aio.AioRpcError) -> status_pb2.Status:
    """Reads the status message from the trailers; empty where there is none to be read."""
    encoded = error.trailing_metadata().get(DETAILS_KEY, b"")
    try:
        return status_pb2.Status.FromString(encoded if isinstance(encoded, bytes) else b"")
    except DecodeError:
        # Whoever wrote these bytes, the code and the message still stand beside them.
        return status_pb2.Status()


def _known(reason: str) -> str:
    """Gives the member of ErrorReason where there is one, else the word itself."""
    return ErrorReason(reason) if reason in ErrorReason.__members__ else reason
