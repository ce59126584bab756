"""Decoding reads every field of every request, and judges none."""

from collections.abc import Callable, Iterator
from math import isnan
from typing import Any, Final

import pytest
from google.protobuf.descriptor import FieldDescriptor
from google.protobuf.duration_pb2 import Duration
from google.protobuf.message import Message
from google.type import money_pb2

from ovo.payments.v1 import ovo_payments_pb2 as messages
from ovo.payments.v1 import payment_pb2
from ovo_payments.application.call import (
    BindRequest,
    ChargeRequest,
    GetStatusRequest,
    ItemInput,
    PayRequest,
    RefundRequest,
    WatchPaymentRequest,
)
from ovo_payments.domain.money import MoneyInput
from ovo_payments.domain.payment import Customer
from ovo_payments.transport.grpc.codec import decode

DECODERS: Final[dict[str, Callable[[Any], object]]] = {
    "BindRequest": decode.bind_request,
    "UnbindRequest": decode.unbind_request,
    "BalanceRequest": decode.balance_request,
    "PayRequest": decode.pay_request,
    "ChargeRequest": decode.charge_request,
    "RefundRequest": decode.refund_request,
    "GetStatusRequest": decode.get_status_request,
    "WatchPaymentRequest": decode.watch_payment_request,
    "WatchPaymentsRequest": decode.watch_payments_request,
}


def filled(message: Message, counter: Iterator[int]) -> Message:
    """Sets every field of a message, and of what lies within it, to something of its own.

    Of a oneof the last alternative stays.
    """
    for field in message.DESCRIPTOR.fields:
        of_message = field.message_type
        if of_message is not None and of_message.GetOptions().map_entry:
            getattr(message, field.name)[f"key{next(counter)}"] = f"value{next(counter)}"
        elif of_message is not None and field.is_repeated:
            filled(getattr(message, field.name).add(), counter)
        elif of_message is not None:
            filled(getattr(message, field.name), counter)
        elif field.is_repeated:
            getattr(message, field.name).append(plain_value(field, next(counter)))
        else:
            setattr(message, field.name, plain_value(field, next(counter)))
    return message


def plain_value(field: FieldDescriptor, number: int) -> object:
    """Makes a value for a field that holds no message."""
    if field.type == FieldDescriptor.TYPE_BOOL:
        return True
    if field.type == FieldDescriptor.TYPE_STRING:
        return f"text{number}"
    return number


def leaves(message: Message, path: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    """Lists the paths to all fields that hold no message with fields of ours to look into."""
    for field in message.DESCRIPTOR.fields:
        of_message = field.message_type
        here = (*path, field.name)
        if of_message is None or of_message.GetOptions().map_entry:
            yield here
        else:
            value = getattr(message, field.name)
            yield from leaves(value[0] if field.is_repeated else value, here)


def cases() -> Iterator[tuple[str, tuple[str, ...]]]:
    """Names every field of every request."""
    for name in DECODERS:
        message = filled(getattr(messages, name)(), iter(range(1, 1000)))
        for path in leaves(message):
            yield name, path


@pytest.mark.parametrize(("name", "path"), list(cases()), ids=str)
def test_every_field_of_a_request_makes_a_difference(name: str, path: tuple[str, ...]) -> None:
    """A field that the decoder forgot would decode to the same with another value in it."""
    one = filled(getattr(messages, name)(), iter(range(1, 1000)))
    other = filled(getattr(messages, name)(), iter(range(1, 1000)))
    for message in (one, other):
        holder: Any = message
        for step in path[:-1]:
            holder = getattr(holder, step)
            holder = holder[0] if not isinstance(holder, Message) else holder
        field = holder.DESCRIPTOR.fields_by_name[path[-1]]
        if field.containing_oneof is not None:
            setattr(holder, path[-1], plain_value(field, 5))
        if message is other:
            holder.ClearField(path[-1])

    assert DECODERS[name](one) != DECODERS[name](other)


def test_every_request_of_the_contract_has_a_decoder() -> None:
    """A new RPC needs one."""
    methods = messages.DESCRIPTOR.services_by_name["OvoPayments"].methods
    assert {method.input_type.name for method in methods} == set(DECODERS)


def test_a_bind_is_read_as_it_was_written() -> None:
    """Texts stay what they are, also where the use case will refuse them."""
    message = messages.BindRequest(
        request_id="r",
        customer_id="c",
        phone_number="no number",
        success_url="http://a",
        failure_url="b",
        provider="doku",
        customer=payment_pb2.Customer(customer_id="c", name="n", email="e"),
    )

    assert decode.bind_request(message) == BindRequest(
        request_id="r",
        customer_id="c",
        phone_number="no number",
        success_url="http://a",
        failure_url="b",
        customer=Customer(customer_id="c", name="n", email="e"),
        provider="doku",
    )


def test_an_empty_request_decodes_to_nothing_set() -> None:
    """What is missing is named by the use cases, which know what is required."""
    assert decode.charge_request(messages.ChargeRequest()) == ChargeRequest(
        request_id="", order_id="", phone_number="", amount=None
    )
    assert decode.pay_request(messages.PayRequest()) == PayRequest(
        request_id="", order_id="", binding_id="", amount=None
    )
    assert decode.refund_request(messages.RefundRequest()) == RefundRequest(
        request_id="", payment_id=""
    )
    assert decode.get_status_request(messages.GetStatusRequest()) == GetStatusRequest()
    assert decode.watch_payment_request(messages.WatchPaymentRequest()) == WatchPaymentRequest()


def test_amounts_keep_what_makes_them_wrong() -> None:
    """A foreign currency, a fraction and a minus reach the use case, which names each."""
    amount = money_pb2.Money(currency_code="USD", units=-3, nanos=-500_000_000)
    item = payment_pb2.LineItem(item_id="i", name="Cup", price=amount, quantity=-1)

    request = decode.charge_request(messages.ChargeRequest(amount=amount, items=[item]))

    wrong = MoneyInput("USD", -3, -500_000_000)
    assert request.amount == wrong
    assert request.items == (ItemInput(item_id="i", name="Cup", price=wrong, quantity=-1),)


def test_a_subject_that_is_set_and_empty_is_not_unset() -> None:
    """The caller chose a name and left it empty, which is another mistake than choosing none."""
    assert decode.get_status_request(messages.GetStatusRequest(order_id="")).order_id == ""
    assert decode.watch_payment_request(messages.WatchPaymentRequest()).order_id is None


def test_version_zero_is_not_no_version() -> None:
    """0 asks for the whole history, none for the payment as it stands."""
    assert decode.watch_payment_request(messages.WatchPaymentRequest()).after_version is None
    asked = messages.WatchPaymentRequest(after_version=0)
    assert decode.watch_payment_request(asked).after_version == 0


@pytest.mark.parametrize(
    ("duration", "seconds"),
    [
        (Duration(seconds=15), 15.0),
        (Duration(seconds=1, nanos=500_000_000), 1.5),
        (Duration(), 0.0),
        (Duration(seconds=-1, nanos=-500_000_000), -1.5),
        (Duration(seconds=315_576_000_000), 315_576_000_000.0),
    ],
)
def test_a_duration_is_read_in_seconds(duration: Duration, seconds: float) -> None:
    """Whether it is a sensible heartbeat is for the use case to say."""
    asked = messages.WatchPaymentRequest(heartbeat_interval=duration)
    assert decode.watch_payment_request(asked).heartbeat_interval_s == seconds


@pytest.mark.parametrize(
    "duration",
    [
        Duration(seconds=1, nanos=-1),
        Duration(seconds=-1, nanos=1),
        Duration(nanos=1_000_000_000),
        Duration(seconds=315_576_000_001),
        Duration(seconds=-315_576_000_001),
    ],
)
def test_a_duration_that_is_none_is_no_number(duration: Duration) -> None:
    """So the use case refuses it, beside whatever else is wrong."""
    asked = messages.WatchPaymentRequest(heartbeat_interval=duration)
    interval_s = decode.watch_payment_request(asked).heartbeat_interval_s
    assert interval_s is not None
    assert isnan(interval_s)
