"""Checks what a merchant sends, and collects the messages that Midtrans would answer.

Sources: docs.midtrans.com/reference/ewallet-ovo, /transaction-details-object, /json-objects. Where
no message is published, the text follows the pattern of those that are.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from ovo_sandbox.phone import InvalidPhone, normalise_phone

AMOUNT_MAX_RUPIAH: Final = 99_999_999
_ORDER_ID: Final = re.compile(r"[A-Za-z0-9\-_~.]+")
_REFUND_KEY: Final = re.compile(r"[A-Za-z0-9\-_]+")
_ORDER_ID_MAX: Final = 50
_ITEM_TEXT_MAX: Final = 50
_TEXT_MAX: Final = 255
_ITEM_TEXTS: Final = ("id", "name", "brand", "category", "merchant_name", "url")
_CUSTOMER_TEXTS: Final = ("first_name", "last_name", "email", "phone")
_CUSTOM_FIELDS: Final = ("custom_field1", "custom_field2", "custom_field3")


@dataclass(frozen=True, slots=True, kw_only=True)
class ChargeRequest:
    """Is a charge that passed validation."""

    order_id: str
    gross_amount_rupiah: int
    phone: str
    phone_as_sent: str
    custom_fields: Mapping[str, str]
    metadata: Mapping[str, Any] | None
    customer_details: Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class RefundRequest:
    """Is a refund that passed validation; no amount means the whole."""

    refund_key: str | None
    amount_rupiah: int | None
    reason: str | None


class InvalidPayload(ValueError):
    """Carries the validation messages of a refused request."""

    def __init__(self, messages: list[str]) -> None:
        """Takes all messages, in the order of the fields."""
        super().__init__("; ".join(messages))
        self.messages = messages


@dataclass(slots=True)
class _Checks:
    """Collects messages while fields are read."""

    messages: list[str] = field(default_factory=list)

    def text(
        self, holder: Mapping[str, Any], path: str, *, maximum: int, required: bool = False
    ) -> str | None:
        """Reads a text, and complains where it is missing, no text or too long."""
        value = holder.get(path.rpartition(".")[2])
        if value is None or value == "":
            if required:
                self.messages.append(f"{path} is required")
            return None
        if not isinstance(value, str):
            self.messages.append(f"{path} is not a string")
            return None
        if len(value) > maximum:
            self.messages.append(f"{path} is too long, maximum {maximum} characters")
            return None
        return value

    def whole_number(
        self, holder: Mapping[str, Any], path: str, *, required: bool = True
    ) -> int | None:
        """Reads a whole number, and complains where it is missing or anything else."""
        value = holder.get(path.rpartition(".")[2])
        if value is None:
            if required:
                self.messages.append(f"{path} is required")
            return None
        if isinstance(value, bool) or not isinstance(value, int | float):
            self.messages.append(f"{path} is not a number")
            return None
        if isinstance(value, float):
            self.messages.append(f"{path} must not have decimals")
            return None
        return value

    def mapping(self, holder: Mapping[str, Any], path: str) -> Mapping[str, Any]:
        """Reads an object, an absent one as empty, and complains about anything else."""
        value = holder.get(path.rpartition(".")[2])
        if value is None:
            return {}
        if not isinstance(value, dict):
            self.messages.append(f"{path} is not an object")
            return {}
        return value

    def done(self) -> None:
        """Raises InvalidPayload where anything was wrong."""
        if self.messages:
            raise InvalidPayload(self.messages)


def read_charge(
    payload: Mapping[str, Any], *, bad_phone_message: str, refuses_custom_expiry: bool
) -> ChargeRequest:
    """Reads the body of POST /v2/charge, or raises InvalidPayload."""
    checks = _Checks()
    checks.text(payload, "payment_type", maximum=_TEXT_MAX, required=True)
    details = checks.mapping(payload, "transaction_details")
    order_id = _order_id(checks, details)
    amount = _gross_amount(checks, details)
    _check_items(checks, payload, amount)
    customer = checks.mapping(payload, "customer_details")
    for name in _CUSTOMER_TEXTS:
        checks.text(customer, f"customer_details.{name}", maximum=_TEXT_MAX)
    wallet = checks.mapping(payload, "ovo")
    phone_as_sent = checks.text(wallet, "ovo.payer_phone_number", maximum=_TEXT_MAX, required=True)
    phone = _phone(checks, phone_as_sent, bad_phone_message)
    custom_fields = {
        name: value
        for name in _CUSTOM_FIELDS
        if (value := checks.text(payload, name, maximum=_TEXT_MAX)) is not None
    }
    metadata = checks.mapping(payload, "metadata")
    if refuses_custom_expiry and payload.get("custom_expiry") is not None:
        checks.messages.append("custom_expiry is not supported for ovo")
    checks.done()
    return ChargeRequest(
        order_id=order_id,
        gross_amount_rupiah=amount or 0,
        phone=phone,
        phone_as_sent=phone_as_sent or "",
        custom_fields=custom_fields,
        metadata=metadata if payload.get("metadata") is not None else None,
        customer_details=customer,
    )


def read_refund(payload: Mapping[str, Any]) -> RefundRequest:
    """Reads the body of POST /v2/{id}/refund, or raises InvalidPayload."""
    checks = _Checks()
    refund_key = checks.text(payload, "refund_key", maximum=_TEXT_MAX)
    if refund_key is not None and _REFUND_KEY.fullmatch(refund_key) is None:
        checks.messages.append("refund_key may only contain letters, digits, - and _")
    amount = checks.whole_number(payload, "amount", required=False)
    reason = checks.text(payload, "reason", maximum=_TEXT_MAX)
    checks.done()
    return RefundRequest(refund_key=refund_key, amount_rupiah=amount, reason=reason)


def _order_id(checks: _Checks, details: Mapping[str, Any]) -> str:
    path = "transaction_details.order_id"
    order_id = checks.text(details, path, maximum=_ORDER_ID_MAX, required=True)
    if order_id is not None and _ORDER_ID.fullmatch(order_id) is None:
        checks.messages.append(f"{path} may only contain letters, digits, -, _, ~ and .")
    return order_id or ""


def _gross_amount(checks: _Checks, details: Mapping[str, Any]) -> int | None:
    path = "transaction_details.gross_amount"
    amount = checks.whole_number(details, path)
    if amount is not None and not 1 <= amount <= AMOUNT_MAX_RUPIAH:
        checks.messages.append(f"{path} must be between 1 and {AMOUNT_MAX_RUPIAH}")
    return amount


def _check_items(checks: _Checks, payload: Mapping[str, Any], gross_amount: int | None) -> None:
    items = payload.get("item_details")
    if items is None:
        return
    if not isinstance(items, list):
        checks.messages.append("item_details is not an array")
        return
    complaints_before = len(checks.messages)
    total = 0
    for index, item in enumerate(items):
        path = f"item_details[{index}]"
        if not isinstance(item, dict):
            checks.messages.append(f"{path} is not an object")
            continue
        for name in _ITEM_TEXTS:
            required = name == "name"
            checks.text(item, f"{path}.{name}", maximum=_ITEM_TEXT_MAX, required=required)
        price = checks.whole_number(item, f"{path}.price")
        quantity = checks.whole_number(item, f"{path}.quantity")
        if quantity is not None and quantity < 1:
            checks.messages.append(f"{path}.quantity must be at least 1")
        total += (price or 0) * (quantity or 0)
    readable = len(checks.messages) == complaints_before
    if readable and items and gross_amount is not None and total != gross_amount:
        checks.messages.append(
            "transaction_details.gross_amount is not equal to the sum of item_details"
        )


def _phone(checks: _Checks, phone_as_sent: str | None, bad_phone_message: str) -> str:
    if phone_as_sent is None:
        return ""
    try:
        return normalise_phone(phone_as_sent)
    except InvalidPhone:
        checks.messages.append(bad_phone_message)
        return ""
