"""WatchPayments: every change of every payment of the caller, in one order, each once."""

from collections.abc import AsyncIterator
from typing import Final

from ovo_payments.application.call import Call, StreamEvent, WatchPaymentsRequest
from ovo_payments.application.cursor import CursorMalformedError, Places
from ovo_payments.application.providers import Providers
from ovo_payments.application.silence import Silence, heartbeat_interval_s
from ovo_payments.domain.errors import CursorGoneError, StreamInterruptedError, Violations
from ovo_payments.domain.payment import Payment, PaymentState
from ovo_payments.domain.ports import Clock, Feed, Store, Subscription

_BATCH: Final = 16
"""How many changes a reader holds at most while it takes its time."""


class WatchPayments:
    """Streams a scope's changes from the event log; the feed only says when to look."""

    def __init__(self, store: Store, feed: Feed, providers: Providers, clock: Clock) -> None:
        """Knows the providers that may be named."""
        self._store = store
        self._feed = feed
        self._provider_names = {provider.spec.name for provider in providers}
        self._clock = clock
        self._subscriptions: set[Subscription] = set()
        self._interrupted = False

    async def __call__(
        self, call: Call, request: WatchPaymentsRequest
    ) -> AsyncIterator[StreamEvent]:
        """Gives every change after the cursor's that was asked for, then what comes, without end.

        Raises InvalidRequestError, CursorGoneError, and StreamInterruptedError where the server
        stops.
        """
        scope = call.caller.scope
        wanted, heartbeat_s = self._checked(request)
        places = Places(await self._store.name(), scope)
        subscription = self._feed.subscribe_scope(scope)
        self._subscriptions.add(subscription)
        try:
            # Read only now: what changed before the subscription is read, what changes after it
            # wakes the subscription.
            seen = await self._begin(request, places)
            silence = Silence(self._clock, heartbeat_s)
            if request.from_now:
                # Whoever is cut off before the first change comes back to this place.
                yield StreamEvent(cursor=places.cursor(seen), time=self._clock.now())
            while True:
                # Looked at before the read: what is committed by now is still told.
                ends = self._interrupted
                changes = await self._store.read_changes(scope, seen, _BATCH)
                for change in changes:
                    seen = change.position
                    if wanted(change.payment):
                        yield StreamEvent(cursor=places.cursor(seen), payment=change.payment)
                        silence.end()
                if ends and len(changes) < _BATCH:
                    raise StreamInterruptedError(cursor=places.cursor(seen))
                # Also between changes that nobody asked for, so that their place is not lost.
                if silence.left_s > 0 and (changes or await subscription.wait(silence.left_s)):
                    continue
                yield StreamEvent(cursor=places.cursor(seen), time=self._clock.now())
                silence.end()
        finally:
            subscription.close()
            self._subscriptions.remove(subscription)

    def interrupt(self) -> None:
        """Ends every stream: the server stops, and callers reconnect elsewhere."""
        self._interrupted = True
        for subscription in self._subscriptions:
            subscription.wake()

    def _checked(self, request: WatchPaymentsRequest) -> tuple["_Wanted", float]:
        violations = Violations()
        heartbeat_s = heartbeat_interval_s(violations, request.heartbeat_interval_s)
        for place, name in enumerate(request.states):
            if name not in PaymentState.__members__:
                violations.add(f"states[{place}]", "is no state that a payment can be in")
        for place, name in enumerate(request.providers):
            if name not in self._provider_names:
                known = ", ".join(sorted(self._provider_names))
                violations.add(f"providers[{place}]", f"must be one of: {known}")
        if request.cursor and request.from_now:
            violations.add("from_now", "must be false where a cursor says where to begin")
        if request.cursor:
            try:
                Places("", "").position(request.cursor)
            except CursorMalformedError:
                violations.add("cursor", "must be a cursor that this stream gave")
        violations.raise_if_any()
        return _Wanted(frozenset(request.states), frozenset(request.providers)), heartbeat_s

    async def _begin(self, request: WatchPaymentsRequest, places: Places) -> int:
        """Gives the position after which the stream begins. Raises CursorGoneError."""
        if not request.cursor and not request.from_now:
            return 0
        latest = await self._store.find_position(places.scope)
        if request.from_now:
            return latest
        position = places.position(request.cursor)
        # A restored backup may lack what a reader has seen: it would miss what follows.
        if position is None or position > latest:
            raise CursorGoneError
        return position


class _Wanted:
    """Says which changes were asked for."""

    def __init__(self, states: frozenset[str], providers: frozenset[str]) -> None:
        self._states = states
        self._providers = providers

    def __call__(self, payment: Payment) -> bool:
        return (not self._states or payment.state.value in self._states) and (
            not self._providers or payment.provider in self._providers
        )
