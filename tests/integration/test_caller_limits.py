"""What one caller may take up: each limit is reached, told with a time, and nobody else's."""

import asyncio
from typing import Final

import grpc
import pytest
from google.rpc.error_details_pb2 import RetryInfo

from ovo.payments.v1 import ovo_payments_pb2 as messages
from ovo_payments.application.call import Caller
from ovo_payments.transport.grpc.authentication import Callers
from ovo_payments.transport.grpc.callers_file import KnownCaller, token_digest
from ovo_payments.transport.grpc.server import GrpcLimits
from tests.integration.running_grpc import SHOP, SOON_S, Running, detail_of, reason_of, running

REQUEST: Final = messages.GetStatusRequest(payment_id="pay_2")
OTHER: Final = (("authorization", "Bearer other token"),)
STRANGER: Final = (("authorization", "Bearer wrong"),)
CALLERS: Final = Callers(
    KnownCaller(caller=Caller(name=name, scope="shop"), digests=(token_digest(f"{name} token"),))
    for name in ("shop", "other")
)


def retry_s(error: grpc.aio.AioRpcError) -> float:
    """Reads when a refused call may be repeated; holds that it was refused for its number."""
    assert error.code() is grpc.StatusCode.RESOURCE_EXHAUSTED
    assert reason_of(error) == "RATE_LIMITED"
    retry = RetryInfo()
    detail_of(error, retry)
    return retry.retry_delay.seconds + retry.retry_delay.nanos / 1e9


async def watching(
    service: Running, metadata: tuple[tuple[str, str], ...]
) -> "grpc.aio.UnaryStreamCall[messages.WatchPaymentRequest, messages.WatchPaymentResponse]":
    """Opens a watch that was let in."""
    stream = service.stub.WatchPayment(messages.WatchPaymentRequest(), metadata=metadata)
    await stream.initial_metadata()
    if stream.done():
        await anext(aiter(stream))
    return stream


async def test_calls_a_second_are_limited_for_each_caller() -> None:
    """Whoever is refused is told when to come back, and is let in then; watches count."""
    async with running(
        callers=CALLERS, limits=GrpcLimits(caller_calls_per_second_max=4)
    ) as service:
        (await watching(service, SHOP)).cancel()
        for _ in range(3):
            await service.stub.GetStatus(REQUEST, metadata=SHOP)
        with pytest.raises(grpc.aio.AioRpcError) as refused:
            await service.stub.GetStatus(REQUEST, metadata=SHOP)
        wait_s = retry_s(refused.value)
        assert 0 < wait_s <= 0.25
        assert len(service.use_cases.get_status.asked) == 3

        await service.stub.GetStatus(REQUEST, metadata=OTHER)
        await asyncio.sleep(wait_s)
        await service.stub.GetStatus(REQUEST, metadata=SHOP)


async def test_who_proves_nothing_uses_nothing_up() -> None:
    """Else anybody could stop a caller by its name."""
    limits = GrpcLimits(caller_calls_per_second_max=1, calls_at_once_max=2)
    async with running(callers=CALLERS, limits=limits) as service:
        for _ in range(5):
            with pytest.raises(grpc.aio.AioRpcError) as refused:
                await service.stub.GetStatus(REQUEST, metadata=STRANGER)
            assert reason_of(refused.value) == "UNAUTHENTICATED"
        await service.stub.GetStatus(REQUEST, metadata=SHOP)


async def test_watches_of_a_caller_are_limited() -> None:
    """A watch that ends gives its place back."""
    async with running(callers=CALLERS, limits=GrpcLimits(caller_watches_at_once_max=2)) as service:
        open_watches = [await watching(service, SHOP) for _ in range(2)]
        with pytest.raises(grpc.aio.AioRpcError) as refused:
            await anext(
                aiter(service.stub.WatchPayment(messages.WatchPaymentRequest(), metadata=SHOP))
            )
        assert retry_s(refused.value) > 0

        others = await watching(service, OTHER)
        await service.stub.GetStatus(REQUEST, metadata=SHOP)
        open_watches[0].cancel()
        async with asyncio.timeout(SOON_S):
            await service.use_cases.watch_payment.closed.wait()
        (await watching(service, SHOP)).cancel()
        for stream in (open_watches[1], others):
            stream.cancel()


async def test_calls_at_once_of_a_caller_are_limited() -> None:
    """Those of others go on; a call that ends gives its place back."""
    async with running(callers=CALLERS, limits=GrpcLimits(caller_calls_at_once_max=1)) as service:
        entered, leave = asyncio.Event(), asyncio.Event()

        async def stay() -> None:
            entered.set()
            await leave.wait()

        service.use_cases.charge.work = stay
        first = asyncio.ensure_future(service.stub.Charge(messages.ChargeRequest(), metadata=SHOP))
        async with asyncio.timeout(SOON_S):
            await entered.wait()
        with pytest.raises(grpc.aio.AioRpcError) as refused:
            await service.stub.GetStatus(REQUEST, metadata=SHOP)
        assert retry_s(refused.value) > 0
        await service.stub.GetStatus(REQUEST, metadata=OTHER)
        leave.set()
        await first
        await service.stub.GetStatus(REQUEST, metadata=SHOP)


async def test_watches_of_all_callers_together_are_limited() -> None:
    """Beside what each of them may."""
    async with running(callers=CALLERS, limits=GrpcLimits(watches_at_once_max=1)) as service:
        first = await watching(service, SHOP)
        with pytest.raises(grpc.aio.AioRpcError) as refused:
            await anext(
                aiter(service.stub.WatchPayment(messages.WatchPaymentRequest(), metadata=OTHER))
            )
        assert retry_s(refused.value) > 0
        first.cancel()
