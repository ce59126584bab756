"""POST /v2/charge answers as Midtrans' OVO page says, mistakes included."""

import json

import httpx
import pytest

from tests.unit.sandbox.laboratory import (
    PHONE,
    SERVER_KEY,
    Body,
    Laboratory,
    body_of,
    charge_body,
)


async def refused(laboratory: Laboratory, body: object) -> list[str]:
    """Sends a charge that must fail validation and returns the messages."""
    response = await laboratory.call("POST", "/v2/charge", body)
    answer = body_of(response)
    assert (response.status_code, answer["status_code"]) == (400, "400")
    assert answer["status_message"] == "One or more parameters in the payload is invalid."
    messages: list[str] = answer["validation_messages"]
    return messages


async def test_a_charge_answers_as_the_documented_sample(laboratory: Laboratory) -> None:
    """Amounts are texts with two decimals, times are in GMT+7 and have no offset."""
    answer = await laboratory.charge()
    transaction_id = answer.pop("transaction_id")
    assert len(transaction_id) == 36
    assert answer == {
        "status_code": "201",
        "status_message": "Ovo transaction is created",
        "order_id": "ovo-demo-0001",
        "merchant_id": "G141532850",
        "gross_amount": "15000.00",
        "currency": "IDR",
        "payment_type": "ovo",
        "transaction_time": "2025-11-12 14:26:53",
        "transaction_status": "pending",
        "fraud_status": "accept",
        "expiry_time": "2025-11-12 14:27:58",
        "payer_phone_number": "081111111111",
    }


@pytest.mark.parametrize("credentials", [None, ("SB-Mid-server-other", ""), (SERVER_KEY, "x")])
@pytest.mark.parametrize("body", [b"", b"{", b"{}"])
async def test_authorization_comes_first(
    laboratory: Laboratory, credentials: tuple[str, str] | None, body: bytes
) -> None:
    """Whatever the body is: HTTP 401, body 401."""
    auth = httpx.BasicAuth(*credentials) if credentials else httpx.Auth()
    response = await laboratory.http.post("/v2/charge", content=body, auth=auth)
    assert (response.status_code, response.json()["status_code"]) == (401, "401")
    assert "authorized" in response.json()["status_message"]


@pytest.mark.parametrize("content", [b"{", b'{"a":}', b"[]", b'"text"', b"12", b"\xff"])
async def test_a_malformed_body_gets_413_under_http_200(
    laboratory: Laboratory, content: bytes
) -> None:
    """The body's code is the result."""
    response = await laboratory.http.post("/v2/charge", content=content, auth=(SERVER_KEY, ""))
    assert (response.status_code, response.json()["status_code"]) == (200, "413")


@pytest.mark.parametrize("content", [b"", b"  ", b"null", b"{}"])
async def test_an_absent_body_lacks_every_required_field(
    laboratory: Laboratory, content: bytes
) -> None:
    """Nothing, null and {} are one."""
    response = await laboratory.http.post("/v2/charge", content=content, auth=(SERVER_KEY, ""))
    assert response.json()["validation_messages"] == [
        "payment_type is required",
        "transaction_details.order_id is required",
        "transaction_details.gross_amount is required",
        "ovo.payer_phone_number is required",
    ]


@pytest.mark.parametrize(
    ("amount", "message"),
    [
        (0, "must be between 1 and 99999999"),
        (-5, "must be between 1 and 99999999"),
        (100_000_000, "must be between 1 and 99999999"),
        (15000.5, "must not have decimals"),
        ("15000", "is not a number"),
        (True, "is not a number"),
        (None, "is required"),
    ],
)
async def test_an_amount_is_a_whole_number_within_the_limits(
    laboratory: Laboratory, amount: object, message: str
) -> None:
    """1 to 99,999,999 rupiah."""
    messages = await refused(laboratory, charge_body(amount=amount))
    assert messages == [f"transaction_details.gross_amount {message}"]


@pytest.mark.parametrize("order_id", ["x" * 51, "order 1", "order/1", "ordér", "", 7, None])
async def test_an_order_id_has_fifty_plain_characters_at_the_most(
    laboratory: Laboratory, order_id: object
) -> None:
    """Letters, digits, - _ ~ and ."""
    body = charge_body()
    body["transaction_details"]["order_id"] = order_id
    (message,) = await refused(laboratory, body)
    assert message.startswith("transaction_details.order_id ")


async def test_every_plain_character_may_stand_in_an_order_id(laboratory: Laboratory) -> None:
    """Also in the path of the status query."""
    order_id = "A-z_0~9." + "x" * 42
    assert (await laboratory.charge(order_id))["status_code"] == "201"
    assert (await laboratory.status(order_id))["order_id"] == order_id


@pytest.mark.parametrize(
    ("item", "message"),
    [
        ({"price": 15000, "quantity": 1}, "item_details[0].name is required"),
        ({"name": "x" * 51, "price": 15000, "quantity": 1}, "item_details[0].name is too long"),
        ({"name": "tea", "quantity": 1}, "item_details[0].price is required"),
        ({"name": "tea", "price": 1.5, "quantity": 1}, "item_details[0].price must not have"),
        ({"name": "tea", "price": 15000, "quantity": 0}, "item_details[0].quantity must be"),
        ({"name": "tea", "price": 14000, "quantity": 1}, "transaction_details.gross_amount is not"),
        ("tea", "item_details[0] is not an object"),
    ],
)
async def test_items_are_whole_and_add_up(
    laboratory: Laboratory, item: object, message: str
) -> None:
    """Their sum is the gross amount."""
    (told,) = await refused(laboratory, charge_body(item_details=[item]))
    assert told.startswith(message)


async def test_a_discount_is_an_item_with_a_negative_price(laboratory: Laboratory) -> None:
    """The sum counts."""
    tea = {"name": "tea", "price": 8000, "quantity": 2}
    discount = {"name": "discount", "price": -1000, "quantity": 1}
    assert (await laboratory.charge(item_details=[tea, discount]))["status_code"] == "201"


@pytest.mark.parametrize(
    ("more", "path"),
    [
        ({"customer_details": {"first_name": "x" * 256}}, "customer_details.first_name"),
        ({"customer_details": "John"}, "customer_details"),
        ({"custom_field1": "x" * 256}, "custom_field1"),
        ({"metadata": "x"}, "metadata"),
        ({"item_details": {}}, "item_details"),
        ({"transaction_details": []}, "transaction_details"),
        ({"ovo": "081111111111"}, "ovo"),
    ],
)
async def test_a_field_of_another_type_or_too_long_is_named(
    laboratory: Laboratory, more: Body, path: str
) -> None:
    """All messages come at once, the field's own among them."""
    messages = await refused(laboratory, {**charge_body(), **more})
    assert any(message.startswith(f"{path} ") for message in messages)


async def test_a_phone_that_is_none_is_refused_by_the_switch_s_text(
    laboratory: Laboratory,
) -> None:
    """The real text is not published."""
    await laboratory.switch(bad_phone_message="ovo.payer_phone_number is odd")
    assert await refused(laboratory, charge_body(phone="12")) == ["ovo.payer_phone_number is odd"]


async def test_another_payment_type_is_not_activated(laboratory: Laboratory) -> None:
    """402 under HTTP 200."""
    response = await laboratory.call(
        "POST", "/v2/charge", {**charge_body(), "payment_type": "gopay"}
    )
    assert (response.status_code, response.json()["status_code"]) == (200, "402")


async def test_a_custom_expiry_is_ignored_or_rejected_as_the_switch_says(
    laboratory: Laboratory,
) -> None:
    """The documents say "not supported", and no more."""
    expiry = {"expiry_duration": 60, "unit": "second"}
    assert (await laboratory.charge(custom_expiry=expiry))["expiry_time"] == "2025-11-12 14:27:58"
    await laboratory.switch(custom_expiry="rejected")
    (message,) = await refused(laboratory, charge_body("order-2", custom_expiry=expiry))
    assert message.startswith("custom_expiry ")


async def test_a_pending_or_paid_order_id_is_taken(laboratory: Laboratory) -> None:
    """406 under HTTP 200, and no second transaction."""
    await laboratory.charge()
    for _ in range(2):
        response = await laboratory.call("POST", "/v2/charge", charge_body())
        assert (response.status_code, response.json()["status_code"]) == (200, "406")
        await laboratory.advance(3)
    assert len(laboratory.sandbox.ledger.entries()) == 1


@pytest.mark.parametrize("end", ["cancel", "expire"])
async def test_a_cancelled_or_expired_order_id_is_free_again(
    laboratory: Laboratory, end: str
) -> None:
    """A query by order_id then finds the latest transaction, by transaction_id each."""
    first = await laboratory.charge()
    await laboratory.post(f"/v2/ovo-demo-0001/{end}")
    second = await laboratory.charge()
    assert second["status_code"] == "201"
    assert (await laboratory.status())["transaction_id"] == second["transaction_id"]
    assert (await laboratory.status(first["transaction_id"]))["transaction_status"] == end


@pytest.mark.parametrize(("free", "code"), [("taken", "406"), ("free", "201")])
async def test_a_denied_order_id_is_taken_or_free_as_the_switch_says(
    laboratory: Laboratory, free: str, code: str
) -> None:
    """The documents are silent."""
    await laboratory.switch(order_id_after_deny=free)
    await laboratory.charge(phone="+628271939753")
    await laboratory.advance(3)
    assert (await laboratory.charge())["status_code"] == code


@pytest.mark.parametrize("phone", ["+628249134000", "08249134000", "628249134000"])
async def test_a_number_without_account_gets_404_and_no_transaction(
    laboratory: Laboratory, phone: str
) -> None:
    """At once, with no notification."""
    response = await laboratory.call("POST", "/v2/charge", charge_body(phone=phone))
    assert (response.status_code, response.json()["status_code"]) == (200, "404")
    message = "User with requested phone number doesn't exist"
    assert response.json()["status_message"] == message
    assert (await laboratory.status())["status_code"] == "404"
    assert laboratory.inbox.requests == []


async def test_errors_of_the_payer_have_the_http_status_that_the_switch_says(
    laboratory: Laboratory,
) -> None:
    """200, or the body's code."""
    await laboratory.switch(charge_error_http="as_body")
    response = await laboratory.call("POST", "/v2/charge", charge_body(phone="08249134000"))
    assert response.status_code == 404


async def test_a_blocked_payer_gets_410(laboratory: Laboratory) -> None:
    """An account that a tester has blocked."""
    await laboratory.http.patch(f"/sandbox/accounts/{PHONE}", json={"blocked": True})
    assert (await laboratory.charge())["status_code"] == "410"


async def test_charges_above_the_rate_get_kong_s_429(laboratory: Laboratory) -> None:
    """The gateway's body has no status_code; a minute later it lets charges through again."""
    await laboratory.switch(charges_per_minute_max=1)
    await laboratory.charge()
    response = await laboratory.call("POST", "/v2/charge", charge_body("order-2"))
    assert response.status_code == 429
    assert response.json() == {"message": "API rate limit exceeded"}
    await laboratory.advance(60)
    assert (await laboratory.charge("order-2"))["status_code"] == "201"


async def test_an_error_has_a_request_s_id(laboratory: Laboratory) -> None:
    """It differs from call to call, and is no transaction's."""
    ids = {(await laboratory.status("unknown"))["id"] for _ in range(2)}
    assert len(ids) == 2


async def test_text_of_any_script_travels_unharmed(laboratory: Laboratory) -> None:
    """Metadata comes back as it was sent."""
    metadata = {"note": "kopi ☕ – é", "nested": {"a": [1, None, 2.5]}}
    await laboratory.charge(metadata=metadata, custom_field2="teh “manis”")
    found = await laboratory.status()
    assert (found["metadata"], found["custom_field2"]) == (metadata, "teh “manis”")
    assert json.loads(laboratory.inbox.requests[0].body)["metadata"] == metadata
