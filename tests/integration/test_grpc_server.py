"""Calls, refusals and limits of the gRPC server, over a real channel."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any, Final

import grpc
import pytest
import structlog
from google.rpc.error_details_pb2 import BadRequest, RetryInfo
from structlog.testing import capture_logs

from ovo.payments.v1 import ovo_payments_pb2 as messages
from ovo_payments.application.call import Caller, Heartbeat
from ovo_payments.domain.errors import InvalidRequestError, StoreUnavailableError, Violation
from ovo_payments.transport.grpc.authentication import Callers
from ovo_payments.transport.grpc.codec import encode
from ovo_payments.transport.grpc.server import GrpcLimits, GrpcServer, ListenError
from tests.integration.running_grpc import (
    CALLERS,
    REPORTS,
    SERVICE,
    SHOP,
    SOON_S,
    Running,
    detail_of,
    header,
    reason_of,
    running,
)
from tests.unit.transport.samples import FULL_PAYMENT, NOON, PAYMENT

UNARY: Final = {
    "Bind": messages.BindRequest(request_id="r"),
    "Unbind": messages.UnbindRequest(binding_id="bnd_1"),
    "Balance": messages.BalanceRequest(binding_id="bnd_1"),
    "Pay": messages.PayRequest(request_id="r"),
    "Charge": messages.ChargeRequest(request_id="r"),
    "Refund": messages.RefundRequest(request_id="r"),
    "GetStatus": messages.GetStatusRequest(payment_id="pay_2"),
}
CHARGE: Final = messages.ChargeRequest(request_id="r", order_id="order-2")


@pytest.fixture
async def service() -> AsyncIterator[Running]:
    """A server as it is in production, but for what its use cases answer."""
    async with running() as it:
        yield it


@pytest.mark.parametrize("method", UNARY)
async def test_every_method_asks_its_use_case_and_answers(service: Running, method: str) -> None:
    """Decoded on the way in, encoded on the way out."""
    answer = await getattr(service.stub, method)(UNARY[method], metadata=SHOP)

    name = {"GetStatus": "get_status"}.get(method, method.lower())
    use_case = getattr(service.use_cases, name)
    ((call, _request),) = use_case.asked
    assert call.caller == Caller(name="shop", scope="shop")
    encoded: Any = getattr(encode, f"{name}_response")
    assert answer == encoded(use_case.result)


async def test_a_watch_streams_payments_and_heartbeats_and_ends_with_ok(service: Running) -> None:
    """In order, each once."""
    for event in (PAYMENT, Heartbeat(version=1, time=NOON), FULL_PAYMENT, None):
        service.use_cases.watch_payment.events.put_nowait(event)

    stream = service.stub.WatchPayment(
        messages.WatchPaymentRequest(order_id="order-2"), metadata=SHOP
    )
    told = [message async for message in stream]

    assert [message.WhichOneof("event") for message in told] == ["payment", "heartbeat", "payment"]
    assert [told[0].payment.version, told[1].heartbeat.version, told[2].payment.version] == [
        1,
        1,
        3,
    ]
    assert await stream.code() is grpc.StatusCode.OK


async def test_a_watcher_that_leaves_gives_its_place_up_at_once(service: Running) -> None:
    """The use case's stream is closed, not left to the garbage collector."""
    stream = service.stub.WatchPayment(messages.WatchPaymentRequest(), metadata=SHOP)
    service.use_cases.watch_payment.events.put_nowait(PAYMENT)
    await anext(aiter(stream))

    stream.cancel()

    async with asyncio.timeout(SOON_S):
        await service.use_cases.watch_payment.closed.wait()


async def test_use_cases_know_how_much_time_is_left(service: Running) -> None:
    """None where the caller waits for ever."""
    await service.stub.Charge(CHARGE, metadata=SHOP)
    await service.stub.Charge(CHARGE, metadata=SHOP, timeout=5)

    endless, bounded = [call.remaining_s for call, _ in service.use_cases.charge.asked]
    assert endless is None
    assert bounded is not None
    # The wire rounds it up.
    assert 4 < bounded < 5.5


async def test_the_deadline_of_a_call_ends_its_handler(service: Running) -> None:
    """What a use case shields goes on; the handler does not."""
    cancelled = asyncio.Event()

    async def hang() -> None:
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            cancelled.set()
            raise

    service.use_cases.charge.work = hang
    with capture_logs() as lines:
        with pytest.raises(grpc.aio.AioRpcError) as refused:
            await service.stub.Charge(CHARGE, metadata=SHOP, timeout=0.2)
        async with asyncio.timeout(SOON_S):
            await cancelled.wait()
            await asyncio.sleep(0)

    assert refused.value.code() is grpc.StatusCode.DEADLINE_EXCEEDED
    assert [line["code"] for line in lines] == ["DEADLINE_EXCEEDED"]


async def test_wrong_fields_are_told_one_by_one(service: Running) -> None:
    """As google.rpc.BadRequest beside the reason."""
    wrong = (Violation("amount.units", "must be positive"), Violation("order_id", "is missing"))
    service.use_cases.charge.fail_with(InvalidRequestError(wrong))

    with pytest.raises(grpc.aio.AioRpcError) as refused:
        await service.stub.Charge(CHARGE, metadata=SHOP)

    assert refused.value.code() is grpc.StatusCode.INVALID_ARGUMENT
    assert reason_of(refused.value) == "INVALID_REQUEST"
    bad = BadRequest()
    detail_of(refused.value, bad)
    assert [violation.field for violation in bad.field_violations] == ["amount.units", "order_id"]


async def test_what_may_be_repeated_says_when(service: Running) -> None:
    """As google.rpc.RetryInfo, on streams too."""
    service.use_cases.charge.fail_with(StoreUnavailableError(retry_after_s=2))

    with pytest.raises(grpc.aio.AioRpcError) as refused:
        await service.stub.Charge(CHARGE, metadata=SHOP)

    assert refused.value.code() is grpc.StatusCode.UNAVAILABLE
    retry = RetryInfo()
    detail_of(refused.value, retry)
    assert retry.retry_delay.seconds == 2


async def test_a_bug_of_ours_is_logged_and_not_told(service: Running) -> None:
    """The caller gets the request id, the log gets the traceback."""
    service.use_cases.charge.fail_with(ZeroDivisionError("secret of the house"))

    with capture_logs() as lines, pytest.raises(grpc.aio.AioRpcError) as refused:
        await service.stub.Charge(CHARGE, metadata=(*SHOP, ("x-request-id", "night-7")))

    assert refused.value.code() is grpc.StatusCode.INTERNAL
    assert "night-7" in (refused.value.details() or "")
    assert "secret" not in repr(refused.value)
    assert "grpc-status-details-bin" not in refused.value.trailing_metadata()
    (line,) = lines
    assert line["log_level"] == "error"
    assert isinstance(line["exc_info"], ZeroDivisionError)


async def test_bytes_that_are_no_message_are_refused(service: Running) -> None:
    """As a wrong request, which they are."""
    call: grpc.aio.UnaryUnaryMultiCallable[bytes, bytes] = service.channel.unary_unary(
        f"/{SERVICE}/Charge"
    )

    with pytest.raises(grpc.aio.AioRpcError) as refused:
        await call(b"\xff\xff\xff", metadata=SHOP)

    assert reason_of(refused.value) == "INVALID_REQUEST"
    assert service.use_cases.charge.asked == []


@pytest.mark.parametrize(
    ("metadata", "returned"),
    [
        ((("x-request-id", "till-7/4711"),), "till-7/4711"),
        ((("x-request-id", "x" * 64),), "x" * 64),
        ((("x-request-id", "x" * 65),), None),
        ((("x-request-id", "two words"),), None),
        ((), None),
    ],
)
async def test_every_answer_names_its_request(
    service: Running, metadata: tuple[tuple[str, str], ...], returned: str | None
) -> None:
    """By the caller's name for it where that is one, else by one that is made here."""
    bound: list[object] = []

    async def look() -> None:
        bound.append(structlog.contextvars.get_contextvars()["request_id"])

    service.use_cases.charge.work = look
    call = service.stub.Charge(CHARGE, metadata=(*SHOP, *metadata))
    await call

    name = header(await call.trailing_metadata(), "x-request-id")
    assert name == returned or (returned is None and len(name) == 16)
    assert bound == [name]


async def test_refusals_and_streams_name_their_request_too(service: Running) -> None:
    """A stream does at its begin, since its end may be far."""
    named = (("x-request-id", "till-7"),)
    with pytest.raises(grpc.aio.AioRpcError) as refused:
        await service.stub.Charge(CHARGE, metadata=named)
    assert header(refused.value.trailing_metadata(), "x-request-id") == "till-7"

    stream = service.stub.WatchPayment(messages.WatchPaymentRequest(), metadata=(*SHOP, *named))
    assert header(await stream.initial_metadata(), "x-request-id") == "till-7"
    stream.cancel()


@pytest.mark.parametrize(
    ("metadata", "reason"),
    [
        ((), "UNAUTHENTICATED"),
        ((("authorization", "Bearer wrong"),), "UNAUTHENTICATED"),
        ((*SHOP, *REPORTS), "UNAUTHENTICATED"),
        (REPORTS, "PERMISSION_DENIED"),
    ],
)
async def test_who_may_not_call_is_refused_before_anything_else(
    service: Running, metadata: tuple[tuple[str, str], ...], reason: str
) -> None:
    """No token, a wrong one, two, and one that is good for another method."""
    with pytest.raises(grpc.aio.AioRpcError) as refused:
        await service.stub.Charge(CHARGE, metadata=metadata)

    assert reason_of(refused.value) == reason
    assert service.use_cases.charge.asked == []


async def test_strangers_may_call_where_that_is_allowed() -> None:
    """In development."""
    async with running(callers=Callers(allow_anonymous=True)) as service:
        await service.stub.Charge(CHARGE)
        ((call, _),) = service.use_cases.charge.asked
        assert call.caller.scope == "anonymous"


@pytest.mark.parametrize("compression", [None, grpc.Compression.Gzip])
async def test_a_request_that_is_too_large_is_refused(
    service: Running, compression: grpc.Compression | None
) -> None:
    """By its size in memory, so that a small one can't unfold into a large one."""
    large = messages.ChargeRequest(order_id="x" * (256 * 1024))

    with pytest.raises(grpc.aio.AioRpcError) as refused:
        await service.stub.Charge(large, metadata=SHOP, compression=compression)

    assert refused.value.code() is grpc.StatusCode.RESOURCE_EXHAUSTED
    assert service.use_cases.charge.asked == []


async def test_metadata_that_is_too_large_is_refused() -> None:
    """Also before the peer has acknowledged the limit: a first call on a new connection."""
    async with running(limits=GrpcLimits(metadata_bytes_max=1_000)) as service:
        with pytest.raises(grpc.aio.AioRpcError) as refused:
            await service.stub.Charge(CHARGE, metadata=(*SHOP, ("x-note", "n" * 2_000)))
        assert refused.value.code() in {
            grpc.StatusCode.INVALID_ARGUMENT,
            grpc.StatusCode.RESOURCE_EXHAUSTED,
        }
        assert service.use_cases.charge.asked == []


async def test_too_many_calls_at_once_are_refused_and_streams_count_apart() -> None:
    """The place is free again once a call has ended."""
    async with running(limits=GrpcLimits(calls_at_once_max=1)) as service:
        entered, leave = asyncio.Event(), asyncio.Event()

        async def stay() -> None:
            entered.set()
            await leave.wait()

        service.use_cases.charge.work = stay
        first = asyncio.ensure_future(service.stub.Charge(CHARGE, metadata=SHOP))
        async with asyncio.timeout(SOON_S):
            await entered.wait()
        with pytest.raises(grpc.aio.AioRpcError) as refused:
            await service.stub.GetStatus(messages.GetStatusRequest(), metadata=SHOP)
        stream = service.stub.WatchPayment(messages.WatchPaymentRequest(), metadata=SHOP)
        await stream.initial_metadata()
        stream.cancel()
        leave.set()
        await first
        await service.stub.GetStatus(messages.GetStatusRequest(), metadata=SHOP)

        assert refused.value.code() is grpc.StatusCode.RESOURCE_EXHAUSTED
        assert reason_of(refused.value) == "RATE_LIMITED"


async def test_a_call_is_one_line_in_the_log(service: Running) -> None:
    """It tells who, what, how long and of which payment, and nothing of the customer."""
    with capture_logs() as lines:
        await service.stub.Charge(CHARGE, metadata=SHOP)

    (line,) = lines
    duration_ms = line.pop("duration_ms")
    assert 0 < duration_ms < 10_000
    assert line == {
        "event": "rpc.finished",
        "log_level": "info",
        "method": "Charge",
        "code": "OK",
        "caller": "shop",
        "payment_id": "pay_2",
        "state": "PENDING",
    }


async def test_calls_are_counted_by_method_and_status(service: Running) -> None:
    """With their latency."""
    await service.stub.Charge(CHARGE, metadata=SHOP)
    with pytest.raises(grpc.aio.AioRpcError):
        await service.stub.Charge(CHARGE)

    def count(code: str) -> float | None:
        labels = {"method": "Charge", "code": code}
        return service.registry.get_sample_value("ovo_rpc_duration_seconds_count", labels)

    assert count("OK") == 1
    assert count("UNAUTHENTICATED") == 1


async def test_a_port_that_is_taken_stops_the_start(service: Running) -> None:
    """By default grpc would share the port, and calls would go to either server."""
    second = GrpcServer(
        use_cases=service.use_cases,
        callers=CALLERS,
        registry=service.registry.__class__(),
        listen=service.target,
    )
    with pytest.raises(ListenError, match=service.target):
        await second.start()
