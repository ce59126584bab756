"""Payments and bindings with every field set, which the tests of the transports send about."""

from datetime import UTC, datetime, timedelta
from typing import Final

from ovo_payments.domain.binding import Binding, BindingState
from ovo_payments.domain.failure import Failure, FailureReason
from ovo_payments.domain.money import Money
from ovo_payments.domain.payment import (
    Checks,
    Customer,
    LineItem,
    Method,
    Payment,
    PaymentState,
    Review,
)
from ovo_payments.domain.phone import PhoneNumber
from ovo_payments.domain.refund import Refund, RefundState
from ovo_payments.domain.secret import Secret

NOON: Final = datetime(2025, 11, 20, 12, 0, 0, 123456, tzinfo=UTC)
PHONE: Final = "6281234567890"
TOKEN: Final = "b2b2c-token-of-a-customer"


def minutes(count: int) -> datetime:
    """So many minutes after noon."""
    return NOON + timedelta(minutes=count)


FAILURE: Final = Failure(
    reason=FailureReason.INSUFFICIENT_FUNDS,
    message="The account holds too little.",
    provider_code="4035414",
    retryable=True,
)

REFUND: Final = Refund(
    refund_id="pay_1r1",
    state=RefundState.PENDING,
    amount=Money(5_000),
    reason="broken cup",
    create_time=minutes(5),
    failure=FAILURE,
    success_time=minutes(6),
)

# No payment is in all of these states at once; every field is to be seen on the wire.
FULL_PAYMENT: Final = Payment(
    payment_id="pay_1",
    scope="shop",
    order_id="order-1",
    state=PaymentState.PENDING,
    version=3,
    method=Method.PUSH_TO_PHONE,
    provider="midtrans",
    amount=Money(15_000),
    create_time=minutes(0),
    update_time=minutes(1),
    points_amount=Money(500),
    binding_id="bnd_1",
    phone_number=PhoneNumber(PHONE),
    merchant_initiated=True,
    success_url="https://shop.example/paid",
    failure_url="https://shop.example/failed",
    items=(LineItem(item_id="cup", name="Cup", price_rupiah=15_000, quantity=1),),
    customer=Customer(customer_id="c-1", name="Budi", email="budi@example.com"),
    metadata={"till": "7"},
    redirect_url="https://pay.example/1",
    provider_reference="reference-1",
    failure=FAILURE,
    refund=REFUND,
    expire_time=minutes(2),
    success_time=minutes(3),
    review=Review.EXHAUSTED,
    late_success=True,
    checks=Checks(next_check_time=minutes(4)),
)

PAYMENT: Final = Payment(
    payment_id="pay_2",
    scope="shop",
    order_id="order-2",
    state=PaymentState.PENDING,
    version=1,
    method=Method.PUSH_TO_PHONE,
    provider="midtrans",
    amount=Money(15_000),
    create_time=NOON,
    update_time=NOON,
    phone_number=PhoneNumber(PHONE),
)

FULL_BINDING: Final = Binding(
    binding_id="bnd_1",
    scope="shop",
    customer_id="c-1",
    provider="doku",
    phone_number=PhoneNumber(PHONE),
    state=BindingState.PENDING,
    version=2,
    external_reference="12345678901234567890123456789012",
    success_url="https://shop.example/linked",
    failure_url="https://shop.example/unlinked",
    create_time=minutes(0),
    update_time=minutes(1),
    expire_time=minutes(2),
    customer=Customer(customer_id="c-1", name="Budi", email="budi@example.com"),
    redirect_url="https://link.example/1",
    failure=FAILURE,
    credentials={"token": Secret(TOKEN)},
)
