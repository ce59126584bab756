"""Turns the contract's messages into the client's values, and arguments into messages."""

from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from enum import StrEnum
from typing import TypeVar

from google.protobuf.timestamp_pb2 import Timestamp
from google.type import money_pb2

from ovo.payments.v1 import binding_pb2, errors_pb2, ovo_payments_pb2, payment_pb2
from ovo_payments_client.binding import (
    AccountBalance,
    Balance,
    BalanceType,
    Binding,
    BindingState,
)
from ovo_payments_client.errors import ServiceError
from ovo_payments_client.payment import (
    Customer,
    Failure,
    FailureReason,
    Heartbeat,
    LineItem,
    Payment,
    PaymentChange,
    PaymentMethod,
    PaymentResult,
    PaymentState,
    Refund,
    RefundState,
)

Word = TypeVar("Word", bound=StrEnum)
Number = TypeVar("Number", bound=int)


def payment(message: payment_pb2.Payment) -> Payment:
    """Reads a payment."""
    return Payment(
        payment_id=message.payment_id,
        order_id=message.order_id,
        state=_word(PaymentState, payment_pb2.Payment.State.Name, message.state, "STATE_"),
        version=message.version,
        method=_word(PaymentMethod, payment_pb2.Payment.Method.Name, message.method, "METHOD_"),
        provider=message.provider,
        amount=_rupiah(message.amount),
        binding_id=message.binding_id or None,
        phone_number=message.phone_number or None,
        redirect_url=message.redirect_url or None,
        provider_reference=message.provider_reference or None,
        failure=_failure(message.failure) if message.HasField("failure") else None,
        refund=_refund(message.refund) if message.HasField("refund") else None,
        create_time=_time(message.create_time),
        update_time=_time(message.update_time),
        expire_time=_time(message.expire_time),
        success_time=_time(message.success_time),
        next_check_time=_time(message.next_check_time),
        needs_review=message.needs_review,
        late_success=message.late_success,
        metadata=dict(message.metadata),
    )


def binding(message: binding_pb2.Binding) -> Binding:
    """Reads a binding."""
    return Binding(
        binding_id=message.binding_id,
        customer_id=message.customer_id,
        state=_word(BindingState, binding_pb2.Binding.State.Name, message.state, "STATE_"),
        provider=message.provider,
        phone_number=message.phone_number or None,
        redirect_url=message.redirect_url or None,
        failure=_failure(message.failure) if message.HasField("failure") else None,
        create_time=_time(message.create_time),
        update_time=_time(message.update_time),
        expire_time=_time(message.expire_time),
    )


def balance(message: ovo_payments_pb2.BalanceResponse) -> Balance:
    """Reads what an account holds."""
    return Balance(
        balances=tuple(
            AccountBalance(
                type=_word(BalanceType, binding_pb2.AccountBalance.Type.Name, entry.type, "TYPE_"),
                available=_rupiah(entry.available),
            )
            for entry in message.balances
        ),
        read_time=_time(message.read_time),
    )


def heartbeat(message: ovo_payments_pb2.Heartbeat) -> Heartbeat:
    """Reads a heartbeat."""
    return Heartbeat(version=message.version, time=_time(message.time))


def payment_result(
    answer: ovo_payments_pb2.PayResponse
    | ovo_payments_pb2.ChargeResponse
    | ovo_payments_pb2.RefundResponse,
    request_id: str,
) -> PaymentResult:
    """Reads the answer to a call that moves money."""
    return PaymentResult(
        payment=payment(answer.payment),
        request_id=request_id,
        replayed=answer.replayed,
    )


def payment_change(message: ovo_payments_pb2.WatchPaymentsResponse) -> PaymentChange:
    """Reads a message of the stream of all payments."""
    if message.HasField("payment"):
        return PaymentChange(cursor=message.cursor, payment=payment(message.payment))
    return PaymentChange(cursor=message.cursor, time=_time(message.heartbeat.time))


def state_number(state: PaymentState) -> payment_pb2.Payment.State.ValueType:
    """Writes a payment's state."""
    return payment_pb2.Payment.State.Value(f"STATE_{state.value}")


def money(amount: int, field: str) -> money_pb2.Money:
    """Writes whole rupiah; anything but an int is a mistake in the calling program."""
    if isinstance(amount, bool) or not isinstance(amount, int):
        told = type(amount).__name__
        raise TypeError(f"{field}: whole rupiah as an int, for example 15000; not {told}")
    return money_pb2.Money(currency_code="IDR", units=amount)


def customer(known: Customer) -> payment_pb2.Customer:
    """Writes a customer."""
    return payment_pb2.Customer(
        customer_id=known.customer_id,
        name=known.name,
        email=known.email,
    )


def line_items(items: Iterable[LineItem]) -> list[payment_pb2.LineItem]:
    """Writes what is bought."""
    return [
        payment_pb2.LineItem(
            item_id=item.item_id,
            name=item.name,
            price=money(item.price, f"items[{index}].price"),
            quantity=item.quantity,
        )
        for index, item in enumerate(items)
    ]


def _failure(message: payment_pb2.Failure) -> Failure:
    """Reads why the money did not move."""
    return Failure(
        reason=_word(
            FailureReason,
            errors_pb2.FailureReason.Name,
            message.reason,
            "FAILURE_REASON_",
        ),
        message=message.message,
        provider_code=message.provider_code or None,
        retryable=message.retryable,
    )


def _refund(message: payment_pb2.RefundDetails) -> Refund:
    """Reads a refund."""
    return Refund(
        refund_id=message.refund_id,
        state=_word(RefundState, payment_pb2.RefundDetails.State.Name, message.state, "STATE_"),
        amount=_rupiah(message.amount),
        reason=message.reason or None,
        failure=_failure(message.failure) if message.HasField("failure") else None,
        create_time=_time(message.create_time),
        success_time=_time(message.success_time),
    )


def _word(words: type[Word], name: Callable[[Number], str], number: Number, prefix: str) -> Word:
    """Gives the word for an enum's number; UNKNOWN for one of a newer contract."""
    try:
        return words(name(number).removeprefix(prefix))
    except ValueError:
        return words("UNKNOWN")


def _rupiah(amount: money_pb2.Money) -> int:
    """Reads whole rupiah; the contract knows nothing else, so anything else is a broken service."""
    if amount.currency_code != "IDR" or amount.nanos != 0:
        raise ServiceError(
            f"an amount is not in whole rupiah: {amount.units} and {amount.nanos} billionths "
            f"of {amount.currency_code or 'no currency'}",
        )
    return amount.units


def _time(moment: Timestamp) -> datetime | None:
    """Reads a time; an unset one is None."""
    if moment.seconds == 0 and moment.nanos == 0:
        return None
    return moment.ToDatetime(tzinfo=UTC)
