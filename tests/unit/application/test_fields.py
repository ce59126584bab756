"""Every wrong field is named, with the fix; all of them at once."""

from collections.abc import Awaitable, Callable
from dataclasses import replace
from math import nan
from typing import Any

import pytest

from ovo_payments.application.call import ItemInput, WatchPaymentRequest
from ovo_payments.domain.errors import InvalidRequestError
from ovo_payments.domain.payment import Customer
from tests.unit.application.bench import CALL, Bench, rupiah


def item(price: int, quantity: int = 1, name: str = "Kopi", item_id: str = "1") -> ItemInput:
    """Makes a line item."""
    return ItemInput(item_id=item_id, name=name, price=rupiah(price), quantity=quantity)


async def wrong_fields(call: Callable[[], Awaitable[object]]) -> list[str]:
    """Makes a call that is refused, and lists the fields that the refusal names."""
    with pytest.raises(InvalidRequestError) as caught:
        await call()
    assert all(violation.description for violation in caught.value.violations)
    return [violation.field for violation in caught.value.violations]


WRONG: list[tuple[dict[str, Any], list[str]]] = [
    ({"request_id": ""}, ["request_id"]),
    ({"request_id": "x" * 65}, ["request_id"]),
    ({"request_id": "with space"}, ["request_id"]),
    ({"request_id": "kopi\u00e9"}, ["request_id"]),
    ({"order_id": ""}, ["order_id"]),
    ({"order_id": "x" * 65}, ["order_id"]),
    ({"order_id": "a\nb"}, ["order_id"]),
    ({"phone_number": ""}, ["phone_number"]),
    ({"phone_number": "02112345678"}, ["phone_number"]),
    ({"amount": None}, ["amount"]),
    ({"amount": rupiah(0)}, ["amount.units"]),
    ({"amount": rupiah(-5)}, ["amount.units"]),
    ({"amount": rupiah(100_000_000)}, ["amount.units"]),
    ({"amount": rupiah(1, nanos=500_000_000)}, ["amount.nanos"]),
    ({"amount": rupiah(1, currency_code="USD")}, ["amount.currency_code"]),
    ({"amount": rupiah(1, currency_code="")}, ["amount.currency_code"]),
    ({"items": (item(14_999),)}, ["items"]),
    ({"items": (item(15_000, quantity=0),)}, ["items[0].quantity"]),
    ({"items": (item(15_000), item(0, name=""))}, ["items[1].name"]),
    ({"items": (item(15_000, name="x" * 51),)}, ["items[0].name"]),
    ({"items": (item(15_000, item_id="x" * 51),)}, ["items[0].item_id"]),
    ({"items": (ItemInput(item_id="1", name="Kopi", price=None, quantity=1),)}, ["items[0].price"]),
    (
        {"items": (item(2**62), item(-(2**62)), item(15_000))},
        ["items[0].price.units", "items[1].price.units"],
    ),
    ({"items": tuple(item(150) for _ in range(101))}, ["items"]),
    ({"metadata": {str(number): "" for number in range(21)}}, ["metadata"]),
    ({"metadata": {"k" * 41: ""}}, [f"metadata[{'k' * 40!r}]"]),
    ({"metadata": {"k": "v" * 501}}, ["metadata['k']"]),
    ({"metadata": {"": "v"}}, ["metadata['']"]),
    ({"metadata": {"": "v" * 501}}, ["metadata['']"]),
    ({"customer": Customer(email="nobody")}, ["customer.email"]),
    ({"customer": Customer(name="x" * 71)}, ["customer.name"]),
    ({"provider": "gopay"}, ["provider"]),
    (
        {"request_id": "", "phone_number": "1", "amount": rupiah(1, nanos=1, currency_code="USD")},
        ["request_id", "phone_number", "amount.currency_code", "amount.nanos"],
    ),
]


@pytest.mark.parametrize(("fields", "named"), WRONG)
async def test_a_wrong_field_of_a_charge_is_named(
    bench: Bench, fields: dict[str, Any], named: list[str]
) -> None:
    """Nothing is sent, and the request id is not used up."""
    assert await wrong_fields(lambda: bench.charge(**fields)) == named
    assert bench.provider.calls == []
    assert await bench.store.find_request("shop", "Charge", "request-1") is None


async def test_items_with_a_discount_may_add_up(bench: Bench) -> None:
    """A negative price is a discount."""
    payment = await bench.charge(items=(item(10_000, 2), item(-5_000, name="Diskon")))
    assert [line.price_rupiah for line in payment.items] == [10_000, -5_000]


@pytest.mark.parametrize(
    "url",
    [
        "",
        "http://shop.example/ok",
        "/ok",
        "shop.example",
        "https://",
        "https:///path",
        "https://user@shop.example/",
        "https://shop.example/a b",
        "javascript:alert(1)",
        "https://shop.example:port/",
        "https://shop.example/" + "x" * 2048,
    ],
)
async def test_a_page_must_be_an_absolute_https_url(bench: Bench, url: str) -> None:
    """Also for a payment that the customer confirms."""
    assert await wrong_fields(lambda: bench.linked(success_url=url)) == ["success_url"]
    binding = await bench.linked()
    both = {"merchant_initiated": False, "success_url": url, "failure_url": "https://a.example/"}
    assert await wrong_fields(lambda: bench.pay(binding, **both)) == ["success_url"]


async def test_a_merchant_initiated_payment_needs_no_page(bench: Bench) -> None:
    """But one that is given must be good."""
    binding = await bench.linked()
    assert await wrong_fields(lambda: bench.pay(binding, failure_url="http://a")) == ["failure_url"]
    await bench.pay(binding)


async def test_points_are_a_part_of_the_amount(bench: Bench) -> None:
    """More points than amount, or fewer than none, are refused."""
    binding = await bench.linked()
    for units in (15_001, -1):
        points = rupiah(units)
        named = await wrong_fields(lambda points=points: bench.pay(binding, points_amount=points))  # type: ignore[misc]
        assert named == ["points_amount.units"]


async def test_wrong_fields_come_before_an_unknown_name(bench: Bench) -> None:
    """Whoever mends a request mends it in one go."""
    payment = await bench.charge()
    assert await wrong_fields(
        lambda: bench.refund(payment, payment_id="unknown", request_id="", reason="x" * 256)
    ) == ["request_id", "reason"]


async def test_a_wrong_amount_is_named_beside_a_name_that_is_missing(bench: Bench) -> None:
    """Though without the name no provider's limits are known."""
    binding = await bench.linked()
    wrong = {"amount": rupiah(0), "points_amount": rupiah(0, nanos=5), "items": (item(1, 0),)}
    assert await wrong_fields(
        lambda: bench.pay(replace(binding, binding_id=""), merchant_initiated=True, **wrong)
    ) == ["binding_id", "amount.units", "points_amount.nanos", "items[0].quantity"]
    payment = await bench.charge()
    assert await wrong_fields(
        lambda: bench.refund(payment, payment_id="", amount=rupiah(0, currency_code="USD"))
    ) == ["payment_id", "amount.currency_code"]


async def test_all_that_is_wrong_with_a_watch_is_named_at_once(bench: Bench) -> None:
    """The subject is named with what a watch can be of."""
    request = WatchPaymentRequest(after_version=-1, heartbeat_interval_s=nan)
    with pytest.raises(InvalidRequestError) as caught:
        await anext(bench.use_cases.watch_payment(CALL, request))
    named = {violation.field: violation.description for violation in caught.value.violations}
    assert list(named) == ["subject", "after_version", "heartbeat_interval"]
    assert "binding_id" not in named["subject"]
