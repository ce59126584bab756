"""Debits linked accounts for the merchant."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Final, cast

from ovo_sandbox.doku.bindings import BLOCKED, NO_ACCOUNT
from ovo_sandbox.doku.codes import (
    EXCEEDS_AMOUNT_LIMIT,
    INSUFFICIENT_FUNDS,
    TRANSACTION_NOT_PERMITTED,
    Refused,
)
from ovo_sandbox.doku.messages import payment_notification
from ovo_sandbox.doku.names import alphanumerics, digits
from ovo_sandbox.doku.payment_book import PaymentBook
from ovo_sandbox.doku.records import EXPIRED, Binding, Payment, PaymentState
from ovo_sandbox.doku.requests import PaymentRequest
from ovo_sandbox.doku.switches import PROVIDER, Choices
from ovo_sandbox.sandbox import Sandbox
from ovo_sandbox.wallet import (
    AccountBlocked,
    AccountNotFound,
    DebitRefused,
    InsufficientFunds,
    LimitExceeded,
)

_OPEN: Final = ("01", "03")


@dataclass(frozen=True, slots=True, kw_only=True)
class Debtor:
    """Is on whose behalf a payment is asked for: the link, and the words that proved it."""

    binding: Binding
    customer_token: str
    external_id: str


class Payments:
    """Brings payments to their end; money moves in the same transaction as their state."""

    def __init__(self, context: Sandbox, choices: Choices) -> None:
        """Debits the sandbox's wallet."""
        self.book = PaymentBook(context.store)
        self._context = context
        self._choices = choices

    def start(self) -> None:
        """Sets the timers of what is still open."""
        for payment in self.book.all():
            self._set_timers(payment)

    def open(self, request: PaymentRequest, debtor: Debtor, *, debit_delay_s: float) -> Payment:
        """Begins a payment: a SALE waits for its page, a RECURRING one debits by itself.

        Raises Refused, and keeps nothing, where OVO would not take the money.
        """
        payment = self._drafted(request, debtor, debit_delay_s)
        try:
            self._check_funds(payment)
        except Refused:
            if self._choices.flag("refused_payment_notifies"):
                self._notify(replace(payment, reference="", state="06"))
            raise
        with self._context.store.transaction():
            self.book.enter(payment)
            if payment.payment_type == "RECURRING":
                return self._approved(payment)
        self._set_timers(payment)
        return payment

    def approve(self, payment: Payment) -> Payment:
        """Takes the money for a payment that its customer approved, or fails it."""
        with self._context.store.transaction():
            return self._approved(payment)

    def cancel(self, payment: Payment) -> Payment:
        """Ends a payment that its customer does not want."""
        return self.end(replace(payment, failure="You canceled the payment"), "05")

    def fail(self, payment: Payment, reason: str) -> Payment:
        """Ends a payment that cannot be."""
        return self.end(replace(payment, failure=reason), "06")

    def end(self, payment: Payment, state: PaymentState) -> Payment:
        """Writes how a payment ended, and tells the merchant."""
        ended = replace(payment, state=state)
        with self._context.store.transaction():
            self.book.save(ended)
            self._notify(ended)
        self._context.scheduler.cancel(f"doku.expire_payment:{ended.reference}")
        return ended

    def _drafted(self, request: PaymentRequest, debtor: Debtor, debit_delay_s: float) -> Payment:
        random, now, binding = self._context.random, self._context.clock.now(), debtor.binding
        recurring = request.payment_type == "RECURRING"
        if recurring and not debit_delay_s:
            debit_delay_s = self._choices.seconds("recurring_debit_after_s")
        return Payment(
            reference=alphanumerics(random, 32),
            page_code=digits(random, 40),
            client_id=binding.client_id,
            partner_reference=request.partner_reference,
            external_id=debtor.external_id,
            auth_code=binding.auth_code,
            customer_id=binding.customer_id,
            customer_token=debtor.customer_token,
            phone=binding.phone,
            amount=request.amount,
            cash=request.cash,
            points=request.points,
            payment_type=request.payment_type,
            success_url=request.success_url,
            failed_url=request.failed_url,
            remarks=request.remarks,
            items=request.items,
            form_token=digits(random, 24),
            created_at=now,
            expires_at=now + self._choices.period("payment_window_s"),
            debit_delay_s=debit_delay_s,
        )

    def shares(self, payment: Payment) -> tuple[int, int]:
        """Returns the cash and the points to take now.

        OVO takes points as far as they reach, and what they leave open from cash.
        """
        points = min(payment.points, self._context.wallet.account(payment.phone).points_rupiah)
        return payment.amount - points, points

    def _check_funds(self, payment: Payment) -> None:
        cash, points = self.shares(payment)
        try:
            self._context.wallet.check(payment.phone, cash_rupiah=cash, points_rupiah=points)
        except DebitRefused as error:
            raise _refused(error) from error

    def _approved(self, payment: Payment) -> Payment:
        if not payment.debit_delay_s:
            return self._debit(payment)
        due = self._context.clock.now() + timedelta(seconds=payment.debit_delay_s)
        waiting = replace(payment, state="03", debit_at=due)
        self.book.save(waiting)
        self._set_timers(waiting)
        return waiting

    def _debit(self, payment: Payment) -> Payment:
        cash, points = self.shares(payment)
        try:
            with self._context.store.transaction():
                self._context.wallet.debit(
                    payment.phone,
                    provider=PROVIDER,
                    merchant_reference=payment.partner_reference,
                    provider_reference=payment.reference,
                    cash_rupiah=cash,
                    points_rupiah=points,
                )
                paid = replace(
                    payment,
                    cash_taken=cash,
                    points_taken=points,
                    paid_at=self._context.clock.now(),
                    failure="",
                )
                return self.end(paid, "00")
        except DebitRefused as error:
            return self.fail(payment, _words(error)) if payment.state in _OPEN else payment

    def _notify(self, payment: Payment) -> None:
        url = self._context.config.doku_payment_notification_url
        payload = {
            "body": payment_notification(payment),
            "customer_token": payment.customer_token,
        }
        self._context.delivery.notify(
            PROVIDER,
            event=f"payment.{payment.state}",
            reference=payment.partner_reference,
            phone=payment.phone,
            urls=() if url is None else (url,),
            payload=payload,
            delay_s=self._choices.seconds("notification_delay_s"),
        )

    def _set_timers(self, payment: Payment) -> None:
        async def expire() -> None:
            current = self.book.find(payment.reference)
            if current is not None and current.state in _OPEN:
                state = cast("PaymentState", self._choices.text("expired_payment_status"))
                self.end(replace(current, failure=EXPIRED), state)

        async def debit() -> None:
            current = self.book.find(payment.reference)
            if current is not None and current.paid_at is None:
                self._debit(current)

        scheduler = self._context.scheduler
        # A debit that comes late by a fault comes even after the page ran out.
        if payment.state in _OPEN and payment.payment_type == "SALE":
            name = f"doku.expire_payment:{payment.reference}"
            scheduler.call_at(payment.expires_at, name, expire)
        if payment.debit_at is not None and payment.paid_at is None:
            scheduler.call_at(payment.debit_at, f"doku.debit:{payment.reference}", debit)


def _refused(error: DebitRefused) -> Refused:
    if isinstance(error, InsufficientFunds):
        return Refused(INSUFFICIENT_FUNDS, extra={"referenceNo": ""})
    if isinstance(error, LimitExceeded):
        return Refused(EXCEEDS_AMOUNT_LIMIT)
    return Refused(TRANSACTION_NOT_PERMITTED, _words(error))


def _words(error: DebitRefused) -> str:
    words: Mapping[type[DebitRefused], str] = {
        AccountNotFound: NO_ACCOUNT,
        AccountBlocked: BLOCKED,
        InsufficientFunds: "The OVO balance is not enough",
        LimitExceeded: "The amount exceeds the account's limit",
    }
    return words[type(error)]
