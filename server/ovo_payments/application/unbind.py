"""Unbind: unlinks an account."""

import asyncio
from dataclasses import replace

from ovo_payments.application import fields
from ovo_payments.application.call import Call
from ovo_payments.application.intents import Intents
from ovo_payments.application.ownership import Owned
from ovo_payments.application.providers import require_available
from ovo_payments.application.sends import require_time
from ovo_payments.domain import binding as bindings
from ovo_payments.domain import schedule
from ovo_payments.domain.binding import Binding, BindingState
from ovo_payments.domain.errors import (
    BindingNotActiveError,
    ProviderUnavailableError,
    StoreUnavailableError,
    Violations,
)
from ovo_payments.domain.ports import Leased, VersionConflictError
from ovo_payments.domain.provider import CallClass, Provider
from ovo_payments.domain.update import BindingClaim, BindingUpdate


class Unbind:
    """Unlinks an account, unless a payment that uses it is open."""

    def __init__(self, intents: Intents) -> None:
        """Sends by way of `intents`."""
        self._intents = intents
        self._owned = Owned(intents.store)

    async def __call__(self, call: Call, binding_id: str) -> Binding:
        """Unlinks an account; one that is unlinked already is given as it is.

        Where the provider's answer was lost the binding is given ACTIVE, takes no payments
        any more, and the service goes on until the provider confirms that it is gone.

        Raises InvalidRequestError, BindingNotFoundError, BindingNotActiveError (PENDING),
        PaymentInFlightError, DeadlineTooShortError, ProviderUnavailableError and
        StoreUnavailableError, all with nothing sent.
        """
        violations = Violations()
        fields.name(violations, "binding_id", binding_id)
        violations.raise_if_any()
        before = await self._owned.binding(call.caller, binding_id)
        while True:
            if before.state.final:
                return before
            if before.state is BindingState.PENDING:
                raise BindingNotActiveError(binding_id=binding_id, state=before.state.value)
            provider = self._intents.providers.named(before.provider)
            require_time(call)
            require_available(provider)
            try:
                return await self._carry(call, provider, before)
            except VersionConflictError:
                before = await self._owned.binding(call.caller, binding_id)

    async def _request(self, call: Call, before: Binding, lease: Leased) -> Binding:
        now = self._intents.clock.now()
        asked = replace(before, unbind_requested=True)
        asked = bindings.next_version(before, asked, now)
        asked = replace(asked, next_check_time=schedule.next_binding_check_time(asked, now))
        await self._intents.store.request_unbind(before, asked, lease, caller=call.caller.name)
        return asked

    async def _carry(self, call: Call, provider: Provider, before: Binding) -> Binding:
        lease = self._intents.lease_for(provider)

        async def work(written: asyncio.Event) -> tuple[Binding, BindingUpdate]:
            asked = await self._request(call, before, lease)
            written.set()
            return await self._send(provider, asked, lease)

        ended = await self._intents.sends.carry(call, work)
        if ended is None:
            return await self._known(call, before)
        after, update = ended
        if update.claim is BindingClaim.NOT_SENT:
            raise ProviderUnavailableError(
                provider=provider.spec.name,
                retry_after_s=max(provider.available_for(CallClass.MUTATE), 1.0),
                binding_id=before.binding_id,
            )
        return after

    async def _send(
        self, provider: Provider, binding: Binding, lease: Leased
    ) -> tuple[Binding, BindingUpdate]:
        update = await provider.unbind(binding)
        recorder = self._intents.recorder
        try:
            after = await recorder.record_binding_answer(binding.binding_id, update, lease.lease)
        except StoreUnavailableError:
            return binding, replace(update, claim=BindingClaim.UNKNOWN)
        return after, update

    async def _known(self, call: Call, before: Binding) -> Binding:
        try:
            return await self._owned.binding(call.caller, before.binding_id)
        except StoreUnavailableError:
            return before
