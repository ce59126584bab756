"""Whatever a caller sends: an answer of the method's kind, or one refusal that the contract has."""

import asyncio
from random import Random
from typing import Final

import grpc
import pytest
from google.protobuf.message import Message
from google.protobuf.message_factory import GetMessageClass
from google.type.money_pb2 import Money
from hypothesis import given
from hypothesis import strategies as st

from ovo.payments.v1 import ovo_payments_pb2 as messages
from tests.fuzz.arena import Arena
from tests.fuzz.calling import METADATA_BYTES_MAX, METHODS, TEXTS, Server, Told, around
from tests.fuzz.examples import fuzzed
from tests.fuzz.fragments import spoil

_BUGS: Final = {grpc.StatusCode.INTERNAL, grpc.StatusCode.UNKNOWN}
_RUPIAH: Final = Money(currency_code="IDR", units=15_000)
_OK: Final = "https://shop.example/ok"
_NO: Final = "https://shop.example/no"


def good(arena: Arena, method: str, number: int) -> Message:
    """A message that is answered; each number makes another request of it."""
    linked, spare = arena.bindings["ACTIVE"].binding_id, arena.bindings["SPARE"].binding_id
    paid = arena.pushes["settlement"].payment_id
    request_id, order_id = f"request-{number}", f"order-{number}"
    made: dict[str, Message] = {
        "Bind": messages.BindRequest(
            request_id=request_id,
            customer_id="customer-1",
            phone_number="081111111111",
            success_url=_OK,
            failure_url=_NO,
        ),
        "Unbind": messages.UnbindRequest(binding_id=spare),
        "Balance": messages.BalanceRequest(binding_id=linked),
        "Pay": messages.PayRequest(
            request_id=request_id,
            order_id=order_id,
            binding_id=linked,
            amount=_RUPIAH,
            success_url=_OK,
            failure_url=_NO,
        ),
        "Charge": messages.ChargeRequest(
            request_id=request_id,
            order_id=order_id,
            phone_number="081111111111",
            amount=_RUPIAH,
        ),
        "Refund": messages.RefundRequest(request_id=request_id, payment_id=paid),
        "GetStatus": messages.GetStatusRequest(payment_id=paid),
        "WatchPayment": messages.WatchPaymentRequest(payment_id=paid),
        "WatchPayments": messages.WatchPaymentsRequest(),
    }
    return made[method]


def hold(arena: Arena, method: str, told: Told) -> None:
    """Holds that nothing broke, and that a refusal says why in the contract's words."""
    assert not arena.alarms.broke
    assert told.code not in _BUGS
    if told.code is grpc.StatusCode.OK:
        kind = GetMessageClass(METHODS[method].output_type)
        for message in told.messages:
            kind.FromString(message)
    else:
        assert len(told.reasons) == 1, "exactly one ErrorInfo"


@pytest.mark.parametrize("method", list(METHODS))
async def test_a_good_message_is_answered(arena: Arena, method: str) -> None:
    """What the others are made from gets as far as can be."""
    told = await called(arena, method, good(arena, method, 0).SerializeToString())
    assert told.code is grpc.StatusCode.OK


@pytest.mark.parametrize("method", list(METHODS))
@fuzzed(80)
@given(data=st.data())
async def test_any_message_is_answered_or_refused(
    arena: Arena, method: str, data: st.DataObject
) -> None:
    """Valid messages with any values, those that get far among them."""
    message = data.draw(around(good(arena, method, data.draw(st.integers(0, 30)))))
    hold(arena, method, await called(arena, method, message.SerializeToString()))


@pytest.mark.parametrize("method", list(METHODS))
@fuzzed(40)
@given(data=st.data())
async def test_any_bytes_are_answered_or_refused(
    arena: Arena, method: str, data: st.DataObject
) -> None:
    """Bytes that are no message, and messages that were spoilt on the way."""
    body = data.draw(st.binary(max_size=100))
    if data.draw(st.booleans()):
        seed = data.draw(st.integers(0, 2**32))
        message = good(arena, method, data.draw(st.integers(0, 30)))
        body = spoil(message.SerializeToString(), Random(seed))  # noqa: S311 - can be repeated
    hold(arena, method, await called(arena, method, body))


@fuzzed(100)
@given(
    metadata=st.lists(
        st.tuples(st.sampled_from(("authorization", "x-request-id", "x")), TEXTS), max_size=4
    )
)
async def test_any_metadata_is_taken_or_refused(
    arena: Arena, metadata: list[tuple[str, str]]
) -> None:
    """A wrong token is refused also where none is needed; a strange name of a call is dropped."""
    told = await Server(arena.application).call("GetStatus", b"", metadata)
    hold(arena, "GetStatus", told)
    authorized = any(key == "authorization" for key, _ in metadata)
    too_much = sum(len(key) + len(value) for key, value in metadata) > METADATA_BYTES_MAX
    refused = "UNAUTHENTICATED" if authorized and not too_much else "INVALID_REQUEST"
    assert told.reasons == [refused]


async def called(arena: Arena, method: str, body: bytes) -> Told:
    """Calls a method; a watch of what is open has no end, and is left."""
    server = Server(arena.application)
    try:
        async with asyncio.timeout(0.2):
            return await server.call(method, body)
    except TimeoutError:
        assert METHODS[method].server_streaming, "hung"
        return Told()
