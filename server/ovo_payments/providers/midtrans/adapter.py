"""The Midtrans provider: OVO by a push to the payer's phone, and full refunds."""

from dataclasses import replace

from ovo_payments.domain.binding import Binding
from ovo_payments.domain.errors import NotSupportedByProviderError
from ovo_payments.domain.payment import Payment
from ovo_payments.domain.provider import (
    BalanceOutcome,
    CallClass,
    Capability,
    DebitOutcome,
    ProviderSpec,
    RefundOutcome,
    Webhooks,
)
from ovo_payments.domain.refund import Refund
from ovo_payments.domain.update import (
    BindingUpdate,
    Claim,
    PaymentUpdate,
    RefundUpdate,
    Source,
)
from ovo_payments.providers.http import HttpClients
from ovo_payments.providers.midtrans import translate
from ovo_payments.providers.midtrans.client import MidtransClient
from ovo_payments.providers.midtrans.config import MidtransConfig
from ovo_payments.providers.midtrans.spec import NAME, spec
from ovo_payments.providers.midtrans.webhook import MidtransWebhooks


class MidtransAdapter:
    """One merchant at Midtrans. The order's id there is our payment id."""

    def __init__(self, config: MidtransConfig, clients: HttpClients) -> None:
        self._spec = spec(config)
        self._config = config
        self._clients = clients
        self._client = MidtransClient(config, clients)
        self._webhooks = MidtransWebhooks(config)
        clients.probe_with(self._client.probe)

    @property
    def spec(self) -> ProviderSpec:
        """What Midtrans is."""
        return self._spec

    @property
    def webhooks(self) -> Webhooks:
        """How Midtrans notifies."""
        return self._webhooks

    def available_for(self, call_class: CallClass) -> float:
        """Seconds until calls of a class are let through: 0 now, else the breaker is open."""
        return self._clients.of(call_class).available_in_s()

    async def charge(self, payment: Payment) -> PaymentUpdate:
        """Pushes a payment request to the payer's phone."""
        if payment.phone_number is None:
            raise ValueError("a push needs a phone number")
        outcome = await self._client.charge(payment, payment.phone_number)
        told = translate.told_by(outcome, Source.ANSWER)
        self._heed(told)
        meaning = translate.charge_meaning(told)
        if meaning.ask:
            return await self._existing(payment, told)
        return translate.payment_update(told, meaning, self._config, payment)

    async def refund(
        self,
        payment: Payment,
        binding: Binding | None,  # noqa: ARG002 - the port's name
    ) -> RefundOutcome:
        """Asks for `payment.refund`, which is all of the amount or nothing at Midtrans."""
        if payment.refund is None:
            raise ValueError("there is no refund to ask for")
        told = translate.told_by(await self._client.refund(payment, payment.refund), Source.ANSWER)
        self._heed(told)
        update = translate.refund_update(told, payment, payment.refund, self._config)
        if translate.refund_meaning(told).ask:
            update = await self._existing_refund(payment, payment.refund, update)
        return RefundOutcome(refund=update)

    async def query(self, payment: Payment) -> PaymentUpdate:
        """Asks what became of a payment and of its refund."""
        told = translate.told_by(await self._client.status(payment.payment_id), Source.QUERY)
        update = translate.payment_update(
            told, translate.status_meaning(told), self._config, payment
        )
        # A question that was lost is no answer to the charge, which may still be on its way.
        return replace(update, source=Source.QUERY)

    async def pay(
        self,
        payment: Payment,  # noqa: ARG002 - the port's name
        binding: Binding,  # noqa: ARG002 - the port's name
    ) -> DebitOutcome:
        """Refuses: OVO at Midtrans is pushed to phones only."""
        raise NotSupportedByProviderError(NAME, Capability.LINKED_ACCOUNT)

    async def bind(self, binding: Binding) -> BindingUpdate:  # noqa: ARG002 - the port's name
        """Refuses: Midtrans links no OVO accounts."""
        raise NotSupportedByProviderError(NAME, Capability.LINKED_ACCOUNT)

    async def query_binding(self, binding: Binding) -> BindingUpdate:  # noqa: ARG002 - the port's
        """Refuses: Midtrans links no OVO accounts."""
        raise NotSupportedByProviderError(NAME, Capability.LINKED_ACCOUNT)

    async def unbind(self, binding: Binding) -> BindingUpdate:  # noqa: ARG002 - the port's name
        """Refuses: Midtrans links no OVO accounts."""
        raise NotSupportedByProviderError(NAME, Capability.LINKED_ACCOUNT)

    async def balance(self, binding: Binding) -> BalanceOutcome:  # noqa: ARG002 - the port's name
        """Refuses: Midtrans tells no balance of OVO accounts."""
        raise NotSupportedByProviderError(NAME, Capability.BALANCE)

    async def close(self) -> None:
        """Gives up connections."""
        await self._clients.close()

    async def _existing(self, payment: Payment, told: translate.Told) -> PaymentUpdate:
        """Takes over what Midtrans already has under our id: only we can have sent it."""
        found = await self.query(payment)
        detail = f"charged already ({told.code}); asked: {found.claim.value}"
        if found.claim is Claim.NOT_FOUND:
            found = replace(found, claim=Claim.UNKNOWN)
        return replace(found, source=Source.ANSWER, detail=detail)

    async def _existing_refund(
        self, payment: Payment, refund: Refund, refused: RefundUpdate
    ) -> RefundUpdate:
        """Looks whether a refused refund is there all the same; else the refusal stands."""
        found = (await self.query(payment)).refund
        if found is None or found.claim not in {Claim.PENDING, Claim.SUCCEEDED}:
            return refused
        detail = f"refunded already ({refused.provider_code}); {found.detail}"
        return replace(found, source=Source.ANSWER, refund_id=refund.refund_id, detail=detail)

    def _heed(self, told: translate.Told) -> None:
        """Stops debits where our key is refused: every one of them would be."""
        if told.key_refused:
            self._clients.mutate.breaker.trip()
