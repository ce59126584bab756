"""The bodies that DOKU is sent, and how its own are read."""

import json
from datetime import UTC, datetime
from typing import Any

import pytest

from ovo_payments.domain.money import AmountFormatError, Money
from ovo_payments.domain.payment import Customer, LineItem
from ovo_payments.domain.secret import Secret
from ovo_payments.providers.doku import wire
from tests.unit.domain import makers
from tests.unit.providers.doku.merchant import AUTH_CODE, CLIENT_ID, binding, payment, rupiah

CHANNEL = "EMONEY_OVO_SNAP"


def pay_body(**fields: Any) -> dict[str, Any]:  # noqa: ANN401 - any field
    """Writes the body of a debit."""
    body: dict[str, Any] = json.loads(
        wire.encode(wire.pay_body(payment(**fields), binding(), CHANNEL))
    )
    return body


def option(method: str, amount: int) -> dict[str, Any]:
    """Writes one share of a debit."""
    return {"payMethod": method, "transAmount": rupiah(amount), "feeAmount": rupiah(0)}


def test_a_debit_names_our_reference_the_amount_and_the_pages() -> None:
    """The whole body of a debit that a customer confirms."""
    assert pay_body() == {
        "partnerReferenceNo": payment().payment_id,
        "amount": rupiah(15_000),
        "feeType": "OUR",
        "payOptionDetails": [option("CASH", 15_000)],
        "additionalInfo": {
            "channel": CHANNEL,
            "successPaymentUrl": "https://shop.example/paid",
            "failedPaymentUrl": "https://shop.example/unpaid",
            "paymentType": "SALE",
        },
    }


def test_a_debit_without_a_customer_returns_to_the_pages_of_the_link() -> None:
    """DOKU wants two addresses even where nobody goes there."""
    info = pay_body(merchant_initiated=True, success_url="", failure_url="")["additionalInfo"]
    assert info == {
        "channel": CHANNEL,
        "successPaymentUrl": "https://shop.example/ok",
        "failedPaymentUrl": "https://shop.example/no",
        "paymentType": "RECURRING",
    }


@pytest.mark.parametrize(
    ("points", "options"),
    [
        (None, [option("CASH", 15_000)]),
        (0, [option("CASH", 15_000)]),
        (5_000, [option("CASH", 10_000), option("POINTS", 5_000)]),
        (15_000, [option("POINTS", 15_000)]),
    ],
)
def test_cash_and_points_add_up_and_none_is_zero(
    points: int | None, options: list[dict[str, Any]]
) -> None:
    """What points leave open comes from cash; a share of nothing is not written."""
    body = pay_body(points_amount=None if points is None else Money(points))
    assert body["payOptionDetails"] == options


def test_items_are_written_as_texts() -> None:
    """Prices have two decimals, and everything is a text."""
    items = (LineItem(item_id="1", name="Kopi", price_rupiah=7_500, quantity=2),)
    assert pay_body(items=items)["additionalInfo"]["lineItems"] == [
        {"name": "Kopi", "price": "7500.00", "quantity": "2"}
    ]


def test_items_with_a_discount_are_left_out() -> None:
    """DOKU documents no negative price, and items are optional."""
    items = (
        LineItem(item_id="1", name="Kopi", price_rupiah=20_000, quantity=1),
        LineItem(item_id="2", name="Discount", price_rupiah=-5_000, quantity=1),
    )
    assert "lineItems" not in pay_body(items=items)["additionalInfo"]


def test_a_body_is_ascii_without_white_space() -> None:
    """Every way to minify it gives the same bytes."""
    items = (LineItem(item_id="1", name="Kopi é & <b>", price_rupiah=15_000, quantity=1),)
    raw = wire.encode(wire.pay_body(payment(items=items), binding(), CHANNEL))
    assert b'"name":"Kopi \\u00e9 & <b>"' in raw
    assert raw.isascii()


def test_a_link_names_the_phone_the_customer_and_the_pages() -> None:
    """The whole body of a request to link, with all that is known of the customer."""
    linked = binding(customer=Customer(name="Budi", email="budi@shop.example"))
    assert wire.bind_body(linked, CHANNEL) == {
        "phoneNo": "6281111111111",
        "additionalInfo": {
            "channel": CHANNEL,
            "custIdMerchant": "customer-1",
            "customerName": "Budi",
            "email": "budi@shop.example",
            "successRegistrationUrl": "https://shop.example/ok",
            "failedRegistrationUrl": "https://shop.example/no",
        },
    }


def test_what_is_not_known_of_the_customer_is_not_written() -> None:
    """No empty names, no nulls."""
    info = wire.bind_body(binding(), CHANNEL)["additionalInfo"]
    assert info == {
        "channel": CHANNEL,
        "custIdMerchant": "customer-1",
        "successRegistrationUrl": "https://shop.example/ok",
        "failedRegistrationUrl": "https://shop.example/no",
    }


def test_a_status_query_asks_by_our_own_reference() -> None:
    """DOKU's own reference is left out: noted wrongly, it would make a payment "not found"."""
    asked = payment(provider_reference="DOKU1")
    assert wire.status_body(asked, client_id=CLIENT_ID, service_code="54") == {
        "originalPartnerReferenceNo": asked.payment_id,
        "serviceCode": "54",
        "amount": rupiah(15_000),
        "merchantId": CLIENT_ID,
    }


@pytest.mark.parametrize(("reason", "written"), [("returned", {"reason": "returned"}), ("", {})])
def test_a_refund_names_both_references_and_the_amount(
    reason: str, written: dict[str, str]
) -> None:
    """The whole body of a refund."""
    refunded = payment(refund=makers.refund(reason=reason))
    assert refunded.refund is not None
    assert wire.refund_body(refunded, refunded.refund, CHANNEL) == {
        "originalPartnerReferenceNo": refunded.payment_id,
        "refundAmount": rupiah(15_000),
        **written,
        "partnerRefundNo": "rfd1",
        "additionalInfo": {"channel": CHANNEL},
    }


def test_tokens_are_asked_for_and_given_back_by_name() -> None:
    """The bodies that hold a secret."""
    assert wire.customer_token_body(Secret(AUTH_CODE)) == {
        "grantType": "authorization_code",
        "authCode": AUTH_CODE,
    }
    assert wire.unbind_body(Secret("token"), CHANNEL) == {
        "tokenId": "token",
        "additionalInfo": {"channel": CHANNEL},
    }


@pytest.mark.parametrize(
    ("value", "read"),
    [
        (900, 900),
        ("900", 900),
        (0, 0),
        (None, None),
        ("", None),
        (-1, None),
        ("1e3", None),
        (True, None),
        (9.5, None),
        ("9" * 10, None),
        (10**9, None),
        ([], None),
    ],
)
def test_a_number_is_read_with_and_without_quotes(value: object, read: int | None) -> None:
    """DOKU's pages show both; anything else is none."""
    assert wire.whole_number({"n": value}, "n") == read


@pytest.mark.parametrize(
    ("value", "read"),
    [
        ("2026-01-02T03:04:05Z", datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)),
        ("2026-01-02T10:04:05+07:00", datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)),
        ("2026-01-02T03:04:05-00:00", datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)),
        ("2026-01-02T03:04:05", None),
        ("yesterday", None),
        # No store and no client could hold these as UTC.
        ("9999-12-31T23:59:59-23:59", None),
        ("0001-01-01T00:00:00+23:59", None),
        (None, None),
        (1767323045, None),
    ],
)
def test_a_time_is_read_with_its_offset_alone(value: object, read: datetime | None) -> None:
    """Any offset will do; a time without one could be anywhere."""
    assert wire.time({"t": value}, "t") == read


@pytest.mark.parametrize(
    "value",
    [
        {"value": "15000.50", "currency": "IDR"},
        {"value": "15000.00", "currency": "USD"},
        {"value": 15000, "currency": "IDR"},
        {"value": "1e4", "currency": "IDR"},
        {"value": "-1.00", "currency": "IDR"},
        {"value": "15000.00"},
        "15000.00",
        [],
    ],
)
def test_an_amount_is_exact_or_none(value: object) -> None:
    """What is not whole rupiah in DOKU's spelling is refused."""
    with pytest.raises(AmountFormatError):
        wire.amount({"amount": value}, "amount")


def test_an_absent_amount_is_none() -> None:
    """DOKU's libraries write null for what is not there."""
    assert wire.amount({}, "amount") is None
    assert wire.amount({"amount": None}, "amount") is None
    assert wire.amount({"amount": rupiah(15_000)}, "amount") == Money(15_000)


@pytest.mark.parametrize(
    ("address", "read"),
    [
        ("https://sandbox.doku.com/x", "https://sandbox.doku.com/x"),
        ("http://127.0.0.1:8081/x", "http://127.0.0.1:8081/x"),
        ("javascript:alert(1)", ""),
        ("//elsewhere.example", ""),
        ("https://[::1", ""),
        ("", ""),
        (None, ""),
    ],
)
def test_a_browser_is_sent_to_web_pages_alone(address: object, read: str) -> None:
    """An address of another kind is none."""
    assert wire.page({"url": address}, "url") == read


def test_reading_takes_what_is_there_and_nothing_else() -> None:
    """Nulls, other types and missing parents are absent."""
    document = {"a": {"b": "c", "n": None, "i": 1}, "l": [{"x": "1"}, "text", None]}
    assert wire.text(document, "a", "b") == "c"
    assert wire.text(document, "a", "n") == wire.text(document, "a", "i") == ""
    assert wire.text(document, "z", "b") == wire.text(document, "a", "b", "c") == ""
    assert wire.objects(document, "l") == [{"x": "1"}]
    assert wire.objects(document, "a") == []
