"""Midtrans' notifications look and come as documented."""

import json

import pytest
from starlette.datastructures import Headers

from ovo_sandbox.midtrans.notifications import notification_urls
from ovo_sandbox.midtrans.signing import signature_key
from ovo_sandbox.outgoing import OutgoingAnswer
from tests.unit.sandbox.laboratory import SERVER_KEY, WEBHOOK_URL, Laboratory

SETTLED_SIGNATURE = (
    "a3ae8a2a7d05f2cce0e523a837ff909671e0b98ac1887642c289b409a000faaa"
    "1323c43feadc5aae3e6fd993b100e05bbc063a695e1c9a5b908375f292fef628"
)


async def test_a_settlement_looks_like_the_documented_attributes(laboratory: Laboratory) -> None:
    """Signed, with metadata and custom fields echoed, and nothing null."""
    charged = await laboratory.charge(
        metadata={"tenant": "t1"},
        custom_field1="cf1",
        customer_details={
            "first_name": "John",
            "last_name": "Brandon",
            "email": "john@example.com",
            "phone": "081111111111",
        },
    )
    await laboratory.advance(3)
    assert laboratory.inbox.bodies[-1] == {
        "transaction_time": "2025-11-12 14:26:53",
        "transaction_status": "settlement",
        "transaction_id": charged["transaction_id"],
        "status_message": "midtrans payment notification",
        "status_code": "200",
        "signature_key": SETTLED_SIGNATURE,
        "settlement_time": "2025-11-12 14:26:56",
        "payment_type": "ovo",
        "payer_phone_number": "081111111111",
        "order_id": "ovo-demo-0001",
        "metadata": {"tenant": "t1"},
        "merchant_invoice": "INV20251112001",
        "merchant_id": "G141532850",
        "gross_amount": "15000.00",
        "fraud_status": "accept",
        "expiry_time": "2025-11-12 14:27:58",
        "customer_details": {
            "phone": "081111111111",
            "full_name": "John Brandon",
            "email": "john@example.com",
        },
        "custom_field1": "cf1",
        "currency": "IDR",
    }


async def test_a_notification_has_midtrans_headers_and_order_of_keys(
    laboratory: Laboratory,
) -> None:
    """User-Agent Veritrans; keys in reverse alphabetical order."""
    await laboratory.charge()
    (request,) = laboratory.inbox.requests
    assert (request.url, laboratory.inbox.timeouts_s) == (WEBHOOK_URL, [15])
    assert request.headers == {
        "User-Agent": "Veritrans",
        "Accept": "application/json",
        "Content-Type": "application/json",
    }
    keys = list(json.loads(request.body))
    assert keys == sorted(keys, reverse=True)
    assert b"null" not in request.body


async def test_a_new_order_is_not_told_where_the_switch_says_so(laboratory: Laboratory) -> None:
    """For OVO the pending notification is not documented."""
    await laboratory.switch(pending_webhook=False)
    await laboratory.charge()
    await laboratory.advance(3)
    assert laboratory.inbox.states == ["settlement"]


async def test_notifications_may_come_late(laboratory: Laboratory) -> None:
    """Midtrans promises 20 s, and 90 s for an expiry."""
    await laboratory.switch(webhook_delay_s=20, expire_webhook_delay_s=70)
    await laboratory.charge(phone="+628242974268")
    await laboratory.advance(20)
    await laboratory.advance(45)
    await laboratory.advance(89)
    assert laboratory.inbox.states == ["pending"]
    await laboratory.advance(1)
    assert laboratory.inbox.states == ["pending", "expire"]


@pytest.mark.parametrize(
    ("status", "retries"),
    [
        (200, 0),
        (201, 0),
        (301, 0),
        (302, 0),
        (303, 0),
        (500, 1),
        (400, 2),
        (404, 2),
        (503, 4),
        (401, 5),
        (409, 5),
        (429, 5),
        (502, 5),
        ("timeout", 5),
    ],
)
async def test_an_answer_gets_its_documented_number_of_retries(
    laboratory: Laboratory, status: int | str, retries: int
) -> None:
    """The last ones come within 2, 10, 30, 90 and 210 minutes after the one before."""
    await laboratory.switch(push_mode="manual")
    laboratory.inbox.answers = [status] * 10
    await laboratory.charge()
    for minutes in (2, 10, 30, 90, 210, 1000):
        await laboratory.advance(minutes * 60)
    pending = [state for state in laboratory.inbox.states if state == "pending"]
    assert len(pending) == 1 + retries


async def test_retries_come_within_their_intervals(laboratory: Laboratory) -> None:
    """At a random moment that is never later than the interval."""
    await laboratory.switch(push_mode="manual")
    laboratory.inbox.answers = [502]
    await laboratory.charge()
    (notification,) = laboratory.sandbox.delivery.log()
    assert notification.next_attempt_at is not None
    wait_s = (notification.next_attempt_at - notification.created_at).total_seconds()
    assert 30 <= wait_s <= 120


async def test_intervals_shrink_by_the_switch_s_factor(laboratory: Laboratory) -> None:
    """Tests on wall time need not wait for hours."""
    await laboratory.switch(push_mode="manual", webhook_retry_factor=0.001)
    laboratory.inbox.answers = [502] * 5
    await laboratory.charge()
    for seconds in (0.12, 0.6, 1.8, 5.4, 12.6):
        await laboratory.advance(seconds)
    assert laboratory.inbox.states == ["pending"] * 6


async def test_a_307_is_followed_with_the_same_body(laboratory: Laboratory) -> None:
    """POST stays POST."""
    target = OutgoingAnswer(status=307, headers={"location": "http://other.example/hook"})
    laboratory.inbox.answers = [target]
    await laboratory.charge()
    first, second = laboratory.inbox.requests
    assert (second.url, second.body) == ("http://other.example/hook", first.body)


@pytest.mark.parametrize(
    ("headers", "urls"),
    [
        ({}, ["c"]),
        ({"X-Append-Notification": "a, b"}, ["c", "a", "b"]),
        ({"X-Append-Notification": "a,b,d,e"}, ["c", "a", "b"]),
        ({"X-Override-Notification": "a,b"}, ["a", "b"]),
        ({"X-Override-Notification": "a,b,d,e"}, ["a", "b", "d"]),
        ({"X-Override-Notification": "a", "X-Append-Notification": "b"}, ["a"]),
        ({"X-Override-Notification": " , "}, ["c"]),
    ],
)
def test_headers_say_where_notifications_go(headers: dict[str, str], urls: list[str]) -> None:
    """Three addresses at most; override wins."""
    assert notification_urls(Headers(headers), "c") == urls


def test_a_merchant_without_address_is_told_nothing() -> None:
    """Nobody is made up."""
    assert notification_urls(Headers({}), None) == []


async def test_addresses_of_a_charge_hold_for_all_its_notifications(
    laboratory: Laboratory,
) -> None:
    """Also for those that come long after."""
    headers = {"X-Override-Notification": "http://a.example/, http://b.example/"}
    await laboratory.charge(headers=headers)
    await laboratory.advance(3)
    urls = [request.url for request in laboratory.inbox.requests]
    assert urls == ["http://a.example/", "http://b.example/"] * 2


async def test_only_web_ports_are_notified_where_the_switch_says_so(
    laboratory: Laboratory,
) -> None:
    """As in reality."""
    await laboratory.switch(webhook_ports="80_443")
    addresses = "http://a.example:8080/, http://b.example:80/, http://c.example:99999/"
    headers = {"X-Override-Notification": addresses}
    await laboratory.charge(headers=headers)
    assert [request.url for request in laboratory.inbox.requests] == ["http://b.example:80/"]


async def test_a_forged_notification_has_a_wrong_signature(laboratory: Laboratory) -> None:
    """All else is as in the true one."""
    await laboratory.arm("webhook_forged")
    await laboratory.charge()
    forged, true = laboratory.inbox.bodies
    assert forged.pop("signature_key") != true.pop("signature_key")
    assert forged == true


async def test_a_wrong_amount_is_rightly_signed(laboratory: Laboratory) -> None:
    """The merchant must compare it with the order."""
    await laboratory.arm("webhook_wrong_amount")
    await laboratory.charge()
    wrong, true = laboratory.inbox.bodies
    assert (wrong["gross_amount"], true["gross_amount"]) == ("15001.00", "15000.00")
    assert wrong["signature_key"] == signature_key(
        order_id="ovo-demo-0001",
        status_code="201",
        gross_amount="15001.00",
        server_key=SERVER_KEY,
    )
