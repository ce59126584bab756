"""`ovo watch`, and `--watch` after a call: as lines, as JSON lines, and drawn live."""

import io
import json

import grpc
import pytest
from rich.console import Console

from ovo.payments.v1 import ovo_payments_pb2, payment_pb2
from ovo_payments_client import OvoPaymentsClient, PaymentResult
from ovo_payments_client.terminal.exit_status import ExitStatus
from ovo_payments_client.terminal.following import follow
from ovo_payments_client.terminal.session import Session
from tests.unit.client.conftest import Ovo
from tests.unit.client.contract_messages import (
    declined_message,
    heartbeat,
    payment_message,
    pending_payment,
    version,
)
from tests.unit.client.scripted_service import Refusal, ScriptedService, refusal

Payments = payment_pb2.Payment
SUCCEEDED = Payments.STATE_SUCCEEDED
INTERRUPTED = refusal(grpc.StatusCode.UNAVAILABLE, "STREAM_INTERRUPTED", message="stopping")

CHARGE = ("charge", "--order-id", "order-1", "--phone", "081234567890", "--amount", "15000")


def test_watch_writes_a_line_for_each_version(service: ScriptedService, ovo: Ovo) -> None:
    """Where there is no terminal a line tells what each version says anew."""
    service.streams(version(1), heartbeat(1), version(2), version(3, SUCCEEDED))

    result = ovo("watch", "pay_1")

    assert result.exit_code == 0
    first, second, third = (line.partition("  ")[2] for line in result.stdout.splitlines())
    assert first == "v1  ● PENDING  Rp15.000  reference ref-9"
    assert second == "v2  ● PENDING  Rp15.000  +2 s"
    assert third == "v3  ● SUCCEEDED  Rp15.000  +2 s"


def test_watch_writes_heartbeats_where_they_are_asked_for(
    service: ScriptedService, ovo: Ovo
) -> None:
    """A person who doubts the link sees that it lives."""
    service.streams(version(1), heartbeat(1), version(2, SUCCEEDED))

    result = ovo("watch", "pay_1", "--heartbeats")

    assert [line.endswith("♥") for line in result.stdout.splitlines()] == [False, True, False]


@pytest.mark.parametrize(
    ("options", "others"),
    [
        ((), []),
        (
            ("--heartbeats",),
            [{"heartbeat": {"version": 1, "time": "2026-03-01T05:00:30Z"}}],
        ),
    ],
)
def test_watch_writes_a_document_for_each_event(
    service: ScriptedService, ovo: Ovo, options: tuple[str, ...], others: list[object]
) -> None:
    """JSON lines have one event each, heartbeats only where they are asked for."""
    service.streams(version(1), heartbeat(1), version(2, SUCCEEDED))

    result = ovo("watch", "pay_1", "--json", *options)

    events = [json.loads(line) for line in result.stdout.splitlines()]
    payments = [event["payment"] for event in events if "payment" in event]
    assert [(payment["version"], payment["state"]) for payment in payments] == [
        (1, "PENDING"),
        (2, "SUCCEEDED"),
    ]
    assert [event for event in events if "payment" not in event] == others


def test_watch_passes_its_options_on(service: ScriptedService, ovo: Ovo) -> None:
    """The order, the version and the interval reach the service."""
    service.streams(version(4, SUCCEEDED))

    ovo(
        *("watch", "--order-id", "order-1", "--after-version", "3"),
        *("--heartbeat-interval", "2"),
    )

    (request,) = service.requests("WatchPayment")
    assert isinstance(request, ovo_payments_pb2.WatchPaymentRequest)
    assert request.order_id == "order-1"
    assert request.after_version == 3
    assert request.heartbeat_interval.seconds == 2


def test_a_break_is_told_beside_the_versions(service: ScriptedService, ovo: Ovo) -> None:
    """Standard output has the payment alone; the break stands on standard error."""
    for _ in range(2):
        service.streams(version(1), INTERRUPTED)
        service.streams(version(2, SUCCEEDED))

    readable = ovo("watch", "pay_1")
    documents = ovo("watch", "pay_1", "--json")

    assert len(readable.stdout.splitlines()) == len(documents.stdout.splitlines()) == 2
    assert readable.stderr.startswith("STREAM_INTERRUPTED: stopping; connecting again in ")
    told = json.loads(documents.stderr)["interruption"]
    assert (told["reason"], told["status"], told["attempt"]) == (
        "STREAM_INTERRUPTED",
        "UNAVAILABLE",
        1,
    )


@pytest.mark.parametrize(
    ("state", "status"),
    [
        (Payments.STATE_SUCCEEDED, 0),
        (Payments.STATE_REFUNDED, 0),
        (Payments.STATE_FAILED, 1),
        (Payments.STATE_EXPIRED, 1),
    ],
)
def test_watch_returns_how_the_payment_ended(
    service: ScriptedService, ovo: Ovo, state: payment_pb2.Payment.State.ValueType, status: int
) -> None:
    """A script can go on by the exit status alone."""
    service.streams(version(1), version(2, state))

    assert ovo("watch", "pay_1").exit_code == status


@pytest.mark.parametrize("subject", [("pay_1",), ("--order-id", "order-1")])
def test_watch_of_a_payment_that_has_nothing_newer_still_returns_how_it_ended(
    service: ScriptedService, ovo: Ovo, subject: tuple[str, ...]
) -> None:
    """The stream ends at once; the payment is read for the exit status."""
    service.streams()
    failed = payment_message(state=Payments.STATE_FAILED, version=3, failure=declined_message())
    service.answers("GetStatus", ovo_payments_pb2.GetStatusResponse(payment=failed))

    result = ovo("watch", *subject, "--after-version", "3")

    assert (result.exit_code, result.stdout) == (1, "")


def test_watch_tells_an_error_like_every_command(service: ScriptedService, ovo: Ovo) -> None:
    """What is not found has the status of what is not found."""
    service.streams(refusal(grpc.StatusCode.NOT_FOUND, "PAYMENT_NOT_FOUND"))

    result = ovo("watch", "pay_1")

    assert result.exit_code == 3
    assert "PAYMENT_NOT_FOUND" in result.stderr


@pytest.mark.parametrize("command", ["charge", "pay"])
def test_a_call_can_go_on_to_watch(service: ScriptedService, ovo: Ovo, command: str) -> None:
    """The answer is written first, then every version above it, each once."""
    service.answers("Charge", ovo_payments_pb2.ChargeResponse(payment=payment_message()))
    service.answers("Pay", ovo_payments_pb2.PayResponse(payment=payment_message()))
    service.streams(version(2), version(3, SUCCEEDED))
    arguments = {"charge": ("--phone", "081234567890"), "pay": ("--binding-id", "bind_1")}

    result = ovo(
        *(command, "--order-id", "order-1", "--amount", "15000", *arguments[command]),
        *("--watch", "--json"),
    )

    first, *others = [json.loads(line) for line in result.stdout.splitlines()]
    assert first["payment"]["version"] == 1
    assert first["replayed"] is False
    assert [event["payment"]["version"] for event in others] == [2, 3]
    (request,) = service.requests("WatchPayment")
    assert isinstance(request, ovo_payments_pb2.WatchPaymentRequest)
    assert (request.payment_id, request.after_version) == ("pay_1", 1)
    assert result.exit_code == 0


def test_a_call_that_goes_on_to_watch_is_readable_too(service: ScriptedService, ovo: Ovo) -> None:
    """The answer as a block, the versions as lines."""
    service.answers("Charge", ovo_payments_pb2.ChargeResponse(payment=payment_message()))
    service.streams(version(2, Payments.STATE_EXPIRED))

    result = ovo(*CHARGE, "--watch")

    assert "● PENDING  Rp15.000" in result.stdout
    assert result.stdout.splitlines()[-1].endswith("v2  ● EXPIRED  Rp15.000  +2 s")
    assert result.exit_code == 1


def test_a_payment_that_ended_at_once_is_not_watched(service: ScriptedService, ovo: Ovo) -> None:
    """There is nothing to wait for."""
    paid = payment_message(state=SUCCEEDED)
    service.answers("Charge", ovo_payments_pb2.ChargeResponse(payment=paid))

    result = ovo(*CHARGE, "--watch")

    assert result.exit_code == 0
    assert service.requests("WatchPayment") == []


@pytest.fixture
def terminal() -> Console:
    """Stands in for a terminal, and remembers what was drawn on it."""
    return Console(
        file=io.StringIO(), record=True, force_terminal=True, width=100, _environ={"TERM": "xterm"}
    )


def session_on(terminal: Console, service: ScriptedService) -> Session:
    """Gives a session whose output is a terminal."""
    return Session(
        server=service.target,
        token=None,
        credentials=None,
        deadline_seconds=30,
        as_json=False,
        output=terminal,
        notes=terminal,
    )


async def test_watch_is_drawn_live_on_a_terminal(
    service: ScriptedService, client: OvoPaymentsClient, terminal: Console
) -> None:
    """The last drawing stays: every version, the end, and no countdown any more."""
    lost = Refusal(code=grpc.StatusCode.UNAVAILABLE, message="connection reset")
    service.streams(version(1), heartbeat(1), lost)
    service.streams(version(2), version(3, SUCCEEDED))

    status = await follow(session_on(terminal, service), client, "pay_1")

    drawn = terminal.export_text()
    last = drawn[drawn.rindex("╭") :]
    assert status is ExitStatus.OK
    assert "Rp15.000  ● SUCCEEDED" in last
    assert [f"v{number}  " in last for number in (1, 2, 3)] == [True, True, True]
    assert "→ The money has moved." in last
    assert "watched for" in last
    assert "left" not in last
    assert "UNAVAILABLE, connecting again" in drawn


async def test_the_live_view_begins_with_the_answer_to_the_call(
    service: ScriptedService, client: OvoPaymentsClient, terminal: Console
) -> None:
    """The request id is shown, and a page's address stands above the view on one line."""
    page = "https://pages.example/pay?token=" + "x" * 200
    service.answers(
        "Charge", ovo_payments_pb2.ChargeResponse(payment=payment_message(redirect_url=page))
    )
    service.streams(version(2, Payments.STATE_FAILED))
    result = await client.charge(
        order_id="order-1", phone_number="081234567890", amount=15_000, request_id="request-1"
    )

    status = await follow(session_on(terminal, service), client, "pay_1", begun=result)

    drawn = terminal.export_text()
    assert status is ExitStatus.NO_MONEY
    assert drawn.count(page) == 1
    assert "request id request-1" in drawn
    assert isinstance(result, PaymentResult)
    assert result.payment.version == pending_payment().version
