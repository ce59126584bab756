"""The values inside payments, refunds and bindings, as JSON objects and back."""

from collections.abc import Mapping
from typing import Any, TypeAlias

from ovo_payments.domain.failure import Failure, FailureReason
from ovo_payments.domain.money import Money
from ovo_payments.domain.payment import Checks, Customer, LineItem
from ovo_payments.domain.phone import PhoneNumber
from ovo_payments.domain.refund import Refund, RefundState
from ovo_payments.storage.times import (
    from_microseconds,
    from_optional_microseconds,
    to_microseconds,
    to_optional_microseconds,
)

JsonObject: TypeAlias = Mapping[str, Any]


def write_money(money: Money) -> JsonObject:
    """Writes an amount."""
    return {"rupiah": money.rupiah, "currency": money.currency}


def read_money(part: JsonObject) -> Money:
    """Reads an amount."""
    return Money(part["rupiah"], part["currency"])


def write_optional_money(money: Money | None) -> JsonObject | None:
    """Writes an amount, or that there is none."""
    return None if money is None else write_money(money)


def read_optional_money(part: JsonObject | None) -> Money | None:
    """Reads an amount, or that there is none."""
    return None if part is None else read_money(part)


def write_optional_phone_number(phone_number: PhoneNumber | None) -> str | None:
    """Writes a phone number, or that there is none."""
    return None if phone_number is None else phone_number.international


def read_optional_phone_number(stored: str | None) -> PhoneNumber | None:
    """Reads a phone number, or that there is none."""
    return None if stored is None else PhoneNumber(stored)


def write_customer(customer: Customer | None) -> JsonObject | None:
    """Writes who pays, where that is known."""
    if customer is None:
        return None
    return {
        "customer_id": customer.customer_id,
        "name": customer.name,
        "email": customer.email,
    }


def read_customer(part: JsonObject | None) -> Customer | None:
    """Reads who pays, where that is known."""
    if part is None:
        return None
    return Customer(customer_id=part["customer_id"], name=part["name"], email=part["email"])


def write_item(item: LineItem) -> JsonObject:
    """Writes one thing that is bought."""
    return {
        "item_id": item.item_id,
        "name": item.name,
        "price_rupiah": item.price_rupiah,
        "quantity": item.quantity,
    }


def read_item(part: JsonObject) -> LineItem:
    """Reads one thing that is bought."""
    return LineItem(
        item_id=part["item_id"],
        name=part["name"],
        price_rupiah=part["price_rupiah"],
        quantity=part["quantity"],
    )


def write_failure(failure: Failure | None) -> JsonObject | None:
    """Writes why something failed, where it did."""
    if failure is None:
        return None
    return {
        "reason": failure.reason.value,
        "message": failure.message,
        "provider_code": failure.provider_code,
        "retryable": failure.retryable,
    }


def read_failure(part: JsonObject | None) -> Failure | None:
    """Reads why something failed, where it did."""
    if part is None:
        return None
    return Failure(
        reason=FailureReason(part["reason"]),
        message=part["message"],
        provider_code=part["provider_code"],
        retryable=part["retryable"],
    )


def write_refund(refund: Refund) -> JsonObject:
    """Writes a refund, but for what a merchant may have said of a customer."""
    return {
        "refund_id": refund.refund_id,
        "state": refund.state.value,
        "amount": write_money(refund.amount),
        "create_time_us": to_microseconds(refund.create_time),
        "acknowledged": refund.acknowledged,
        "failure": write_failure(refund.failure),
        "success_time_us": to_optional_microseconds(refund.success_time),
    }


def write_private_refund(refund: Refund) -> JsonObject:
    """Writes the rest of a refund."""
    return {"reason": refund.reason}


def read_refund(part: JsonObject, hidden: JsonObject) -> Refund:
    """Reads a refund from both."""
    return Refund(
        refund_id=part["refund_id"],
        state=RefundState(part["state"]),
        amount=read_money(part["amount"]),
        reason=hidden["reason"],
        create_time=from_microseconds(part["create_time_us"]),
        acknowledged=part["acknowledged"],
        failure=read_failure(part["failure"]),
        success_time=from_optional_microseconds(part["success_time_us"]),
    )


def write_checks(checks: Checks) -> JsonObject:
    """Writes how far the asking is."""
    return {
        "next_check_time_us": to_optional_microseconds(checks.next_check_time),
        "sending": checks.sending,
        "not_found_count": checks.not_found_count,
        "not_found_time_us": to_optional_microseconds(checks.not_found_time),
    }


def read_checks(part: JsonObject) -> Checks:
    """Reads how far the asking is."""
    return Checks(
        next_check_time=from_optional_microseconds(part["next_check_time_us"]),
        sending=part["sending"],
        not_found_count=part["not_found_count"],
        not_found_time=from_optional_microseconds(part["not_found_time_us"]),
    )
