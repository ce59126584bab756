"""WatchPayment: a payment's changes, in order, each once, none left out."""

from collections.abc import AsyncIterator
from typing import Final

from ovo_payments.application.call import Call, Heartbeat, WatchPaymentRequest
from ovo_payments.application.get_status import GetStatus
from ovo_payments.application.silence import Silence, heartbeat_interval_s
from ovo_payments.domain.errors import (
    PaymentNotFoundError,
    StreamInterruptedError,
    VersionOutOfRangeError,
    Violations,
)
from ovo_payments.domain.payment import Payment
from ovo_payments.domain.ports import Clock, Feed, Store, Subscription

_BATCH: Final = 16
"""How many versions a watcher holds at most while its reader takes its time."""


class WatchPayment:
    """Streams from the event log; the feed only says when to look."""

    def __init__(self, store: Store, feed: Feed, get_status: GetStatus, clock: Clock) -> None:
        """Finds payments as `get_status` does."""
        self._store = store
        self._feed = feed
        self._get_status = get_status
        self._clock = clock
        self._subscriptions: set[Subscription] = set()
        self._interrupted = False

    async def __call__(
        self, call: Call, request: WatchPaymentRequest
    ) -> AsyncIterator[Payment | Heartbeat]:
        """Gives the snapshot or every version above `after_version`, then what comes.

        Ends once the payment can change no more. Raises InvalidRequestError,
        PaymentNotFoundError, VersionOutOfRangeError, and StreamInterruptedError where the
        server stops first.
        """
        violations = Violations()
        heartbeat_s = _checked(violations, request)
        found = await self._get_status.payment(
            call, request.payment_id, request.order_id, violations
        )
        subscription = self._feed.subscribe(found.payment_id)
        self._subscriptions.add(subscription)
        try:
            # Read again only now: what changed before the subscription is in this reading,
            # what changes after it wakes the subscription.
            payment = await self._store.find_payment(found.payment_id)
            if payment is None:
                raise PaymentNotFoundError(payment_id=found.payment_id)
            async for event in self._events(payment, request, heartbeat_s, subscription):
                yield event
        finally:
            subscription.close()
            self._subscriptions.remove(subscription)

    def interrupt(self) -> None:
        """Ends every stream: the server stops, and callers reconnect elsewhere."""
        self._interrupted = True
        for subscription in self._subscriptions:
            subscription.wake()

    async def _events(
        self,
        payment: Payment,
        request: WatchPaymentRequest,
        heartbeat_s: float,
        subscription: Subscription,
    ) -> AsyncIterator[Payment | Heartbeat]:
        latest = payment
        if request.after_version is None:
            yield payment
            seen = payment.version
        elif request.after_version > payment.version:
            raise VersionOutOfRangeError(latest_version=payment.version)
        else:
            seen = request.after_version
        silence = Silence(self._clock, heartbeat_s)
        while True:
            # Looked at before the reading: what is committed by now is still told.
            ends = self._interrupted
            # The log is read until it is empty where it may be over: only its last version tells.
            # What comes after a reading that was not full wakes the subscription.
            while versions := await self._store.read_events(payment.payment_id, seen, _BATCH):
                for latest in versions:
                    yield latest
                    seen = latest.version
                silence.end()
                if latest.open and len(versions) < _BATCH:
                    break
            if seen >= latest.version and not latest.open:
                return
            if ends:
                raise StreamInterruptedError(last_version=seen)
            if not await subscription.wait(silence.left_s):
                silence.end()
                yield Heartbeat(version=seen, time=self._clock.now())


def _checked(violations: Violations, request: WatchPaymentRequest) -> float:
    if request.payment_id is None and request.order_id is None:
        violations.add("subject", "is required: name a payment_id or an order_id")
    if request.after_version is not None and request.after_version < 0:
        violations.add("after_version", "must be 0 or more")
    return heartbeat_interval_s(violations, request.heartbeat_interval_s)
