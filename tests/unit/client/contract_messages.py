"""Messages of the contract with every field set, and what the client should make of them."""

from datetime import UTC, datetime, timedelta

from google.protobuf.timestamp_pb2 import Timestamp
from google.type import money_pb2

from ovo.payments.v1 import binding_pb2, errors_pb2, ovo_payments_pb2, payment_pb2
from ovo_payments_client import (
    Binding,
    BindingState,
    Failure,
    FailureReason,
    Payment,
    PaymentMethod,
    PaymentState,
)

CREATED = datetime(2026, 3, 1, 5, 0, 0, tzinfo=UTC)


def moment(seconds: float) -> Timestamp:
    """Gives the contract's time this long after creation."""
    timestamp = Timestamp()
    timestamp.FromDatetime(CREATED + timedelta(seconds=seconds))
    return timestamp


def rupiah(units: int) -> money_pb2.Money:
    """Gives the contract's amount."""
    return money_pb2.Money(currency_code="IDR", units=units)


def payment_message(
    *,
    state: payment_pb2.Payment.State.ValueType = payment_pb2.Payment.STATE_PENDING,
    version: int = 1,
    payment_id: str = "pay_1",
    failure: payment_pb2.Failure | None = None,
    refund: payment_pb2.RefundDetails | None = None,
    redirect_url: str = "",
    needs_review: bool = False,
    late_success: bool = False,
) -> payment_pb2.Payment:
    """Gives a push of Rp15.000 for order-1, two seconds newer with each version."""
    final = state not in {payment_pb2.Payment.STATE_PENDING, payment_pb2.Payment.STATE_IN_DOUBT}
    succeeded = state == payment_pb2.Payment.STATE_SUCCEEDED
    return payment_pb2.Payment(
        payment_id=payment_id,
        order_id="order-1",
        state=state,
        version=version,
        method=payment_pb2.Payment.METHOD_PUSH_TO_PHONE,
        provider="midtrans",
        amount=rupiah(15_000),
        phone_number="+*********7890",
        redirect_url=redirect_url,
        provider_reference="ref-9",
        failure=failure,
        refund=refund,
        create_time=moment(0),
        update_time=moment(2 * (version - 1)),
        expire_time=moment(65),
        success_time=moment(2 * (version - 1)) if succeeded else None,
        next_check_time=None if final else moment(10),
        needs_review=needs_review,
        late_success=late_success,
        metadata={"basket": "42"},
    )


def pending_payment() -> Payment:
    """Gives what the client makes of `payment_message()`."""
    return Payment(
        payment_id="pay_1",
        order_id="order-1",
        state=PaymentState.PENDING,
        version=1,
        method=PaymentMethod.PUSH_TO_PHONE,
        provider="midtrans",
        amount=15_000,
        phone_number="+*********7890",
        provider_reference="ref-9",
        create_time=CREATED,
        update_time=CREATED,
        expire_time=CREATED + timedelta(seconds=65),
        next_check_time=CREATED + timedelta(seconds=10),
        metadata={"basket": "42"},
    )


def declined_message() -> payment_pb2.Failure:
    """Gives the failure of a customer who refused."""
    return payment_pb2.Failure(
        reason=errors_pb2.FAILURE_REASON_DECLINED_BY_CUSTOMER,
        message="The customer declined.",
        provider_code="202",
        retryable=True,
    )


def declined() -> Failure:
    """Gives what the client makes of `declined_message()`."""
    return Failure(
        reason=FailureReason.DECLINED_BY_CUSTOMER,
        message="The customer declined.",
        provider_code="202",
        retryable=True,
    )


def binding_message(
    state: binding_pb2.Binding.State.ValueType = binding_pb2.Binding.STATE_PENDING,
) -> binding_pb2.Binding:
    """Gives a link that waits for its customer."""
    return binding_pb2.Binding(
        binding_id="bind_1",
        customer_id="customer-7",
        state=state,
        provider="doku",
        phone_number="+*********7890",
        redirect_url="https://pages.example/bind/1",
        create_time=moment(0),
        update_time=moment(1),
        expire_time=moment(600),
    )


def pending_binding() -> Binding:
    """Gives what the client makes of `binding_message()`."""
    return Binding(
        binding_id="bind_1",
        customer_id="customer-7",
        state=BindingState.PENDING,
        provider="doku",
        phone_number="+*********7890",
        redirect_url="https://pages.example/bind/1",
        create_time=CREATED,
        update_time=CREATED + timedelta(seconds=1),
        expire_time=CREATED + timedelta(seconds=600),
    )


def version(
    number: int,
    state: payment_pb2.Payment.State.ValueType = payment_pb2.Payment.STATE_PENDING,
    payment_id: str = "pay_1",
) -> ovo_payments_pb2.WatchPaymentResponse:
    """Gives a version in a watched stream."""
    return ovo_payments_pb2.WatchPaymentResponse(
        payment=payment_message(state=state, version=number, payment_id=payment_id),
    )


def heartbeat(number: int) -> ovo_payments_pb2.WatchPaymentResponse:
    """Gives a heartbeat in a watched stream."""
    return ovo_payments_pb2.WatchPaymentResponse(
        heartbeat=ovo_payments_pb2.Heartbeat(version=number, time=moment(30)),
    )
