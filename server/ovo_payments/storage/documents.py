"""Payments, refunds and bindings as JSON text, and back, without loss.

Each is two texts: what SQL and operators may see, and what names or empowers a customer, which is
sealed. Every field is written, the empty ones too. Reading passes over keys that it does not know,
as an older process must, and never fills in for one that is missing.
"""

import json
from collections.abc import Mapping
from functools import lru_cache
from types import MappingProxyType
from typing import Any, Final, NamedTuple

from ovo_payments.domain.binding import Binding, BindingState
from ovo_payments.domain.payment import Checks, Method, Payment, PaymentState, Review
from ovo_payments.domain.phone import PhoneNumber
from ovo_payments.domain.refund import Refund
from ovo_payments.domain.secret import Secret
from ovo_payments.storage import document_parts as parts
from ovo_payments.storage.times import (
    from_microseconds,
    from_optional_microseconds,
    to_microseconds,
    to_optional_microseconds,
)

_to_json: Final = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode


_PAYMENTS_KEPT: Final = 1024
"""A few MB; a payment takes about 4 KiB with its text."""


class DocumentIncompleteError(Exception):
    """A stored document lacks a key that it must have."""


class Document(NamedTuple):
    """Both texts of one thing."""

    text: str
    private: bytes
    """What is sealed before it is written."""

    def __repr__(self) -> str:
        """Hides what is to be sealed."""
        return f"Document({self.text})"


def encode_texts(texts: Mapping[str, str]) -> str:
    """Writes a mapping of texts, such as digests or headers."""
    return _to_json(dict(texts))


def decode_texts(text: str | bytes) -> Mapping[str, str]:
    """Reads a mapping of texts."""
    return MappingProxyType(json.loads(text))


def encode_payment(payment: Payment) -> Document:
    """Writes a payment."""
    refund = payment.refund
    return _document(
        {
            "payment_id": payment.payment_id,
            "scope": payment.scope,
            "order_id": payment.order_id,
            "state": payment.state.value,
            "version": payment.version,
            "method": payment.method.value,
            "provider": payment.provider,
            "amount": parts.write_money(payment.amount),
            "create_time_us": to_microseconds(payment.create_time),
            "update_time_us": to_microseconds(payment.update_time),
            "points_amount": parts.write_optional_money(payment.points_amount),
            "binding_id": payment.binding_id,
            "merchant_initiated": payment.merchant_initiated,
            "provider_reference": payment.provider_reference,
            "acknowledged": payment.acknowledged,
            "failure": parts.write_failure(payment.failure),
            "refund": None if refund is None else parts.write_refund(refund),
            "expire_time_us": to_optional_microseconds(payment.expire_time),
            "success_time_us": to_optional_microseconds(payment.success_time),
            "review": None if payment.review is None else payment.review.value,
            "late_success": payment.late_success,
            "checks": parts.write_checks(payment.checks),
        },
        {
            "phone_number": parts.write_optional_phone_number(payment.phone_number),
            "success_url": payment.success_url,
            "failure_url": payment.failure_url,
            "items": [parts.write_item(item) for item in payment.items],
            "customer": parts.write_customer(payment.customer),
            "metadata": dict(payment.metadata),
            "redirect_url": payment.redirect_url,
            "refund": None if refund is None else parts.write_private_refund(refund),
        },
    )


@lru_cache(maxsize=_PAYMENTS_KEPT)
def decode_payment(text: str, private: bytes, checks: Checks | None = None) -> Payment:
    """Reads a payment; `checks` takes the place of those in the document, which may be older.

    Payments don't change, so everybody who watches a version has the same one, read once.
    """
    document, hidden = json.loads(text), json.loads(private)
    try:
        refund = document["refund"]
        review = document["review"]
        return Payment(
            payment_id=document["payment_id"],
            scope=document["scope"],
            order_id=document["order_id"],
            state=PaymentState(document["state"]),
            version=document["version"],
            method=Method(document["method"]),
            provider=document["provider"],
            amount=parts.read_money(document["amount"]),
            create_time=from_microseconds(document["create_time_us"]),
            update_time=from_microseconds(document["update_time_us"]),
            points_amount=parts.read_optional_money(document["points_amount"]),
            binding_id=document["binding_id"],
            phone_number=parts.read_optional_phone_number(hidden["phone_number"]),
            merchant_initiated=document["merchant_initiated"],
            success_url=hidden["success_url"],
            failure_url=hidden["failure_url"],
            items=tuple(parts.read_item(item) for item in hidden["items"]),
            customer=parts.read_customer(hidden["customer"]),
            metadata=MappingProxyType(hidden["metadata"]),
            redirect_url=hidden["redirect_url"],
            provider_reference=document["provider_reference"],
            acknowledged=document["acknowledged"],
            failure=parts.read_failure(document["failure"]),
            refund=None if refund is None else parts.read_refund(refund, hidden["refund"]),
            expire_time=from_optional_microseconds(document["expire_time_us"]),
            success_time=from_optional_microseconds(document["success_time_us"]),
            review=None if review is None else Review(review),
            late_success=document["late_success"],
            checks=parts.read_checks(document["checks"]) if checks is None else checks,
        )
    except KeyError as error:
        raise DocumentIncompleteError(f"a payment's document lacks {error}") from error


def encode_refund(refund: Refund) -> Document:
    """Writes a refund."""
    return _document(parts.write_refund(refund), parts.write_private_refund(refund))


def decode_refund(text: str, private: bytes) -> Refund:
    """Reads a refund."""
    try:
        return parts.read_refund(json.loads(text), json.loads(private))
    except KeyError as error:
        raise DocumentIncompleteError(f"a refund's document lacks {error}") from error


def encode_binding(binding: Binding) -> Document:
    """Writes a binding."""
    credentials = binding.credentials.items()
    return _document(
        {
            "binding_id": binding.binding_id,
            "scope": binding.scope,
            "provider": binding.provider,
            "state": binding.state.value,
            "version": binding.version,
            "external_reference": binding.external_reference,
            "create_time_us": to_microseconds(binding.create_time),
            "update_time_us": to_microseconds(binding.update_time),
            "expire_time_us": to_microseconds(binding.expire_time),
            "failure": parts.write_failure(binding.failure),
            "unbind_requested": binding.unbind_requested,
            "next_check_time_us": to_optional_microseconds(binding.next_check_time),
            "sending": binding.sending,
        },
        {
            "customer_id": binding.customer_id,
            "phone_number": binding.phone_number.international,
            "success_url": binding.success_url,
            "failure_url": binding.failure_url,
            "customer": parts.write_customer(binding.customer),
            "redirect_url": binding.redirect_url,
            "credentials": {name: secret.reveal() for name, secret in credentials},
        },
    )


def decode_binding(text: str, private: bytes) -> Binding:
    """Reads a binding."""
    document, hidden = json.loads(text), json.loads(private)
    try:
        credentials = hidden["credentials"].items()
        return Binding(
            binding_id=document["binding_id"],
            scope=document["scope"],
            customer_id=hidden["customer_id"],
            provider=document["provider"],
            phone_number=PhoneNumber(hidden["phone_number"]),
            state=BindingState(document["state"]),
            version=document["version"],
            external_reference=document["external_reference"],
            success_url=hidden["success_url"],
            failure_url=hidden["failure_url"],
            create_time=from_microseconds(document["create_time_us"]),
            update_time=from_microseconds(document["update_time_us"]),
            expire_time=from_microseconds(document["expire_time_us"]),
            customer=parts.read_customer(hidden["customer"]),
            redirect_url=hidden["redirect_url"],
            failure=parts.read_failure(document["failure"]),
            credentials=MappingProxyType({name: Secret(text) for name, text in credentials}),
            unbind_requested=document["unbind_requested"],
            next_check_time=from_optional_microseconds(document["next_check_time_us"]),
            sending=document["sending"],
        )
    except KeyError as error:
        raise DocumentIncompleteError(f"a binding's document lacks {error}") from error


def _document(visible: Mapping[str, Any], hidden: Mapping[str, Any]) -> Document:
    return Document(_to_json(visible), _to_json(hidden).encode())
