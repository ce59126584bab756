"""Writes an intent down before a byte leaves, sends it once, and answers with what is known."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import timedelta
from typing import Final

import structlog

from ovo_payments.application import idempotency
from ovo_payments.application.call import Call, PaymentResult
from ovo_payments.application.providers import Providers, require_available
from ovo_payments.application.recorder import Recorder
from ovo_payments.application.return_urls import ReturnUrls
from ovo_payments.application.sends import Sends, require_time
from ovo_payments.domain import schedule
from ovo_payments.domain.errors import ProviderUnavailableError, StoreUnavailableError
from ovo_payments.domain.payment import Payment, own_word
from ovo_payments.domain.ports import Clock, Feed, Identifiers, Leased, RequestRecord, Store
from ovo_payments.domain.provider import CallClass, Provider
from ovo_payments.domain.update import BindingUpdate, Claim, PaymentUpdate, RefundUpdate

_LEASE_MARGIN_S: Final = 15.0
"""How much longer than its send a sender's lease lasts: time to store the answer."""
_BROKE: Final = "the send broke in this service"

_log = structlog.get_logger(__name__)

Outcome = tuple[PaymentUpdate | RefundUpdate, BindingUpdate | None]
Send = Callable[[], Awaitable[Outcome]]
_Ended = tuple[Payment, PaymentUpdate | RefundUpdate]
Write = Callable[[Leased], Awaitable[RequestRecord | None]]


class Intents:
    """Carries out what may move money: the same steps for debits, pushes and refunds."""

    def __init__(
        self,
        *,
        store: Store,
        feed: Feed,
        clock: Clock,
        identifiers: Identifiers,
        providers: Providers,
        recorder: Recorder,
        sends: Sends,
        return_urls: ReturnUrls,
    ) -> None:
        """Bundles what the steps need."""
        self.store = store
        self.feed = feed
        self.clock = clock
        self.identifiers = identifiers
        self.providers = providers
        self.recorder = recorder
        self.sends = sends
        self.return_urls = return_urls

    async def replayed(self, record: RequestRecord) -> PaymentResult | None:
        """Gives what an earlier call with this request id made; None where there was none.

        Raises RequestIdReusedError where that call had other content.
        """
        earlier = await self.store.find_request(record.scope, record.method, record.request_id)
        return None if earlier is None else await self._replay(earlier, record)

    def lease_for(self, provider: Provider) -> Leased:
        """Makes the lease under which one request is sent."""
        held_s = provider.spec.send_timeout_s + _LEASE_MARGIN_S
        until = self.clock.now() + timedelta(seconds=held_s)
        return Leased(lease=self.identifiers.lease(), until=until)

    def scheduled(self, payment: Payment, provider: Provider) -> Payment:
        """Marks a payment as being sent, and says when to ask should its sender vanish."""
        next_check_time = schedule.next_check_time(
            payment, self.clock.now(), provider.spec.patience
        )
        checks = replace(payment.checks, sending=True, next_check_time=next_check_time)
        return replace(payment, checks=checks)

    async def carry_out(
        self,
        call: Call,
        provider: Provider,
        payment: Payment,
        record: RequestRecord,
        write: Write,
        send: Send,
    ) -> PaymentResult:
        """Writes the intent, sends it once and answers with the payment as it then is.

        Raises DeadlineTooShortError, ProviderUnavailableError and whatever `write` raises
        with nothing sent; after that only ProviderUnavailableError, with proof that nothing was.
        What was sent is never refused: where no more can be stored or read, the payment is
        given as it was written.
        """
        require_time(call)
        require_available(provider)
        lease = self.lease_for(provider)
        send = self._within(lease, provider, payment, send)

        async def work(written: asyncio.Event) -> PaymentResult | _Ended:
            earlier = await self._write(write, lease, payment)
            if earlier is not None:
                return await self._replay(earlier, record)
            written.set()
            self.feed.wake(payment)
            return await self._send(payment, send, lease)

        ended = await self.sends.carry(call, work)
        if ended is None:
            return PaymentResult(payment=await self._known(payment), replayed=False)
        if isinstance(ended, PaymentResult):
            return ended
        after, update = ended
        if update.claim is Claim.NOT_SENT:
            raise ProviderUnavailableError(
                provider=provider.spec.name,
                retry_after_s=max(provider.available_for(CallClass.MUTATE), 1.0),
                payment_id=payment.payment_id,
            )
        return PaymentResult(payment=after, replayed=False)

    def _within(self, lease: Leased, provider: Provider, payment: Payment, send: Send) -> Send:
        """Lets a request leave only where its lease outlives it.

        Where the process stood still since the lease was made, others may have given this send
        up already, and told so: it must not happen after all.
        """

        async def sent() -> Outcome:
            ends_by = self.clock.now() + timedelta(seconds=provider.spec.send_timeout_s)
            if ends_by > lease.until:
                _log.warning("send.too_late", payment_id=payment.payment_id)
                return own_word(payment, Claim.NOT_SENT, "its lease would not outlive it"), None
            return await send()

        return sent

    async def _write(self, write: Write, lease: Leased, payment: Payment) -> RequestRecord | None:
        """Writes the intent; a commit whose outcome is unknown is settled by reading again."""
        try:
            return await write(lease)
        except StoreUnavailableError:
            stored = await self.store.find_payment(payment.payment_id)
            if stored is None or not _same_intent(stored, payment):
                raise
            # Seen is not durable yet, or the files are nobody's any more: a commit tells.
            await self.store.ping()
            _log.warning("intent.found_after_all", payment_id=payment.payment_id)
            return None

    async def _send(self, payment: Payment, send: Send, lease: Leased) -> _Ended:
        try:
            update, binding_update = await send()
        except Exception:  # noqa: BLE001 - whatever broke, the answer is lost and must be told so
            # A bug of ours may have struck after the bytes left: the outcome is unknown.
            _log.exception("send.broke", payment_id=payment.payment_id)
            update, binding_update = own_word(payment, Claim.UNKNOWN, _BROKE), None
        recorder, after = self.recorder, payment
        known = own_word(payment, Claim.UNKNOWN, _BROKE)
        try:
            after = await recorder.record_answer(payment.payment_id, update, lease.lease)
            known = update
            if binding_update is not None:
                await recorder.record_binding_answer(payment.binding_id, binding_update, "")
        except StoreUnavailableError:
            return after, known
        return after, known

    async def _replay(self, earlier: RequestRecord, record: RequestRecord) -> PaymentResult:
        idempotency.require_same(earlier, record, payment_id=earlier.subject_id)
        return PaymentResult(payment=await self._stored(earlier.subject_id), replayed=True)

    async def _known(self, payment: Payment) -> Payment:
        try:
            return await self._stored(payment.payment_id)
        except StoreUnavailableError:
            return payment

    async def _stored(self, payment_id: str) -> Payment:
        payment = await self.store.find_payment(payment_id)
        if payment is None:
            message = f"payment {payment_id} vanished from the store"
            raise LookupError(message)
        return payment


def _same_intent(stored: Payment, payment: Payment) -> bool:
    """Whether what is stored is what this call wrote: ids are never given twice."""
    wanted = payment.refund.refund_id if payment.refund else ""
    found = stored.refund.refund_id if stored.refund else ""
    return found == wanted
