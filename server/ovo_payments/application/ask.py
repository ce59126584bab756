"""Asks providers what became of what is open, and takes the answers in."""

from typing import Final

from ovo_payments.application.providers import Providers
from ovo_payments.application.recorder import Recorder
from ovo_payments.domain.binding import Binding
from ovo_payments.domain.payment import Payment, own_word
from ovo_payments.domain.update import BindingClaim, Claim, PaymentUpdate

_LOST: Final = "the process that sent it is gone, and its answer with it"


class Ask:
    """The one way of asking: for the resolver, for a refresh and for a webhook's corroboration."""

    def __init__(self, providers: Providers, recorder: Recorder) -> None:
        """Asks `providers` and tells `recorder`."""
        self._providers = providers
        self._recorder = recorder

    async def payment(self, payment: Payment, *, lease: str = "") -> Payment:
        """Asks about a payment unless it is settled, or its request is still on its way.

        With a lease a settled payment is asked about too: it is due because a provider's final no
        is not always its last word. Where its sender is gone, the answer to its request is lost
        for good, also where a webhook has settled the payment meanwhile.
        """
        if payment.checks.sending and lease:
            lost = own_word(payment, Claim.UNKNOWN, _LOST)
            return await self._recorder.record(payment.payment_id, lost, lease=lease)
        if payment.checks.sending or not (payment.open or lease):
            return payment
        provider = self._providers.named(payment.provider)
        update = await provider.query(payment)
        return await self._recorder.record(payment.payment_id, update, lease=lease)

    async def corroborate(self, payment: Payment) -> tuple[PaymentUpdate, Payment]:
        """Asks what a webhook's word is worth, also about a settled payment.

        Gives the answer, and the payment as it then is.
        """
        provider = self._providers.named(payment.provider)
        update = await provider.query(payment)
        if update.claim is Claim.UNKNOWN:
            return update, payment
        return update, await self._recorder.record(payment.payment_id, update)

    async def binding(self, binding: Binding, *, lease: str = "") -> Binding:
        """Asks about a binding unless it is over.

        Goes on with an unlinking whose end is not known: unlinking twice does no harm.
        """
        if binding.state.final or (binding.sending and not lease):
            return binding
        provider = self._providers.named(binding.provider)
        update = await provider.query_binding(binding)
        still_linked = update.claim is BindingClaim.ACTIVE
        if lease and still_linked and binding.unbind_requested:
            update = await provider.unbind(binding)
        return await self._recorder.record_binding(binding.binding_id, update, lease=lease)
