"""The service stopped in the middle of things, and started again on what it left.

Real processes; the sandbox lives on and keeps the ledger.
"""

import asyncio
import signal
from typing import Any, Final

import grpc
import pytest
from google.rpc.error_details_pb2 import ErrorInfo, RetryInfo
from google.rpc.status_pb2 import Status
from grpc_health.v1 import health_pb2, health_pb2_grpc

from ovo.payments.v1 import ovo_payments_pb2 as messages
from ovo.payments.v1 import ovo_payments_pb2_grpc
from ovo_payments_client import Interruption, NoAnswerError, Payment, PaymentState
from tests.apart import Apart
from tests.integration.restarts import (
    AMOUNT,
    HELD_S,
    PAID_S,
    calling,
    charge,
    held_charge,
    money,
    taken_up,
    unanswered,
    versions,
)
from tests.stack import WITHIN_S

pytestmark = pytest.mark.asyncio(loop_scope="module")

SERVICE: Final = "ovo.payments.v1.OvoPayments"
SERVING: Final = health_pb2.HealthCheckResponse.SERVING
NOT_SERVING: Final = health_pb2.HealthCheckResponse.NOT_SERVING


def health_of(channel: grpc.aio.Channel) -> Any:  # noqa: ANN401 - the library's stub has no types
    """The health service."""
    return health_pb2_grpc.HealthStub(channel)


async def test_a_stop_tells_first_and_lets_a_call_finish_with_its_answer(apart: Apart) -> None:
    """NOT_SERVING, no new calls, and the provider's answer to what was on its way."""
    service = apart.service
    async with (
        calling(apart) as client,
        grpc.aio.insecure_channel(service.grpc) as channel,
    ):
        health = health_of(channel).Watch(health_pb2.HealthCheckRequest(service=SERVICE))
        assert (await health.read()).status == SERVING
        charging = await held_charge(apart, client)

        service.send(signal.SIGTERM)
        async with asyncio.timeout(WITHIN_S):
            assert (await health.read()).status == NOT_SERVING
        async with apart.client.get(f"{service.http}/readyz") as ready:
            assert ready.status == 503
        async with calling(apart) as another:
            with pytest.raises(NoAnswerError):
                await charge(another)
        assert not charging.done()

        await apart.advance(HELD_S)
        payment = await charging
    assert payment.state is PaymentState.PENDING
    assert payment.provider_reference, "the answer of the provider"
    assert await service.ended() == 0
    assert service.log_lines("service.stopped", sends_left=0)

    await service.start()
    await apart.advance(PAID_S)
    async with calling(apart) as client:
        assert (await versions(client, payment.payment_id))[-1].state is PaymentState.SUCCEEDED
    assert await money(apart, payment.payment_id) == [("debit", AMOUNT)]


@pytest.mark.parametrize("signal_number", [signal.SIGTERM, signal.SIGINT])
async def test_a_stop_with_nothing_in_hand_is_quick(
    apart: Apart, signal_number: signal.Signals
) -> None:
    """A supervisor sees status 0, and Ctrl-C does the same."""
    apart.service.send(signal_number)
    assert await apart.service.ended() == 0


async def test_an_interrupted_watch_says_where_to_go_on(apart: Apart) -> None:
    """UNAVAILABLE with the reason, the last version, and when to come back."""
    async with (
        calling(apart) as client,
        grpc.aio.insecure_channel(apart.service.grpc) as channel,
    ):
        payment = await charge(client)
        stub = ovo_payments_pb2_grpc.OvoPaymentsStub(channel)
        stream = stub.WatchPayment(messages.WatchPaymentRequest(payment_id=payment.payment_id))
        seen: asyncio.Queue[int] = asyncio.Queue()

        async def watch() -> None:
            async for message in stream:
                seen.put_nowait(message.payment.version)

        watching = asyncio.create_task(watch())
        last_version = await seen.get()
        apart.service.send(signal.SIGTERM)
        with pytest.raises(grpc.aio.AioRpcError) as interrupted:
            await watching
    while not seen.empty():
        last_version = seen.get_nowait()

    assert interrupted.value.code() is grpc.StatusCode.UNAVAILABLE
    info, retry = ErrorInfo(), RetryInfo()
    told = interrupted.value.trailing_metadata()["grpc-status-details-bin"]
    assert isinstance(told, bytes)
    told_info, told_retry = Status.FromString(told).details
    assert told_info.Unpack(info)
    assert told_retry.Unpack(retry)
    assert info.reason == "STREAM_INTERRUPTED"
    assert info.metadata == {"last_version": str(last_version), "cause": "SERVER_STOPS"}
    assert await apart.service.ended() == 0


async def test_a_watch_goes_on_over_a_restart_without_gap_or_repeat(apart: Apart) -> None:
    """The customer pays while the service is away."""
    service = apart.service
    async with calling(apart) as client:
        payment = await charge(client)
        seen: asyncio.Queue[Payment] = asyncio.Queue()
        interruptions: list[Interruption] = []

        async def watch() -> None:
            changes = client.watch(
                payment.payment_id, after_version=0, on_interruption=interruptions.append
            )
            async for version in changes:
                seen.put_nowait(version)

        watching = asyncio.create_task(watch())
        async with asyncio.timeout(WITHIN_S):
            told = [await seen.get() for _ in range(payment.version)]
        assert await service.stop() == 0
        await apart.advance(PAID_S)
        await service.start()
        async with asyncio.timeout(WITHIN_S):
            await watching
    told += [seen.get_nowait() for _ in range(seen.qsize())]
    assert [version.version for version in told] == list(range(1, len(told) + 1))
    assert told[-1].state is PaymentState.SUCCEEDED
    assert interruptions[0].error.reason == "STREAM_INTERRUPTED"


@pytest.mark.parametrize("second", [signal.SIGTERM, signal.SIGINT])
async def test_a_second_signal_ends_it_at_once(apart: Apart, second: signal.Signals) -> None:
    """Though a call is still in hand, whose payment the next start takes care of."""
    service = apart.service
    async with calling(apart) as client:
        charging = await held_charge(apart, client)
        service.send(signal.SIGTERM)
        await service.logged("service.asked_to_stop")
        service.send(second)
        assert await service.ended() != 0
        await unanswered(charging)
    assert not service.log_lines("service.stopped")
    assert "Traceback" not in service.log()
    await taken_up(apart, charging.get_name())


async def test_what_does_not_finish_within_the_grace_is_taken_up_at_the_next_start(
    apart: Apart,
) -> None:
    """A stop ends, whatever hangs, and says what it leaves."""
    service = apart.service
    await service.stop()
    usual = service.settings
    service.settings = {**usual, "OVO_SHUTDOWN_GRACE_S": "0.5"}
    await service.start()
    async with calling(apart) as client:
        charging = await held_charge(apart, client)
        assert await service.stop() == 0
        await unanswered(charging)
    assert service.log_lines("service.stopped", sends_left=1)
    assert "Traceback" not in service.log()
    service.settings = usual
    await taken_up(apart, charging.get_name())


async def test_payments_of_a_provider_that_is_missing_are_told_of(apart: Apart) -> None:
    """Nobody asks about them, and somebody must know."""
    async with calling(apart) as client:
        await charge(client)
    await apart.service.stop()
    settings = apart.service.settings
    apart.service.settings = {
        name: value for name, value in settings.items() if not name.startswith("OVO_MIDTRANS")
    }
    await apart.service.start()
    assert apart.service.log_lines("provider.missing", provider="midtrans", level="error")
    await apart.service.stop()
    apart.service.settings = settings
    await apart.service.start()
    assert not apart.service.log_lines("provider.missing")
