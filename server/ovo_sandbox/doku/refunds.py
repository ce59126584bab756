"""Gives paid payments back, whole or, where a switch allows it, in parts."""

from dataclasses import replace

from ovo_sandbox.doku.codes import INVALID_AMOUNT, INVALID_TRANSACTION_STATUS, Refused
from ovo_sandbox.doku.messages import jakarta_timestamp
from ovo_sandbox.doku.names import digits
from ovo_sandbox.doku.payments import Payments
from ovo_sandbox.doku.records import Payment, RefundRecord
from ovo_sandbox.doku.requests import RefundRequest
from ovo_sandbox.doku.switches import PROVIDER, Choices
from ovo_sandbox.sandbox import Sandbox


class Refunds:
    """Moves money back in the same transaction as the payment's state."""

    def __init__(self, context: Sandbox, choices: Choices, payments: Payments) -> None:
        """Gives back what the payments took."""
        self._context = context
        self._choices = choices
        self._payments = payments

    def refund(self, payment: Payment, request: RefundRequest) -> RefundRecord:
        """Gives a paid payment back, points before cash, or raises Refused."""
        if payment.state != "00":
            raise Refused(INVALID_TRANSACTION_STATUS)
        left = payment.amount - payment.refunded
        partial = request.amount != payment.amount
        if request.amount > left or (partial and not self._choices.flag("partial_refunds")):
            raise Refused(INVALID_AMOUNT)
        record = RefundRecord(
            refund_no=digits(self._context.random, 16),
            partner_refund_no=request.partner_refund_reference,
            amount=request.amount,
            reason=request.reason,
            refunded_at=jakarta_timestamp(self._context.clock.now()),
        )
        points = min(request.amount, max(0, payment.points_taken - payment.refunded))
        after = replace(payment, refunds=(*payment.refunds, record))
        with self._context.store.transaction():
            self._context.wallet.refund(
                payment.phone,
                provider=PROVIDER,
                merchant_reference=payment.partner_reference,
                provider_reference=payment.reference,
                cash_rupiah=request.amount - points,
                points_rupiah=points,
            )
            if after.refunded == after.amount:
                self._payments.end(after, "04")
            else:
                self._payments.book.save(after)
        return record
