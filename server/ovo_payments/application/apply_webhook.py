"""Works the inbox off: each webhook changes what it may change, once."""

from dataclasses import replace
from datetime import timedelta
from typing import Final

import structlog

from ovo_payments.application.ask import Ask
from ovo_payments.application.observer import Observer
from ovo_payments.application.providers import Providers
from ovo_payments.application.recorder import Recorder
from ovo_payments.domain import payment as payments
from ovo_payments.domain.binding import Binding
from ovo_payments.domain.decide import changes
from ovo_payments.domain.errors import RepeatableError
from ovo_payments.domain.payment import Payment
from ovo_payments.domain.ports import Clock, InboxEntry, InboxState, Leased, Store
from ovo_payments.domain.provider import InboundRequest, Provider, WebhookKind
from ovo_payments.domain.update import BindingClaim, BindingUpdate, Claim, PaymentUpdate

_RETRY_S: Final = (2.0, 5.0, 15.0, 60.0, 300.0, 900.0, 3600.0)
_RETRIED_FOR: Final = timedelta(hours=24)

_log = structlog.get_logger(__name__)

Verdict = tuple[InboxState, str]


class ApplyWebhook:
    """Says what a stored webhook means, and notes what was made of it."""

    def __init__(
        self,
        *,
        store: Store,
        providers: Providers,
        recorder: Recorder,
        ask: Ask,
        clock: Clock,
        observer: Observer,
    ) -> None:
        """Reads the inbox of `store`."""
        self._store = store
        self._providers = providers
        self._recorder = recorder
        self._ask = ask
        self._clock = clock
        self._observer = observer

    async def __call__(self, entry: InboxEntry, lease: Leased) -> None:
        """Works one webhook off; what can't be done now is tried again for a day, then parked."""
        try:
            state, note = await self._verdict(entry)
        except RepeatableError as error:
            # Nothing is wrong with the webhook: whatever is away comes back.
            _log.warning("webhook.put_off", inbox_id=entry.inbox_id, cause=repr(error))
            state, note = InboxState.WAITING, f"put off: {type(error).__name__}"
        except Exception as error:  # noqa: BLE001 - a broken webhook must not stop the others
            # Poison is parked in time: whatever breaks on this entry stops nothing behind it.
            _log.exception("webhook.broke", inbox_id=entry.inbox_id)
            state, note = InboxState.WAITING, f"broke: {type(error).__name__}"
        now = self._clock.now()
        attempt_count = entry.attempt_count + 1
        next_attempt_time = None
        if state is InboxState.WAITING:
            delay_s = _RETRY_S[min(attempt_count, len(_RETRY_S)) - 1]
            next_attempt_time = now + timedelta(seconds=delay_s)
            if next_attempt_time - entry.receive_time > _RETRIED_FOR:
                state, next_attempt_time = InboxState.PARKED, None
        settled = replace(
            entry,
            state=state,
            note=note,
            attempt_count=attempt_count,
            next_attempt_time=next_attempt_time,
        )
        await self._store.settle_webhook(settled, lease.lease)
        self._observer.webhook_settled(settled)
        if state in {InboxState.QUARANTINED, InboxState.PARKED}:
            _log.error(
                "webhook.needs_review", inbox_id=entry.inbox_id, state=state.value, note=note
            )
        else:
            _log.info("webhook.settled", inbox_id=entry.inbox_id, state=state.value, note=note)

    async def _verdict(self, entry: InboxEntry) -> Verdict:
        provider = self._providers.named(entry.provider)
        request = InboundRequest(target=entry.target, headers=entry.headers, body=entry.body)
        event = provider.webhooks.translate(WebhookKind(entry.kind), request)
        if isinstance(event.update, BindingUpdate):
            return await self._binding(provider, event.reference, event.update)
        payment = await self._store.find_payment(event.reference) if event.reference else None
        if payment is None or payment.provider != provider.spec.name:
            return InboxState.WAITING, "no such payment here: an orphan, if it stays so"
        return await self._payment(provider, payment, event.update)

    async def _payment(
        self, provider: Provider, payment: Payment, update: PaymentUpdate
    ) -> Verdict:
        misfit = payments.misfit(payment, update)
        if misfit:
            return InboxState.QUARANTINED, misfit
        if not changes(payment, update, self._clock.now()):
            return InboxState.IGNORED, f"{update.claim.value} changes nothing"
        if provider.spec.webhook_proves_state and payment.state.open:
            after = await self._recorder.record(payment.payment_id, update)
            return InboxState.APPLIED, f"version {after.version}"
        # Either the signature does not cover the state, or the word contradicts a final state:
        # the provider's own answer to us decides.
        told, after = await self._ask.corroborate(payment)
        if told.claim is Claim.UNKNOWN:
            return InboxState.WAITING, "the provider could not be asked"
        note = f"said {update.claim.value}, asked: {told.claim.value}"
        denied = update.claim is Claim.FAILED
        asked_soon = after.open and after.checks.next_check_time is not None
        if not (denied or asked_soon) and changes(after, update, self._clock.now()):
            # Nobody asks about this payment soon. Should the word be true and the provider's
            # answers behind it, money that moved would be lost with the word.
            return InboxState.WAITING, note
        return InboxState.APPLIED, note

    async def _binding(self, provider: Provider, reference: str, update: BindingUpdate) -> Verdict:
        binding = await self._store.find_binding_by_reference(provider.spec.name, reference)
        if binding is None:
            return InboxState.WAITING, "no such binding here"
        if update.claim is BindingClaim.ACTIVE:
            return await self._linked(provider, binding, update)
        after = await self._recorder.record_binding(binding.binding_id, update)
        return InboxState.APPLIED, f"{update.claim.value} made it {after.state.value}"

    async def _linked(self, provider: Provider, binding: Binding, update: BindingUpdate) -> Verdict:
        """Exchanges what the notification brought for what payments need."""
        if not binding.open:
            return InboxState.IGNORED, f"already {binding.state.value}"
        credentials = {**binding.credentials, **(update.credentials or {})}
        told = await provider.query_binding(replace(binding, credentials=credentials))
        if told.claim is BindingClaim.NOT_LINKED:
            return InboxState.WAITING, "said ACTIVE, but the provider knows no link yet"
        # Where the exchange could not be asked for, the signed word stands; tokens come later.
        believed = (
            told if told.claim is BindingClaim.ACTIVE else replace(update, credentials=credentials)
        )
        after = await self._recorder.record_binding(binding.binding_id, believed)
        return InboxState.APPLIED, f"made it {after.state.value}"
