"""Every transactional call is checked in one order, and the first thing wrong is what it hears."""

import json
from datetime import UTC, datetime
from typing import Any

import pytest

from tests.unit.sandbox.doku.merchant import (
    BALANCE,
    BIND,
    CHANNEL,
    PAY,
    REFUND,
    STATUS,
    UNBIND,
    Merchant,
    binding_request,
    code,
    money,
    payment_request,
    refund_request,
)


async def broken_call(merchant: Merchant, breaks: set[str], linked: str) -> str:
    """Makes a payment with everything wrong that `breaks` names, and returns the code."""
    body: dict[str, Any] = payment_request(amount=99_000_000)
    if "format" in breaks:
        body["feeType"] = "NOBODY"
    if "mandatory" in breaks:
        del body["amount"]
    raw = b"{" if "json" in breaks else json.dumps(body).encode()
    token = "never-given" if "token" in breaks else await merchant.token()
    customer_token = "nobody's" if "customer" in breaks else linked
    headers = merchant.headers(PAY, raw, token, customer_token)
    if "external id" in breaks:
        headers["X-EXTERNAL-ID"] = "1" * 20
    if "signature" in breaks:
        headers["X-SIGNATURE"] = "AAAA"
    if "header" in breaks:
        del headers["X-PARTNER-ID"]
    return code(await merchant.http.post(PAY, content=raw, headers=headers))


async def test_the_first_thing_wrong_decides_the_answer(merchant: Merchant) -> None:
    """Mending one thing after the other brings out the codes in DOKU's order."""
    linked = await merchant.linked_token()
    order = [
        ("header", "4005402"),
        ("token", "4015403"),
        ("signature", "4015400"),
        ("external id", "4095400"),
        ("json", "4005400"),
        ("mandatory", "4005402"),
        ("format", "4005401"),
        ("customer", "4015402"),
    ]
    used = {"X-EXTERNAL-ID": "1" * 20}
    await merchant.call(BALANCE, {"additionalInfo": CHANNEL}, customer_token=linked, headers=used)
    wrong = [name for name, _ in order]
    for index, (_, expected) in enumerate(order):
        assert await broken_call(merchant, set(wrong[index:]), linked) == expected
    assert await broken_call(merchant, set(), linked) == "4035414"


@pytest.mark.parametrize(
    "header", ["Authorization", "X-TIMESTAMP", "X-SIGNATURE", "X-PARTNER-ID", "X-EXTERNAL-ID"]
)
async def test_a_missing_header_is_named(merchant: Merchant, header: str) -> None:
    """400xx02 goes before everything else."""
    answer = await merchant.call(BIND, binding_request(), headers={header: None})
    assert code(answer) == "4000702"
    assert answer.json()["responseMessage"] == f"Invalid Mandatory Field {header}"


async def test_a_customer_call_needs_the_customers_token(merchant: Merchant) -> None:
    """Where the customer is concerned, its header is mandatory."""
    answer = await merchant.call(BALANCE, {"additionalInfo": CHANNEL})
    assert code(answer) == "4001102"
    assert answer.json()["responseMessage"].endswith("Authorization-Customer")


@pytest.mark.parametrize(
    ("header", "value", "expected"),
    [
        ("X-EXTERNAL-ID", "abc", "4000701"),
        ("X-EXTERNAL-ID", "1" * 37, "4000701"),
        ("X-PARTNER-ID", "BRN-of-somebody-else", "4010700"),
        ("X-TIMESTAMP", "2026-01-02T05:00:01Z", "4010700"),
    ],
)
async def test_a_wrong_header_is_refused(
    merchant: Merchant, header: str, value: str, expected: str
) -> None:
    """An X-EXTERNAL-ID has at most 36 digits; a partner is its token's client."""
    answer = await merchant.call(BIND, binding_request(), headers={header: value})
    assert code(answer) == expected


async def test_devices_addresses_and_channels_are_optional(merchant: Merchant) -> None:
    """DOKU's libraries send them, production integrations do not."""
    extra = {"X-DEVICE-ID": "device", "X-IP-ADDRESS": "127.000.000.1", "CHANNEL-ID": "DH"}
    assert code(await merchant.call(BIND, binding_request(), headers=extra)) == "2000700"


async def test_a_body_may_travel_with_spaces(merchant: Merchant) -> None:
    """It is signed minified; DOKU's Python library sends it spaced."""
    raw = json.dumps(binding_request(), indent=4).encode()
    compact = json.dumps(binding_request(), separators=(",", ":")).encode()
    headers = merchant.headers(BIND, compact, await merchant.token())
    assert code(await merchant.http.post(BIND, content=raw, headers=headers)) == "2000700"


async def test_an_external_id_can_be_used_once_a_day_in_jakarta(merchant: Merchant) -> None:
    """At midnight of Jakarta, 17:00 UTC, a new day begins."""
    used = {"X-EXTERNAL-ID": "42"}
    assert code(await merchant.call(BIND, binding_request(), headers=used)) == "2000700"
    assert code(await merchant.call(BIND, binding_request(), headers=used)) == "4090700"
    midnight = datetime(2026, 1, 2, 17, 0, 0, tzinfo=UTC)
    merchant.clock.advance((midnight - merchant.clock.now()).total_seconds() - 1)
    assert code(await merchant.call(BIND, binding_request(), headers=used)) == "4090700"
    merchant.clock.advance(1)
    assert code(await merchant.call(BIND, binding_request(), headers=used)) == "2000700"


async def test_a_repeat_can_be_answered_with_the_first_body_and_409(merchant: Merchant) -> None:
    """So DOKU's page on idempotency has it, against SNAP."""
    merchant.set(duplicates="replay-with-409")
    used = {"X-EXTERNAL-ID": "42"}
    first = await merchant.call(BIND, binding_request(), headers=used)
    again = await merchant.call(BIND, binding_request(), headers=used)
    assert (again.status_code, again.json()) == (409, first.json())
    other = await merchant.call(BIND, binding_request(customer_id="cust-2"), headers=used)
    assert code(other) == "4090700"


@pytest.mark.parametrize(
    ("path", "value", "expected"),
    [
        (("phoneNo",), None, "4000702 phoneNo"),
        (("phoneNo",), "08123456789", "4000701 phoneNo"),
        (("phoneNo",), "62712345678", "4000701 phoneNo"),
        (("phoneNo",), 628123456789, "4000701 phoneNo"),
        (("additionalInfo",), None, "4000702 additionalInfo.channel"),
        (("additionalInfo",), "text", "4000702 additionalInfo.channel"),
        (("additionalInfo", "channel"), "EMONEY_DANA_SNAP", "4000701 additionalInfo.channel"),
        (("additionalInfo", "custIdMerchant"), None, "4000702 additionalInfo.custIdMerchant"),
        (("additionalInfo", "custIdMerchant"), "c" * 65, "4000701 additionalInfo.custIdMerchant"),
        (
            ("additionalInfo", "successRegistrationUrl"),
            "javascript:alert(1)",
            "4000701 additionalInfo.successRegistrationUrl",
        ),
        (("additionalInfo", "dateOfBirth"), "1990-01-01", "4000701 additionalInfo.dateOfBirth"),
        (("additionalInfo", "email"), None, "2000700 "),
    ],
)
async def test_a_bindings_fields_are_checked(
    merchant: Merchant, path: tuple[str, ...], value: object, expected: str
) -> None:
    """The first wrong field is named, and null counts as absent."""
    answer = await merchant.call(BIND, changed(binding_request(), path, value))
    assert_answers(code(answer), answer.json()["responseMessage"], expected)


@pytest.mark.parametrize(
    ("path", "value", "expected"),
    [
        (("partnerReferenceNo",), "", "4005402 partnerReferenceNo"),
        (("partnerReferenceNo",), "r" * 65, "4005401 partnerReferenceNo"),
        (("amount", "value"), "15000", "4005401 amount.value"),
        (("amount", "value"), 15000.00, "4005401 amount.value"),
        (("amount", "value"), "15000.50", "4005401 amount.value"),
        (("amount", "value"), "1e4", "4005401 amount.value"),
        (("amount", "value"), "-15000.00", "4005401 amount.value"),
        (("amount", "currency"), "USD", "4005401 amount.currency"),
        (("amount", "value"), "16000.00", "4045418 Inconsistent Request"),
        (("payOptionDetails",), [], "4005402 payOptionDetails"),
        (("payOptionDetails",), "CASH", "4005401 payOptionDetails"),
        (
            ("payOptionDetails", 0, "payMethod"),
            "GOLD",
            "4005401 payOptionDetails[0].payMethod",
        ),
        (("payOptionDetails", 0, "feeAmount"), None, "2005400 "),
        (("additionalInfo", "successPaymentUrl"), None, "4005402 additionalInfo.successPaymentUrl"),
        (("additionalInfo", "paymentType"), "LATER", "4005401 additionalInfo.paymentType"),
        (("additionalInfo", "lineItems"), [], "2005400 "),
        (("chargeToken",), None, "2005400 "),
    ],
)
async def test_a_payments_fields_are_checked(
    merchant: Merchant, path: tuple[str | int, ...], value: object, expected: str
) -> None:
    """Amounts are texts with two decimals, and of whole rupiah."""
    token = await merchant.linked_token()
    answer = await merchant.call(PAY, changed(payment_request(), path, value), customer_token=token)
    assert_answers(code(answer), answer.json()["responseMessage"], expected)


async def test_an_amount_of_nothing_is_refused(merchant: Merchant) -> None:
    """For a payment as for a refund."""
    token = await merchant.linked_token()
    nothing = payment_request()
    nothing["amount"] = nothing["payOptionDetails"][0]["transAmount"] = money(0)
    assert code(await merchant.call(PAY, nothing, customer_token=token)) == "4045413"
    refund = refund_request(amount=0)
    assert code(await merchant.call(REFUND, refund, customer_token=token)) == "4045813"


async def test_an_empty_optional_text_is_absent(merchant: Merchant) -> None:
    """A library that sends empty texts gets through."""
    body = changed(binding_request(), ("additionalInfo", "idCard"), "")
    assert code(await merchant.call(BIND, body)) == "2000700"


def changed(body: dict[str, Any], path: tuple[str | int, ...], value: object) -> dict[str, Any]:
    """The body with one field set to another value."""
    inner: Any = body
    for part in path[:-1]:
        inner = inner[part]
    inner[path[-1]] = value
    return body


def assert_answers(found: str, message: str, expected: str) -> None:
    """Compares code and message, of which `expected` holds the end."""
    expected_code, _, end = expected.partition(" ")
    assert found == expected_code
    assert message.endswith(end)


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"null",
        b"[]",
        b'"text"',
        b"{",
        b"\xff\xfe",
        b"[" * 100_000,
        b'{"partnerReferenceNo": "\\ud800"}',
    ],
)
async def test_a_body_that_is_no_object_is_a_bad_request(merchant: Merchant, raw: bytes) -> None:
    """Rightly signed, and still nothing that can be worked with."""
    token = await merchant.linked_token()
    headers = merchant.headers(PAY, raw, await merchant.token(), token)
    assert code(await merchant.http.post(PAY, content=raw, headers=headers)) == "4005400"


@pytest.mark.parametrize(
    "body",
    [
        {"amount": [], "payOptionDetails": {}, "additionalInfo": []},
        {"amount": {"value": {}, "currency": 1}, "payOptionDetails": [[]]},
        {"amount": {"value": "9" * 400 + ".00"}, "payOptionDetails": [{"transAmount": None}]},
        {"partnerReferenceNo": {"a": 1}, "phoneNo": [], "authCode": {}, "tokenId": 5},
        {"additionalInfo": {"lineItems": [1], "channel": None, "paymentType": {}}},
    ],
)
@pytest.mark.parametrize("path", [BIND, UNBIND, BALANCE, PAY, STATUS, REFUND])
async def test_fields_of_any_type_get_an_answer(
    merchant: Merchant, path: str, body: dict[str, Any]
) -> None:
    """They are missing or malformed; nothing breaks."""
    answer = await merchant.call(path, body, customer_token="nobody's")
    assert answer.status_code == 400
    assert code(answer)[-2:] in ("01", "02")
