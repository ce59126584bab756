"""Takes updates in: reads, decides, writes, and begins again where somebody else was first."""

from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import datetime
from typing import Final, TypeVar

import structlog

from ovo_payments.application.observer import Observer
from ovo_payments.application.providers import Providers
from ovo_payments.domain import binding as bindings
from ovo_payments.domain import schedule
from ovo_payments.domain.binding import Binding
from ovo_payments.domain.decide import decide
from ovo_payments.domain.errors import StoreUnavailableError
from ovo_payments.domain.evidence import Evidence
from ovo_payments.domain.payment import Payment, PaymentState, Review
from ovo_payments.domain.ports import (
    Clock,
    Feed,
    LeaseLostError,
    PaymentChange,
    Store,
    VersionConflictError,
)
from ovo_payments.domain.update import BindingUpdate, Claim, PaymentUpdate, RefundUpdate, Source

_STORE_RETRY_S: Final = (0.1, 0.3, 1.0, 3.0, 5.0, 10.0, 10.0, 10.0)

_log = structlog.get_logger(__name__)

_Taken = TypeVar("_Taken", Payment, Binding)


class Recorder:
    """The one way by which an update changes a payment or a binding."""

    def __init__(
        self, store: Store, feed: Feed, clock: Clock, providers: Providers, observer: Observer
    ) -> None:
        """Works on one store, wakes the watchers of one feed and tells one observer."""
        self._store = store
        self._feed = feed
        self._clock = clock
        self._providers = providers
        self._observer = observer

    async def record(
        self, payment_id: str, update: PaymentUpdate | RefundUpdate, *, lease: str = ""
    ) -> Payment:
        """Takes an update of a payment or of its refund in; gives the payment as it then is.

        Raises LeaseLostError where `lease` is not the payment's any more, StoreUnavailableError
        where nothing could be read or written.
        """
        while True:
            before = await self._payment(payment_id)
            now = self._clock.now()
            patience = self._providers.named(before.provider).spec.patience
            decision = decide(before, update, now, patience)
            after = decision.payment
            if after.late_success and not before.late_success and await self._paid_twice(after):
                after = replace(after, review=after.review or Review.ORDER_PAID_TWICE)
            ends_the_sending = before.checks.sending and not after.checks.sending
            if after.open and ends_the_sending and _answer_lost(update):
                after = replace(after, checks=replace(after.checks, next_check_time=now))
            evidence = Evidence.of(
                update,
                payment_id=payment_id,
                version=after.version,
                now=now,
                note=decision.note,
            )
            change = PaymentChange(before=before, after=after, evidence=(evidence,), lease=lease)
            try:
                await self._store.record_payment(change)
            except VersionConflictError:
                continue
            except StoreUnavailableError:
                # It may be committed all the same: those who watch look for themselves.
                self._feed.wake(before)
                raise
            self._tell(before, after, update, decision.note)
            return after

    async def record_answer(
        self, payment_id: str, update: PaymentUpdate | RefundUpdate, lease: str
    ) -> Payment:
        """Takes a provider's answer in and ends its sender's lease.

        Holds on to the answer while the store is away. Where the store stays away, the answer
        is given up (StoreUnavailableError): the lease runs out, and the payment is asked for
        like one whose answer was lost.
        """

        async def record() -> Payment:
            return await self._record_once(payment_id, update, lease)

        return await self._held(record, payment_id=payment_id)

    async def record_binding_answer(
        self, binding_id: str, update: BindingUpdate, lease: str
    ) -> Binding:
        """Takes a provider's answer about a binding in, as that about a payment."""

        async def record() -> Binding:
            try:
                return await self.record_binding(binding_id, update, lease=lease)
            except LeaseLostError:
                return await self.record_binding(binding_id, update)

        return await self._held(record, binding_id=binding_id)

    async def record_binding(
        self, binding_id: str, update: BindingUpdate, *, lease: str = ""
    ) -> Binding:
        """Takes an update of a binding in; gives the binding as it then is."""

        def decided(before: Binding, now: datetime) -> Binding:
            return bindings.apply(before, update, now)

        actor = update.source.value
        return await self.change_binding(binding_id, decided, lease=lease, actor=actor)

    async def change_binding(
        self,
        binding_id: str,
        decided: Callable[[Binding, datetime], Binding],
        *,
        lease: str = "",
        actor: str = "",
    ) -> Binding:
        """Changes a binding by a pure function of what it is and the time."""
        while True:
            before = await self._store.find_binding(binding_id)
            if before is None:
                message = f"binding {binding_id} vanished from the store"
                raise LookupError(message)
            now = self._clock.now()
            after = decided(before, now)
            after = replace(after, next_check_time=schedule.next_binding_check_time(after, now))
            try:
                await self._store.record_binding(before, after, lease, actor=actor)
            except VersionConflictError:
                continue
            if after.version != before.version:
                _log.info(
                    "binding.changed",
                    binding_id=binding_id,
                    state=after.state.value,
                    version=after.version,
                )
            return after

    async def _held(self, record: Callable[[], Awaitable[_Taken]], **subject: str) -> _Taken:
        """Records what is lost for good where it is not stored, as soon as the store is there."""
        for delay_s in _STORE_RETRY_S:
            try:
                return await record()
            except StoreUnavailableError:
                _log.warning("answer.waits_for_store", delay_s=delay_s, **subject)
                await self._clock.sleep(delay_s)
        try:
            return await record()
        except StoreUnavailableError:
            _log.exception("answer.given_up", **subject)
            raise

    async def _record_once(
        self, payment_id: str, update: PaymentUpdate | RefundUpdate, lease: str
    ) -> Payment:
        try:
            return await self.record(payment_id, update, lease=lease)
        except LeaseLostError:
            # The answer took longer than the lease. It is evidence all the same: the table
            # decides what it still changes, whoever asked in the meantime.
            return await self.record(payment_id, update)

    async def _paid_twice(self, late: Payment) -> bool:
        """Whether the order of a payment that succeeded late has another that may hold money."""
        latest = await self._store.find_latest_payment(late.scope, late.order_id)
        if latest is None or latest.payment_id == late.payment_id:
            return False
        return latest.state.open or latest.state is PaymentState.SUCCEEDED

    async def _payment(self, payment_id: str) -> Payment:
        payment = await self._store.find_payment(payment_id)
        if payment is None:
            message = f"payment {payment_id} vanished from the store"
            raise LookupError(message)
        return payment

    def _tell(
        self,
        before: Payment,
        after: Payment,
        update: PaymentUpdate | RefundUpdate,
        note: str,
    ) -> None:
        if note:
            _log.error("update.misfit", payment_id=after.payment_id, note=note)
        if after.version == before.version:
            return
        self._feed.wake(after)
        self._observer.payment_changed(before, after)
        event = _log.warning if after.needs_review or after.late_success else _log.info
        event(
            "payment.changed",
            payment_id=after.payment_id,
            state=after.state.value,
            refund_state=after.refund.state.value if after.refund else "",
            version=after.version,
            source=update.source.value,
            provider_code=update.provider_code,
            needs_review=after.needs_review,
            late_success=after.late_success,
        )


def _answer_lost(update: PaymentUpdate | RefundUpdate) -> bool:
    """Whether no answer came to what was sent: such a payment is asked for at once."""
    return update.claim is Claim.UNKNOWN and update.source is Source.TRANSPORT
