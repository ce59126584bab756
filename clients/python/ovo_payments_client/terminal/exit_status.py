"""What the command line's exit status tells a script."""

from enum import IntEnum
from typing import Final

from ovo_payments_client.binding import BindingState
from ovo_payments_client.errors import (
    AccessError,
    NoAnswerError,
    OvoPaymentsError,
    RefusedError,
    RequestError,
    RetryableError,
)
from ovo_payments_client.payment import Payment, PaymentState, RefundState


class ExitStatus(IntEnum):
    """The statuses of `ovo`; README.md lists them."""

    OK = 0
    NO_MONEY = 1
    """The answer came: the payment, refund or binding failed or expired."""
    USAGE = 2
    FIX_REQUEST = 3
    REFUSED = 4
    TRY_AGAIN = 5
    NO_ANSWER = 6
    ACCESS = 7
    SERVICE_BROKEN = 8
    INTERRUPTED = 130


# The first class that fits counts, so a class stands above its base.
_BY_ERROR: Final[tuple[tuple[type[OvoPaymentsError], ExitStatus], ...]] = (
    (AccessError, ExitStatus.ACCESS),
    (RequestError, ExitStatus.FIX_REQUEST),
    (RefusedError, ExitStatus.REFUSED),
    (NoAnswerError, ExitStatus.NO_ANSWER),
    (RetryableError, ExitStatus.TRY_AGAIN),
    (OvoPaymentsError, ExitStatus.SERVICE_BROKEN),
)


def of_error(error: OvoPaymentsError) -> ExitStatus:
    """Gives the status for a call without an answer."""
    return next(status for kind, status in _BY_ERROR if isinstance(error, kind))


def of_payment(payment: Payment) -> ExitStatus:
    """Gives the status for a payment that somebody asked for or watched."""
    failed = payment.state in {PaymentState.FAILED, PaymentState.EXPIRED}
    return ExitStatus.NO_MONEY if failed else ExitStatus.OK


def of_refund(payment: Payment) -> ExitStatus:
    """Gives the status for a refund that somebody asked for."""
    failed = payment.refund is not None and payment.refund.state is RefundState.FAILED
    return ExitStatus.NO_MONEY if failed else ExitStatus.OK


def of_binding(state: BindingState) -> ExitStatus:
    """Gives the status for a link that somebody asked for."""
    failed = state in {BindingState.FAILED, BindingState.EXPIRED}
    return ExitStatus.NO_MONEY if failed else ExitStatus.OK
