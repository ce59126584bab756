"""The bodies that DOKU takes, and how its own are read.

Source: developers.doku.com/accept-payments/direct-api/snap/integration-guide/e-wallet/ovo. DOKU may
add fields at any time, so reading is lenient about what is there and strict about what is used.
"""

import json
import re
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Final, TypeAlias
from urllib.parse import urlsplit

from ovo_payments.domain.binding import Binding
from ovo_payments.domain.money import AmountFormatError, Money
from ovo_payments.domain.payment import Payment
from ovo_payments.domain.refund import Refund
from ovo_payments.domain.secret import Secret

Document: TypeAlias = Mapping[str, object]

MERCHANT_TOKEN_BODY: Final[Document] = {"grantType": "client_credentials"}
_FREE_OF_CHARGE: Final = Money(0)
_WEB_SCHEMES: Final = frozenset({"http", "https"})
_DIGITS: Final = re.compile(r"[0-9]{1,9}", re.ASCII)


def encode(document: Document) -> bytes:
    """Writes a body once: minified and in ASCII, so that every way to minify it signs alike."""
    return json.dumps(document, separators=(",", ":"), ensure_ascii=True).encode("ascii")


def text(document: Document, *path: str) -> str:
    """Reads a text; empty where it is absent, null or something else."""
    value: object = document
    for name in path:
        value = value.get(name) if isinstance(value, Mapping) else None
    return value if isinstance(value, str) else ""


def whole_number(document: Document, name: str) -> int | None:
    """Reads a number of at most nine digits that DOKU writes with and without quotes, or None."""
    value = document.get(name)
    written = str(value) if type(value) is int else value
    return int(written) if isinstance(written, str) and _DIGITS.fullmatch(written) else None


def amount(document: Document, name: str) -> Money | None:
    """Reads an amount; None where it is absent. Raises AmountFormatError for an inexact one."""
    value = document.get(name)
    if value is None:
        return None
    if not isinstance(value, dict):
        raise AmountFormatError("not an amount")
    return Money.from_decimal_text(text(value, "value"), text(value, "currency"))


def time(document: Document, name: str) -> datetime | None:
    """Reads a time with its offset, as UTC; None where it is absent, or has none."""
    try:
        value = datetime.fromisoformat(text(document, name))
        return value.astimezone(UTC) if value.tzinfo is not None else None
    except (ValueError, OverflowError):
        # Also a time that is before the first year, or after the last, once it is UTC.
        return None


def objects(document: Document, name: str) -> Sequence[Document]:
    """Reads a list of objects, leaving out whatever else stands in it."""
    value = document.get(name)
    return [item for item in value if isinstance(item, dict)] if isinstance(value, list) else []


def page(document: Document, name: str) -> str:
    """Reads an address that a browser may be sent to; empty where it is none."""
    address = text(document, name)
    try:
        return address if urlsplit(address).scheme in _WEB_SCHEMES else ""
    except ValueError:
        return ""


def customer_token_body(auth_code: Secret) -> Document:
    """Asks for a customer's token."""
    return {"grantType": "authorization_code", "authCode": auth_code.reveal()}


def bind_body(binding: Binding, channel: str) -> Document:
    """Asks to link an account."""
    customer: dict[str, object] = {}
    if binding.customer is not None and binding.customer.name:
        customer["customerName"] = binding.customer.name
    if binding.customer is not None and binding.customer.email:
        customer["email"] = binding.customer.email
    return {
        "phoneNo": binding.phone_number.international,
        "additionalInfo": {
            "channel": channel,
            "custIdMerchant": binding.customer_id,
            **customer,
            "successRegistrationUrl": binding.success_url,
            "failedRegistrationUrl": binding.failure_url,
        },
    }


def unbind_body(customer_token: Secret, channel: str) -> Document:
    """Asks to unlink an account."""
    return {"tokenId": customer_token.reveal(), "additionalInfo": {"channel": channel}}


def balance_body(channel: str) -> Document:
    """Asks for a balance."""
    return {"additionalInfo": {"channel": channel}}


def pay_body(payment: Payment, binding: Binding, channel: str) -> Document:
    """Asks to debit an account.

    DOKU wants the two addresses also where no page is shown; a debit without a customer falls
    back on those of the link.
    """
    points = payment.points_amount or _FREE_OF_CHARGE
    cash = Money(payment.amount.rupiah - points.rupiah)
    info: dict[str, object] = {
        "channel": channel,
        "successPaymentUrl": payment.success_url or binding.success_url,
        "failedPaymentUrl": payment.failure_url or binding.failure_url,
        "paymentType": "RECURRING" if payment.merchant_initiated else "SALE",
    }
    # Whether DOKU takes a negative price, our way to write a discount, is not documented.
    if payment.items and all(item.price_rupiah >= 0 for item in payment.items):
        info["lineItems"] = [
            {
                "name": item.name,
                "price": Money(item.price_rupiah).to_decimal_text(),
                "quantity": str(item.quantity),
            }
            for item in payment.items
        ]
    return {
        "partnerReferenceNo": payment.payment_id,
        "amount": _amount(payment.amount),
        "feeType": "OUR",
        "payOptionDetails": [
            _pay_option(method, share)
            for method, share in (("CASH", cash), ("POINTS", points))
            if share.rupiah > 0
        ],
        "additionalInfo": info,
    }


def status_body(payment: Payment, *, client_id: str, service_code: str) -> Document:
    """Asks what became of a debit, by our own reference alone.

    With DOKU's beside it, one that we noted wrongly would make a payment "not found".
    """
    return {
        "originalPartnerReferenceNo": payment.payment_id,
        "serviceCode": service_code,
        "amount": _amount(payment.amount),
        "merchantId": client_id,
    }


def refund_body(payment: Payment, refund: Refund, channel: str) -> Document:
    """Asks to give a debit's money back."""
    return {
        "originalPartnerReferenceNo": payment.payment_id,
        "refundAmount": _amount(refund.amount),
        **({"reason": refund.reason} if refund.reason else {}),
        "partnerRefundNo": refund.refund_id,
        "additionalInfo": {"channel": channel},
    }


def _amount(money: Money) -> Document:
    return {"value": money.to_decimal_text(), "currency": money.currency}


def _pay_option(method: str, share: Money) -> Document:
    return {
        "payMethod": method,
        "transAmount": _amount(share),
        "feeAmount": _amount(_FREE_OF_CHARGE),
    }
