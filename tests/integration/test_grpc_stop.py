"""Health as balancers ask for it, and the way in which the gRPC server stops."""

import asyncio
from typing import Any

import grpc
import pytest
from grpc_health.v1 import health_pb2, health_pb2_grpc
from prometheus_client import CollectorRegistry

from ovo.payments.v1 import ovo_payments_pb2 as messages
from ovo_payments.transport.grpc.server import GrpcServer, NotServingError
from tests.integration.running_grpc import (
    CALLERS,
    SERVICE,
    SHOP,
    SOON_S,
    Running,
    reason_of,
    running,
)
from tests.unit.transport.fakes import FakeUseCases
from tests.unit.transport.samples import PAYMENT

SERVING = health_pb2.HealthCheckResponse.SERVING
NOT_SERVING = health_pb2.HealthCheckResponse.NOT_SERVING
SERVICE_UNKNOWN = health_pb2.HealthCheckResponse.SERVICE_UNKNOWN


def health_of(service: Running) -> Any:  # noqa: ANN401 - the library's stub has no types
    """Asks for health, without a token."""
    return health_pb2_grpc.HealthStub(service.channel)


async def hold(service: Running) -> tuple["asyncio.Future[Any]", asyncio.Event]:
    """Begins a charge that lasts until the event is set."""
    entered, leave = asyncio.Event(), asyncio.Event()

    async def stay() -> None:
        entered.set()
        await leave.wait()

    service.use_cases.charge.work = stay
    charge = asyncio.ensure_future(service.stub.Charge(messages.ChargeRequest(), metadata=SHOP))
    async with asyncio.timeout(SOON_S):
        await entered.wait()
    return charge, leave


@pytest.mark.parametrize("name", ["", SERVICE])
async def test_a_running_server_is_healthy_as_a_whole_and_by_service(name: str) -> None:
    """Nobody needs a token to ask."""
    async with running() as service:
        answer = await health_of(service).Check(health_pb2.HealthCheckRequest(service=name))
        assert answer.status == SERVING
        await service.server.check_serving()


async def test_a_service_that_is_not_here_is_not_found() -> None:
    """And a watch of it says so and goes on, as the protocol asks."""
    stranger = health_pb2.HealthCheckRequest(service="ovo.payments.v9.OvoPayments")
    async with running() as service:
        with pytest.raises(grpc.aio.AioRpcError) as refused:
            await health_of(service).Check(stranger)
        assert refused.value.code() is grpc.StatusCode.NOT_FOUND
        watch = health_of(service).Watch(stranger)
        assert (await watch.read()).status == SERVICE_UNKNOWN
        watch.cancel()


async def test_a_draining_server_is_unhealthy_and_still_answers() -> None:
    """Balancers turn away while callers lose nothing."""
    async with running() as service:
        service.server.drain()

        answer = await health_of(service).Check(health_pb2.HealthCheckRequest())
        await service.stub.Charge(messages.ChargeRequest(), metadata=SHOP)

        assert answer.status == NOT_SERVING
        with pytest.raises(NotServingError):
            await service.server.check_serving()


async def test_stopping_tells_first_lets_calls_finish_and_takes_no_more() -> None:
    """NOT_SERVING comes while a call is in flight; the call ends well; the next is refused."""
    async with running() as service:
        watch = health_of(service).Watch(health_pb2.HealthCheckRequest(service=SERVICE))
        assert (await watch.read()).status == SERVING
        charge, leave = await hold(service)

        stopping = asyncio.create_task(service.server.stop(SOON_S))
        assert (await watch.read()).status == NOT_SERVING
        assert not charge.done()
        async with grpc.aio.insecure_channel(service.target) as another:
            stub: Any = health_pb2_grpc.HealthStub(another)
            with pytest.raises(grpc.aio.AioRpcError) as refused:
                await stub.Check(health_pb2.HealthCheckRequest(), timeout=SOON_S)
        leave.set()

        assert (await charge).payment.payment_id == "pay_2"
        assert refused.value.code() is grpc.StatusCode.UNAVAILABLE
        await stopping


async def test_health_watches_do_not_hold_a_stop() -> None:
    """They end after NOT_SERVING; a stop would else always last for its whole grace."""
    async with running() as service:
        watch = health_of(service).Watch(health_pb2.HealthCheckRequest())
        told = aiter(watch)
        assert (await anext(told)).status == SERVING

        async with asyncio.timeout(SOON_S):
            await service.server.stop(60)

        assert [answer.status async for answer in told] == [NOT_SERVING]
        assert await watch.code() is grpc.StatusCode.OK


async def test_stopping_ends_watches_with_stream_interrupted() -> None:
    """The reason names the last version, from which the caller goes on elsewhere."""
    async with running() as service:
        stream = service.stub.WatchPayment(messages.WatchPaymentRequest(), metadata=SHOP)
        service.use_cases.watch_payment.events.put_nowait(PAYMENT)
        await anext(aiter(stream))

        async with asyncio.timeout(SOON_S):
            await service.server.stop(60)

        with pytest.raises(grpc.aio.AioRpcError) as interrupted:
            await anext(aiter(stream))
        assert interrupted.value.code() is grpc.StatusCode.UNAVAILABLE
        assert reason_of(interrupted.value) == "STREAM_INTERRUPTED"


async def test_what_does_not_finish_within_the_grace_is_cut_off() -> None:
    """A stop ends, whatever hangs."""
    async with running() as service:
        charge, _leave = await hold(service)

        async with asyncio.timeout(SOON_S):
            await service.server.stop(0.1)

        with pytest.raises(grpc.aio.AioRpcError):
            await charge


async def test_a_server_that_never_started_stops_at_once() -> None:
    """A start that fails half-way stops everything, also what it did not reach."""
    server = GrpcServer(
        use_cases=FakeUseCases(),
        callers=CALLERS,
        registry=CollectorRegistry(),
        listen="127.0.0.1:0",
    )
    with pytest.raises(NotServingError):
        await server.check_serving()
    await server.stop(60)
