"""Charge: pushes a payment request to a phone."""

from types import MappingProxyType

from ovo_payments.application import fields, idempotency
from ovo_payments.application.call import Call, ChargeRequest, PaymentResult
from ovo_payments.application.intents import Intents, Outcome
from ovo_payments.domain.errors import Violations
from ovo_payments.domain.payment import Method, Payment, PaymentState
from ovo_payments.domain.ports import Leased, RequestRecord
from ovo_payments.domain.provider import Capability, Provider


class Charge:
    """Pushes a payment request to the OVO app of a phone number."""

    def __init__(self, intents: Intents) -> None:
        """Sends by way of `intents`."""
        self._intents = intents

    async def __call__(self, call: Call, request: ChargeRequest) -> PaymentResult:
        """Makes a payment and pushes it, or gives what an earlier call with this id made.

        Raises InvalidRequestError, NotSupportedByProviderError, RequestIdReusedError,
        OrderAlreadyPaidError, DeadlineTooShortError, ProviderUnavailableError and
        StoreUnavailableError, all with nothing sent.
        """
        intents = self._intents
        provider, payment = self._payment(call, request)
        record = idempotency.record_of(
            "Charge",
            call,
            request,
            subject_id=payment.payment_id,
            phone_number=fields.phone_number(Violations(), request.phone_number).international,
        )
        earlier = await intents.replayed(record)
        if earlier is not None:
            return earlier

        async def write(lease: Leased) -> RequestRecord | None:
            return await intents.store.create_payment(payment, record, lease)

        async def send() -> Outcome:
            return await provider.charge(payment), None

        return await intents.carry_out(call, provider, payment, record, write, send)

    def _payment(self, call: Call, request: ChargeRequest) -> tuple[Provider, Payment]:
        violations = Violations()
        provider = self._intents.providers.chosen(
            violations, request.provider, Capability.PUSH_TO_PHONE
        )
        limits = provider.spec.limits
        fields.request_id(violations, request.request_id)
        fields.name(violations, "order_id", request.order_id)
        phone_number = fields.phone_number(violations, request.phone_number)
        amount = fields.amount(violations, request.amount, limits)
        fields.customer(violations, request.customer, limits)
        items = fields.items(violations, request.items, amount, limits)
        fields.metadata(violations, request.metadata)
        violations.raise_if_any()
        now = self._intents.clock.now()
        payment = Payment(
            payment_id=self._intents.identifiers.payment_id(),
            scope=call.caller.scope,
            order_id=request.order_id,
            state=PaymentState.PENDING,
            version=1,
            method=Method.PUSH_TO_PHONE,
            provider=provider.spec.name,
            amount=amount,
            phone_number=phone_number,
            customer=request.customer,
            items=items,
            metadata=MappingProxyType(dict(request.metadata)),
            create_time=now,
            update_time=now,
        )
        return provider, self._intents.scheduled(payment, provider)
