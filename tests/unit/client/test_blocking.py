"""The same client for programs without asyncio."""

from concurrent.futures import ThreadPoolExecutor

import grpc
import pytest

from ovo.payments.v1 import ovo_payments_pb2, payment_pb2
from ovo_payments_client import Heartbeat, NotFoundError, Payment, connect_blocking
from tests.unit.client.contract_messages import (
    heartbeat,
    payment_message,
    pending_payment,
    version,
)
from tests.unit.client.scripted_service import ScriptedService, Silence, refusal

SUCCEEDED = payment_pb2.Payment.STATE_SUCCEEDED


def test_a_call_waits_for_its_answer(service: ScriptedService) -> None:
    """Arguments, token and answer are those of the asynchronous client."""
    service.answers("Charge", ovo_payments_pb2.ChargeResponse(payment=payment_message()))

    with connect_blocking(service.target, token="caller-token") as client:
        result = client.charge(order_id="order-1", phone_number="081234567890", amount=15_000)

    assert result.payment == pending_payment()
    assert service.calls[0].metadata["authorization"] == "Bearer caller-token"


def test_an_error_is_raised_to_who_waits(service: ScriptedService) -> None:
    """The tree of errors is the same."""
    service.answers("GetStatus", refusal(grpc.StatusCode.NOT_FOUND, "PAYMENT_NOT_FOUND"))

    with connect_blocking(service.target) as client, pytest.raises(NotFoundError):
        client.get_status("pay_1")


def test_a_watch_is_an_iterator(service: ScriptedService) -> None:
    """It yields the versions and ends."""
    service.streams(version(1), heartbeat(1), version(2, SUCCEEDED))

    with connect_blocking(service.target) as client:
        events = list(client.watch("pay_1", heartbeats=True))

    assert [type(event) for event in events] == [Payment, Heartbeat, Payment]


def test_a_watch_can_be_left(service: ScriptedService) -> None:
    """Breaking out of the loop ends the call, not the client."""
    service.streams(version(1), Silence())
    service.answers("GetStatus", ovo_payments_pb2.GetStatusResponse(payment=payment_message()))

    with connect_blocking(service.target) as client:
        for payment in client.watch("pay_1"):
            assert payment.version == 1
            break
        assert service.call_ended.wait(timeout=10)
        assert client.get_status("pay_1") == pending_payment()


def test_one_client_serves_many_threads(service: ScriptedService) -> None:
    """A web server's threads share a connection."""
    answer = ovo_payments_pb2.GetStatusResponse(payment=payment_message())
    service.answers("GetStatus", *[answer] * 20)

    with connect_blocking(service.target) as client, ThreadPoolExecutor(4) as threads:
        payments = list(threads.map(client.get_status, ["pay_1"] * 20))

    assert payments == [pending_payment()] * 20
