"""Resolves what is open: asks about due payments and bindings, and works the inbox off."""

import asyncio

from ovo_payments.application.apply_webhook import ApplyWebhook
from ovo_payments.application.ask import Ask
from ovo_payments.application.providers import Providers
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
        providers: Providers,
        ask: Ask,
        apply_webhook: ApplyWebhook,
        clock: Clock,
        identifiers: Identifiers,
    ) -> None:
        """Claims from `store`, asks by `ask`, works webhooks off by `apply_webhook`."""
        self._ask = ask
        self._inboxes: list[Worker[InboxEntry]] = []
        self._askers: list[Worker[Payment] | Worker[Binding]] = []
        for provider in providers:
            name = provider.spec.name
            outside = (clock, identifiers)
            self._inboxes.append(
                Worker("inbox", name, store.claim_due_webhooks, apply_webhook, *outside)
            )
            self._askers += [
                Worker("payments", name, store.claim_due_payments, self._payment, *outside),
                Worker("bindings", name, store.claim_due_bindings, self._binding, *outside),
            ]

    def wake_inbox(self) -> None:
        """Makes the inboxes' workers look at once."""
        for worker in self._inboxes:
            worker.wake()

    async def run(self) -> None:
        """Works until `stop`; what is claimed then is finished first."""
        async with asyncio.TaskGroup() as workers:
            for worker in (*self._inboxes, *self._askers):
                workers.create_task(worker.run())

    async def run_once(self) -> int:
        """Works off what is due now, to its end; gives how many items that were."""
        return sum([await worker.run_once() for worker in (*self._inboxes, *self._askers)])

    def stop(self) -> None:
        """Claims nothing more."""
        for worker in (*self._inboxes, *self._askers):
            worker.stop()

    async def _payment(self, payment: Payment, lease: Leased) -> None:
        await self._ask.payment(payment, lease=lease.lease)

    async def _binding(self, binding: Binding, lease: Leased) -> None:
        await self._ask.binding(binding, lease=lease.lease)
