"""Sends notifications on the sandbox clock and tries again as each provider would."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any
from urllib.parse import urljoin

from ovo_sandbox.clock import Clock, Scheduler
from ovo_sandbox.delivery.courier import NotificationSource, Tampering
from ovo_sandbox.delivery.notification import Attempt, Notification
from ovo_sandbox.faults import Fault, Faults
from ovo_sandbox.outgoing import HttpSender, OutgoingAnswer, OutgoingRequest, SendFailed
from ovo_sandbox.store import Store

_KIND = "notification"
_HELD = "notification-held"
_COUNTER = "notification-count"
_TAMPERINGS = {
    "webhook_forged": Tampering.FORGED,
    "webhook_wrong_amount": Tampering.WRONG_AMOUNT,
}
_REDIRECTS = {307, 308}


class Delivery:
    """Takes notifications from the providers' modules and brings them to the merchant.

    A notification is stored when it is sent for, in the caller's transaction, and `start` takes up
    what an earlier run left undone.
    """

    def __init__(
        self, store: Store, clock: Clock, scheduler: Scheduler, faults: Faults, sender: HttpSender
    ) -> None:
        """Starts without any provider; see `register`."""
        self._store = store
        self._clock = clock
        self._scheduler = scheduler
        self._faults = faults
        self._sender = sender
        self._sources: dict[str, NotificationSource] = {}

    def register(self, source: NotificationSource) -> None:
        """Adds a provider; it calls this once when it is made."""
        self._sources[source.provider] = source

    async def start(self) -> None:
        """Schedules every notification that is still to be sent."""
        for notification in self.log():
            if notification.next_attempt_at is not None:
                self._schedule(notification)

    def notify(
        self,
        provider: str,
        *,
        event: str,
        reference: str,
        phone: str,
        urls: Iterable[str],
        payload: Mapping[str, Any],
        delay_s: float = 0,
    ) -> list[Notification]:
        """Sends one notification to each address, `delay_s` from now; faults strike here."""
        made = []
        with self._store.transaction():
            self._release(provider, reference, delay_s + 1)
            for url in urls:
                notification = Notification(
                    notification_id=self._next_id(),
                    provider=provider,
                    event=event,
                    reference=reference,
                    phone=phone,
                    url=url,
                    payload=payload,
                    created_at=self._clock.now(),
                )
                fault = self._faults.take(provider, "webhook", reference=reference, phone=phone)
                made.append(self._depart(notification, fault, delay_s))
        return made

    def log(self, *, reference: str | None = None, newest: int | None = None) -> list[Notification]:
        """Lists notifications, oldest first, or only the newest, newest first."""
        notifications = map(Notification.from_json, self._store.documents(_KIND, newest=newest))
        return [n for n in notifications if reference is None or n.reference == reference]

    def find(self, notification_id: str) -> Notification | None:
        """Reads one notification, or None."""
        document = self._store.get(_KIND, notification_id)
        return None if document is None else Notification.from_json(document)

    async def resend(self, notification_id: str) -> Notification:
        """Makes one more attempt at once, whatever came before.

        Raises KeyError for an unknown id.
        """
        notification = self.find(notification_id)
        if notification is None:
            raise KeyError(notification_id)
        await self._attempt(notification_id, may_retry=False)
        return self.find(notification_id) or notification

    def _depart(
        self, notification: Notification, fault: Fault | None, delay_s: float
    ) -> Notification:
        """Stores and schedules a notification as the fault would have it."""
        if fault is None:
            return self._set_off(notification, delay_s)
        if fault.name == "webhook_dropped":
            dropped = replace(notification, state="dropped")
            self._save(dropped)
            return dropped
        if fault.name == "webhook_delayed":
            return self._set_off(notification, delay_s + fault.seconds)
        if fault.name == "webhook_reordered":
            return self._hold(notification, delay_s + fault.seconds)
        if fault.name == "webhook_duplicated":
            first = self._set_off(notification, delay_s)
            self._set_off(
                replace(notification, notification_id=self._next_id()), delay_s + fault.seconds
            )
            return first
        tampering = _TAMPERINGS[fault.name]
        copy = replace(notification, notification_id=self._next_id(), tampering=tampering.value)
        self._set_off(copy, delay_s)
        return self._set_off(notification, delay_s)

    def _hold(self, notification: Notification, until_s: float) -> Notification:
        """Keeps a notification back until the next one of its payment, or until the time is up."""
        key = f"{notification.provider}:{notification.reference}"
        held = self._store.get(_HELD, key) or {"ids": []}
        self._store.put(_HELD, key, {"ids": [*held["ids"], notification.notification_id]})
        return self._set_off(replace(notification, state="held"), until_s)

    def _release(self, provider: str, reference: str, delay_s: float) -> None:
        """Lets what was held back for this payment go, behind the notification that comes now."""
        key = f"{provider}:{reference}"
        held = self._store.get(_HELD, key)
        if held is None:
            return
        self._store.delete(_HELD, key)
        for notification in map(self.find, held["ids"]):
            if notification is not None and notification.state == "held":
                self._set_off(replace(notification, state="waiting"), delay_s)

    def _set_off(self, notification: Notification, delay_s: float) -> Notification:
        due = replace(notification, next_attempt_at=self._clock.now() + timedelta(seconds=delay_s))
        self._save(due)
        self._schedule(due)
        return due

    def _schedule(self, notification: Notification) -> None:
        if notification.next_attempt_at is None:
            return

        async def attempt() -> None:
            await self._attempt(notification.notification_id, may_retry=True)

        name = f"notify:{notification.notification_id}"
        self._scheduler.call_at(notification.next_attempt_at, name, attempt)

    async def _attempt(self, notification_id: str, *, may_retry: bool) -> None:
        notification = self.find(notification_id)
        if notification is None:
            return
        source = self._sources[notification.provider]
        attempt = await self._try(source, notification)
        # The sandbox may have been reset while the merchant was thinking.
        notification = self.find(notification_id)
        if notification is None:
            return
        notification = replace(notification, attempts=(*notification.attempts, attempt))
        if attempt.accepted:
            done = replace(notification, state="delivered", next_attempt_at=None)
            self._scheduler.cancel(f"notify:{notification_id}")
            self._save(done)
        elif not may_retry:
            self._save(notification)
        elif (delay_s := source.retry_in(notification, attempt)) is None:
            self._save(replace(notification, state="abandoned", next_attempt_at=None))
        else:
            self._set_off(replace(notification, state="waiting"), delay_s)

    async def _try(self, source: NotificationSource, notification: Notification) -> Attempt:
        at = self._clock.now()
        try:
            request = await source.write(notification)
            request, answer = await self._send(source, request)
        except SendFailed as error:
            return Attempt(at=at, failure=error.reason, url=notification.url)
        return Attempt(at=at, status=answer.status, url=request.url)

    async def _send(
        self, source: NotificationSource, request: OutgoingRequest
    ) -> tuple[OutgoingRequest, OutgoingAnswer]:
        for _ in range(source.redirects_max + 1):
            answer = await self._sender.send(request, timeout_s=source.attempt_timeout_s)
            target = answer.headers.get("location")
            if answer.status not in _REDIRECTS or target is None or source.redirects_max == 0:
                return request, answer
            request = replace(request, url=urljoin(request.url, target))
        raise SendFailed("too many redirects")

    def _next_id(self) -> str:
        document = self._store.get(_COUNTER, "last") or {"number": 0}
        number = document["number"] + 1
        self._store.put(_COUNTER, "last", {"number": number})
        return f"webhook-{number}"

    def _save(self, notification: Notification) -> None:
        self._store.put(_KIND, notification.notification_id, notification.as_json())
