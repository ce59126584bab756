"""What the channel repeats by itself, and what it never does."""

from collections.abc import Awaitable, Callable

import grpc
import pytest
from google.protobuf.message import Message

from ovo.payments.v1 import ovo_payments_pb2
from ovo_payments_client import (
    NoAnswerError,
    OvoPaymentsClient,
    RateLimitedError,
    UnavailableError,
)
from tests.unit.client.contract_messages import binding_message, payment_message
from tests.unit.client.scripted_service import SERVICE, ScriptedService, Silence, refusal

UNAVAILABLE = refusal(grpc.StatusCode.UNAVAILABLE, "STORE_UNAVAILABLE")

CALLS: list[tuple[str, Callable[[OvoPaymentsClient], Awaitable[object]], Message]] = [
    (
        "Bind",
        lambda client: client.bind(
            customer_id="customer-7",
            phone_number="081234567890",
            success_url="https://shop.example/ok",
            failure_url="https://shop.example/no",
        ),
        ovo_payments_pb2.BindResponse(binding=binding_message()),
    ),
    (
        "Unbind",
        lambda client: client.unbind("bind_1"),
        ovo_payments_pb2.UnbindResponse(binding=binding_message()),
    ),
    ("Balance", lambda client: client.balance("bind_1"), ovo_payments_pb2.BalanceResponse()),
    (
        "Pay",
        lambda client: client.pay(order_id="order-1", binding_id="bind_1", amount=15_000),
        ovo_payments_pb2.PayResponse(payment=payment_message()),
    ),
    (
        "Charge",
        lambda client: client.charge(
            order_id="order-1", phone_number="081234567890", amount=15_000
        ),
        ovo_payments_pb2.ChargeResponse(payment=payment_message()),
    ),
    (
        "Refund",
        lambda client: client.refund("pay_1"),
        ovo_payments_pb2.RefundResponse(payment=payment_message()),
    ),
    (
        "GetStatus",
        lambda client: client.get_status("pay_1"),
        ovo_payments_pb2.GetStatusResponse(payment=payment_message()),
    ),
]


@pytest.mark.parametrize(("method", "call", "answer"), CALLS, ids=[name for name, _, _ in CALLS])
async def test_a_call_that_found_the_service_unavailable_is_repeated_as_it_was(
    service: ScriptedService,
    client: OvoPaymentsClient,
    method: str,
    call: Callable[[OvoPaymentsClient], Awaitable[object]],
    answer: Message,
) -> None:
    """Each attempt carries the same request, with the same request id, and has what is left."""
    service.answers(method, UNAVAILABLE, answer)

    await call(client)

    first, second = service.requests(method)
    assert first == second
    assert all(call.seconds_left is not None and call.seconds_left <= 30 for call in service.calls)


def test_no_call_is_left_out() -> None:
    """A new one has to be repeated too, or be a stream."""
    calls = {method.name for method in SERVICE.methods if not method.server_streaming}
    assert {name for name, _, _ in CALLS} == calls


async def test_a_slow_answer_is_waited_for(
    service: ScriptedService, client: OvoPaymentsClient
) -> None:
    """Nothing is hedged: no second attempt is sent beside one that is on its way."""
    service.answers("Charge", Silence(), Silence())

    with pytest.raises(NoAnswerError):
        await client.charge(
            order_id="order-1", phone_number="081234567890", amount=15_000, deadline_seconds=1
        )

    assert len(service.requests("Charge")) == 1


async def test_four_attempts_are_made_and_no_more(
    service: ScriptedService, client: OvoPaymentsClient
) -> None:
    """A service that stays away is told after the fourth attempt, all with one request id."""
    service.answers("Charge", *[UNAVAILABLE] * 5)

    with pytest.raises(UnavailableError) as raised:
        await client.charge(order_id="order-1", phone_number="081234567890", amount=15_000)

    requests = service.requests("Charge")
    assert len(requests) == 4
    assert all(request == requests[0] for request in requests)
    assert isinstance(requests[0], ovo_payments_pb2.ChargeRequest)
    assert raised.value.request_id == requests[0].request_id


async def test_nothing_but_unavailable_is_repeated(
    service: ScriptedService, client: OvoPaymentsClient
) -> None:
    """A refusal is the answer, also one that says to come back later."""
    service.answers("Pay", *[refusal(grpc.StatusCode.RESOURCE_EXHAUSTED, "RATE_LIMITED")] * 2)

    with pytest.raises(RateLimitedError):
        await client.pay(order_id="order-1", binding_id="bind_1", amount=15_000)

    assert len(service.requests("Pay")) == 1
