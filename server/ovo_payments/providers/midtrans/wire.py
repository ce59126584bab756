"""What goes to Midtrans and what comes back, before anybody says what it means.

Source: docs.midtrans.com/reference/ewallet-ovo (updated 2026-04-01).
"""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal
from typing import Final

from ovo_payments.domain.payment import Customer, LineItem, Payment
from ovo_payments.domain.phone import PhoneNumber
from ovo_payments.domain.refund import Refund
from ovo_payments.providers.http import read_object

# Midtrans writes its times without an offset. Jakarta has no summer time.
_JAKARTA: Final = timezone(timedelta(hours=7))
_TIME_FORMAT: Final = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2} [0-9]{2}:[0-9]{2}:[0-9]{2}")


def charge_body(payment: Payment, phone_number: PhoneNumber) -> bytes:
    """Writes a charge; what is not known is left out, for Midtrans refuses nulls."""
    body: dict[str, object] = {
        "payment_type": "ovo",
        "transaction_details": {
            "order_id": payment.payment_id,
            "gross_amount": payment.amount.rupiah,
        },
        "customer_details": _customer(payment.customer or Customer(), phone_number),
        "ovo": {"payer_phone_number": phone_number.local},
    }
    if payment.items:
        body["item_details"] = [_item(item) for item in payment.items]
    return _encoded(body)


def refund_body(refund: Refund) -> bytes:
    """Writes a refund of the whole amount, the only one that OVO has: so without an amount."""
    body = {"refund_key": refund.refund_id}
    if refund.reason:
        body["reason"] = refund.reason
    return _encoded(body)


@dataclass(frozen=True, slots=True, kw_only=True)
class RefundEntry:
    """One refund as a status or a notification lists it."""

    refund_key: str
    amount: str
    created_at: datetime | None
    bank_confirmed_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """An answer or a notification; texts are empty where Midtrans left them out.

    Words that name a state are in lower case, since Midtrans writes them both ways.
    """

    status_code: str
    transaction_status: str
    fraud_status: str
    transaction_id: str
    order_id: str
    merchant_id: str
    gross_amount: str
    currency: str
    payment_type: str
    payer_phone_number: str = field(repr=False)
    expiry_time: datetime | None
    settlement_time: datetime | None
    channel_response_code: str
    refund_key: str
    refund_amount: str
    refunds: tuple[RefundEntry, ...]


def read_answer(body: bytes) -> Answer:
    """Reads a body, leniently where it does not matter. Raises JsonBodyError."""
    return answer_of(read_object(body))


def answer_of(found: Mapping[str, object]) -> Answer:
    """Reads the fields that we know from a JSON object."""
    listed = found.get("refunds")
    return Answer(
        status_code=_text(found, "status_code"),
        transaction_status=_text(found, "transaction_status").lower(),
        fraud_status=_text(found, "fraud_status").lower(),
        transaction_id=_text(found, "transaction_id"),
        order_id=_text(found, "order_id"),
        merchant_id=_text(found, "merchant_id"),
        gross_amount=_text(found, "gross_amount"),
        currency=_text(found, "currency"),
        payment_type=_text(found, "payment_type").lower(),
        payer_phone_number=_text(found, "payer_phone_number"),
        expiry_time=read_time(_text(found, "expiry_time")),
        settlement_time=read_time(_text(found, "settlement_time")),
        channel_response_code=_text(found, "channel_response_code"),
        refund_key=_text(found, "refund_key"),
        refund_amount=_text(found, "refund_amount"),
        refunds=tuple(
            _refund_entry(entry)
            for entry in (listed if isinstance(listed, list) else [])
            if isinstance(entry, dict)
        ),
    )


def read_time(text: str) -> datetime | None:
    """Reads a time as UTC; None where there is none. No time decides over money."""
    if not _TIME_FORMAT.fullmatch(text):
        return None
    try:
        return datetime.fromisoformat(text).replace(tzinfo=_JAKARTA).astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def _refund_entry(found: Mapping[str, object]) -> RefundEntry:
    return RefundEntry(
        refund_key=_text(found, "refund_key"),
        amount=_text(found, "refund_amount"),
        created_at=read_time(_text(found, "created_at")),
        bank_confirmed_at=read_time(_text(found, "bank_confirmed_at")),
    )


def _text(found: Mapping[str, object], key: str) -> str:
    """Reads a text; a number is taken as it was written, since it may be an amount."""
    value = found.get(key)
    if isinstance(value, str):
        return value
    if isinstance(value, int | Decimal) and not isinstance(value, bool):
        return str(value)
    return ""


def _customer(customer: Customer, phone_number: PhoneNumber) -> dict[str, str]:
    first_name, _, last_name = customer.name.strip().partition(" ")
    details = {
        "first_name": first_name,
        "last_name": last_name.strip(),
        "email": customer.email,
        "phone": phone_number.local,
    }
    return {key: value for key, value in details.items() if value}


def _item(item: LineItem) -> dict[str, object]:
    written: dict[str, object] = {
        "price": item.price_rupiah,
        "quantity": item.quantity,
        "name": item.name,
    }
    return {"id": item.item_id, **written} if item.item_id else written


def _encoded(body: Mapping[str, object]) -> bytes:
    return json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode()
