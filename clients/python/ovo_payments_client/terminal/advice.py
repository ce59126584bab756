"""What to do next, after a result and after an error."""

from collections.abc import Callable
from datetime import timedelta
from math import ceil
from typing import Final

import grpc

from ovo_payments_client.binding import Binding, BindingState
from ovo_payments_client.errors import (
    AccessError,
    ErrorReason,
    InvalidRequestError,
    NoAnswerError,
    NotFoundError,
    NotSupportedError,
    OrderAlreadyPaidError,
    OutOfRangeError,
    OvoPaymentsError,
    PreconditionError,
    RequestIdReusedError,
    RetryableError,
)
from ovo_payments_client.payment import Payment, PaymentMethod, PaymentState
from ovo_payments_client.terminal.words import span


def after_payment(payment: Payment) -> str | None:
    """Tells what a payment waits for, or what may follow it."""
    if payment.needs_review:
        return "The service can't resolve this by itself: a person must look at it."
    match payment.state:
        case PaymentState.PENDING:
            return _while_pending(payment)
        case PaymentState.IN_DOUBT:
            return (
                "The provider may have acted, and the service keeps asking it. "
                "Start no other payment for this order."
            )
        case _:
            return _at_the_end(payment)


def _at_the_end(payment: Payment) -> str | None:
    """Tells where the money is."""
    match payment.state:
        case PaymentState.SUCCEEDED:
            return "The money has moved."
        case PaymentState.REFUNDED:
            return "The money went back to the customer."
        case PaymentState.FAILED if payment.failure and payment.failure.retryable:
            return "The money has not moved. A new payment for the same order may succeed."
        case PaymentState.FAILED:
            return "The money has not moved."
        case PaymentState.EXPIRED:
            return "The customer let the time pass. A new payment for the same order may be made."
        case _:
            return None


def _while_pending(payment: Payment) -> str | None:
    """Tells what the customer has to do."""
    if payment.redirect_url:
        return "The customer confirms it on this page:"
    if payment.method is PaymentMethod.PUSH_TO_PHONE:
        return "The customer accepts it in the OVO app."
    return None


def after_binding(binding: Binding) -> str | None:
    """Tells what a link waits for."""
    match binding.state:
        case BindingState.PENDING if binding.redirect_url:
            return "The customer links the account on this page:"
        case BindingState.ACTIVE:
            return f"Debit it: ovo pay --binding-id {binding.binding_id} …"
        case _:
            return None


def after_error(error: OvoPaymentsError) -> str:
    """Tells what to do about an error, by its class and its facts."""
    return next(advise(error) for kind, advise in _BY_KIND if isinstance(error, kind))


def _after_out_of_range(error: OvoPaymentsError) -> str:
    """Tells which version is the latest."""
    latest = error.metadata.get("latest_version")
    return f"The latest version is {latest}." if latest else "Watch from a lower version."


def _after_access(error: OvoPaymentsError) -> str:
    """Tells whether the caller is not known or not allowed."""
    if error.status is grpc.StatusCode.PERMISSION_DENIED:
        return "This caller may not make this call; ask who runs the service."
    return "Give the caller's token: --token, --token-file or OVOPAY_TOKEN."


def _after_order_already_paid(error: OvoPaymentsError) -> str:
    """Tells which payment to look at."""
    return f"See the order's payment: ovo status {error.metadata.get('payment_id', 'PAYMENT_ID')}"


def _after_precondition(error: OvoPaymentsError) -> str:
    """Tells what stands in the way."""
    match error.reason:
        case ErrorReason.BINDING_NOT_ACTIVE:
            state = error.metadata.get("state", "not active")
            return f"The binding is {state}; link it anew: ovo bind"
        case ErrorReason.PAYMENT_IN_FLIGHT:
            payment_id = error.metadata.get("payment_id", "PAYMENT_ID")
            return f"Wait until the open payment ends: ovo watch {payment_id}"
        case ErrorReason.NOT_REFUNDABLE:
            state = error.metadata.get("state", "in another state")
            return f"Only a succeeded payment can be refunded; this one is {state}."
        case _:
            return "Look at the state first: ovo status"


def _after_no_answer(error: OvoPaymentsError) -> str:
    """Tells how to find out."""
    if error.request_id is None:
        return "Is the service there? Check --server, --tls and the network, then call again."
    return (
        "It may have acted. Only a repetition with the same request id is safe: "
        f"--request-id {error.request_id}"
    )


def _after_refused_for_now(error: OvoPaymentsError) -> str:
    """Tells when to come back."""
    when = "a little later"
    if error.retry_delay is not None:
        when = f"in {span(timedelta(seconds=ceil(error.retry_delay.total_seconds())))}"
    same = "" if error.request_id is None else f", with --request-id {error.request_id}"
    return f"Nothing was sent. Call again {when}{same}."


# The first class that fits counts, so a class stands above its base.
_BY_KIND: Final[tuple[tuple[type[OvoPaymentsError], Callable[[OvoPaymentsError], str]], ...]] = (
    (InvalidRequestError, lambda _: "Mend the fields and call again."),
    (
        RequestIdReusedError,
        lambda _: (
            "The id belongs to a call with other content; for another payment choose another."
        ),
    ),
    (
        NotFoundError,
        lambda _: "Check the id; another caller's payments and bindings are not shown.",
    ),
    (OutOfRangeError, _after_out_of_range),
    (AccessError, _after_access),
    (OrderAlreadyPaidError, _after_order_already_paid),
    (PreconditionError, _after_precondition),
    (NotSupportedError, lambda _: "Choose another provider, or another way to pay."),
    (NoAnswerError, _after_no_answer),
    (RetryableError, _after_refused_for_now),
    (
        OvoPaymentsError,
        lambda _: "Report this to who runs the service; look at the state before any new payment.",
    ),
)
