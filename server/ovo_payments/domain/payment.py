"""Payments: what we hold, and the one table that says what each update makes of it."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum
from types import MappingProxyType
from typing import Final

from ovo_payments.domain import refund as refunds
from ovo_payments.domain.failure import Failure, FailureReason
from ovo_payments.domain.money import Money
from ovo_payments.domain.phone import PhoneNumber
from ovo_payments.domain.refund import Refund, RefundState
from ovo_payments.domain.update import Claim, PaymentUpdate, RefundUpdate, Source


class PaymentState(StrEnum):
    """What is known of the money."""

    PENDING = "PENDING"
    IN_DOUBT = "IN_DOUBT"
    SUCCEEDED = "SUCCEEDED"
    FAILED = "FAILED"
    EXPIRED = "EXPIRED"
    REFUNDED = "REFUNDED"

    @property
    def open(self) -> bool:
        """Whether the money may still move without another request."""
        return self is PaymentState.PENDING or self is PaymentState.IN_DOUBT


class Method(StrEnum):
    """How the money is taken."""

    LINKED_ACCOUNT = "LINKED_ACCOUNT"
    PUSH_TO_PHONE = "PUSH_TO_PHONE"


@dataclass(frozen=True, slots=True, kw_only=True)
class LineItem:
    """One thing that is bought; a negative price is a discount."""

    item_id: str
    name: str = field(repr=False)
    price_rupiah: int
    quantity: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Customer:
    """Who pays, as far as the merchant knows."""

    customer_id: str = field(default="", repr=False)
    name: str = field(default="", repr=False)
    email: str = field(default="", repr=False)


class Review(StrEnum):
    """Why a person must look at a payment."""

    EXHAUSTED = "EXHAUSTED"
    """Asking settled nothing: no question is left, or the only answer is a 404 that proves nothing.
    A later word that settles it ends the review."""
    MISFIT = "MISFIT"
    """The provider's words about it contradict what we asked for, or each other."""
    ORDER_PAID_TWICE = "ORDER_PAID_TWICE"
    """It succeeded late, and another payment of its order is open or succeeded."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Checks:
    """How far the service is with asking; changes here are no version of the payment."""

    next_check_time: datetime | None = None
    sending: bool = False
    """A request that may move money was handed to the adapter and its end is not stored."""
    not_found_count: int = 0
    not_found_time: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Payment:
    """A customer's money on its way to the merchant: one attempt at one provider.

    `payment_id` is the reference at the provider too. Amount, order, customer, provider and
    reference never change after creation.
    """

    payment_id: str
    scope: str
    order_id: str
    state: PaymentState
    version: int
    method: Method
    provider: str
    amount: Money
    create_time: datetime
    update_time: datetime
    points_amount: Money | None = None
    binding_id: str = ""
    phone_number: PhoneNumber | None = None
    merchant_initiated: bool = False
    success_url: str = field(default="", repr=False)
    failure_url: str = field(default="", repr=False)
    items: tuple[LineItem, ...] = field(default=(), repr=False)
    customer: Customer | None = field(default=None, repr=False)
    metadata: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}), repr=False)
    redirect_url: str = field(default="", repr=False)
    provider_reference: str = ""
    acknowledged: bool = False
    """Whether the provider ever told that it has this payment."""
    failure: Failure | None = None
    refund: Refund | None = None
    expire_time: datetime | None = None
    success_time: datetime | None = None
    review: Review | None = None
    late_success: bool = False
    checks: Checks = field(default_factory=Checks, compare=False)

    @property
    def open(self) -> bool:
        """Whether the service still has something to learn: of the money or of its refund."""
        return self.state.open or (self.refund is not None and self.refund.state.open)

    @property
    def needs_review(self) -> bool:
        """Whether a person must look."""
        return self.review is not None


TRANSITIONS: Final[Mapping[tuple[PaymentState, Claim], PaymentState]] = {
    (PaymentState.PENDING, Claim.PENDING): PaymentState.PENDING,
    (PaymentState.PENDING, Claim.UNKNOWN): PaymentState.IN_DOUBT,
    (PaymentState.PENDING, Claim.SUCCEEDED): PaymentState.SUCCEEDED,
    (PaymentState.PENDING, Claim.FAILED): PaymentState.FAILED,
    (PaymentState.PENDING, Claim.EXPIRED): PaymentState.EXPIRED,
    (PaymentState.PENDING, Claim.REFUNDED): PaymentState.REFUNDED,
    (PaymentState.PENDING, Claim.NOT_SENT): PaymentState.FAILED,
    (PaymentState.IN_DOUBT, Claim.PENDING): PaymentState.PENDING,
    (PaymentState.IN_DOUBT, Claim.SUCCEEDED): PaymentState.SUCCEEDED,
    (PaymentState.IN_DOUBT, Claim.FAILED): PaymentState.FAILED,
    (PaymentState.IN_DOUBT, Claim.EXPIRED): PaymentState.EXPIRED,
    (PaymentState.IN_DOUBT, Claim.REFUNDED): PaymentState.REFUNDED,
    # The proof came after its sender was given up: there is one send, and it never left.
    (PaymentState.IN_DOUBT, Claim.NOT_SENT): PaymentState.FAILED,
    (PaymentState.SUCCEEDED, Claim.REFUNDED): PaymentState.REFUNDED,
    # Late success: told final, and the money moved all the same. The money decides.
    (PaymentState.FAILED, Claim.SUCCEEDED): PaymentState.SUCCEEDED,
    (PaymentState.FAILED, Claim.REFUNDED): PaymentState.REFUNDED,
    (PaymentState.EXPIRED, Claim.SUCCEEDED): PaymentState.SUCCEEDED,
    (PaymentState.EXPIRED, Claim.REFUNDED): PaymentState.REFUNDED,
}
"""Every change of state that an update can make; a pair that is not here changes nothing."""

NOT_SENT: Final = refunds.NOT_SENT

_MONEY_MOVED: Final = frozenset({PaymentState.SUCCEEDED, PaymentState.REFUNDED})
_TOLD_WITHOUT_MONEY: Final = frozenset({PaymentState.FAILED, PaymentState.EXPIRED})
_SAYS_IT_EXISTS: Final = frozenset(
    {Claim.PENDING, Claim.SUCCEEDED, Claim.FAILED, Claim.EXPIRED, Claim.REFUNDED}
)
_DOUBTS_THE_SENDING: Final = frozenset({Claim.UNKNOWN, Claim.NOT_SENT})
_ENDS_THE_SENDING: Final = frozenset({Source.ANSWER, Source.TRANSPORT})


def misfit(payment: Payment, update: PaymentUpdate) -> str:
    """Says why an update can't be about this payment; empty where it fits."""
    if update.misfit:
        return update.misfit
    if update.amount is not None and update.amount != payment.amount:
        return f"amount {update.amount.rupiah} where {payment.amount.rupiah} was asked for"
    if update.reference and update.reference != payment.payment_id:
        return "another reference than ours"
    if (
        update.phone_number is not None
        and payment.phone_number is not None
        and update.phone_number != payment.phone_number
    ):
        return "another phone number than ours"
    return ""


def own_word(payment: Payment, claim: Claim, detail: str) -> PaymentUpdate | RefundUpdate:
    """Makes the word of this service itself about what it was to send: an open refund, if any."""
    if payment.refund is not None and payment.refund.state.open:
        return RefundUpdate(source=Source.TRANSPORT, claim=claim, detail=detail)
    return PaymentUpdate(source=Source.TRANSPORT, claim=claim, detail=detail)


def apply(payment: Payment, update: PaymentUpdate, now: datetime) -> Payment:
    """Takes an update in. Equal to `payment` where the update changes nothing.

    A change of anything but `checks` is the next version.
    """
    if misfit(payment, update):
        return _next_version(payment, _quarantined(payment, update), now)
    changed = _contradicted(payment, update)
    # Only the loss of the answer itself is a doubt: a query that fails teaches nothing.
    if update.claim is not Claim.UNKNOWN or update.source in _ENDS_THE_SENDING:
        changed = _moved(changed, update)
    if update.refund is not None:
        changed = _with_refund(changed, update.refund, now)
    elif changed.state is PaymentState.REFUNDED and payment.state is not PaymentState.REFUNDED:
        told = RefundUpdate(
            source=update.source, claim=Claim.SUCCEEDED, success_time=update.success_time
        )
        changed = _with_refund(changed, told, now)
    return _next_version(payment, _with_own_answer_noted(changed, update.source), now)


def apply_refund(payment: Payment, update: RefundUpdate, now: datetime) -> Payment:
    """Takes an update of the refund in. Equal to `payment` where it changes nothing."""
    changed = _with_refund(payment, update, now)
    if payment.refund is None or not refunds.names_another(payment.refund, update):
        changed = _with_answer_noted(changed, update.source)
    return _next_version(payment, changed, now)


def with_review(payment: Payment, review: Review, now: datetime) -> Payment:
    """Marks that a person must look, and stops asking."""
    changed = replace(payment, review=payment.review or review)
    return _next_version(payment, changed, now)


def _contradicted(payment: Payment, update: PaymentUpdate) -> Payment:
    """Calls for a person where a word can't be true beside what was told as final.

    The state stays: money that moved did move, and what ended is not opened again. That a
    payment which was told not to be there is there after all may mean a debit to come.
    """
    failure = payment.failure
    denied = update.claim is Claim.FAILED and payment.state in _MONEY_MOVED
    appeared = (
        update.claim is Claim.PENDING
        and failure is not None
        and failure.reason is FailureReason.NOT_FOUND_AT_PROVIDER
    )
    return replace(payment, review=Review.MISFIT) if denied or appeared else payment


def _moved(payment: Payment, update: PaymentUpdate) -> Payment:
    acknowledged = payment.acknowledged or update.claim in _SAYS_IT_EXISTS
    state = TRANSITIONS.get((payment.state, update.claim))
    if state is None or (payment.acknowledged and update.claim in _DOUBTS_THE_SENDING):
        return payment
    failure = None
    if state is PaymentState.FAILED:
        failure = NOT_SENT if update.claim is Claim.NOT_SENT else update.failure
    money_moved = state in _MONEY_MOVED
    review = payment.review
    if not state.open and review is Review.EXHAUSTED:
        review = None
    return replace(
        payment,
        state=state,
        acknowledged=acknowledged,
        failure=failure,
        review=review,
        redirect_url=payment.redirect_url or update.redirect_url,
        provider_reference=payment.provider_reference or update.provider_reference,
        expire_time=payment.expire_time or update.expire_time,
        success_time=payment.success_time or (update.success_time if money_moved else None),
        late_success=payment.late_success or (money_moved and payment.state in _TOLD_WITHOUT_MONEY),
    )


def _with_refund(payment: Payment, update: RefundUpdate, now: datetime) -> Payment:
    """Takes in what is said of the refund, also of one that was made beside this service."""
    refund = payment.refund
    if refund is None:
        if update.claim not in {Claim.PENDING, Claim.SUCCEEDED}:
            return payment
        refund = Refund(
            refund_id=update.refund_id or f"{payment.payment_id}r",
            state=RefundState.PENDING,
            amount=payment.amount,
            reason="Refunded at the provider, not by this service.",
            create_time=now,
        )
    elif refunds.names_another(refund, update) and update.claim is not Claim.SUCCEEDED:
        # Of an earlier try, or of a refund beside ours; only money that went back concerns both.
        return payment
    changed = refunds.apply(refund, update)
    review = payment.review
    if not changed.state.open and review is Review.EXHAUSTED:
        review = None
    with_refund = replace(payment, refund=changed, review=review)
    if changed.state is not RefundState.SUCCEEDED:
        return with_refund
    return replace(
        with_refund,
        state=TRANSITIONS.get((payment.state, Claim.REFUNDED), payment.state),
        failure=None,
        late_success=payment.late_success or payment.state in _TOLD_WITHOUT_MONEY,
    )


def _quarantined(payment: Payment, update: PaymentUpdate) -> Payment:
    """Keeps a misfit out: only a provider's answer to us calls for a person."""
    if update.source is Source.WEBHOOK:
        return payment
    state = payment.state
    if update.source is Source.ANSWER and not payment.acknowledged and state.open:
        state = PaymentState.IN_DOUBT
    changed = replace(payment, state=state, review=Review.MISFIT)
    return _with_own_answer_noted(changed, update.source)


def _with_own_answer_noted(payment: Payment, source: Source) -> Payment:
    """Ends the sending of the payment, unless it is its refund that is being sent by now.

    A payment may be settled by a webhook, and refunded, before its own answer comes or is lost.
    """
    refund = payment.refund
    if refund is not None and refund.state.open and not refund.acknowledged:
        return payment
    return _with_answer_noted(payment, source)


def _with_answer_noted(payment: Payment, source: Source) -> Payment:
    if source not in _ENDS_THE_SENDING or not payment.checks.sending:
        return payment
    return replace(payment, checks=replace(payment.checks, sending=False))


def _next_version(before: Payment, after: Payment, now: datetime) -> Payment:
    # `checks` takes no part in the comparison: asking is no change of the payment.
    if after == before:
        return after
    return replace(after, version=before.version + 1, update_time=max(now, before.update_time))
