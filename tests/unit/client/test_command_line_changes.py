"""`ovo changes`: all payments of the caller, as lines and as JSON lines."""

import json

import grpc

from ovo.payments.v1 import ovo_payments_pb2 as messages
from ovo.payments.v1 import payment_pb2
from tests.unit.client.conftest import Ovo
from tests.unit.client.contract_messages import version
from tests.unit.client.scripted_service import ScriptedService, refusal

SUCCEEDED = payment_pb2.Payment.STATE_SUCCEEDED
GONE = refusal(grpc.StatusCode.OUT_OF_RANGE, "CURSOR_GONE", message="no such place")
INTERRUPTED = refusal(grpc.StatusCode.UNAVAILABLE, "STREAM_INTERRUPTED", message="stopping")


def change(
    cursor: str,
    number: int,
    state: payment_pb2.Payment.State.ValueType = payment_pb2.Payment.STATE_PENDING,
) -> messages.WatchPaymentsResponse:
    """A version of a payment, and its place."""
    return messages.WatchPaymentsResponse(cursor=cursor, payment=version(number, state).payment)


def sign_of_life(cursor: str) -> messages.WatchPaymentsResponse:
    """A heartbeat, and its place."""
    beat = messages.StreamHeartbeat()
    beat.time.FromJsonString("2026-03-01T05:00:30Z")
    return messages.WatchPaymentsResponse(cursor=cursor, heartbeat=beat)


def test_a_line_tells_each_change_and_the_end_tells_where_to_go_on(
    service: ScriptedService, ovo: Ovo
) -> None:
    """With the payment and the order, since there are many of them."""
    service.streams(
        change("c1", 1),
        sign_of_life("c2"),
        change("c3", 2, SUCCEEDED),
        GONE,
        method="WatchPayments",
    )

    result = ovo("changes")

    lines = [line.partition("  ")[2] for line in result.stdout.splitlines()]
    assert lines == [
        "v1  ● PENDING  Rp15.000  reference ref-9  pay_1  order-1",
        "v2  ● SUCCEEDED  Rp15.000  reference ref-9  pay_1  order-1",
    ]
    assert "To go on from here: --cursor c3" in result.stderr
    assert "CURSOR_GONE" in result.stderr


def test_a_document_tells_each_message(service: ScriptedService, ovo: Ovo) -> None:
    """With the cursor that a program stores; signs of life where they are asked for."""
    service.streams(change("c1", 1), sign_of_life("c2"), GONE, method="WatchPayments")

    result = ovo("changes", "--json", "--heartbeats")

    first, second = (json.loads(line) for line in result.stdout.splitlines())
    assert (first["cursor"], first["payment"]["version"], first["time"]) == ("c1", 1, None)
    assert second == {"cursor": "c2", "payment": None, "time": "2026-03-01T05:00:30Z"}
    assert json.loads(result.stderr)["error"]["reason"] == "CURSOR_GONE"


def test_the_options_reach_the_service(service: ScriptedService, ovo: Ovo) -> None:
    """Filters, place and interval."""
    service.streams(GONE, method="WatchPayments")

    ovo(
        *("changes", "--cursor", "c7", "--state", "succeeded", "--state", "REFUNDED"),
        *("--provider", "doku", "--heartbeat-interval", "2"),
    )

    (request,) = service.requests("WatchPayments")
    assert isinstance(request, messages.WatchPaymentsRequest)
    assert (request.cursor, request.from_now, list(request.providers)) == ("c7", False, ["doku"])
    assert list(request.states) == [SUCCEEDED, payment_pb2.Payment.STATE_REFUNDED]
    assert request.heartbeat_interval.seconds == 2


def test_a_break_is_told_beside_the_changes(service: ScriptedService, ovo: Ovo) -> None:
    """And the next stream begins after the last change."""
    for _ in range(2):
        service.streams(change("c1", 1), INTERRUPTED, method="WatchPayments")
        service.streams(change("c2", 2), GONE, method="WatchPayments")

    readable = ovo("changes", "--from-now")
    documents = ovo("changes", "--json")

    assert len(readable.stdout.splitlines()) == len(documents.stdout.splitlines()) == 2
    assert readable.stderr.startswith("STREAM_INTERRUPTED: stopping; connecting again in ")
    told = json.loads(documents.stderr.splitlines()[0])["interruption"]
    assert told["reason"] == "STREAM_INTERRUPTED"
    asked = [request.cursor for request in service.requests("WatchPayments")]  # type: ignore[attr-defined]
    assert asked == ["", "c1", "", "c1"]
