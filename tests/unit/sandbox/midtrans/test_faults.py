"""Midtrans fails in the ways that a fault names, and only the answer tells."""

import pytest

from tests.unit.sandbox.laboratory import Laboratory, charge_body


@pytest.mark.parametrize(
    ("fault", "http_status", "code"),
    [("http_500_before", 500, "500"), ("http_503_before", 200, "503")],
)
async def test_a_charge_that_fails_before_leaves_nothing(
    laboratory: Laboratory, fault: str, http_status: int, code: str
) -> None:
    """In Midtrans' own shape; the next one works."""
    await laboratory.arm(fault)
    response = await laboratory.call("POST", "/v2/charge", charge_body())
    assert (response.status_code, response.json()["status_code"]) == (http_status, code)
    assert (await laboratory.charge())["status_code"] == "201"


async def test_a_429_has_the_gateway_s_shape(laboratory: Laboratory) -> None:
    """No status_code."""
    await laboratory.arm("rate_limited_429", operation="charge")
    response = await laboratory.call("POST", "/v2/charge", charge_body())
    assert response.status_code == 429
    assert response.json() == {"message": "API rate limit exceeded"}


@pytest.mark.parametrize("fault", ["debit_then_504", "garbage_body"])
async def test_a_charge_whose_answer_is_spoilt_is_made_and_paid(
    laboratory: Laboratory, fault: str
) -> None:
    """The merchant has to ask."""
    await laboratory.arm(fault, operation="charge")
    response = await laboratory.call("POST", "/v2/charge", charge_body())
    assert b"transaction_id" not in response.content
    await laboratory.advance(3)
    assert (await laboratory.status())["transaction_status"] == "settlement"
    assert len(laboratory.sandbox.ledger.entries()) == 1


async def test_money_may_be_taken_long_after_the_answer(laboratory: Laboratory) -> None:
    """Even after the order has expired."""
    await laboratory.arm("answer_then_debit_later", seconds=120)
    assert (await laboratory.charge())["status_code"] == "201"
    await laboratory.advance(65)
    assert (await laboratory.status())["transaction_status"] == "expire"
    assert laboratory.sandbox.ledger.entries() == []
    await laboratory.advance(55)
    found = await laboratory.status()
    assert found["transaction_status"] == "settlement"
    assert found["settlement_time"] == "2025-11-12 14:28:53"
    assert laboratory.inbox.states == ["pending", "expire", "settlement"]


async def test_a_status_is_denied_for_some_time(laboratory: Laboratory) -> None:
    """404 is no proof that there is no payment."""
    await laboratory.arm("status_404", for_s=30, reference="ovo-demo-*")
    charged = await laboratory.charge()
    assert (await laboratory.status())["status_code"] == "404"
    assert (await laboratory.status(charged["transaction_id"]))["status_code"] == "404"
    await laboratory.advance(30)
    assert (await laboratory.status())["status_code"] == "200"


async def test_a_fault_finds_its_charge_by_order_or_phone(laboratory: Laboratory) -> None:
    """Others go through."""
    await laboratory.arm("http_500_before", reference="order-2")
    await laboratory.arm("http_500_before", phone="081222222222")
    charges = [
        ("order-1", "081111111111"),
        ("order-2", "081111111111"),
        ("order-3", "081222222222"),
    ]
    codes = [
        (await laboratory.charge(order_id, phone=phone))["status_code"]
        for order_id, phone in charges
    ]
    assert codes == ["201", "500", "500"]
