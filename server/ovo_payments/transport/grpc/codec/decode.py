"""From the contract's messages to the application's requests, without judging them.

What is unset is None or empty here; the use cases refuse what is wrong.
"""

import math
from collections.abc import Iterable
from typing import Final

from google.protobuf.duration_pb2 import Duration
from google.type.money_pb2 import Money as MoneyMessage

from ovo.payments.v1 import ovo_payments_pb2, payment_pb2
from ovo_payments.application.call import (
    BindRequest,
    ChargeRequest,
    GetStatusRequest,
    ItemInput,
    PayRequest,
    RefundRequest,
    WatchPaymentRequest,
    WatchPaymentsRequest,
)
from ovo_payments.domain.money import MoneyInput
from ovo_payments.domain.payment import Customer

_NANOS_PER_SECOND: Final = 1_000_000_000
_DURATION_S_MAX: Final = 315_576_000_000
"""The longest google.protobuf.Duration, about 10,000 years."""


def bind_request(message: ovo_payments_pb2.BindRequest) -> BindRequest:
    """Reads what Bind asks."""
    return BindRequest(
        request_id=message.request_id,
        customer_id=message.customer_id,
        phone_number=message.phone_number,
        success_url=message.success_url,
        failure_url=message.failure_url,
        customer=_customer(message.customer) if message.HasField("customer") else None,
        provider=message.provider,
    )


def unbind_request(message: ovo_payments_pb2.UnbindRequest) -> str:
    """Reads what Unbind asks: a binding's id."""
    return message.binding_id


def balance_request(message: ovo_payments_pb2.BalanceRequest) -> str:
    """Reads what Balance asks: a binding's id."""
    return message.binding_id


def pay_request(message: ovo_payments_pb2.PayRequest) -> PayRequest:
    """Reads what Pay asks."""
    points = message.HasField("points_amount")
    return PayRequest(
        request_id=message.request_id,
        order_id=message.order_id,
        binding_id=message.binding_id,
        amount=_money_input(message.amount) if message.HasField("amount") else None,
        points_amount=_money_input(message.points_amount) if points else None,
        merchant_initiated=message.merchant_initiated,
        success_url=message.success_url,
        failure_url=message.failure_url,
        items=_items(message.items),
        metadata=dict(message.metadata),
    )


def charge_request(message: ovo_payments_pb2.ChargeRequest) -> ChargeRequest:
    """Reads what Charge asks."""
    return ChargeRequest(
        request_id=message.request_id,
        order_id=message.order_id,
        phone_number=message.phone_number,
        amount=_money_input(message.amount) if message.HasField("amount") else None,
        customer=_customer(message.customer) if message.HasField("customer") else None,
        items=_items(message.items),
        metadata=dict(message.metadata),
        provider=message.provider,
    )


def refund_request(message: ovo_payments_pb2.RefundRequest) -> RefundRequest:
    """Reads what Refund asks."""
    return RefundRequest(
        request_id=message.request_id,
        payment_id=message.payment_id,
        amount=_money_input(message.amount) if message.HasField("amount") else None,
        reason=message.reason,
    )


def get_status_request(message: ovo_payments_pb2.GetStatusRequest) -> GetStatusRequest:
    """Reads what GetStatus asks; every name is None where no subject is set."""
    return GetStatusRequest(
        payment_id=message.payment_id if message.HasField("payment_id") else None,
        order_id=message.order_id if message.HasField("order_id") else None,
        binding_id=message.binding_id if message.HasField("binding_id") else None,
        refresh=message.refresh,
    )


def watch_payment_request(message: ovo_payments_pb2.WatchPaymentRequest) -> WatchPaymentRequest:
    """Reads what WatchPayment asks; an interval that is none is NaN."""
    interval_s = None
    if message.HasField("heartbeat_interval"):
        interval_s = _seconds(message.heartbeat_interval)
    return WatchPaymentRequest(
        payment_id=message.payment_id if message.HasField("payment_id") else None,
        order_id=message.order_id if message.HasField("order_id") else None,
        after_version=message.after_version if message.HasField("after_version") else None,
        heartbeat_interval_s=interval_s,
    )


def watch_payments_request(
    message: ovo_payments_pb2.WatchPaymentsRequest,
) -> WatchPaymentsRequest:
    """Reads what WatchPayments asks; an interval that is none is NaN."""
    interval_s = None
    if message.HasField("heartbeat_interval"):
        interval_s = _seconds(message.heartbeat_interval)
    return WatchPaymentsRequest(
        cursor=message.cursor,
        from_now=message.from_now,
        states=tuple(_state(number) for number in message.states),
        providers=tuple(message.providers),
        heartbeat_interval_s=interval_s,
    )


def _state(number: payment_pb2.Payment.State.ValueType) -> str:
    """Gives a state's name, or the number of one that this version does not know."""
    value = payment_pb2.Payment.State.DESCRIPTOR.values_by_number.get(number)
    return str(number) if value is None else value.name.removeprefix("STATE_")


def _customer(message: payment_pb2.Customer) -> Customer:
    return Customer(customer_id=message.customer_id, name=message.name, email=message.email)


def _money_input(message: MoneyMessage) -> MoneyInput:
    return MoneyInput(message.currency_code, message.units, message.nanos)


def _items(messages: Iterable[payment_pb2.LineItem]) -> tuple[ItemInput, ...]:
    return tuple(
        ItemInput(
            item_id=message.item_id,
            name=message.name,
            price=_money_input(message.price) if message.HasField("price") else None,
            quantity=message.quantity,
        )
        for message in messages
    )


def _seconds(message: Duration) -> float:
    """Reads a duration; what breaks the rules of google.protobuf.Duration is no number."""
    seconds, nanos = message.seconds, message.nanos
    contradictory = (seconds > 0 > nanos) or (seconds < 0 < nanos)
    if abs(seconds) > _DURATION_S_MAX or abs(nanos) >= _NANOS_PER_SECOND or contradictory:
        return math.nan
    return seconds + nanos / _NANOS_PER_SECOND
