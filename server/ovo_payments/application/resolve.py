"""Resolves what is open: asks about due payments and bindings, and works the inbox off."""

import asyncio

from ovo_payments.application.apply_webhook import ApplyWebhook
from ovo_payments.application.ask import Ask
from ovo_payments.application.worker import Worker
from ovo_payments.domain.binding import Binding
from ovo_payments.domain.payment import Payment
from ovo_payments.domain.ports import Clock, Identifiers, InboxEntry, Leased, Store


class Resolve:
    """The workers of one node; nodes share nothing but the store's leases."""

    def __init__(
        self,
        *,
        store: Store,
        ask: Ask,
        apply_webhook: ApplyWebhook,
        clock: Clock,
        identifiers: Identifiers,
    ) -> None:
        """Claims from `store`, asks by `ask`, works webhooks off by `apply_webhook`."""
        self._ask = ask
        self._payments = Worker[Payment](
            "payments",
            store.claim_due_payments,
            self._payment,
            clock=clock,
            identifiers=identifiers,
        )
        self._bindings = Worker[Binding](
            "bindings",
            store.claim_due_bindings,
            self._binding,
            clock=clock,
            identifiers=identifiers,
        )
        self._inbox = Worker[InboxEntry](
            "inbox",
            store.claim_due_webhooks,
            apply_webhook,
            clock=clock,
            identifiers=identifiers,
        )

    def wake_inbox(self) -> None:
        """Makes the inbox's worker look at once."""
        self._inbox.wake()

    async def run(self) -> None:
        """Works until `stop`; what is claimed then is finished first."""
        async with asyncio.TaskGroup() as workers:
            workers.create_task(self._payments.run())
            workers.create_task(self._bindings.run())
            workers.create_task(self._inbox.run())

    async def run_once(self) -> int:
        """Works off what is due now, to its end; gives how many items that were."""
        count = await self._inbox.run_once()
        count += await self._payments.run_once()
        return count + await self._bindings.run_once()

    def stop(self) -> None:
        """Claims nothing more."""
        for worker in (self._payments, self._bindings, self._inbox):
            worker.stop()

    async def _payment(self, payment: Payment, lease: Leased) -> None:
        await self._ask.payment(payment, lease=lease.lease)

    async def _binding(self, binding: Binding, lease: Leased) -> None:
        await self._ask.binding(binding, lease=lease.lease)
