"""Faults strike what they are armed for, as often as they should."""

import asyncio
import json
from datetime import UTC, datetime
from random import Random
from typing import Any

import pytest
from starlette.responses import JSONResponse, Response

from ovo_sandbox.clock import Clock, Scheduler
from ovo_sandbox.faults import KINDS, Fault, Faults, InvalidFault, Stage, refusal, spoil

NOON = datetime(2026, 1, 2, 12, 0, tzinfo=UTC)
ANSWER = {"status_code": "201", "order_id": "order-1"}


@pytest.fixture
def clock() -> Clock:
    """A clock that stands at noon."""
    return Clock.standing_at(NOON)


@pytest.fixture
def faults(clock: Clock) -> Faults:
    """No fault armed."""
    return Faults(clock, Random(1))  # noqa: S311 - a seed makes runs alike


def test_nothing_is_wrong_until_a_fault_is_armed(faults: Faults) -> None:
    """A fresh sandbox behaves."""
    assert faults.take("midtrans", "charge", reference="order-1") is None


def test_a_fault_strikes_once_unless_told_otherwise(faults: Faults) -> None:
    """The next payment is healthy again."""
    faults.arm({"name": "debit_then_hang"})
    taken = [faults.take("doku", "pay") for _ in range(2)]
    assert [fault and fault.name for fault in taken] == ["debit_then_hang", None]
    assert faults.armed() == []


def test_a_fault_with_a_count_strikes_that_often(faults: Faults) -> None:
    """Counts are kept per fault."""
    faults.arm({"name": "http_500_before", "count": 3})
    assert sum(faults.take("doku", "balance") is not None for _ in range(5)) == 3


@pytest.mark.parametrize(
    ("scope", "strikes"),
    [
        ({}, True),
        ({"provider": "midtrans"}, True),
        ({"provider": "doku"}, False),
        ({"operation": "charge"}, True),
        ({"operation": "refund"}, False),
        ({"reference": "order-*"}, True),
        ({"reference": "invoice-*"}, False),
        ({"phone": "0811-1111-1111"}, True),
        ({"phone": "081222222222"}, False),
    ],
)
def test_a_fault_strikes_only_in_its_scope(
    faults: Faults,
    scope: dict[str, str],
    strikes: bool,  # noqa: FBT001 - a column of the table
) -> None:
    """Provider, operation, reference and phone must all fit."""
    faults.arm({"name": "slow_drip", **scope})
    taken = faults.take("midtrans", "charge", reference="order-1", phone="6281111111111")
    assert (taken is not None) is strikes


@pytest.mark.parametrize("name", sorted(KINDS))
def test_only_webhook_faults_strike_notifications(faults: Faults, name: str) -> None:
    """A fault of the API never loses a notification, nor the other way round."""
    faults.arm({"name": name})
    taken = faults.take("midtrans", "webhook")
    assert (taken is not None) == (KINDS[name].stage is Stage.WEBHOOK)


def test_a_status_404_lasts_for_its_time(faults: Faults, clock: Clock) -> None:
    """Queries find the payment again afterwards."""
    faults.arm({"name": "status_404", "for_s": 30})
    clock.advance(29)
    assert faults.take("midtrans", "status") is not None
    clock.advance(1)
    assert faults.take("midtrans", "status") is None


def test_a_seeded_chance_repeats_itself(faults: Faults) -> None:
    """A simulation can be run again."""

    def outcomes() -> list[bool]:
        faults.clear()
        faults.arm({"name": "garbage_body", "probability": 0.5, "seed": 7, "count": None})
        return [faults.take("doku", "pay") is not None for _ in range(40)]

    first = outcomes()
    assert outcomes() == first
    assert 5 < sum(first) < 35


@pytest.mark.parametrize(
    ("request_body", "field"),
    [
        ({}, "name"),
        ({"name": "no_such_fault"}, "name"),
        ({"name": "slow_drip", "count": 0}, "count"),
        ({"name": "slow_drip", "probability": 1.5}, "probability"),
        ({"name": "slow_drip", "seconds": -1}, "seconds"),
        ({"name": "slow_drip", "seconds": float("inf")}, "seconds"),
        ({"name": "slow_drip", "for_s": "x"}, "for_s"),
        ({"name": "slow_drip", "operation": "webhook"}, "operation"),
        ({"name": "webhook_dropped", "operation": "charge"}, "operation"),
        ({"name": "slow_drip", "phone": "12"}, "phone"),
        ({"name": "slow_drip", "seed": "x"}, "seed"),
        ({"name": "slow_drip", "orders": "x"}, "orders"),
    ],
)
def test_a_mistyped_fault_is_refused_by_its_field(
    faults: Faults, request_body: dict[str, Any], field: str
) -> None:
    """Nothing is armed by accident."""
    with pytest.raises(InvalidFault) as refused:
        faults.arm(request_body)
    assert (refused.value.field, faults.armed()) == (field, [])


def armed(faults: Faults, name: str) -> Fault:
    """Arms a fault and takes it."""
    return faults.arm({"name": name, "seconds": 20})


class Wire:
    """Is what a server sees of an answer."""

    def __init__(self) -> None:
        self.sent: list[dict[str, Any]] = []
        self.gone = asyncio.Event()

    async def receive(self) -> dict[str, Any]:
        """Waits until the client leaves."""
        await self.gone.wait()
        return {"type": "http.disconnect"}

    async def send(self, message: Any) -> None:  # noqa: ANN401 - ASGI's messages have any shape
        """Keeps a message."""
        self.sent.append(message)

    async def carry(self, answer: Response) -> None:
        """Lets an answer go out."""
        await answer({"type": "http"}, self.receive, self.send)

    @property
    def body(self) -> bytes:
        """All that went out of the body."""
        return b"".join(message.get("body", b"") for message in self.sent)


async def has_begun_to_wait(scheduler: Scheduler) -> None:
    """Waits until something sleeps on the sandbox clock."""
    while not scheduler.timers():  # noqa: ASYNC110 - nothing tells of a new timer
        await asyncio.sleep(0)


async def test_a_reset_sends_nothing_and_cuts_the_connection(faults: Faults, clock: Clock) -> None:
    """The client cannot know what happened."""
    wire = Wire()
    answer = spoil(armed(faults, "debit_then_reset"), JSONResponse(ANSWER), Scheduler(clock))
    with pytest.raises(ConnectionResetError):
        await wire.carry(answer)
    assert wire.sent == []


@pytest.mark.parametrize("ends_by", ["time", "client"])
async def test_a_hang_ends_when_the_time_is_up_or_the_client_leaves(
    faults: Faults, clock: Clock, ends_by: str
) -> None:
    """Nothing is sent in either case."""
    wire, scheduler = Wire(), Scheduler(clock)
    answer = spoil(armed(faults, "debit_then_hang"), JSONResponse(ANSWER), scheduler)
    carrying = asyncio.ensure_future(wire.carry(answer))
    await has_begun_to_wait(scheduler)
    assert not carrying.done()
    if ends_by == "time":
        clock.advance(20)
    else:
        wire.gone.set()
    with pytest.raises(ConnectionResetError):
        await carrying
    assert wire.sent == []


async def test_a_drip_sends_the_whole_body_in_small_pieces(faults: Faults, clock: Clock) -> None:
    """A patient client gets the true answer."""
    wire, scheduler = Wire(), Scheduler(clock)
    answer = spoil(armed(faults, "slow_drip"), JSONResponse(ANSWER), scheduler)
    carrying = asyncio.ensure_future(wire.carry(answer))
    await has_begun_to_wait(scheduler)
    assert wire.body == b""
    while not carrying.done():
        clock.advance(1)
        await scheduler.run_due()
        await asyncio.sleep(0)
    assert json.loads(wire.body) == ANSWER
    assert len(wire.sent) > 10


async def test_a_truncated_body_is_half_of_what_was_promised(faults: Faults, clock: Clock) -> None:
    """Content-Length tells of more than comes."""
    wire = Wire()
    whole = JSONResponse(ANSWER)
    with pytest.raises(ConnectionResetError):
        await wire.carry(spoil(armed(faults, "truncated_body"), whole, Scheduler(clock)))
    assert wire.body == whole.body[: len(whole.body) // 2]
    assert dict(wire.sent[0]["headers"])[b"content-length"] == str(len(whole.body)).encode()


async def test_garbage_looks_like_json_and_is_not(faults: Faults, clock: Clock) -> None:
    """HTTP says that all is well."""
    answer = spoil(armed(faults, "garbage_body"), JSONResponse(ANSWER), Scheduler(clock))
    assert (answer.status_code, answer.media_type) == (200, "application/json")
    with pytest.raises(ValueError, match=r".*"):
        json.loads(bytes(answer.body))


@pytest.mark.parametrize(
    ("name", "status"),
    [("http_500_before", 500), ("http_503_before", 503), ("rate_limited_429", 429)],
)
def test_a_refusal_has_its_status(faults: Faults, clock: Clock, name: str, status: int) -> None:
    """Faults that stop an operation answer for it."""
    assert refusal(armed(faults, name), Scheduler(clock)).status_code == status


def test_a_504_comes_from_a_gateway(faults: Faults, clock: Clock) -> None:
    """Its body is a web page, as gateways write."""
    answer = spoil(armed(faults, "debit_then_504"), JSONResponse(ANSWER), Scheduler(clock))
    assert (answer.status_code, answer.media_type) == (504, "text/html")
