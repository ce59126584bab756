"""POST /v2/{id}/refund gives the whole amount back, once."""

import pytest

from tests.unit.sandbox.laboratory import PHONE, Body, Laboratory, body_of

REFUND = "/v2/ovo-demo-0001/refund"
REQUEST = {"refund_key": "reference1", "amount": 15000, "reason": "some reason"}


async def settle(laboratory: Laboratory) -> Body:
    """Makes a paid order."""
    charged = await laboratory.charge()
    await laboratory.advance(3)
    return charged


async def test_a_refund_answers_as_the_documented_sample(laboratory: Laboratory) -> None:
    """The money is back in the wallet, and in the ledger."""
    charged = await settle(laboratory)
    assert await laboratory.post(REFUND, REQUEST) == {
        "status_code": "200",
        "status_message": "Success, refund request is approved",
        "transaction_id": charged["transaction_id"],
        "order_id": "ovo-demo-0001",
        "payment_type": "ovo",
        "transaction_time": "2025-11-12 14:26:53",
        "transaction_status": "refund",
        "gross_amount": "15000.00",
        "refund_chargeback_id": 1,
        "refund_amount": "15000.00",
        "refund_key": "reference1",
        "payer_phone_number": "081111111111",
        "merchant_invoice": "INV20251112001",
    }
    assert laboratory.sandbox.wallet.account(PHONE).cash_rupiah == 10_000_000
    assert [entry.kind for entry in laboratory.sandbox.ledger.entries()] == ["debit", "refund"]


async def test_two_notifications_tell_of_a_refund(laboratory: Laboratory) -> None:
    """The second one brings bank_confirmed_at; so does the status then."""
    await settle(laboratory)
    await laboratory.post(REFUND, REQUEST)
    await laboratory.advance(10)
    first, second = laboratory.inbox.bodies[-2:]
    refund = {
        "refund_chargeback_id": 1,
        "refund_amount": "15000.00",
        "created_at": "2025-11-12 14:26:56",
        "reason": "some reason",
        "refund_key": "reference1",
        "refund_method": "online",
    }
    confirmed = {**refund, "bank_confirmed_at": "2025-11-12 14:27:06"}
    assert (first["refunds"], second["refunds"]) == ([refund], [confirmed])
    assert {first["status_code"], second["status_code"]} == {"200"}
    found = await laboratory.status()
    assert (found["refund_amount"], found["refunds"]) == ("15000.00", [confirmed])
    assert found["status_message"] == "Success, refund request is approved by the bank"


@pytest.mark.parametrize("amount", [1, 14_999, 15_001])
async def test_part_of_the_amount_is_rejected(laboratory: Laboratory, amount: int) -> None:
    """OVO knows no partial refunds: 414."""
    await settle(laboratory)
    answer = await laboratory.post(REFUND, {"amount": amount})
    assert answer["status_code"] == "414"
    assert answer["status_message"] == "Refund request is rejected due to invalid amount"
    assert len(laboratory.sandbox.ledger.entries()) == 1


@pytest.mark.parametrize("body", [None, {}, {"amount": 15000}])
async def test_a_refund_without_key_gets_one(laboratory: Laboratory, body: object) -> None:
    """And takes the whole amount."""
    await settle(laboratory)
    answer = await laboratory.post(REFUND, body)
    assert (answer["status_code"], answer["refund_amount"]) == ("200", "15000.00")
    assert answer["refund_key"]


async def test_the_key_of_a_completed_refund_conflicts(laboratory: Laboratory) -> None:
    """406, and nothing moves."""
    await settle(laboratory)
    await laboratory.post(REFUND, REQUEST)
    answer = await laboratory.post(REFUND, REQUEST)
    assert (answer["status_code"], answer["status_message"]) == ("406", "Duplicate refund ID")
    assert len(laboratory.sandbox.ledger.entries()) == 2


async def test_the_key_of_a_completed_refund_replays_where_the_switch_says_so(
    laboratory: Laboratory,
) -> None:
    """The documents do not say which."""
    await laboratory.switch(repeated_refund_key="replay")
    await settle(laboratory)
    first = await laboratory.post(REFUND, REQUEST)
    assert await laboratory.post(REFUND, REQUEST) == first
    assert len(laboratory.sandbox.ledger.entries()) == 2


async def test_a_refunded_order_is_refunded_no_more(laboratory: Laboratory) -> None:
    """Another key gets 412."""
    await settle(laboratory)
    await laboratory.post(REFUND, REQUEST)
    answer = await laboratory.post(REFUND, {"refund_key": "reference2"})
    assert answer["status_code"] == "412"


async def test_an_unpaid_order_is_not_refunded(laboratory: Laboratory) -> None:
    """412."""
    await laboratory.charge()
    assert (await laboratory.post(REFUND, REQUEST))["status_code"] == "412"


async def test_the_refund_window_closes(laboratory: Laboratory) -> None:
    """Seven days after the settlement; travel agents have 180."""
    await settle(laboratory)
    await laboratory.advance(7 * 86400)
    assert (await laboratory.post(REFUND, REQUEST))["status_code"] == "412"
    await laboratory.switch(refund_window_days=180)
    assert (await laboratory.post(REFUND, REQUEST))["status_code"] == "200"


async def test_a_merchant_without_money_may_try_the_same_key_again(
    laboratory: Laboratory,
) -> None:
    """414 first, 200 once the balance covers it."""
    await settle(laboratory)
    await laboratory.switch(merchant_balance="insufficient")
    assert (await laboratory.post(REFUND, REQUEST))["status_code"] == "414"
    await laboratory.switch(merchant_balance="sufficient")
    assert (await laboratory.post(REFUND, REQUEST))["status_code"] == "200"


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ({"refund_key": "a b"}, "refund_key may only"),
        ({"refund_key": 7}, "refund_key is not a string"),
        ({"amount": "15000"}, "amount is not a number"),
        ({"reason": "x" * 256}, "reason is too long"),
    ],
)
async def test_a_wrong_field_is_named(laboratory: Laboratory, body: Body, message: str) -> None:
    """HTTP 400, body 400."""
    await settle(laboratory)
    response = await laboratory.call("POST", REFUND, body)
    assert response.status_code == 400
    (told,) = body_of(response)["validation_messages"]
    assert told.startswith(message)
