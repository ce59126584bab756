"""Encoding writes every field that a caller may see, and nothing else."""

from collections.abc import Iterable, Iterator
from dataclasses import replace

import pytest
from google.protobuf.message import Message

from ovo.payments.v1 import binding_pb2, errors_pb2, payment_pb2
from ovo.payments.v1 import ovo_payments_pb2 as messages
from ovo_payments.application.call import BalanceResult, BindingResult, Heartbeat, PaymentResult
from ovo_payments.domain.binding import BindingState
from ovo_payments.domain.money import Money
from ovo_payments.domain.payment import PaymentState
from ovo_payments.domain.provider import AccountBalance
from ovo_payments.transport.grpc.codec import encode
from tests.unit.transport.samples import (
    FULL_BINDING,
    FULL_PAYMENT,
    NOON,
    PAYMENT,
    PHONE,
    REFUND,
    TOKEN,
    minutes,
)


def unset_fields(message: Message, path: str = "") -> Iterator[str]:
    """Names the fields that are not set, in what lies within the message too."""
    set_fields = {field.name: value for field, value in message.ListFields()}
    for field in message.DESCRIPTOR.fields:
        here = f"{path}{field.name}"
        value = set_fields.get(field.name)
        if value is None:
            yield here
        elif isinstance(value, Message) and value.DESCRIPTOR.file.package == "ovo.payments.v1":
            yield from unset_fields(value, f"{here}.")


def test_every_field_of_a_payment_is_written() -> None:
    """A field that the encoder forgot would be unset."""
    assert list(unset_fields(encode.payment_message(FULL_PAYMENT))) == []


def test_every_field_of_a_binding_is_written() -> None:
    """The same of bindings."""
    assert list(unset_fields(encode.binding_message(FULL_BINDING))) == []


def test_a_payment_says_what_is_held() -> None:
    """Each value is where it belongs."""
    message = encode.payment_message(FULL_PAYMENT)

    assert message.payment_id == "pay_1"
    assert message.order_id == "order-1"
    assert message.state == payment_pb2.Payment.STATE_PENDING
    assert message.version == 3
    assert message.method == payment_pb2.Payment.METHOD_PUSH_TO_PHONE
    assert message.provider == "midtrans"
    assert (message.amount.currency_code, message.amount.units) == ("IDR", 15_000)
    assert message.binding_id == "bnd_1"
    assert message.redirect_url == "https://pay.example/1"
    assert message.provider_reference == "reference-1"
    assert message.create_time.ToJsonString() == "2025-11-20T12:00:00.123456Z"
    times = [message.update_time, message.expire_time, message.success_time]
    times.append(message.next_check_time)
    assert [time.seconds - message.create_time.seconds for time in times] == [60, 120, 180, 240]
    assert message.needs_review
    assert message.late_success
    assert dict(message.metadata) == {"till": "7"}


def test_a_failure_says_why() -> None:
    """Reason, sentence, the provider's code, and whether another try makes sense."""
    failure = encode.payment_message(FULL_PAYMENT).failure

    assert failure.reason == errors_pb2.FAILURE_REASON_INSUFFICIENT_FUNDS
    assert failure.message == "The account holds too little."
    assert failure.provider_code == "4035414"
    assert failure.retryable


def test_a_refund_says_what_is_held() -> None:
    """It lies within its payment."""
    refund = encode.payment_message(FULL_PAYMENT).refund

    assert refund.refund_id == REFUND.refund_id
    assert refund.state == payment_pb2.RefundDetails.STATE_PENDING
    assert refund.amount.units == 5_000
    assert refund.reason == "broken cup"
    assert refund.failure.provider_code == "4035414"
    assert refund.create_time.ToDatetime(NOON.tzinfo) == minutes(5)
    assert refund.success_time.ToDatetime(NOON.tzinfo) == minutes(6)


def test_what_is_not_known_is_unset() -> None:
    """A payment that has just begun has no times of its end, no failure and no refund."""
    message = encode.payment_message(PAYMENT)
    absent = ("failure", "refund", "expire_time", "success_time", "next_check_time")
    names = {field.name for field, _ in message.ListFields()}
    assert names.isdisjoint(absent)


def test_a_final_payment_has_no_next_check() -> None:
    """The contract: unset in a final state, whatever the row still holds."""
    final = replace(FULL_PAYMENT, state=PaymentState.SUCCEEDED, refund=None)
    assert not encode.payment_message(final).HasField("next_check_time")


@pytest.mark.parametrize(
    "message",
    [
        encode.payment_message(FULL_PAYMENT),
        encode.binding_message(FULL_BINDING),
    ],
)
def test_no_answer_names_a_phone_number_or_a_token(message: Message) -> None:
    """Four digits are left of the number, and credentials have no field."""
    wire = message.SerializeToString()
    assert b"*********7890" in wire
    assert PHONE[:-4].encode() not in wire
    assert TOKEN.encode() not in wire


def test_every_word_of_the_contract_can_be_said() -> None:
    """Each value of each enum but the unspecified one has a word of the domain, and one only."""
    tables: list[tuple[Iterable[int], Iterable[int]]] = [
        (encode.PAYMENT_STATES.values(), payment_pb2.Payment.State.values()),
        (encode.METHODS.values(), payment_pb2.Payment.Method.values()),
        (encode.REFUND_STATES.values(), payment_pb2.RefundDetails.State.values()),
        (encode.BINDING_STATES.values(), binding_pb2.Binding.State.values()),
        (encode.FAILURE_REASONS.values(), errors_pb2.FailureReason.values()),
        (encode.BALANCE_TYPES.values(), binding_pb2.AccountBalance.Type.values()),
    ]
    for said, words in tables:
        assert sorted(said) == sorted(words)[1:]


def test_answers_carry_their_payment_and_whether_it_is_a_replay() -> None:
    """Pay, Charge and Refund answer alike."""
    result = PaymentResult(payment=PAYMENT, replayed=True)
    payment = encode.payment_message(PAYMENT)

    assert encode.pay_response(result) == messages.PayResponse(payment=payment, replayed=True)
    charged = messages.ChargeResponse(payment=payment, replayed=True)
    assert encode.charge_response(result) == charged
    refunded = messages.RefundResponse(payment=payment, replayed=True)
    assert encode.refund_response(result) == refunded


def test_answers_carry_their_binding() -> None:
    """Bind says whether it is a replay; Unbind has nothing to replay."""
    binding = encode.binding_message(FULL_BINDING)
    result = BindingResult(binding=FULL_BINDING, replayed=False)

    assert encode.bind_response(result) == messages.BindResponse(binding=binding)
    assert encode.unbind_response(FULL_BINDING) == messages.UnbindResponse(binding=binding)
    assert FULL_BINDING.state is BindingState.PENDING
    assert binding.state == binding_pb2.Binding.STATE_PENDING


def test_a_balance_has_an_entry_for_each_kind() -> None:
    """Cash and points, read at a time."""
    balances = (
        AccountBalance(type="CASH", available=Money(70_000)),
        AccountBalance(type="POINTS", available=Money(1_200)),
    )

    message = encode.balance_response(BalanceResult(balances=balances, read_time=NOON))

    told = [(balance.type, balance.available.units) for balance in message.balances]
    account = binding_pb2.AccountBalance
    assert told == [(account.TYPE_CASH, 70_000), (account.TYPE_POINTS, 1_200)]
    assert message.read_time.ToDatetime(NOON.tzinfo) == NOON


def test_a_status_is_of_a_payment_or_of_a_binding() -> None:
    """The oneof says which."""
    assert encode.get_status_response(PAYMENT).WhichOneof("subject") == "payment"
    assert encode.get_status_response(FULL_BINDING).WhichOneof("subject") == "binding"


def test_a_stream_carries_payments_and_heartbeats() -> None:
    """A heartbeat tells the last version and the server's time."""
    assert encode.watch_payment_response(PAYMENT).payment.payment_id == "pay_2"
    heartbeat = encode.watch_payment_response(Heartbeat(version=7, time=NOON)).heartbeat
    assert heartbeat.version == 7
    assert heartbeat.time.ToDatetime(NOON.tzinfo) == NOON
