"""Does what the transactional endpoints promise, once a call has passed the gate."""

from collections.abc import Mapping
from typing import Any, Final

from ovo_sandbox.doku.bindings import Bindings
from ovo_sandbox.doku.codes import (
    INCONSISTENT_REQUEST,
    INVALID_CUSTOMER_TOKEN,
    SUCCESSFUL,
    TRANSACTION_NOT_FOUND,
    Refused,
    Service,
    response_head,
)
from ovo_sandbox.doku.gate import Call, Operation
from ovo_sandbox.doku.magic import prepare_magic_number
from ovo_sandbox.doku.messages import (
    Body,
    balance_body,
    binding_body,
    payment_body,
    refund_body,
    status_body,
    unknown_status_body,
)
from ovo_sandbox.doku.payments import Debtor, Payments
from ovo_sandbox.doku.records import Payment
from ovo_sandbox.doku.refunds import Refunds
from ovo_sandbox.doku.repeats import Repeats
from ovo_sandbox.doku.requests import (
    StatusRequest,
    read_balance,
    read_binding,
    read_payment,
    read_refund,
    read_status,
    read_unbinding,
)
from ovo_sandbox.doku.switches import Choices
from ovo_sandbox.faults import Stage
from ovo_sandbox.sandbox import Sandbox

BINDING_PAGE: Final = "/direct-debit/ui/binding/core/"
PAYMENT_PAGE: Final = "/direct-debit/ui/payment/core/"

_SERVICE_CODES: Final[Mapping[str, tuple[str, ...]]] = {
    "both": ("54", "55"),
    "54": ("54",),
    "55": ("55",),
}


class Operations:
    """Answers bindings, balances, payments, status queries, refunds and unbindings."""

    def __init__(
        self,
        context: Sandbox,
        choices: Choices,
        *,
        bindings: Bindings,
        payments: Payments,
        repeats: Repeats,
    ) -> None:
        """Works on what the sandbox holds."""
        self._context = context
        self._choices = choices
        self._bindings = bindings
        self._payments = payments
        self._refunds = Refunds(context, choices, payments)
        self._repeats = repeats

    def all(self) -> list[Operation]:
        """Lists the endpoints."""
        core = "/direct-debit/core/v1"
        return [
            Operation(
                name="bind",
                service=Service.ACCOUNT_BINDING,
                path=f"{core}/registration-account-binding",
                act=self.bind,
            ),
            Operation(
                name="unbind",
                service=Service.ACCOUNT_UNBINDING,
                path=f"{core}/registration-account-unbinding",
                act=self.unbind,
            ),
            Operation(
                name="balance",
                service=Service.BALANCE_INQUIRY,
                path=f"{core}/balance-inquiry",
                act=self.balance,
                needs_customer=True,
            ),
            Operation(
                name="pay",
                service=Service.PAYMENT,
                path=f"{core}/debit/payment-host-to-host",
                act=self.pay,
                needs_customer=True,
            ),
            Operation(
                name="status",
                service=Service.PAYMENT_STATUS,
                path="/orders/v1.0/debit/status",
                act=self.status,
            ),
            Operation(
                name="refund",
                service=Service.REFUND,
                path=f"{core}/debit/refund",
                act=self.refund,
                needs_customer=True,
            ),
        ]

    def bind(self, call: Call) -> Body:
        """Begins to link an account; the customer goes on at the page."""
        request = read_binding(call.document)
        prepare_magic_number(self._context.wallet, request.phone)
        binding = self._bindings.open(
            request, client_id=call.client_id, external_id=call.external_id
        )
        return binding_body(binding, self._page(BINDING_PAGE, binding.auth_code))

    def unbind(self, call: Call) -> Body:
        """Cuts the link that a customer token speaks for."""
        binding = self._bindings.of_customer_token(read_unbinding(call.document))
        return {"referenceNo": self._bindings.unlink(binding).reference}

    def balance(self, call: Call) -> Body:
        """Tells what the linked account holds."""
        read_balance(call.document)
        binding = self._bindings.of_customer_token(call.customer_token)
        return balance_body(self._context.wallet.account(binding.phone))

    def pay(self, call: Call) -> Body:
        """Takes a payment on; money moves now (RECURRING) or at the page (SALE)."""
        request = read_payment(call.document)
        binding = self._bindings.of_customer_token(call.customer_token)
        reference = f"{call.client_id}:{request.partner_reference}"
        self._repeats.refuse_used_reference("pay", reference, call.digest)
        later = call.fault is not None and call.fault.stage is Stage.LATER
        payment = self._payments.open(
            request,
            Debtor(
                binding=binding,
                customer_token=call.customer_token.removeprefix("Bearer "),
                external_id=call.external_id,
            ),
            debit_delay_s=call.fault.seconds if later and call.fault is not None else 0,
        )
        is_sale = payment.payment_type == "SALE"
        page = self._page(PAYMENT_PAGE, payment.page_code) if is_sale else None
        body = payment_body(payment, page)
        answer = response_head(SUCCESSFUL, Service.PAYMENT) | body
        self._repeats.claim_reference("pay", reference, call.digest, answer)
        return body

    def status(self, call: Call) -> Body:
        """Tells what became of a payment."""
        accepted = _SERVICE_CODES[self._choices.text("status_service_code")]
        request = read_status(call.document, accepted)
        payment = self._asked_for(request, call)
        if payment is None or self._denies(payment, call):
            if self._choices.text("unknown_payment") == "4045501":
                raise Refused(TRANSACTION_NOT_FOUND)
            return unknown_status_body(
                partner_reference=request.partner_reference,
                reference=request.reference,
                service_code=request.service_code,
            )
        if request.amount is not None and request.amount != payment.amount:
            raise Refused(INCONSISTENT_REQUEST)
        lean = self._choices.text("response_profile") == "lean"
        return status_body(payment, service_code=request.service_code, lean=lean)

    def refund(self, call: Call) -> Body:
        """Gives a payment back."""
        request = read_refund(call.document)
        binding = self._bindings.of_customer_token(call.customer_token)
        reference = f"{call.client_id}:{request.partner_refund_reference}"
        self._repeats.refuse_used_reference("refund", reference, call.digest)
        payment = self._payments.book.find_by_partner_reference(
            call.client_id, request.partner_reference
        )
        if payment is None:
            raise Refused(TRANSACTION_NOT_FOUND)
        if payment.phone != binding.phone:
            raise Refused(INVALID_CUSTOMER_TOKEN)
        if request.external_id and request.external_id != payment.external_id:
            raise Refused(INCONSISTENT_REQUEST)
        body = refund_body(payment, self._refunds.refund(payment, request))
        answer = response_head(SUCCESSFUL, Service.REFUND) | body
        self._repeats.claim_reference("refund", reference, call.digest, answer)
        return body

    def _asked_for(self, request: StatusRequest, call: Call) -> Payment | None:
        book = self._payments.book
        if request.partner_reference:
            found = book.find_by_partner_reference(call.client_id, request.partner_reference)
        elif request.reference:
            found = book.find(request.reference)
        else:
            found = book.find_by_external_id(call.client_id, request.external_id)
        asked: list[tuple[str, Any]] = [
            (request.reference, found and found.reference),
            (request.external_id, found and found.external_id),
        ]
        return found if all(name in ("", known) for name, known in asked) else None

    def _denies(self, payment: Payment, call: Call) -> bool:
        if call.fault is not None and call.fault.stage is Stage.QUERY:
            return True
        known_from = payment.created_at + self._choices.period("status_404_for_s")
        return self._context.clock.now() < known_from

    def _page(self, path: str, code: str) -> str:
        return f"{self._context.config.public_url.rstrip('/')}{path}{code}"
