"""Keeps Midtrans' transactions: makes, answers, ends and refunds them, each step notified."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from uuid import UUID

from ovo_sandbox.midtrans.bodies import Bodies
from ovo_sandbox.midtrans.book import TransactionBook
from ovo_sandbox.midtrans.magic import scenario_of
from ovo_sandbox.midtrans.switches import PROVIDER
from ovo_sandbox.midtrans.transaction import Status, Transaction
from ovo_sandbox.midtrans.validation import ChargeRequest, RefundRequest
from ovo_sandbox.midtrans.wire import time_text
from ovo_sandbox.sandbox import Sandbox
from ovo_sandbox.wallet import DebitRefused

Step = Callable[[str], None]


class Transactions:
    """Holds all transactions of one sandbox.

    A transaction's timers always follow from what is stored of it: `_save` sets them, and so does
    `restore` after a restart.
    """

    def __init__(self, sandbox: Sandbox, bodies: Bodies) -> None:
        """Keeps transactions in the sandbox's store."""
        self.book = TransactionBook(sandbox.store)
        self._sandbox = sandbox
        self._bodies = bodies

    def find(self, identifier: str) -> Transaction | None:
        """Finds by transaction_id or order_id; of a reused order_id, the latest."""
        return self.book.find(identifier)

    def takes_order_id(self, order_id: str) -> bool:
        """Tells whether a new charge may have this order_id."""
        earlier = self.book.holder_of(order_id)
        if earlier is None or earlier.status in {Status.EXPIRE, Status.CANCEL}:
            return True
        denied = earlier.status in {Status.DENY, Status.FAILURE}
        return denied and self._sandbox.switches.text("midtrans_order_id_after_deny") == "free"

    def charge(
        self, request: ChargeRequest, *, urls: Sequence[str], pays_in_s: float | None
    ) -> Transaction:
        """Makes a pending transaction and pushes it to the payer.

        With `pays_in_s` the payer pays then, whatever the number, the mode and the expiry say.
        """
        sandbox = self._sandbox
        now = sandbox.clock.now()
        scenario = scenario_of(request.phone)
        expiry = timedelta(seconds=sandbox.switches.number("midtrans_expiry_s"))
        window = timedelta(seconds=sandbox.switches.number("midtrans_customer_window_s"))
        transaction = Transaction(
            transaction_id=str(UUID(int=sandbox.random.getrandbits(128), version=4)),
            order_id=request.order_id,
            gross_amount_rupiah=request.gross_amount_rupiah,
            phone=request.phone,
            phone_as_sent=request.phone_as_sent,
            status=Status.PENDING,
            created_at=now,
            expires_at=now + expiry,
            answer_until=now + window,
            answers_at=None,
            reaction=scenario.reaction,
            notification_urls=tuple(urls),
            custom_fields=request.custom_fields,
            metadata=request.metadata,
            customer_details=request.customer_details,
            response_code=scenario.response_code,
            response_message=scenario.response_message,
        )
        transaction = self._with_answer(transaction, pays_in_s)
        with sandbox.store.transaction():
            number = self.book.next_number("invoice")
            day = time_text(now)[:10].replace("-", "")
            transaction = replace(transaction, merchant_invoice=f"INV{day}{number:03d}")
            self.book.add(transaction)
            self._save(transaction)
            if sandbox.switches.flag("midtrans_pending_webhook"):
                self._notify(transaction)
        return transaction

    def accept(self, transaction: Transaction, at: datetime | None = None) -> Transaction:
        """Lets the payer pay; a wallet that cannot turns it into a rejection."""
        if not transaction.may_become(Status.SETTLEMENT):
            return transaction
        sandbox = self._sandbox
        with sandbox.store.transaction():
            try:
                sandbox.wallet.debit(
                    transaction.phone,
                    provider=PROVIDER,
                    merchant_reference=transaction.order_id,
                    provider_reference=transaction.transaction_id,
                    cash_rupiah=transaction.gross_amount_rupiah,
                )
            except DebitRefused as refusal:
                return self.reject(transaction, message=type(refusal).__name__)
            return self._change(
                replace(transaction, settled_at=at or sandbox.clock.now()), Status.SETTLEMENT
            )

    def reject(
        self, transaction: Transaction, *, code: str | None = None, message: str | None = None
    ) -> Transaction:
        """Lets the payer, or OVO for him, say no."""
        answered = replace(
            transaction,
            answers_at=None,
            answers_late=False,
            response_code=code,
            response_message=message,
        )
        ends_as = self._sandbox.switches.text("midtrans_rejected_becomes")
        if ends_as == "expire" or not transaction.may_become(Status(ends_as)):
            with self._sandbox.store.transaction():
                self._save(answered)
            return answered
        return self._change(answered, Status(ends_as))

    def decline(self, transaction: Transaction) -> Transaction:
        """Lets the payer decline in the app, as OVO's response code 17."""
        return self.reject(transaction, code="17", message="Customer cancelled the transaction")

    def end(self, transaction: Transaction, status: Status) -> Transaction:
        """Cancels or expires a pending transaction for the merchant, who cannot recall the push."""
        may_settle = self._sandbox.switches.text("midtrans_payment_after_cancel") == "settles"
        late = transaction.answers_late or may_settle
        return self._change(transaction, status, keeps_answer=late)

    def refund(self, transaction: Transaction, request: RefundRequest) -> Transaction:
        """Gives the whole amount back; the bank's confirmation follows."""
        sandbox = self._sandbox
        with sandbox.store.transaction():
            number = self.book.next_number("refund")
            sandbox.wallet.refund(
                transaction.phone,
                provider=PROVIDER,
                merchant_reference=transaction.order_id,
                provider_reference=transaction.transaction_id,
                cash_rupiah=transaction.gross_amount_rupiah,
            )
            return self._change(
                replace(
                    transaction,
                    refund_key=request.refund_key or f"{transaction.transaction_id}-{number}",
                    refund_reason=request.reason,
                    refund_number=number,
                    refunded_at=sandbox.clock.now(),
                ),
                Status.REFUND,
            )

    def open_pushes(self) -> list[Transaction]:
        """Lists the pushes that wait for their payers, oldest first."""
        now = self._sandbox.clock.now()
        return [transaction for transaction in self.book.due() if transaction.is_open(now)]

    def restore(self) -> None:
        """Sets the timers of all transactions that have something to come."""
        for transaction in self.book.due():
            self._set_timers(transaction)

    def _with_answer(self, transaction: Transaction, pays_in_s: float | None) -> Transaction:
        """Decides when and how the payer answers by himself."""
        switches = self._sandbox.switches
        reaction = transaction.reaction
        late = pays_in_s is not None
        if pays_in_s is not None:
            reaction, seconds = "accept", pays_in_s
        elif reaction == "late" and switches.text("midtrans_late_number") == "late_settlement":
            reaction, late = "accept", True
            seconds = switches.number("midtrans_late_settlement_s")
        elif reaction == "reject" or (
            reaction == "accept" and switches.text("midtrans_push_mode") == "auto"
        ):
            seconds = switches.number("midtrans_settlement_delay_s")
        else:
            return transaction
        return replace(
            transaction,
            reaction=reaction,
            answers_at=transaction.created_at + timedelta(seconds=seconds),
            answers_late=late,
        )

    def _answer(self, transaction_id: str) -> None:
        transaction = self.find(transaction_id)
        if transaction is None or transaction.answers_at is None:
            return
        if transaction.reaction == "accept":
            self.accept(transaction, transaction.answers_at)
        else:
            self.reject(
                transaction,
                code=transaction.response_code,
                message=transaction.response_message,
            )

    def _expire(self, transaction_id: str) -> None:
        transaction = self.find(transaction_id)
        if transaction is not None and transaction.status is Status.PENDING:
            self._change(transaction, Status.EXPIRE, keeps_answer=transaction.answers_late)

    def _confirm_refund(self, transaction_id: str) -> None:
        transaction = self.find(transaction_id)
        if transaction is None or transaction.status is not Status.REFUND:
            return
        with self._sandbox.store.transaction():
            confirmed = replace(transaction, bank_confirmed_at=self._sandbox.clock.now())
            self._save(confirmed)
            self._notify(confirmed)

    def _change(
        self, transaction: Transaction, status: Status, *, keeps_answer: bool = False
    ) -> Transaction:
        changed = replace(transaction, status=status, answers_late=keeps_answer)
        if not keeps_answer:
            changed = replace(changed, answers_at=None)
        with self._sandbox.store.transaction():
            self._save(changed)
            self._notify(changed)
        return changed

    def _notify(self, transaction: Transaction) -> None:
        switches = self._sandbox.switches
        delay_s = switches.number("midtrans_webhook_delay_s")
        if transaction.status is Status.EXPIRE:
            delay_s += switches.number("midtrans_expire_webhook_delay_s")
        self._sandbox.delivery.notify(
            PROVIDER,
            event=transaction.status.value,
            reference=transaction.order_id,
            phone=transaction.phone,
            urls=transaction.notification_urls,
            payload=self._bodies.notification(transaction),
            delay_s=delay_s,
        )

    def _save(self, transaction: Transaction) -> None:
        self.book.save(transaction, is_due=self._set_timers(transaction))

    def _set_timers(self, transaction: Transaction) -> bool:
        """Sets what is to come and cancels what is not; tells whether anything is."""
        scheduler = self._sandbox.scheduler
        transaction_id = transaction.transaction_id
        steps = {
            "answer": (self._answers_at(transaction), self._answer),
            "expire": (self._expires_at(transaction), self._expire),
            "confirm": (self._confirmed_at(transaction), self._confirm_refund),
        }
        for name, (when, step) in steps.items():
            timer = f"midtrans.{name}:{transaction_id}"
            if when is None:
                scheduler.cancel(timer)
                continue

            async def fire(step: Step = step) -> None:
                step(transaction_id)

            scheduler.call_at(when, timer, fire)
        return any(when is not None for when, _ in steps.values())

    def _answers_at(self, transaction: Transaction) -> datetime | None:
        pending = transaction.status is Status.PENDING
        return transaction.answers_at if pending or transaction.answers_late else None

    def _expires_at(self, transaction: Transaction) -> datetime | None:
        if transaction.status is not Status.PENDING:
            return None
        lag_s = self._sandbox.switches.number("midtrans_expiry_lag_s")
        return transaction.expires_at + timedelta(seconds=lag_s)

    def _confirmed_at(self, transaction: Transaction) -> datetime | None:
        if transaction.refunded_at is None or transaction.bank_confirmed_at is not None:
            return None
        delay_s = self._sandbox.switches.number("midtrans_refund_confirmation_s")
        return transaction.refunded_at + timedelta(seconds=delay_s)
