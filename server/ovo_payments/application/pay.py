"""Pay: debits a linked account."""

from types import MappingProxyType

from ovo_payments.application import fields, idempotency
from ovo_payments.application.call import Call, PaymentResult, PayRequest
from ovo_payments.application.intents import Intents, Outcome
from ovo_payments.application.ownership import Owned, require_usable
from ovo_payments.application.providers import require
from ovo_payments.domain.binding import Binding
from ovo_payments.domain.errors import BindingNotFoundError, Violations
from ovo_payments.domain.money import Money
from ovo_payments.domain.payment import LineItem, Method, Payment, PaymentState
from ovo_payments.domain.ports import Leased, RequestRecord
from ovo_payments.domain.provider import Capability, Limits, Provider


class Pay:
    """Debits a linked account, with the customer there to confirm it or without."""

    def __init__(self, intents: Intents) -> None:
        """Sends by way of `intents`."""
        self._intents = intents
        self._owned = Owned(intents.store)

    async def __call__(self, call: Call, request: PayRequest) -> PaymentResult:
        """Makes a payment and debits the account, or gives what an earlier call with this id made.

        Raises InvalidRequestError, BindingNotFoundError, BindingNotActiveError,
        RequestIdReusedError, OrderAlreadyPaidError, DeadlineTooShortError,
        ProviderUnavailableError and StoreUnavailableError, all with nothing sent.
        """
        intents = self._intents
        binding, provider, payment = await self._payment(call, request)
        record = idempotency.record_of("Pay", call, request, subject_id=payment.payment_id)
        earlier = await intents.replayed(record)
        if earlier is not None:
            return earlier
        require_usable(binding)

        async def write(lease: Leased) -> RequestRecord | None:
            return await intents.store.create_payment(payment, record, lease)

        async def send() -> Outcome:
            outcome = await provider.pay(payment, binding)
            return outcome.payment, outcome.binding

        return await intents.carry_out(call, provider, payment, record, write, send)

    async def _payment(self, call: Call, request: PayRequest) -> tuple[Binding, Provider, Payment]:
        violations = Violations()
        fields.request_id(violations, request.request_id)
        fields.name(violations, "order_id", request.order_id)
        fields.name(violations, "binding_id", request.binding_id)
        for field, url in (
            ("success_url", request.success_url),
            ("failure_url", request.failure_url),
        ):
            self._intents.return_urls.check(
                violations, field, url, call.caller, required=not request.merchant_initiated
            )
        fields.metadata(violations, request.metadata)
        try:
            binding = await self._owned.binding(call.caller, request.binding_id)
        except BindingNotFoundError:
            # What is wrong with the request itself comes first: it can be mended in one go.
            _money(violations, request, fields.NO_LIMITS)
            violations.raise_if_any()
            raise
        provider = self._intents.providers.named(binding.provider)
        require(provider, Capability.LINKED_ACCOUNT)
        amount, points_amount, items = _money(violations, request, provider.spec.limits)
        violations.raise_if_any()
        now = self._intents.clock.now()
        payment = Payment(
            payment_id=self._intents.identifiers.payment_id(),
            scope=call.caller.scope,
            order_id=request.order_id,
            state=PaymentState.PENDING,
            version=1,
            method=Method.LINKED_ACCOUNT,
            provider=provider.spec.name,
            amount=amount,
            points_amount=points_amount,
            binding_id=binding.binding_id,
            phone_number=binding.phone_number,
            merchant_initiated=request.merchant_initiated,
            success_url=request.success_url,
            failure_url=request.failure_url,
            customer=binding.customer,
            items=items,
            metadata=MappingProxyType(dict(request.metadata)),
            create_time=now,
            update_time=now,
        )
        return binding, provider, self._intents.scheduled(payment, provider)


def _money(
    violations: Violations, request: PayRequest, limits: Limits
) -> tuple[Money, Money | None, tuple[LineItem, ...]]:
    amount = fields.amount(violations, request.amount, limits)
    points_amount = fields.points_amount(violations, request.points_amount, amount)
    return amount, points_amount, fields.items(violations, request.items, amount, limits)
