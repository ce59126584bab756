"""Bind: starts linking a customer's OVO account."""

import asyncio
from dataclasses import replace
from datetime import timedelta

from ovo_payments.application import fields, idempotency
from ovo_payments.application.call import BindingResult, BindRequest, Call
from ovo_payments.application.intents import Intents
from ovo_payments.application.providers import require_available
from ovo_payments.application.sends import require_time
from ovo_payments.domain import schedule
from ovo_payments.domain.binding import Binding, BindingState
from ovo_payments.domain.errors import (
    ProviderUnavailableError,
    StoreUnavailableError,
    Violations,
)
from ovo_payments.domain.ports import Leased, RequestRecord
from ovo_payments.domain.provider import CallClass, Capability, Provider
from ovo_payments.domain.update import BindingClaim, BindingUpdate


class Bind:
    """Starts linking an account; the customer finishes on the provider's page."""

    def __init__(self, intents: Intents) -> None:
        """Sends by way of `intents`."""
        self._intents = intents

    async def __call__(self, call: Call, request: BindRequest) -> BindingResult:
        """Makes a binding and asks the provider for its page, or gives what an earlier call made.

        A binding that is pending without a page is one whose answer was lost: it can't be
        finished, and another may be made.

        Raises InvalidRequestError, NotSupportedByProviderError, RequestIdReusedError,
        DeadlineTooShortError, ProviderUnavailableError and StoreUnavailableError, all with
        nothing sent.
        """
        intents = self._intents
        provider, binding = self._binding(call, request)
        record = idempotency.record_of(
            "Bind",
            call,
            request,
            subject_id=binding.binding_id,
            phone_number=binding.phone_number.international,
        )
        earlier = await intents.store.find_request(record.scope, record.method, record.request_id)
        if earlier is not None:
            return await self._replay(earlier, record)
        require_time(call)
        require_available(provider)
        lease = intents.lease_for(provider)

        async def work(written: asyncio.Event) -> BindingResult | tuple[Binding, BindingUpdate]:
            earlier = await intents.store.create_binding(binding, record, lease)
            if earlier is not None:
                return await self._replay(earlier, record)
            written.set()
            return await self._send(provider, binding, lease)

        ended = await intents.sends.carry(call, work)
        if ended is None:
            return BindingResult(binding=await self._known(binding), replayed=False)
        if isinstance(ended, BindingResult):
            return ended
        after, update = ended
        if update.claim is BindingClaim.NOT_SENT:
            raise ProviderUnavailableError(
                provider=provider.spec.name,
                retry_after_s=max(provider.available_for(CallClass.MUTATE), 1.0),
                binding_id=binding.binding_id,
            )
        return BindingResult(binding=after, replayed=False)

    def _binding(self, call: Call, request: BindRequest) -> tuple[Provider, Binding]:
        violations = Violations()
        provider = self._intents.providers.chosen(
            violations, request.provider, Capability.LINKED_ACCOUNT
        )
        fields.request_id(violations, request.request_id)
        fields.name(violations, "customer_id", request.customer_id)
        phone_number = fields.phone_number(violations, request.phone_number)
        urls = (("success_url", request.success_url), ("failure_url", request.failure_url))
        for field, url in urls:
            self._intents.return_urls.check(violations, field, url, call.caller, required=True)
        fields.customer(violations, request.customer, provider.spec.limits)
        violations.raise_if_any()
        now = self._intents.clock.now()
        binding = Binding(
            binding_id=self._intents.identifiers.binding_id(),
            scope=call.caller.scope,
            customer_id=request.customer_id,
            provider=provider.spec.name,
            phone_number=phone_number,
            state=BindingState.PENDING,
            version=1,
            external_reference=self._intents.identifiers.external_reference(),
            success_url=request.success_url,
            failure_url=request.failure_url,
            customer=request.customer,
            create_time=now,
            update_time=now,
            expire_time=now + timedelta(seconds=provider.spec.binding_window_s),
            sending=True,
        )
        next_check_time = schedule.next_binding_check_time(binding, now)
        return provider, replace(binding, next_check_time=next_check_time)

    async def _send(
        self, provider: Provider, binding: Binding, lease: Leased
    ) -> tuple[Binding, BindingUpdate]:
        update = await provider.bind(binding)
        recorder = self._intents.recorder
        try:
            after = await recorder.record_binding_answer(binding.binding_id, update, lease.lease)
        except StoreUnavailableError:
            return binding, replace(update, claim=BindingClaim.UNKNOWN)
        return after, update

    async def _replay(self, earlier: RequestRecord, record: RequestRecord) -> BindingResult:
        idempotency.require_same(earlier, record, binding_id=earlier.subject_id)
        return BindingResult(binding=await self._stored(earlier.subject_id), replayed=True)

    async def _known(self, binding: Binding) -> Binding:
        try:
            return await self._stored(binding.binding_id)
        except StoreUnavailableError:
            return binding

    async def _stored(self, binding_id: str) -> Binding:
        binding = await self._intents.store.find_binding(binding_id)
        if binding is None:
            message = f"binding {binding_id} vanished from the store"
            raise LookupError(message)
        return binding
