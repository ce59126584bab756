"""What this transport needs of the application; `application.use_cases.UseCases` has it."""

from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Protocol, TypeAlias, TypeVar

from ovo_payments.application.call import (
    BalanceResult,
    BindingResult,
    BindRequest,
    Call,
    ChargeRequest,
    GetStatusRequest,
    Heartbeat,
    PaymentResult,
    PayRequest,
    RefundRequest,
    StreamEvent,
    WatchPaymentRequest,
    WatchPaymentsRequest,
)
from ovo_payments.domain.binding import Binding
from ovo_payments.domain.payment import Payment

Request = TypeVar("Request")
Result = TypeVar("Result")
StreamRequest_contra = TypeVar("StreamRequest_contra", contravariant=True)
Event_co = TypeVar("Event_co", covariant=True)
UseCase: TypeAlias = Callable[[Call, Request], Awaitable[Result]]


class Watch(Protocol[StreamRequest_contra, Event_co]):
    """Streams something."""

    def __call__(self, call: Call, request: StreamRequest_contra, /) -> AsyncIterator[Event_co]:
        """Gives what changes, by an async generator."""

    def interrupt(self) -> None:
        """Ends every stream, since the server stops."""


class UseCases(Protocol):
    """One callable for each RPC."""

    @property
    def bind(self) -> UseCase[BindRequest, BindingResult]:
        """Links an account."""

    @property
    def unbind(self) -> UseCase[str, Binding]:
        """Unlinks one."""

    @property
    def balance(self) -> UseCase[str, BalanceResult]:
        """Reads a balance."""

    @property
    def pay(self) -> UseCase[PayRequest, PaymentResult]:
        """Debits a linked account."""

    @property
    def charge(self) -> UseCase[ChargeRequest, PaymentResult]:
        """Pushes a payment request to a phone."""

    @property
    def refund(self) -> UseCase[RefundRequest, PaymentResult]:
        """Returns a payment's money."""

    @property
    def get_status(self) -> UseCase[GetStatusRequest, Payment | Binding]:
        """Tells what is known."""

    @property
    def watch_payment(self) -> Watch[WatchPaymentRequest, Payment | Heartbeat]:
        """Streams a payment's changes."""

    @property
    def watch_payments(self) -> Watch[WatchPaymentsRequest, StreamEvent]:
        """Streams the changes of all payments of a caller."""
