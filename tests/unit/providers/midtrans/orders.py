"""Payments and Midtrans' words about them, as the tests need them."""

import json
from collections.abc import Mapping
from datetime import UTC, datetime

from ovo_payments.domain.binding import Binding, BindingState
from ovo_payments.domain.money import Money
from ovo_payments.domain.payment import Customer, LineItem, Method, Payment, PaymentState
from ovo_payments.domain.phone import PhoneNumber
from ovo_payments.domain.provider import InboundRequest
from ovo_payments.domain.refund import Refund, RefundState
from ovo_payments.domain.secret import Secret
from ovo_payments.providers.midtrans import MidtransConfig
from ovo_payments.providers.midtrans.signing import signature_key

SERVER_KEY = Secret("SB-Mid-server-test")
CONFIG = MidtransConfig(server_key=SERVER_KEY, merchant_id="G141532850")
NOW = datetime(2025, 11, 12, 7, 26, 53, tzinfo=UTC)
PHONE = PhoneNumber.parse("081111111111")
PAYMENT = Payment(
    payment_id="ovo-demo-0001",
    scope="shop",
    order_id="order-1",
    state=PaymentState.PENDING,
    version=1,
    method=Method.PUSH_TO_PHONE,
    provider="midtrans",
    amount=Money(15_000),
    create_time=NOW,
    update_time=NOW,
    phone_number=PHONE,
    items=(LineItem(item_id="id1", name="Brown sugar boba", price_rupiah=15_000, quantity=1),),
    customer=Customer(customer_id="c1", name="John Brandon Lee", email="john@example.com"),
)
REFUND = Refund(
    refund_id="reference1",
    state=RefundState.PENDING,
    amount=Money(15_000),
    reason="some reason",
    create_time=NOW,
)
BINDING = Binding(
    binding_id="b1",
    scope="shop",
    customer_id="c1",
    provider="midtrans",
    phone_number=PHONE,
    state=BindingState.ACTIVE,
    version=1,
    external_reference="1",
    success_url="https://shop.example/ok",
    failure_url="https://shop.example/no",
    create_time=NOW,
    update_time=NOW,
    expire_time=NOW,
)
REFUND_ENTRY: Mapping[str, object] = {
    "refund_chargeback_id": 1,
    "refund_amount": "15000.00",
    "created_at": "2025-11-12 18:00:00",
    "reason": "some reason",
    "refund_key": "reference1",
    "refund_method": "online",
}
CONFIRMED_ENTRY: Mapping[str, object] = {
    **REFUND_ENTRY,
    "bank_confirmed_at": "2025-11-13 02:30:20",
}


def transaction(
    transaction_status: str, status_code: str = "200", **changes: object
) -> dict[str, object]:
    """Writes a transaction as Midtrans does; a change to None leaves a field out."""
    body: dict[str, object] = {
        "status_code": status_code,
        "status_message": "Success, transaction is found",
        "transaction_id": "78068ef3-e797-4eef-945e-e8516a312916",
        "order_id": "ovo-demo-0001",
        "merchant_id": "G141532850",
        "gross_amount": "15000.00",
        "currency": "IDR",
        "payment_type": "ovo",
        "transaction_time": "2025-11-12 14:26:53",
        "transaction_status": transaction_status,
        "fraud_status": "accept",
        "expiry_time": "2025-11-12 14:27:58",
        "payer_phone_number": "081111111111",
        **changes,
    }
    return {key: value for key, value in body.items() if value is not None}


def refusal(code: str, message: str = "Told so") -> dict[str, object]:
    """Writes a refusal, which carries no transaction."""
    return {"status_code": code, "status_message": message, "id": "3f2d1f6e"}


def signed(body: Mapping[str, object]) -> dict[str, object]:
    """Signs a notification as Midtrans does."""
    texts = (str(body["order_id"]), str(body["status_code"]), str(body["gross_amount"]))
    return {**body, "signature_key": signature_key(*texts, SERVER_KEY)}


def notification(body: Mapping[str, object] | bytes) -> InboundRequest:
    """Sends a notification."""
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    return InboundRequest(target="/webhooks/midtrans", headers={}, body=raw)
