"""Payments, bindings, requests and webhooks that the store's tests write."""

# ruff: noqa: ANN401 - the changes are fields of a dataclass, of whatever type each has.

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from ovo_payments.domain import payment as payments
from ovo_payments.domain.binding import Binding, BindingState, next_version
from ovo_payments.domain.evidence import Evidence
from ovo_payments.domain.failure import Failure, FailureReason
from ovo_payments.domain.money import Money
from ovo_payments.domain.payment import Checks, Method, Payment, PaymentState
from ovo_payments.domain.phone import PhoneNumber
from ovo_payments.domain.ports import (
    InboxEntry,
    Leased,
    PaymentChange,
    RequestRecord,
    Store,
)
from ovo_payments.domain.refund import Refund, RefundState
from ovo_payments.domain.secret import Secret
from ovo_payments.domain.update import Claim, PaymentUpdate, RefundUpdate, Source

NOW: Final = datetime(2025, 6, 1, 9, 30, 0, 123456, tzinfo=UTC)
SOON: Final = NOW + timedelta(seconds=30)
FAILURE: Final = Failure(reason=FailureReason.INSUFFICIENT_FUNDS, message="Too little.")


def a_payment(payment_id: str = "pay1", **changes: Any) -> Payment:
    """Makes a push that is being sent; its order is named like itself."""
    payment = Payment(
        payment_id=payment_id,
        scope="shop",
        order_id=f"order of {payment_id}",
        state=PaymentState.PENDING,
        version=1,
        method=Method.PUSH_TO_PHONE,
        provider="midtrans",
        amount=Money(15_000),
        create_time=NOW,
        update_time=NOW,
        phone_number=PhoneNumber("6281234567890"),
        metadata={"basket": "7"},
        checks=Checks(next_check_time=SOON, sending=True),
    )
    return replace(payment, **changes)


def a_binding(binding_id: str = "bind1", **changes: Any) -> Binding:
    """Makes a link that works."""
    binding = Binding(
        binding_id=binding_id,
        scope="shop",
        customer_id="customer-1",
        provider="doku",
        phone_number=PhoneNumber("6281234567890"),
        state=BindingState.ACTIVE,
        version=1,
        external_reference=f"reference of {binding_id}",
        success_url="https://shop.example/linked",
        failure_url="https://shop.example/not-linked",
        create_time=NOW,
        update_time=NOW,
        expire_time=NOW + timedelta(minutes=10),
        credentials={"token": Secret("b2b2c-token")},
    )
    return replace(binding, **changes)


def a_debit(payment_id: str = "pay1", binding_id: str = "bind1", **changes: Any) -> Payment:
    """Makes a debit of a linked account that is being sent."""
    return a_payment(
        payment_id,
        method=Method.LINKED_ACCOUNT,
        provider="doku",
        binding_id=binding_id,
        phone_number=None,
        **changes,
    )


def a_request(request_id: str = "request-1", subject_id: str = "pay1") -> RequestRecord:
    """Makes the record of a request id."""
    return RequestRecord(
        scope="shop",
        method="Charge",
        request_id=request_id,
        digests={"amount": "digest of 15000", "order_id": "digest of order-1"},
        subject_id=subject_id,
    )


def a_lease(name: str = "lease-1", until: datetime = SOON) -> Leased:
    """Makes a lease."""
    return Leased(lease=name, until=until)


def a_webhook(inbox_id: str = "hook1", **changes: Any) -> InboxEntry:
    """Makes a webhook that just came."""
    entry = InboxEntry(
        inbox_id=inbox_id,
        provider="midtrans",
        kind="payment",
        target="/webhooks/midtrans?x=1",
        headers={"content-type": "application/json"},
        body=b'{"transaction_status":"settlement","\xff":"\x00"}',
        receive_time=NOW,
    )
    return replace(entry, **changes)


async def stored(store: Store, payment: Payment, lease: Leased | None = None) -> Payment:
    """Creates a payment with a request id of its own."""
    request = a_request(f"request of {payment.payment_id}", payment.payment_id)
    assert await store.create_payment(payment, request, lease or a_lease()) is None
    return payment


async def stored_binding(store: Store, binding: Binding, lease: Leased | None = None) -> Binding:
    """Creates a binding with a request id of its own."""
    request = a_request(f"request of {binding.binding_id}", binding.binding_id)
    assert await store.create_binding(binding, request, lease or a_lease()) is None
    return binding


def told(payment: Payment, claim: Claim, *, lease: str = "", **update: Any) -> PaymentChange:
    """Makes the change that an answer of the provider brings."""
    if claim is Claim.FAILED:
        update.setdefault("failure", FAILURE)
    said = PaymentUpdate(source=Source.ANSWER, claim=claim, **update)
    after = payments.apply(payment, said, NOW)
    return _change(payment, after, said, lease)


def told_of_refund(payment: Payment, claim: Claim) -> PaymentChange:
    """Makes the change that an answer about the refund brings."""
    said = RefundUpdate(source=Source.ANSWER, claim=claim, failure=FAILURE)
    return _change(payment, payments.apply_refund(payment, said, NOW), said, "")


def refunding(payment: Payment, refund_id: str = "refund1", rupiah: int = 15_000) -> PaymentChange:
    """Makes the change that adds a refund."""
    refund = Refund(
        refund_id=refund_id,
        state=RefundState.PENDING,
        amount=Money(rupiah),
        reason="Out of stock.",
        create_time=NOW,
    )
    checks = Checks(next_check_time=SOON, sending=True)
    after = replace(payment, refund=refund, version=payment.version + 1, checks=checks)
    return PaymentChange(before=payment, after=after)


def checked(payment: Payment, *, lease: str = "", **checks: Any) -> PaymentChange:
    """Makes a change of nothing but the asking."""
    after = replace(payment, checks=replace(payment.checks, **checks))
    return PaymentChange(before=payment, after=after, lease=lease)


def unbinding(binding: Binding) -> Binding:
    """Gives a link that its caller wants to end."""
    asked = replace(binding, unbind_requested=True, next_check_time=SOON, sending=True)
    return next_version(binding, asked, NOW)


async def recorded(store: Store, change: PaymentChange) -> Payment:
    """Writes a change and gives what the payment is then."""
    await store.record_payment(change)
    return change.after


async def succeeded(store: Store, payment: Payment) -> Payment:
    """Creates a payment and has it succeed."""
    created = await stored(store, payment)
    return await recorded(store, told(created, Claim.SUCCEEDED, lease="lease-1"))


def _change(
    before: Payment, after: Payment, said: PaymentUpdate | RefundUpdate, lease: str
) -> PaymentChange:
    evidence = Evidence.of(said, payment_id=before.payment_id, version=after.version, now=NOW)
    return PaymentChange(before=before, after=after, evidence=(evidence,), lease=lease)
