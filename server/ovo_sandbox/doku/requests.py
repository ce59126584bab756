"""Reads the bodies of OVO's calls into what the sandbox works with.

Source: developers.doku.com/accept-payments/direct-api/snap/integration-guide/e-wallet/ovo, with the
lengths that DOKU's own libraries check.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from typing import Literal, cast

from ovo_sandbox.doku.codes import (
    INCONSISTENT_REQUEST,
    INVALID_FIELD_FORMAT,
    INVALID_MANDATORY_FIELD,
    Refused,
)
from ovo_sandbox.doku.fields import Fields, refuse_zero
from ovo_sandbox.phone import InvalidPhone, normalise_phone

PaymentType = Literal["SALE", "RECURRING"]
PayMethod = Literal["CASH", "POINTS"]

_PHONE = re.compile(r"62[0-9]{7,14}")
_DATE = re.compile(r"[0-9]{8}")


@dataclass(frozen=True, slots=True, kw_only=True)
class BindingRequest:
    """A merchant's wish to link a customer's OVO account."""

    phone: str
    customer_id: str
    customer_name: str
    success_url: str
    failed_url: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PaymentRequest:
    """A merchant's wish to debit a linked account."""

    partner_reference: str
    amount: int
    cash: int
    points: int
    payment_type: PaymentType
    success_url: str
    failed_url: str
    remarks: str
    items: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class StatusRequest:
    """A merchant's question about a payment, by any of its three names."""

    partner_reference: str
    reference: str
    external_id: str
    service_code: str
    amount: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class RefundRequest:
    """A merchant's wish to give a payment back."""

    partner_reference: str
    partner_refund_reference: str
    external_id: str
    amount: int
    reason: str


def read_binding(document: Mapping[str, object]) -> BindingRequest:
    """Reads the body of `registration-account-binding`."""
    fields = Fields(document)
    info = fields.part("additionalInfo")
    phone = fields.text("phoneNo", shortest=9, longest=16, pattern=_PHONE)
    info.channel()
    request = BindingRequest(
        phone=phone,
        customer_id=info.text("custIdMerchant", longest=64),
        customer_name=info.text("customerName", required=False, longest=70),
        success_url=info.url("successRegistrationUrl"),
        failed_url=info.url("failedRegistrationUrl"),
    )
    info.text("email", required=False, longest=256)
    info.text("idCard", required=False, longest=20)
    info.text("country", required=False, longest=60)
    info.text("address", required=False, longest=255)
    info.text("dateOfBirth", required=False, longest=8, pattern=_DATE)
    fields.check()
    return replace(request, phone=_mobile(phone))


def read_balance(document: Mapping[str, object]) -> None:
    """Reads the body of `balance-inquiry`, which says nothing but the channel."""
    fields = Fields(document)
    fields.part("additionalInfo").channel()
    fields.check()


def read_payment(document: Mapping[str, object]) -> PaymentRequest:
    """Reads the body of `debit/payment-host-to-host`.

    The shares of `payOptionDetails` must add up to the amount; DOKU documents no code for it, so
    that the answer 404xx18 Inconsistent Request is this sandbox's own.
    """
    fields = Fields(document)
    info = fields.part("additionalInfo")
    partner_reference = fields.text("partnerReferenceNo", longest=64)
    amount = fields.amount("amount")
    fields.text("feeType", required=False, choices=("OUR", "BEN", "SHA"))
    fields.text("chargeToken", required=False, longest=40)
    shares: dict[str, int] = {"CASH": 0, "POINTS": 0}
    for option in fields.parts("payOptionDetails"):
        method = option.text("payMethod", choices=tuple(shares))
        share = option.amount("transAmount")
        option.amount("feeAmount", required=False)
        shares[method or "CASH"] += share
    info.channel()
    success_url = info.url("successPaymentUrl")
    failed_url = info.url("failedPaymentUrl")
    payment_type = info.text("paymentType", required=False, choices=("SALE", "RECURRING"))
    remarks = info.text("remarks", required=False)
    items = tuple(item.text("name") for item in info.parts("lineItems", required=False))
    fields.check()
    refuse_zero(amount)
    if sum(shares.values()) != amount:
        raise Refused(INCONSISTENT_REQUEST)
    return PaymentRequest(
        partner_reference=partner_reference,
        amount=amount,
        cash=shares["CASH"],
        points=shares["POINTS"],
        payment_type=cast("PaymentType", payment_type or "SALE"),
        success_url=success_url,
        failed_url=failed_url,
        remarks=remarks,
        items=items,
    )


def read_status(
    document: Mapping[str, object], accepted_service_codes: Collection[str]
) -> StatusRequest:
    """Reads the body of `debit/status`; one of the payment's names must stand in it."""
    fields = Fields(document)
    request = StatusRequest(
        partner_reference=fields.text("originalPartnerReferenceNo", required=False, longest=64),
        reference=fields.text("originalReferenceNo", required=False, longest=64),
        external_id=fields.text("originalExternalId", required=False, longest=36),
        service_code=fields.text("serviceCode", choices=accepted_service_codes),
        amount=fields.amount("amount") if document.get("amount") is not None else None,
    )
    fields.check()
    if not (request.partner_reference or request.reference or request.external_id):
        raise Refused(INVALID_MANDATORY_FIELD, "originalPartnerReferenceNo")
    return request


def read_refund(document: Mapping[str, object]) -> RefundRequest:
    """Reads the body of `debit/refund`; for OVO the reference has at most 32 characters."""
    fields = Fields(document)
    request = RefundRequest(
        partner_reference=fields.text("originalPartnerReferenceNo", longest=32),
        partner_refund_reference=fields.text("partnerRefundNo", longest=64),
        external_id=fields.text("originalExternalId", required=False, longest=36),
        amount=fields.amount("refundAmount"),
        reason=fields.text("reason", required=False),
    )
    fields.part("additionalInfo").channel()
    fields.check()
    refuse_zero(request.amount)
    return request


def read_unbinding(document: Mapping[str, object]) -> str:
    """Returns the customer token that the body of `registration-account-unbinding` names."""
    fields = Fields(document)
    token = fields.text("tokenId", longest=2048)
    fields.part("additionalInfo").channel()
    fields.check()
    return token


def _mobile(phone: str) -> str:
    try:
        return normalise_phone(phone)
    except InvalidPhone as error:
        raise Refused(INVALID_FIELD_FORMAT, "phoneNo") from error
