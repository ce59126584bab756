"""What goes to Midtrans, and how what comes back is read."""

import json
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from ovo_payments.domain.payment import Customer, LineItem
from ovo_payments.providers.http import JsonBodyError
from ovo_payments.providers.midtrans.wire import charge_body, read_answer, read_time, refund_body
from tests.unit.providers.midtrans.orders import (
    CONFIRMED_ENTRY,
    PAYMENT,
    PHONE,
    REFUND,
    transaction,
)


def test_a_charge_is_written_as_midtrans_documents_it() -> None:
    """Numbers without decimals, the phone number in local spelling, the name in two parts."""
    assert json.loads(charge_body(PAYMENT, PHONE)) == {
        "payment_type": "ovo",
        "transaction_details": {"order_id": "ovo-demo-0001", "gross_amount": 15000},
        "item_details": [
            {"id": "id1", "price": 15000, "quantity": 1, "name": "Brown sugar boba"},
        ],
        "customer_details": {
            "first_name": "John",
            "last_name": "Brandon Lee",
            "email": "john@example.com",
            "phone": "081111111111",
        },
        "ovo": {"payer_phone_number": "081111111111"},
    }


def test_what_is_not_known_is_left_out_of_a_charge() -> None:
    """Midtrans refuses nulls."""
    bare = replace(PAYMENT, items=(), customer=None)
    assert json.loads(charge_body(bare, PHONE)) == {
        "payment_type": "ovo",
        "transaction_details": {"order_id": "ovo-demo-0001", "gross_amount": 15000},
        "customer_details": {"phone": "081111111111"},
        "ovo": {"payer_phone_number": "081111111111"},
    }


def test_a_single_name_and_a_discount_are_fine() -> None:
    """Many Indonesians have one name; a discount is an item of negative price without an id."""
    payment = replace(
        PAYMENT,
        customer=Customer(name="  Budi "),
        items=(LineItem(item_id="", name="Diskon ½", price_rupiah=-500, quantity=2),),
    )
    body = charge_body(payment, PHONE)
    assert json.loads(body)["customer_details"] == {"first_name": "Budi", "phone": PHONE.local}
    assert json.loads(body)["item_details"] == [
        {"price": -500, "quantity": 2, "name": "Diskon ½"},
    ]
    assert "½".encode() in body


def test_a_refund_names_its_key_and_no_amount() -> None:
    """OVO is refunded in full; a key of ours makes repeating harmless."""
    assert json.loads(refund_body(REFUND)) == {
        "refund_key": "reference1",
        "reason": "some reason",
    }
    assert json.loads(refund_body(replace(REFUND, reason=""))) == {"refund_key": "reference1"}


def test_times_are_read_as_jakarta_time() -> None:
    """Midtrans writes +07:00 without saying so."""
    assert read_time("2025-11-12 14:27:58") == datetime(2025, 11, 12, 7, 27, 58, tzinfo=UTC)


@pytest.mark.parametrize(
    "text",
    [
        *("", "2025-11-12", "2025-11-12T14:27:58", "now", "2025-13-01 0:0"),
        "0001-01-01 00:00:00",  # Before the first year, once it is UTC.
    ],
)
def test_what_is_no_time_is_none(text: str) -> None:
    """No money hangs on a time, so a strange one stops nothing."""
    assert read_time(text) is None


def test_states_are_read_in_lower_case() -> None:
    """Midtrans' own samples write PENDING and pending."""
    body = transaction("PENDING", "201", fraud_status="ACCEPT", payment_type="OVO")
    answer = read_answer(json.dumps(body).encode())
    assert (answer.transaction_status, answer.fraud_status) == ("pending", "accept")
    assert answer.payment_type == "ovo"


def test_numbers_are_read_as_they_were_written() -> None:
    """A status code or an amount that is a JSON number keeps its digits."""
    answer = read_answer(b'{"status_code": 200, "gross_amount": 15000.00, "order_id": true}')
    assert answer.status_code == "200"
    assert answer.gross_amount == "15000.00"
    assert answer.order_id == ""


def test_refunds_are_read_with_both_of_their_times() -> None:
    """The second time is the bank's confirmation."""
    body = transaction("refund", refunds=[CONFIRMED_ENTRY, "nonsense"])
    (entry,) = read_answer(json.dumps(body).encode()).refunds
    assert entry.refund_key == "reference1"
    assert entry.amount == "15000.00"
    assert entry.created_at == datetime(2025, 11, 12, 11, 0, tzinfo=UTC)
    assert entry.bank_confirmed_at == datetime(2025, 11, 12, 19, 30, 20, tzinfo=UTC)


def test_fields_of_other_types_are_absent() -> None:
    """A list where a text belongs says nothing."""
    answer = read_answer(b'{"status_code": [], "refunds": {}, "transaction_status": null}')
    assert (answer.status_code, answer.refunds, answer.transaction_status) == ("", (), "")


@pytest.mark.parametrize("body", [b"", b"<html>", b"[]", b"\xff", b'{"a":1,"a":1}', b'{"a":NaN}'])
def test_what_is_no_plain_json_object_is_refused(body: bytes) -> None:
    """Such an answer says nothing at all."""
    with pytest.raises(JsonBodyError):
        read_answer(body)
