"""Wakes the watchers of this process."""

import asyncio

from ovo_payments.domain.ports import Feed, Subscription


class LocalFeed(Feed):
    """Keeps one mailbox for each watcher; used from the event loop's thread alone."""

    def __init__(self) -> None:
        self._mailboxes: dict[str, set[_Mailbox]] = {}
        self._watchers = 0

    @property
    def watchers(self) -> int:
        """How many places are taken."""
        return self._watchers

    @property
    def watched_payments(self) -> int:
        """How many payments have at least one watcher."""
        return len(self._mailboxes)

    def subscribe(self, payment_id: str) -> Subscription:
        """Takes a place before the log is read, so that no change falls between."""
        mailbox = _Mailbox(self, payment_id)
        self._mailboxes.setdefault(payment_id, set()).add(mailbox)
        self._watchers += 1
        return mailbox

    def wake(self, payment_id: str) -> None:
        """Wakes everybody who watches a payment, after its change is committed."""
        for mailbox in self._mailboxes.get(payment_id, ()):
            mailbox.put()

    def leave(self, payment_id: str, mailbox: "_Mailbox") -> None:
        """Forgets a mailbox, and the payment with its last one."""
        mailboxes = self._mailboxes.get(payment_id)
        if mailboxes is None or mailbox not in mailboxes:
            return
        mailboxes.remove(mailbox)
        self._watchers -= 1
        if not mailboxes:
            del self._mailboxes[payment_id]


class _Mailbox:
    """Holds at most one wake-up, however often its payment changes before it is looked at."""

    __slots__ = ("_feed", "_full", "_payment_id", "_waiter")

    def __init__(self, feed: LocalFeed, payment_id: str) -> None:
        self._feed = feed
        self._payment_id = payment_id
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
        self._feed.leave(self._payment_id, self)

    def put(self) -> None:
        """Leaves a wake-up, if there is none yet."""
        self._full = True
        self._release()

    def _release(self) -> None:
        if self._waiter is not None and not self._waiter.done():
            self._waiter.set_result(None)
