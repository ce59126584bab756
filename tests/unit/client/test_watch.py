"""A watch yields each version once and in order, whatever breaks on the way."""

import asyncio
from contextlib import aclosing
from dataclasses import replace
from datetime import timedelta

import grpc
import pytest

from ovo.payments.v1 import ovo_payments_pb2, payment_pb2
from ovo_payments_client import (
    AccessError,
    Backoff,
    Heartbeat,
    Interruption,
    InvalidRequestError,
    NoAnswerError,
    NotFoundError,
    NotSupportedError,
    OutOfRangeError,
    OvoPaymentsClient,
    Payment,
    ServiceError,
    UnavailableError,
)
from tests.unit.client.contract_messages import heartbeat, version
from tests.unit.client.scripted_service import (
    Refusal,
    ScriptedService,
    Silence,
    Step,
    refusal,
    retry_after,
)

SUCCEEDED = payment_pb2.Payment.STATE_SUCCEEDED
INTERRUPTED = refusal(grpc.StatusCode.UNAVAILABLE, "STREAM_INTERRUPTED", last_version="1")


class Delays:
    """Waits no time and remembers how long it should have been."""

    def __init__(self) -> None:
        self.seconds: list[float] = []

    async def sleep(self, seconds: float) -> None:
        """Remembers the wait."""
        self.seconds.append(seconds)


@pytest.fixture
def delays() -> Delays:
    """Collects the waits of a test."""
    return Delays()


@pytest.fixture
def at_once(delays: Delays) -> Backoff:
    """Gives a policy that waits no time and draws the longest delay."""
    return Backoff(sleep=delays.sleep, jitter=lambda: 1.0)


def asked(service: ScriptedService) -> list[tuple[str, str, int | None]]:
    """Gives what each connection asked for: the kind of subject, its name, the version."""
    requests = service.requests("WatchPayment")
    return [
        (
            request.WhichOneof("subject") or "",
            request.payment_id or request.order_id,
            request.after_version if request.HasField("after_version") else None,
        )
        for request in requests
        if isinstance(request, ovo_payments_pb2.WatchPaymentRequest)
    ]


async def test_a_watch_ends_when_the_service_ends_it(
    service: ScriptedService, client: OvoPaymentsClient
) -> None:
    """OK after the last version ends the loop."""
    service.streams(version(1), version(2), version(3, SUCCEEDED))

    payments = [payment async for payment in client.watch("pay_1")]

    assert [payment.version for payment in payments] == [1, 2, 3]
    assert payments[-1].state.is_final
    assert asked(service) == [("payment_id", "pay_1", None)]


async def test_a_watch_sends_its_token_its_interval_and_no_deadline(
    service: ScriptedService, client: OvoPaymentsClient
) -> None:
    """A payment may take as long as it takes."""
    service.streams(version(1, SUCCEEDED))

    async for _ in client.watch("pay_1", heartbeat_interval_seconds=2.5):
        pass

    (call,) = service.calls
    assert isinstance(call.request, ovo_payments_pb2.WatchPaymentRequest)
    assert call.request.heartbeat_interval.ToTimedelta() == timedelta(seconds=2.5)
    assert call.metadata["authorization"] == "Bearer caller-token"
    assert call.seconds_left is None or call.seconds_left > 3_600


@pytest.mark.parametrize("after_version", [0, 1])
async def test_a_watch_can_go_on_from_a_version(
    service: ScriptedService, client: OvoPaymentsClient, after_version: int
) -> None:
    """Zero is a version to go on from: the whole history."""
    service.streams(version(after_version + 1), version(after_version + 2, SUCCEEDED))

    payments = [payment async for payment in client.watch("pay_1", after_version=after_version)]

    assert [payment.version for payment in payments] == [after_version + 1, after_version + 2]
    assert asked(service) == [("payment_id", "pay_1", after_version)]


@pytest.mark.parametrize(
    "breakage",
    [
        INTERRUPTED,
        Refusal(code=grpc.StatusCode.UNAVAILABLE, message="connection reset"),
        Refusal(code=grpc.StatusCode.INTERNAL, message="RST_STREAM"),
        Refusal(code=grpc.StatusCode.CANCELLED, message="a proxy gave up"),
        Refusal(code=grpc.StatusCode.DEADLINE_EXCEEDED, message="a proxy's longest stream"),
    ],
    ids=["interrupted", "reset", "internal", "cancelled", "deadline"],
)
async def test_a_broken_watch_goes_on_from_the_last_version_seen(
    service: ScriptedService, client: OvoPaymentsClient, at_once: Backoff, breakage: Refusal
) -> None:
    """The caller's loop does not notice the break."""
    service.streams(version(1), version(2), breakage)
    service.streams(version(3), breakage)
    service.streams(breakage)
    service.streams(version(4, SUCCEEDED))

    payments = [payment async for payment in client.watch("pay_1", backoff=at_once)]

    assert [payment.version for payment in payments] == [1, 2, 3, 4]
    assert [after for _, _, after in asked(service)] == [None, 2, 3, 3]


async def test_a_version_that_comes_again_is_not_told_again(
    service: ScriptedService, client: OvoPaymentsClient, at_once: Backoff
) -> None:
    """Also a service that repeats itself after a break shows each version once."""
    service.streams(version(1), version(2), INTERRUPTED)
    service.streams(version(1), version(2), version(3), version(2), version(4, SUCCEEDED))

    payments = [payment async for payment in client.watch("pay_1", backoff=at_once)]

    assert [payment.version for payment in payments] == [1, 2, 3, 4]


async def test_a_watch_that_saw_nothing_yet_starts_anew(
    service: ScriptedService, client: OvoPaymentsClient, at_once: Backoff
) -> None:
    """Without a version seen there is none to go on from."""
    service.streams(INTERRUPTED)
    service.streams(version(7, SUCCEEDED))

    payments = [payment async for payment in client.watch("pay_1", backoff=at_once)]

    assert [payment.version for payment in payments] == [7]
    assert [after for _, _, after in asked(service)] == [None, None]


async def test_a_watched_order_goes_on_with_the_payment_that_it_began_with(
    service: ScriptedService, client: OvoPaymentsClient, at_once: Backoff
) -> None:
    """An order may get another payment while the connection is broken; versions are of one."""
    service.streams(version(1, payment_id="pay_8"), INTERRUPTED)
    service.streams(version(2, SUCCEEDED, payment_id="pay_8"))

    async for _ in client.watch(order_id="order-1", backoff=at_once):
        pass

    assert asked(service) == [("order_id", "order-1", None), ("payment_id", "pay_8", 1)]


async def test_delays_grow_are_bounded_and_begin_again_after_a_message(
    service: ScriptedService, client: OvoPaymentsClient, delays: Delays
) -> None:
    """A service that stays away is asked less and less often, up to a limit."""
    backoff = Backoff(
        delay_seconds_first=1, delay_seconds_max=5, jitter=lambda: 0.5, sleep=delays.sleep
    )
    for _ in range(5):
        service.streams(INTERRUPTED)
    service.streams(heartbeat(0), INTERRUPTED)
    service.streams(version(1, SUCCEEDED))

    async for _ in client.watch("pay_1", backoff=backoff):
        pass

    assert delays.seconds == [0.5, 1, 2, 2.5, 2.5, 0.5]


async def test_a_delay_that_the_service_asks_for_is_kept(
    service: ScriptedService, client: OvoPaymentsClient, at_once: Backoff, delays: Delays
) -> None:
    """Too many watchers are told when to come back, and even so do not come as one."""
    wait = retry_after(timedelta(seconds=20))
    service.streams(refusal(grpc.StatusCode.RESOURCE_EXHAUSTED, "RATE_LIMITED", wait))
    service.streams(version(1, SUCCEEDED))

    async for _ in client.watch("pay_1", backoff=at_once):
        pass

    assert delays.seconds == [20.2]


async def test_a_watch_gives_up_after_the_attempts_that_it_was_given(
    service: ScriptedService, client: OvoPaymentsClient, delays: Delays
) -> None:
    """The error of the last attempt is told."""
    for _ in range(3):
        service.streams(INTERRUPTED)
    backoff = Backoff(attempts_max=3, sleep=delays.sleep)

    with pytest.raises(UnavailableError):
        async for _ in client.watch("pay_1", backoff=backoff):
            pass

    assert len(asked(service)) == 3
    assert len(delays.seconds) == 2


async def test_each_interruption_is_told_to_who_asks(
    service: ScriptedService, client: OvoPaymentsClient, at_once: Backoff
) -> None:
    """A display can show that it is reconnecting, and why."""
    interruptions: list[Interruption] = []
    service.streams(version(1), INTERRUPTED)
    service.streams(INTERRUPTED)
    service.streams(version(2, SUCCEEDED))

    async for _ in client.watch("pay_1", backoff=at_once, on_interruption=interruptions.append):
        pass

    assert [(told.attempt, told.delay_seconds) for told in interruptions] == [(1, 0.2), (2, 0.4)]
    assert interruptions[0].error.reason == "STREAM_INTERRUPTED"


@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        (refusal(grpc.StatusCode.NOT_FOUND, "PAYMENT_NOT_FOUND"), NotFoundError),
        (refusal(grpc.StatusCode.OUT_OF_RANGE, "VERSION_OUT_OF_RANGE"), OutOfRangeError),
        (refusal(grpc.StatusCode.INVALID_ARGUMENT, "INVALID_REQUEST"), InvalidRequestError),
        (refusal(grpc.StatusCode.UNAUTHENTICATED, "UNAUTHENTICATED"), AccessError),
        (refusal(grpc.StatusCode.PERMISSION_DENIED, "PERMISSION_DENIED"), AccessError),
        (Refusal(code=grpc.StatusCode.UNIMPLEMENTED), NotSupportedError),
        (Refusal(code=grpc.StatusCode.INTERNAL, call_id="night-7"), ServiceError),
    ],
)
async def test_a_refused_watch_is_not_tried_again(
    service: ScriptedService, client: OvoPaymentsClient, answer: Step, kind: type[Exception]
) -> None:
    """What can't get better by itself is told at once."""
    service.streams(answer)

    with pytest.raises(kind):
        async for _ in client.watch("pay_1"):
            pass

    assert len(asked(service)) == 1


async def test_a_connection_whose_heartbeat_is_late_is_given_up(
    service: ScriptedService, client: OvoPaymentsClient, at_once: Backoff
) -> None:
    """A link that died without a word is replaced, and nothing is lost."""
    interruptions: list[Interruption] = []
    service.streams(version(1), Silence())
    service.streams(version(2, SUCCEEDED))

    payments = [
        payment
        async for payment in client.watch(
            "pay_1",
            heartbeat_interval_seconds=0.1,
            backoff=replace(at_once, heartbeat_late_seconds_max=0.2),
            on_interruption=interruptions.append,
        )
    ]

    assert [payment.version for payment in payments] == [1, 2]
    (told,) = interruptions
    assert isinstance(told.error, NoAnswerError)
    assert told.error.message == "nothing arrived for 0.3 s, not even a heartbeat"


async def test_heartbeats_are_shown_to_who_asks_for_them(
    service: ScriptedService, client: OvoPaymentsClient
) -> None:
    """With heartbeats the stream has both kinds of events, in their order."""
    service.streams(version(1), heartbeat(1), version(2, SUCCEEDED))

    events = [event async for event in client.watch("pay_1", heartbeats=True)]

    assert [type(event) for event in events] == [Payment, Heartbeat, Payment]
    assert isinstance(events[1], Heartbeat)
    assert events[1].version == 1
    assert events[1].time is not None


async def test_heartbeats_are_left_out_otherwise(
    service: ScriptedService, client: OvoPaymentsClient
) -> None:
    """Most callers want payments alone."""
    service.streams(version(1), heartbeat(1), version(2, SUCCEEDED))

    payments = [payment async for payment in client.watch("pay_1")]

    assert [payment.version for payment in payments] == [1, 2]


async def test_leaving_a_watch_ends_its_call(
    service: ScriptedService, client: OvoPaymentsClient
) -> None:
    """A watcher that goes away leaves no stream behind."""
    service.streams(version(1), Silence())

    async with aclosing(client.watch("pay_1")) as payments:
        async for _ in payments:
            break

    assert await asyncio.to_thread(service.call_ended.wait, timeout=10)


async def test_a_cancelled_watch_ends_its_call(
    service: ScriptedService, client: OvoPaymentsClient
) -> None:
    """Cancelling the task that watches is a way of leaving."""
    service.streams(version(1), Silence())
    started = asyncio.Event()

    async def follow() -> None:
        async for _ in client.watch("pay_1"):
            started.set()

    task = asyncio.create_task(follow())
    await asyncio.wait_for(started.wait(), timeout=10)
    task.cancel()

    with pytest.raises(asyncio.CancelledError):
        await task
    assert await asyncio.to_thread(service.call_ended.wait, timeout=10)


def test_a_delay_stays_bounded_however_many_attempts_failed() -> None:
    """A watch that was away for a week does not overflow."""
    backoff = Backoff(delay_seconds_max=10, jitter=lambda: 1.0)

    assert backoff.delay_seconds(1_000_000) == 10
