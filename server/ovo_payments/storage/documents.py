"""Payments, refunds and bindings as JSON text, and back, without loss.

Every field is written, the empty ones too. Reading passes over keys that it does not know, as an
older process must, and never fills in for one that is missing.
"""

import json
from collections.abc import Mapping
from functools import lru_cache
from types import MappingProxyType
from typing import Final

from ovo_payments.domain.binding import Binding, BindingState
from ovo_payments.domain.payment import Checks, Method, Payment, PaymentState, Review
from ovo_payments.domain.refund import Refund
from ovo_payments.storage import document_parts as parts
from ovo_payments.storage import sealing
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


def encode_texts(texts: Mapping[str, str]) -> str:
    """Writes a mapping of texts, such as digests or headers."""
    return _to_json(dict(texts))


def decode_texts(text: str) -> Mapping[str, str]:
    """Reads a mapping of texts."""
    return MappingProxyType(json.loads(text))


def encode_payment(payment: Payment) -> str:
    """Writes a payment."""
    return _to_json(
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
            "phone_number": parts.write_optional_phone_number(payment.phone_number),
            "merchant_initiated": payment.merchant_initiated,
            "success_url": payment.success_url,
            "failure_url": payment.failure_url,
            "items": [parts.write_item(item) for item in payment.items],
            "customer": parts.write_customer(payment.customer),
            "metadata": dict(payment.metadata),
            "redirect_url": payment.redirect_url,
            "provider_reference": payment.provider_reference,
            "acknowledged": payment.acknowledged,
            "failure": parts.write_failure(payment.failure),
            "refund": None if payment.refund is None else parts.write_refund(payment.refund),
            "expire_time_us": to_optional_microseconds(payment.expire_time),
            "success_time_us": to_optional_microseconds(payment.success_time),
            "review": None if payment.review is None else payment.review.value,
            "late_success": payment.late_success,
            "checks": parts.write_checks(payment.checks),
        }
    )


@lru_cache(maxsize=_PAYMENTS_KEPT)
def decode_payment(text: str, checks: Checks | None = None) -> Payment:
    """Reads a payment; `checks` takes the place of those in the document, which may be older.

    Payments don't change, so everybody who watches a version has the same one, read once.
    """
    document = json.loads(text)
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
            phone_number=parts.read_optional_phone_number(document["phone_number"]),
            merchant_initiated=document["merchant_initiated"],
            success_url=document["success_url"],
            failure_url=document["failure_url"],
            items=tuple(parts.read_item(item) for item in document["items"]),
            customer=parts.read_customer(document["customer"]),
            metadata=MappingProxyType(document["metadata"]),
            redirect_url=document["redirect_url"],
            provider_reference=document["provider_reference"],
            acknowledged=document["acknowledged"],
            failure=parts.read_failure(document["failure"]),
            refund=None if refund is None else parts.read_refund(refund),
            expire_time=from_optional_microseconds(document["expire_time_us"]),
            success_time=from_optional_microseconds(document["success_time_us"]),
            review=None if review is None else Review(review),
            late_success=document["late_success"],
            checks=parts.read_checks(document["checks"]) if checks is None else checks,
        )
    except KeyError as error:
        raise DocumentIncompleteError(f"a payment's document lacks {error}") from error


def encode_refund(refund: Refund) -> str:
    """Writes a refund."""
    return _to_json(parts.write_refund(refund))


def decode_refund(text: str) -> Refund:
    """Reads a refund."""
    try:
        return parts.read_refund(json.loads(text))
    except KeyError as error:
        raise DocumentIncompleteError(f"a refund's document lacks {error}") from error


def encode_binding(binding: Binding) -> str:
    """Writes a binding."""
    credentials = binding.credentials.items()
    return _to_json(
        {
            "binding_id": binding.binding_id,
            "scope": binding.scope,
            "customer_id": binding.customer_id,
            "provider": binding.provider,
            "phone_number": sealing.write_phone_number(binding.phone_number),
            "state": binding.state.value,
            "version": binding.version,
            "external_reference": binding.external_reference,
            "success_url": binding.success_url,
            "failure_url": binding.failure_url,
            "create_time_us": to_microseconds(binding.create_time),
            "update_time_us": to_microseconds(binding.update_time),
            "expire_time_us": to_microseconds(binding.expire_time),
            "customer": parts.write_customer(binding.customer),
            "redirect_url": binding.redirect_url,
            "failure": parts.write_failure(binding.failure),
            "credentials": {name: sealing.write_secret(secret) for name, secret in credentials},
            "unbind_requested": binding.unbind_requested,
            "next_check_time_us": to_optional_microseconds(binding.next_check_time),
            "sending": binding.sending,
        }
    )


def decode_binding(text: str) -> Binding:
    """Reads a binding."""
    document = json.loads(text)
    try:
        credentials = document["credentials"].items()
        return Binding(
            binding_id=document["binding_id"],
            scope=document["scope"],
            customer_id=document["customer_id"],
            provider=document["provider"],
            phone_number=sealing.read_phone_number(document["phone_number"]),
            state=BindingState(document["state"]),
            version=document["version"],
            external_reference=document["external_reference"],
            success_url=document["success_url"],
            failure_url=document["failure_url"],
            create_time=from_microseconds(document["create_time_us"]),
            update_time=from_microseconds(document["update_time_us"]),
            expire_time=from_microseconds(document["expire_time_us"]),
            customer=parts.read_customer(document["customer"]),
            redirect_url=document["redirect_url"],
            failure=parts.read_failure(document["failure"]),
            credentials=MappingProxyType(
                {name: sealing.read_secret(stored) for name, stored in credentials}
            ),
            unbind_requested=document["unbind_requested"],
            next_check_time=from_optional_microseconds(document["next_check_time_us"]),
            sending=document["sending"],
        )
    except KeyError as error:
        raise DocumentIncompleteError(f"a binding's document lacks {error}") from error
