"""Refund: returns a succeeded payment's money."""

from dataclasses import replace

from ovo_payments.application import fields, idempotency
from ovo_payments.application.call import Call, PaymentResult, RefundRequest
from ovo_payments.application.intents import Intents, Outcome
from ovo_payments.application.ownership import Owned
from ovo_payments.application.providers import require
from ovo_payments.domain.errors import NotRefundableError, PaymentNotFoundError, Violations
from ovo_payments.domain.money import Money
from ovo_payments.domain.payment import Checks, Payment, PaymentState
from ovo_payments.domain.ports import Leased, PaymentChange, RequestRecord, VersionConflictError
from ovo_payments.domain.provider import Capability, Provider
from ovo_payments.domain.refund import Refund, RefundState


class RefundPayment:
    """Returns a succeeded payment's money to the customer."""

    def __init__(self, intents: Intents) -> None:
        """Sends by way of `intents`."""
        self._intents = intents
        self._owned = Owned(intents.store)

    async def __call__(self, call: Call, request: RefundRequest) -> PaymentResult:
        """Asks for a refund, or gives what an earlier call with this id made.

        Raises InvalidRequestError, PaymentNotFoundError, NotRefundableError,
        NotSupportedByProviderError, RequestIdReusedError, DeadlineTooShortError,
        ProviderUnavailableError and StoreUnavailableError, all with nothing sent.
        """
        intents = self._intents
        before = await self._refundable(call, request)
        record = idempotency.record_of("Refund", call, request, subject_id=before.payment_id)
        earlier = await intents.replayed(record)
        if earlier is not None:
            return earlier
        while True:
            provider, after = self._with_refund(before, request)
            try:
                return await self._carry_out(call, provider, before, after, record)
            except VersionConflictError:
                # A version came in between, such as a late word of the provider's: look again.
                before = await self._owned.payment(call.caller, before.payment_id)

    async def _carry_out(
        self,
        call: Call,
        provider: Provider,
        before: Payment,
        after: Payment,
        record: RequestRecord,
    ) -> PaymentResult:
        intents = self._intents
        binding = await intents.store.find_binding(after.binding_id) if after.binding_id else None

        async def write(lease: Leased) -> RequestRecord | None:
            change = PaymentChange(before=before, after=after)
            return await intents.store.create_refund(change, record, lease)

        async def send() -> Outcome:
            outcome = await provider.refund(after, binding)
            return outcome.refund, outcome.binding

        return await intents.carry_out(call, provider, after, record, write, send)

    async def _refundable(self, call: Call, request: RefundRequest) -> Payment:
        violations = Violations()
        fields.request_id(violations, request.request_id)
        fields.name(violations, "payment_id", request.payment_id)
        fields.reason(violations, request.reason)
        try:
            payment = await self._owned.payment(call.caller, request.payment_id)
        except PaymentNotFoundError:
            if request.amount is not None:
                fields.amount(violations, request.amount, fields.NO_LIMITS)
            violations.raise_if_any()
            raise
        provider = self._intents.providers.named(payment.provider)
        if request.amount is not None:
            amount = fields.amount(violations, request.amount, provider.spec.limits)
            if amount > payment.amount:
                violations.add(
                    "amount.units",
                    f"must not exceed the payment's amount of {payment.amount.rupiah}",
                )
            violations.raise_if_any()
            if amount < payment.amount:
                require(provider, Capability.PARTIAL_REFUND)
        violations.raise_if_any()
        return payment

    def _with_refund(self, payment: Payment, request: RefundRequest) -> tuple[Provider, Payment]:
        provider = self._intents.providers.named(payment.provider)
        require(provider, Capability.REFUND)
        earlier = payment.refund
        if payment.state is not PaymentState.SUCCEEDED or (
            earlier is not None and earlier.state is not RefundState.FAILED
        ):
            raise NotRefundableError(payment_id=payment.payment_id, state=payment.state.value)
        now = self._intents.clock.now()
        amount = Money(request.amount.units) if request.amount else payment.amount
        refund = Refund(
            refund_id=self._intents.identifiers.refund_id(),
            state=RefundState.PENDING,
            amount=amount,
            reason=request.reason,
            create_time=now,
        )
        asked = replace(
            payment, refund=refund, version=payment.version + 1, update_time=now, checks=Checks()
        )
        return provider, self._intents.scheduled(asked, provider)
