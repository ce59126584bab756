"""The delivery engine brings notifications to the merchant, on schedule and with faults."""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random

import pytest

from ovo_sandbox.clock import Clock, Scheduler
from ovo_sandbox.delivery import Attempt, Delivery, Notification
from ovo_sandbox.faults import Faults
from ovo_sandbox.outgoing import OutgoingAnswer, OutgoingRequest, SendFailed
from ovo_sandbox.store import Store
from tests.unit.sandbox.laboratory import Inbox

NOON = datetime(2026, 1, 2, 12, 0, tzinfo=UTC)
URL = "http://merchant.example/hook"


@dataclass(slots=True)
class Gazette:
    """Is a provider that tries again after 60, then 120 s, and then never."""

    provider: str = "gazette"
    attempt_timeout_s: float = 15
    redirects_max: int = 5
    cannot_write: list[str] = field(default_factory=list)

    async def write(self, notification: Notification) -> OutgoingRequest:
        """Writes the event, and how it was tampered with."""
        if self.cannot_write:
            raise SendFailed(self.cannot_write.pop())
        text = f"{notification.event} {notification.tampering or 'true'}"
        return OutgoingRequest(url=notification.url, headers={}, body=text.encode())

    def retry_in(self, notification: Notification, attempt: Attempt) -> float | None:
        """Doubles the time."""
        del attempt
        tried = len(notification.attempts)
        return {1: 60.0, 2: 120.0}.get(tried)


@dataclass(frozen=True, slots=True, kw_only=True)
class Office:
    """Holds an engine and its surroundings."""

    clock: Clock
    scheduler: Scheduler
    faults: Faults
    delivery: Delivery
    inbox: Inbox
    gazette: Gazette

    async def notify(self, event: str, *, reference: str = "order-1", delay_s: float = 0) -> None:
        """Sends one notification."""
        self.delivery.notify(
            "gazette",
            event=event,
            reference=reference,
            phone="6281111111111",
            urls=[URL],
            payload={},
            delay_s=delay_s,
        )
        await self.scheduler.idle()

    async def advance(self, seconds: float) -> None:
        """Lets time pass."""
        self.clock.advance(seconds)
        await self.scheduler.idle()

    @property
    def received(self) -> list[str]:
        """What came, in its order."""
        return [request.body.decode() for request in self.inbox.requests]

    @property
    def states(self) -> list[str]:
        """What the log says of each notification."""
        return [notification.state for notification in self.delivery.log()]


def open_office(store: Store, clock: Clock) -> Office:
    """Makes an engine on a store."""
    scheduler = Scheduler(clock)
    faults = Faults(clock, Random(1))  # noqa: S311 - a seed makes runs alike
    inbox, gazette = Inbox(), Gazette()
    delivery = Delivery(store, clock, scheduler, faults, inbox)
    delivery.register(gazette)
    return Office(
        clock=clock,
        scheduler=scheduler,
        faults=faults,
        delivery=delivery,
        inbox=inbox,
        gazette=gazette,
    )


@pytest.fixture
async def office() -> Office:
    """An engine at noon."""
    return open_office(Store(None), Clock.standing_at(NOON))


async def test_an_accepted_notification_is_sent_once(office: Office) -> None:
    """A 2xx ends it."""
    await office.notify("paid")
    await office.advance(86400)
    assert (office.received, office.states) == (["paid true"], ["delivered"])


async def test_a_refused_notification_is_tried_again_on_the_provider_s_schedule(
    office: Office,
) -> None:
    """The sandbox's clock decides when."""
    office.inbox.answers = [500, 500]
    await office.notify("paid")
    await office.advance(59)
    assert len(office.received) == 1
    await office.advance(1)
    assert (len(office.received), office.states) == (2, ["waiting"])
    await office.advance(120)
    assert (len(office.received), office.states) == (3, ["delivered"])


async def test_a_notification_is_given_up_when_the_schedule_ends(office: Office) -> None:
    """The log keeps every attempt with its status or failure."""
    office.inbox.answers = [500, "timeout", 404]
    await office.notify("paid")
    await office.advance(60)
    await office.advance(120)
    await office.advance(86400)
    (notification,) = office.delivery.log()
    assert notification.state == "abandoned"
    tried = [(attempt.status, attempt.failure) for attempt in notification.attempts]
    assert tried == [(500, None), (None, "timeout"), (404, None)]


async def test_an_attempt_has_the_provider_s_time_limit(office: Office) -> None:
    """A slow merchant does not hold the engine."""
    await office.notify("paid")
    assert office.inbox.timeouts_s == [15]


async def test_a_request_that_cannot_be_written_counts_as_an_attempt(office: Office) -> None:
    """DOKU gets no token from the merchant, for instance."""
    office.gazette.cannot_write = ["no token"]
    await office.notify("paid")
    assert office.received == []
    await office.advance(60)
    assert office.received == ["paid true"]


async def test_redirects_that_keep_the_method_are_followed(office: Office) -> None:
    """307 and 308, relative or not."""
    office.inbox.answers = [
        OutgoingAnswer(status=307, headers={"location": "/moved"}),
        OutgoingAnswer(status=308, headers={"location": "http://other.example/hook"}),
        200,
    ]
    await office.notify("paid")
    urls = [request.url for request in office.inbox.requests]
    assert urls == [URL, "http://merchant.example/moved", "http://other.example/hook"]
    assert office.states == ["delivered"]


async def test_other_redirects_are_not_followed(office: Office) -> None:
    """302 is an answer like any other."""
    office.inbox.answers = [OutgoingAnswer(status=302, headers={"location": "/moved"})]
    await office.notify("paid")
    assert len(office.inbox.requests) == 1


async def test_a_ring_of_redirects_ends(office: Office) -> None:
    """Five redirects are the most."""
    ring = OutgoingAnswer(status=307, headers={"location": URL})
    office.inbox.answers = [ring] * 6
    await office.notify("paid")
    (notification,) = office.delivery.log()
    assert notification.attempts[0].failure == "too many redirects"
    assert len(office.inbox.requests) == 6


async def test_a_dropped_notification_never_comes(office: Office) -> None:
    """The log remembers it all the same."""
    office.faults.arm({"name": "webhook_dropped"})
    await office.notify("paid")
    await office.advance(86400)
    assert (office.received, office.states) == ([], ["dropped"])


async def test_a_duplicated_notification_comes_twice(office: Office) -> None:
    """The second copy follows after the fault's seconds."""
    office.faults.arm({"name": "webhook_duplicated", "seconds": 5})
    await office.notify("paid")
    assert office.received == ["paid true"]
    await office.advance(5)
    assert office.received == ["paid true", "paid true"]


async def test_a_delayed_notification_comes_late(office: Office) -> None:
    """The delay adds to the provider's own."""
    office.faults.arm({"name": "webhook_delayed", "seconds": 100})
    await office.notify("paid", delay_s=20)
    await office.advance(119)
    assert office.received == []
    await office.advance(1)
    assert office.received == ["paid true"]


async def test_a_reordered_notification_comes_after_the_next_one(office: Office) -> None:
    """Settlement overtakes pending."""
    office.faults.arm({"name": "webhook_reordered"})
    await office.notify("pending")
    await office.notify("paid", reference="order-2")
    await office.notify("paid")
    await office.advance(1)
    assert office.received == ["paid true", "paid true", "pending true"]


async def test_a_reordered_notification_without_a_next_one_comes_in_the_end(
    office: Office,
) -> None:
    """Nothing is held for ever."""
    office.faults.arm({"name": "webhook_reordered", "seconds": 60})
    await office.notify("paid")
    assert (office.received, office.states) == ([], ["held"])
    await office.advance(60)
    assert (office.received, office.states) == (["paid true"], ["delivered"])


@pytest.mark.parametrize(
    ("fault", "copy"),
    [("webhook_forged", "paid forged"), ("webhook_wrong_amount", "paid wrong_amount")],
)
async def test_a_false_copy_comes_before_the_true_notification(
    office: Office, fault: str, copy: str
) -> None:
    """The merchant must refuse the one and take the other."""
    office.faults.arm({"name": fault})
    await office.notify("paid")
    assert office.received == [copy, "paid true"]


async def test_a_notification_is_sent_again_by_hand(office: Office) -> None:
    """As an operator does on a dashboard, even where it was delivered or dropped."""
    office.faults.arm({"name": "webhook_dropped"})
    await office.notify("paid")
    (notification,) = office.delivery.log()
    sent = await office.delivery.resend(notification.notification_id)
    assert (office.received, sent.state) == (["paid true"], "delivered")
    with pytest.raises(KeyError):
        await office.delivery.resend("webhook-99")


async def test_a_notification_refused_by_hand_keeps_its_schedule(office: Office) -> None:
    """A manual attempt takes nothing from the automatic ones."""
    office.inbox.answers = [500, 500]
    await office.notify("paid")
    (notification,) = office.delivery.log()
    await office.delivery.resend(notification.notification_id)
    assert office.states == ["waiting"]
    await office.advance(60)
    assert (len(office.received), office.states) == (3, ["delivered"])


async def test_a_restart_takes_up_what_was_waiting(tmp_path: Path) -> None:
    """Also what came due while the sandbox was down."""
    store = Store(tmp_path / "sandbox.db")
    first = open_office(store, Clock.standing_at(NOON))
    first.inbox.answers = [500]
    await first.notify("paid")
    await first.scheduler.close()
    second = open_office(store, Clock.standing_at(NOON + timedelta(hours=1)))
    await second.delivery.start()
    await second.scheduler.idle()
    assert (second.received, second.states) == (["paid true"], ["delivered"])
    store.close()
