"""Wakes the watchers of this process."""

import asyncio
from typing import TypeAlias

from ovo_payments.domain.payment import Payment
from ovo_payments.domain.ports import Feed, Subscription


class LocalFeed(Feed):
    """Keeps one mailbox for each watcher; used from the event loop's thread alone."""

    def __init__(self) -> None:
        self._of_payments: _Places = {}
        self._of_scopes: _Places = {}
        self._watchers = 0

    @property
    def watchers(self) -> int:
        """How many places are taken."""
        return self._watchers

    @property
    def watched_payments(self) -> int:
        """How many payments have at least one watcher."""
        return len(self._of_payments)

    def subscribe(self, payment_id: str) -> Subscription:
        """Takes a place before the log is read, so that no change falls between."""
        return self._take(self._of_payments, payment_id)

    def subscribe_scope(self, scope: str) -> Subscription:
        """Takes a place for all payments of a scope."""
        return self._take(self._of_scopes, scope)

    def wake(self, payment: Payment) -> None:
        """Wakes everybody who watches a payment or its scope, after its change is committed."""
        self._wake(payment.payment_id, payment.scope)

    def _wake(self, payment_id: str, scope: str) -> None:
        for mailbox in self._of_payments.get(payment_id, ()):
            mailbox.wake()
        for mailbox in self._of_scopes.get(scope, ()):
            mailbox.wake()

    def _take(self, places: "_Places", name: str) -> "_Mailbox":
        mailbox = _Mailbox(self, places, name)
        places.setdefault(name, set()).add(mailbox)
        self._watchers += 1
        return mailbox

    def leave(self, places: "_Places", name: str, mailbox: "_Mailbox") -> None:
        """Forgets a mailbox, and what it watched with its last one."""
        mailboxes = places.get(name)
        if mailboxes is None or mailbox not in mailboxes:
            return
        mailboxes.remove(mailbox)
        self._watchers -= 1
        if not mailboxes:
            del places[name]


class _Mailbox:
    """Holds at most one wake-up, however much changes before it is looked at."""

    __slots__ = ("_feed", "_full", "_name", "_places", "_waiter")

    def __init__(self, feed: LocalFeed, places: "_Places", name: str) -> None:
        self._feed = feed
        self._places = places
        self._name = name
        self._full = False
        self._waiter: asyncio.Future[None] | None = None

    async def wait(self, timeout_s: float) -> bool:
        """Waits for a wake-up, and takes it; False where none came in time.

        A watcher waits alone at its own place. A bare future and timer, since thousands wait.
        """
        if not self._full:
            loop = asyncio.get_running_loop()
            self._waiter = loop.create_future()
            timer = loop.call_later(timeout_s, self._release)
            try:
                await self._waiter
            finally:
                timer.cancel()
                self._waiter = None
        woken, self._full = self._full, False
        return woken

    def close(self) -> None:
        """Gives the place up; closing twice changes nothing."""
        self._feed.leave(self._places, self._name, self)

    def wake(self) -> None:
        """Leaves a wake-up, if there is none yet."""
        self._full = True
        self._release()

    def _release(self) -> None:
        if self._waiter is not None and not self._waiter.done():
            self._waiter.set_result(None)


_Places: TypeAlias = dict[str, set[_Mailbox]]
