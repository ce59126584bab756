"""Serves the page on which a customer approves a payment."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from ovo_sandbox.doku.hosted import HostedPages
from ovo_sandbox.doku.operations import PAYMENT_PAGE
from ovo_sandbox.doku.payments import Payments
from ovo_sandbox.doku.records import Payment, Step
from ovo_sandbox.doku.switches import Choices
from ovo_sandbox.sandbox import Sandbox

_STEPS: Final[Mapping[str, Sequence[Step]]] = {
    "pin": ("review", "pin"),
    "otp": ("review", "otp"),
    "otp_and_pin": ("review", "otp", "pin"),
}


class PaymentPages(HostedPages[Payment]):
    """Shows the payment and asks for PIN or one-time code, as the switch says."""

    path = PAYMENT_PAGE
    template = "doku/payment.html"

    def __init__(self, context: Sandbox, choices: Choices, payments: Payments) -> None:
        """Approves payments."""
        super().__init__(context)
        self._choices = choices
        self._payments = payments

    def find(self, code: str) -> Payment | None:
        """Reads the payment by its page; a RECURRING one has none."""
        payment = self._payments.book.find_by_page(code)
        return payment if payment is not None and payment.payment_type == "SALE" else None

    def is_open(self, page: Payment) -> bool:
        """Tells whether the payment is still to be approved."""
        return page.state == "01"

    def steps(self, page: Payment) -> Sequence[Step]:
        """Lists the steps; one that the customer has reached stays among them."""
        steps = _STEPS[self._choices.text("payment_page_asks")]
        return steps if page.step in steps else _STEPS["otp_and_pin"]

    def save(self, page: Payment) -> None:
        """Writes how far the customer has come."""
        self._payments.book.save(page)

    def approve(self, page: Payment) -> None:
        """Takes the money."""
        self._payments.approve(page)

    def cancel(self, page: Payment) -> None:
        """Takes nothing."""
        self._payments.cancel(page)

    def fail(self, page: Payment, reason: str) -> None:
        """Takes nothing."""
        self._payments.fail(page, reason)

    def view(self, page: Payment) -> Mapping[str, Any]:
        """Tells how it ended; a debit that is still on its way counts as done for the customer."""
        approved = page.state in ("00", "03", "04")
        paid = page.paid_at is not None
        cash, points = (page.cash_taken, page.points_taken) if paid else self._payments.shares(page)
        return {
            "cash": cash,
            "points": points,
            "succeeded": approved,
            "return_url": page.success_url if approved else page.failed_url,
        }
