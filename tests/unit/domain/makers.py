"""Makes payments and bindings for tests, with the fields that a test does not care about."""

from datetime import UTC, datetime, timedelta
from typing import Any, Final

from ovo_payments.domain.binding import Binding, BindingState
from ovo_payments.domain.failure import Failure, FailureReason
from ovo_payments.domain.money import Money
from ovo_payments.domain.payment import Checks, Method, Payment, PaymentState
from ovo_payments.domain.phone import PhoneNumber
from ovo_payments.domain.refund import Refund, RefundState
from ovo_payments.domain.schedule import Patience
from ovo_payments.domain.update import Claim, PaymentUpdate, RefundUpdate, Source

NOW: Final = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
PATIENCE: Final = Patience(push_window_s=65, settling_s=100, not_found_is_final=True)
DECLINED: Final = Failure(reason=FailureReason.DECLINED_BY_CUSTOMER, message="Declined.")


def payment(**fields: Any) -> Payment:  # noqa: ANN401 - any field
    """Makes a push of Rp15.000 that was just created."""
    given: dict[str, Any] = {
        "payment_id": "pay1",
        "scope": "shop",
        "order_id": "order-1",
        "state": PaymentState.PENDING,
        "version": 1,
        "method": Method.PUSH_TO_PHONE,
        "provider": "midtrans",
        "amount": Money(15_000),
        "phone_number": PhoneNumber.parse("081111111111"),
        "create_time": NOW,
        "update_time": NOW,
        "checks": Checks(sending=True),
    }
    return Payment(**{**given, **fields})


def refund(**fields: Any) -> Refund:  # noqa: ANN401 - any field
    """Makes a refund of Rp15.000 that was just asked for."""
    given: dict[str, Any] = {
        "refund_id": "rfd1",
        "state": RefundState.PENDING,
        "amount": Money(15_000),
        "reason": "returned",
        "create_time": NOW,
    }
    return Refund(**{**given, **fields})


def binding(**fields: Any) -> Binding:  # noqa: ANN401 - any field
    """Makes a link that the customer has half an hour to finish."""
    given: dict[str, Any] = {
        "binding_id": "bnd1",
        "scope": "shop",
        "customer_id": "customer-1",
        "provider": "doku",
        "phone_number": PhoneNumber.parse("081111111111"),
        "state": BindingState.PENDING,
        "version": 1,
        "external_reference": "1" * 32,
        "success_url": "https://shop.example/ok",
        "failure_url": "https://shop.example/no",
        "create_time": NOW,
        "update_time": NOW,
        "expire_time": NOW + timedelta(minutes=30),
        "sending": True,
    }
    return Binding(**{**given, **fields})


def told(claim: Claim, source: Source = Source.QUERY, **fields: Any) -> PaymentUpdate:  # noqa: ANN401 - any field
    """Makes an update of a payment."""
    if claim is Claim.FAILED:
        fields.setdefault("failure", DECLINED)
    return PaymentUpdate(source=source, claim=claim, **fields)


def told_of_refund(claim: Claim, source: Source = Source.QUERY, **fields: Any) -> RefundUpdate:  # noqa: ANN401 - any field
    """Makes an update of a refund."""
    if claim is Claim.FAILED:
        fields.setdefault("failure", DECLINED)
    return RefundUpdate(source=source, claim=claim, **fields)
