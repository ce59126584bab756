"""A transaction goes its documented way, with each channel's own code."""

from itertools import product
from pathlib import Path

import pytest

from ovo_sandbox.clock import Clock
from ovo_sandbox.midtrans.signing import signature_key
from ovo_sandbox.midtrans.transaction import TRANSITIONS, Status
from tests.unit.sandbox.laboratory import (
    PHONE,
    SERVER_KEY,
    START,
    Body,
    Laboratory,
    open_laboratory,
)

SILENT = "+628242974268"
LATE = "+628215023424"


def is_rightly_signed(body: Body) -> bool:
    """Tells whether the signature fits the body's own texts."""
    expected = signature_key(
        order_id=body["order_id"],
        status_code=body["status_code"],
        gross_amount=body["gross_amount"],
        server_key=SERVER_KEY,
    )
    return bool(body["signature_key"] == expected)


async def told(laboratory: Laboratory) -> tuple[str, str, str]:
    """Returns the state, its code by query, and its code by notification."""
    found, notified = await laboratory.status(), laboratory.inbox.bodies[-1]
    assert found["transaction_status"] == notified["transaction_status"]
    assert is_rightly_signed(found)
    assert is_rightly_signed(notified)
    return found["transaction_status"], found["status_code"], notified["status_code"]


@pytest.mark.parametrize(("before", "after"), list(product(Status, Status)))
def test_only_documented_transitions_exist(before: Status, after: Status) -> None:
    """Money that came after the end counts; everything else that has ended stays."""
    allowed = {
        ("pending", "settlement"),
        ("pending", "deny"),
        ("pending", "expire"),
        ("pending", "cancel"),
        ("pending", "failure"),
        ("settlement", "refund"),
        ("expire", "settlement"),
        ("cancel", "settlement"),
    }
    assert (after in TRANSITIONS[before]) == ((before.value, after.value) in allowed)


async def test_a_new_order_is_pending_with_201(laboratory: Laboratory) -> None:
    """By query and by notification."""
    await laboratory.charge()
    assert await told(laboratory) == ("pending", "201", "201")


async def test_a_payer_settles_after_some_seconds(laboratory: Laboratory) -> None:
    """The wallet is debited in the same moment."""
    charged = await laboratory.charge()
    await laboratory.advance(2)
    assert laboratory.sandbox.ledger.entries() == []
    await laboratory.advance(1)
    assert await told(laboratory) == ("settlement", "200", "200")
    found = await laboratory.status(charged["transaction_id"])
    assert found["settlement_time"] == "2025-11-12 14:26:56"
    assert found["merchant_invoice"] == "INV20251112001"
    account = laboratory.sandbox.wallet.account(PHONE)
    assert account.cash_rupiah == 10_000_000 - 15_000


@pytest.mark.parametrize(
    ("phone", "code"),
    [("+628271939753", "17"), ("08242014881", "26"), ("628237435829", "40")],
)
async def test_a_rejecting_number_is_denied_with_202(
    laboratory: Laboratory, phone: str, code: str
) -> None:
    """OVO's response code stands beside it, and no money moves."""
    await laboratory.charge(phone=phone)
    await laboratory.advance(3)
    assert await told(laboratory) == ("deny", "202", "202")
    assert (await laboratory.status())["channel_response_code"] == code
    assert laboratory.sandbox.ledger.entries() == []


async def test_a_denial_tells_no_channel_response_where_the_switch_says_so(
    laboratory: Laboratory,
) -> None:
    """Whether OVO's denials carry it is not documented."""
    await laboratory.switch(deny_channel_response=False)
    await laboratory.charge(phone="+628271939753")
    await laboratory.advance(3)
    assert "channel_response_code" not in await laboratory.status()


@pytest.mark.parametrize("ends_as", ["failure", "expire"])
async def test_a_rejection_ends_as_the_switch_says(laboratory: Laboratory, ends_as: str) -> None:
    """Deny is only the likeliest."""
    await laboratory.switch(rejected_becomes=ends_as)
    await laboratory.charge(phone="+628271939753")
    await laboratory.advance(65)
    assert (await laboratory.status())["transaction_status"] == ends_as


@pytest.mark.parametrize("phone", [SILENT, LATE])
async def test_a_silent_number_expires_after_65_seconds(laboratory: Laboratory, phone: str) -> None:
    """407 by query, 202 by notification."""
    await laboratory.charge(phone=phone)
    await laboratory.advance(64)
    assert await told(laboratory) == ("pending", "201", "201")
    await laboratory.advance(1)
    assert await told(laboratory) == ("expire", "407", "202")
    assert laboratory.inbox.states == ["pending", "expire"]


async def test_the_late_number_settles_after_its_expiry_where_the_switch_says_so(
    laboratory: Laboratory,
) -> None:
    """The money incident of Midtrans' own FAQ."""
    await laboratory.switch(late_number="late_settlement")
    await laboratory.charge(phone=LATE)
    await laboratory.advance(65)
    assert await told(laboratory) == ("expire", "407", "202")
    await laboratory.advance(25)
    assert await told(laboratory) == ("settlement", "200", "200")
    assert len(laboratory.sandbox.ledger.entries()) == 1


async def test_an_expiry_may_lag(laboratory: Laboratory) -> None:
    """Status is pending for some time after expiry_time."""
    await laboratory.switch(expiry_lag_s=30)
    await laboratory.charge(phone=SILENT)
    await laboratory.advance(94)
    assert (await laboratory.status())["status_code"] == "201"
    await laboratory.advance(1)
    assert (await laboratory.status())["status_code"] == "407"


async def test_a_wallet_that_cannot_pay_denies(laboratory: Laboratory) -> None:
    """No more is taken than there is."""
    await laboratory.charge(amount=10_000_001)
    await laboratory.advance(3)
    assert await told(laboratory) == ("deny", "202", "202")
    assert laboratory.sandbox.ledger.entries() == []


async def test_a_jump_over_answer_and_expiry_settles(laboratory: Laboratory) -> None:
    """What comes first in time happens first, at its own time."""
    await laboratory.charge()
    await laboratory.advance(3600)
    assert (await laboratory.status())["settlement_time"] == "2025-11-12 14:26:56"
    assert laboratory.inbox.states == ["pending", "settlement"]


async def test_a_pending_order_is_cancelled(laboratory: Laboratory) -> None:
    """200 on the API, 202 in the webhook; the payer can no longer pay."""
    charged = await laboratory.charge()
    assert await laboratory.post("/v2/ovo-demo-0001/cancel") == {
        "status_code": "200",
        "status_message": "Success, transaction is canceled",
        "transaction_id": charged["transaction_id"],
        "order_id": "ovo-demo-0001",
        "payment_type": "ovo",
        "transaction_time": "2025-11-12 14:26:53",
        "transaction_status": "cancel",
        "gross_amount": "15000.00",
        "currency": "IDR",
        "merchant_id": "G141532850",
    }
    await laboratory.advance(100)
    assert await told(laboratory) == ("cancel", "200", "202")
    assert laboratory.sandbox.ledger.entries() == []


async def test_a_pending_order_is_expired_by_the_merchant(laboratory: Laboratory) -> None:
    """407 says that it worked."""
    await laboratory.charge()
    answer = await laboratory.post("/v2/ovo-demo-0001/expire")
    assert (answer["status_code"], answer["transaction_status"]) == ("407", "expire")
    assert answer["status_message"] == "Success, transaction has expired"
    assert await told(laboratory) == ("expire", "407", "202")


@pytest.mark.parametrize("end", ["cancel", "expire"])
async def test_a_payment_after_the_merchant_s_end_settles_where_the_switch_says_so(
    laboratory: Laboratory, end: str
) -> None:
    """The push cannot be recalled."""
    await laboratory.switch(payment_after_cancel="settles")
    await laboratory.charge()
    await laboratory.post(f"/v2/ovo-demo-0001/{end}")
    await laboratory.advance(3)
    assert await told(laboratory) == ("settlement", "200", "200")


@pytest.mark.parametrize("action", ["cancel", "expire", "approve", "deny", "refund/online/direct"])
async def test_a_settled_order_cannot_be_modified(laboratory: Laboratory, action: str) -> None:
    """412 under HTTP 200."""
    await laboratory.charge()
    await laboratory.advance(3)
    answer = await laboratory.post(f"/v2/ovo-demo-0001/{action}")
    assert answer["status_code"] == "412"
    assert answer["status_message"] == "Merchant cannot modify the status of the transaction"


@pytest.mark.parametrize("action", ["cancel", "expire"])
async def test_a_pending_order_stays_where_the_switch_refuses(
    laboratory: Laboratory, action: str
) -> None:
    """Neither call is documented for OVO."""
    await laboratory.switch(**{f"{action}_pending": "refused"})
    await laboratory.charge()
    assert (await laboratory.post(f"/v2/ovo-demo-0001/{action}"))["status_code"] == "412"


@pytest.mark.parametrize("action", ["cancel", "expire", "refund", "deny"])
async def test_an_unknown_order_is_not_found(laboratory: Laboratory, action: str) -> None:
    """404 under HTTP 200, as for its status."""
    expected = ("404", "Transaction doesn't exist.")
    for answer in (await laboratory.status("x"), await laboratory.post(f"/v2/x/{action}")):
        assert (answer["status_code"], answer["status_message"]) == expected


@pytest.mark.parametrize("content", [b"", b"null", b"{}", b"{"])
async def test_cancel_and_status_care_for_no_body(laboratory: Laboratory, content: bytes) -> None:
    """Official clients send all kinds, and query strings."""
    await laboratory.charge()
    for method, path in (("GET", "status?Idempotency-Key=x"), ("POST", "cancel")):
        response = await laboratory.http.request(
            method, f"/v2/ovo-demo-0001/{path}", content=content, auth=(SERVER_KEY, "")
        )
        assert response.json()["status_code"] in {"200", "201"}


async def test_a_restart_takes_pending_orders_up_again(tmp_path: Path) -> None:
    """What came due while the sandbox was down happens at its own time."""
    async with open_laboratory(state_directory=tmp_path) as first:
        await first.charge("paid")
        await first.charge("silent", phone=SILENT)
    clock = Clock.standing_at(START)
    clock.advance(10)
    async with open_laboratory(state_directory=tmp_path, clock=clock) as second:
        await second.settle()
        assert (await second.status("paid"))["settlement_time"] == "2025-11-12 14:26:56"
        assert (await second.status("silent"))["transaction_status"] == "pending"
        await second.advance(55)
        assert (await second.status("silent"))["transaction_status"] == "expire"
        assert len(second.sandbox.ledger.entries()) == 1


async def test_the_phone_is_echoed_as_the_switch_says(laboratory: Laboratory) -> None:
    """As it was sent, or as 08…."""
    assert (await laboratory.charge(phone="+628111"))["status_code"] == "400"
    sent = "+62 811-1111-1111"
    assert (await laboratory.charge(phone=sent))["payer_phone_number"] == sent
    await laboratory.switch(phone_echo="local")
    assert (await laboratory.status())["payer_phone_number"] == "081111111111"


@pytest.mark.parametrize(("when", "shows"), [("charge", ["charge", "settlement"]), ("refund", [])])
async def test_the_merchant_invoice_appears_when_the_switch_says(
    laboratory: Laboratory, when: str, shows: list[str]
) -> None:
    """From the charge, the settlement or the refund on."""
    await laboratory.switch(merchant_invoice_from=when)
    charged = await laboratory.charge()
    await laboratory.advance(3)
    settled = await laboratory.status()
    await laboratory.post("/v2/ovo-demo-0001/refund")
    found = {"charge": charged, "settlement": settled, "refund": await laboratory.status()}
    assert [name for name, body in found.items() if "merchant_invoice" in body] == [
        *shows,
        "refund",
    ]
