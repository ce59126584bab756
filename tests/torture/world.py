"""One run: a seed becomes a world of a service, its providers, its callers and its troubles."""

import asyncio
from collections.abc import Awaitable, Callable, Hashable, Mapping
from random import Random
from typing import Any, Final

import structlog

from ovo_payments.storage.times import to_microseconds
from ovo_sandbox.app import SandboxApp, create_app
from ovo_sandbox.clock import Clock
from ovo_sandbox.config import SandboxConfig
from ovo_sandbox.delivery import Attempt, Notification, NotificationSource
from ovo_sandbox.faults import Fault
from ovo_sandbox.outgoing import OutgoingRequest
from tests.torture.databases import Database
from tests.torture.keeping import MemoryStore
from tests.torture.keys import FixedKeys
from tests.torture.loop import Node, VirtualLoop
from tests.torture.network import Directory, Network
from tests.torture.notifying import Sidecar, SimulatedSender
from tests.torture.observed import EPOCH, Observed, Recorder
from tests.torture.profile import CALM, Profile
from tests.torture.service import DayTime, Service
from tests.torture.storing import Disk, StoreFaults

# What is due and not leased, and what is leased by somebody whose time runs out.
_DUE: Final[Mapping[str, str]] = {
    "payments": """
SELECT provider, min(CASE WHEN lease_until_us > next_check_time_us
    THEN lease_until_us ELSE next_check_time_us END)
FROM payments WHERE next_check_time_us IS NOT NULL GROUP BY provider
""",
    "bindings": """
SELECT provider, min(CASE WHEN lease_until_us > next_check_time_us
    THEN lease_until_us ELSE next_check_time_us END)
FROM bindings WHERE next_check_time_us IS NOT NULL GROUP BY provider
""",
    "inbox": """
SELECT provider, min(CASE WHEN lease_until_us > coalesce(next_attempt_time_us, 0)
    THEN lease_until_us ELSE coalesce(next_attempt_time_us, 0) END)
FROM inbox WHERE state IN ('RECEIVED', 'WAITING') GROUP BY provider
""",
}
_COMMIT_S: Final = 0.03
_SLOW_COMMIT_S: Final = 2.0
_EPOCH_US: Final = to_microseconds(EPOCH)


def seeded(seed: int, name: str) -> Random:
    """Makes a source of chance for one purpose, so that one purpose does not disturb another."""
    return Random(f"{seed}:{name}")  # noqa: S311 - repeatable troubles, no secrets


class DrawnStoreFaults(StoreFaults):
    """The store's troubles by a profile, and its outages."""

    def __init__(self, random: Random) -> None:
        self.profile = CALM
        self.away = False
        self._random = random

    def draw_commit(self) -> str:
        """What becomes of a transaction."""
        if self.away:
            return "unavailable"
        chance = self._random.random()
        for trouble, probability in (
            ("unavailable", self.profile.commit_unavailable),
            ("done_untold", self.profile.commit_untold),
            ("lost", self.profile.commit_lost),
        ):
            if chance < probability:
                return trouble
            chance -= probability
        return ""

    def draw_duration_s(self) -> float:
        """A few milliseconds, and now and then up to seconds."""
        chance, slow = self._random.random(), self.profile.commit_slow
        return _SLOW_COMMIT_S * (chance / slow) ** 2 if chance < slow else _COMMIT_S * chance

    def read_fails(self) -> bool:
        """Only an outage keeps anybody from reading."""
        return self.away


class _Watched(NotificationSource):
    """A provider's notifications, each remembered for what was done to it on purpose."""

    def __init__(
        self, source: NotificationSource, tamperings: dict[tuple[bytes, str], str]
    ) -> None:
        self._source = source
        self._tamperings = tamperings

    @property
    def provider(self) -> str:
        return self._source.provider

    @property
    def attempt_timeout_s(self) -> float:
        return self._source.attempt_timeout_s

    @property
    def redirects_max(self) -> int:
        return self._source.redirects_max

    async def write(self, notification: Notification) -> OutgoingRequest:
        request = await self._source.write(notification)
        # A notification of a link names no amount that could be wrong.
        harmless = notification.tampering == "wrong_amount" and b"mount" not in request.body
        if notification.tampering and not harmless:
            self._tamperings[_mark(request)] = notification.tampering
        return request

    def retry_in(self, notification: Notification, attempt: Attempt) -> float | None:
        return self._source.retry_in(notification, attempt)


def _mark(request: OutgoingRequest) -> tuple[bytes, str]:
    return request.body, request.headers.get("X-SIGNATURE", "")


class World:
    """Everything of one run."""

    def __init__(self, observed: Observed, database: Database, *, traced: bool = False) -> None:
        seed = observed.seed
        self.observed = observed
        self.random = seeded(seed, "world")
        self.loop = VirtualLoop(  # type: ignore[abstract] # it has no sockets and no processes
            seeded(seed, "schedule")
        )
        self.recorder = Recorder(observed, self.loop.time)
        if traced:
            self.recorder.lines = []
        self.profile = CALM
        self.crash_names: dict[str, int] = {}
        """How often each named crash point was passed."""
        self.crash_at: str | None = None
        """The one crash point at which to die next."""
        self.crash_passing = 1
        """At which passing of it."""
        self.provider_deaths = 0
        self.counted_steps: dict[str, int] = {}
        """For stories of deaths: how many steps each side made."""
        self._crash_random = seeded(seed, "crash")
        self.config = SandboxConfig(public_url="http://provider.test")
        self.provider_node = Node("provider", self.loop)
        self.sidecar = Sidecar()
        tamperings: dict[tuple[bytes, str], str] = {}
        self.sender = SimulatedSender(
            loop=self.loop,
            sidecar=self.sidecar,
            random=seeded(seed, "notifying"),
            recorder=self.recorder,
            tampering_of=lambda request: tamperings.get(_mark(request), ""),
        )
        self.app = self._sandbox(tamperings)
        self.network = Network(
            loop=self.loop,
            app=Directory(self.app.router),
            provider=self.provider_node,
            random=seeded(seed, "network"),
            recorder=self.recorder,
            crash_point=self.crash_point,
        )
        self._count_struck()
        self.store_faults = DrawnStoreFaults(seeded(seed, "store"))
        self.database = database
        self.disk = Disk(database=database, faults=self.store_faults, touched={"everything"})
        self.service = Service(
            loop=self.loop,
            network=self.network,
            sidecar=self.sidecar,
            sandbox=self.config,
            random=seeded(seed, "service"),
            recorder=self.recorder,
            disk=self.disk,
            crash_point=self.crash_point,
        )
        self.loop.poll_of = _worker_poll
        self.loop.due_times = self._due_times
        self._due_state = (-1, 0.0)
        self._due_us: dict[str, list[tuple[str, int]]] = {}
        self._due: Mapping[Hashable, float] = {}

    def run(self, story: Callable[["World"], Awaitable[None]]) -> None:
        """Runs a story to its end."""
        _SINK.append(self.observed.logs.append)
        try:
            self.loop.run_until_complete(_as_coroutine(story, self))
            if self.service.node is not None:
                self.service.node.kill()
            self.provider_node.kill()
        finally:
            self.loop.close()
            _SINK.pop()
            self.observed.failures.extend(_told(failure) for failure in self.loop.failures)

    def set_profile(self, profile: Profile) -> None:
        """Lets the troubles of a profile begin; CALM ends them."""
        self.profile = profile
        self.network.profile = self.sender.profile = self.store_faults.profile = profile
        faults = self.app.sandbox.faults
        faults.clear()
        for name, probability in profile.provider_faults.items():
            if probability:
                faults.arm({"name": name, "probability": probability, "count": None, "for_s": None})

    def heal(self) -> None:
        """Ends all troubles."""
        self.set_profile(CALM)
        self.network.down.clear()
        self.store_faults.away = False
        self.crash_at = None
        if self.service.node is not None:
            self.service.node.resume()
        self.service.clock.skew_s = 0.0

    def crash_point(self, name: str) -> bool:
        """Whether the service dies here, now."""
        node = self.service.node
        if node is None or not node.alive:
            return False
        self.crash_names[name] = self.crash_names.get(name, 0) + 1
        named = name == self.crash_at and self.crash_names[name] == self.crash_passing
        dies = named or (
            self.profile.crash_point > 0 and self._crash_random.random() < self.profile.crash_point
        )
        if dies:
            self.crash_at = None
            self.recorder.tell(node.name, "crash point", name)
            node.kill()
        return dies

    def restart_provider(self) -> None:
        """Starts the providers again after their process died; their state is on disk."""
        self.provider_deaths += 1
        self.provider_node = Node(f"provider-{self.provider_deaths + 1}", self.loop)
        self.network.provider = self.provider_node

        async def start() -> None:
            for made in self.app.providers:
                await made.start()
            await self.app.sandbox.delivery.start()

        self.provider_node.spawn(start())

    def _sandbox(self, tamperings: dict[tuple[bytes, str], str]) -> SandboxApp:
        app = create_app(
            self.config,
            clock=Clock(DayTime(self.loop).now),
            store=MemoryStore(),
            sender=self.sender,
            random=seeded(self.observed.seed, "sandbox"),
            keys=FixedKeys(None),
        )
        delivery = app.sandbox.delivery
        for source in list(delivery._sources.values()):  # noqa: SLF001 - to know what it tampered
            delivery.register(_Watched(source, tamperings))
        return app

    def _count_struck(self) -> None:
        """Counts the provider calls that a fault of the sandbox hits."""
        faults, take = self.app.sandbox.faults, self.app.sandbox.faults.take

        def counted(
            provider: str, operation: str, *, reference: str = "", phone: str = ""
        ) -> Fault | None:
            fault = take(provider, operation, reference=reference, phone=phone)
            if fault is not None:
                self.recorder.tell("provider", "fault", fault.name, operation, reference)
                if operation != "webhook":
                    self.network.struck += 1
            return fault

        faults.take = counted  # type: ignore[method-assign] # it only looks on

    def _due_times(self) -> Mapping[Hashable, float]:
        """When each worker next finds something to do, in the run's time."""
        state = self.database.changes, self.service.clock.skew_s
        if state != self._due_state:
            self._due_state = state
            touched = self.disk.touched
            # What writes to a table of another kind has no kind of its own.
            for kind in _DUE if touched - _DUE.keys() else touched:
                self._due_us[kind] = self.database.execute(_DUE[kind]).fetchall()
            touched.clear()
            epoch_us = _EPOCH_US + 1e6 * self.service.clock.skew_s
            self._due = {
                (kind, provider): (due_us - epoch_us) / 1e6
                for kind, found in self._due_us.items()
                for provider, due_us in found
            }
        return self._due


async def _as_coroutine(story: Callable[[World], Awaitable[None]], world: World) -> None:
    await story(world)


def _worker_poll(timeout: asyncio.Timeout) -> Hashable:
    """Names what an idle worker looks for once a second; None for all other timeouts."""
    work = getattr(timeout, "_task").get_coro()  # noqa: B009 - typeshed hides it
    if getattr(work, "__qualname__", "") != "Worker.run":
        return None
    worker = work.cr_frame.f_locals["self"]
    return worker._name, worker._provider  # noqa: SLF001 - only to know what it looks for


def _told(failure: dict[str, Any]) -> str:
    error = failure.get("exception")
    task = failure.get("task") or failure.get("future")
    work = getattr(task, "get_coro", lambda: None)()
    name = getattr(work, "__qualname__", "")
    return f"{failure.get('message', '')} {name}: {type(error).__name__}: {error}"


_SINK: list[Callable[[dict[str, Any]], None]] = []


def hand_over(event: dict[str, Any]) -> None:
    """Keeps a log event with the run that it belongs to."""
    if _SINK:
        _SINK[-1](event)


def _captured(_logger: object, _method: str, event: structlog.typing.EventDict) -> str:
    hand_over(dict(event))
    raise structlog.DropEvent


def capture_logs(*, cached: bool) -> None:
    """Sends the service's log events to the run instead of anywhere else."""
    structlog.configure(
        processors=[_captured],
        wrapper_class=structlog.make_filtering_bound_logger(20),
        cache_logger_on_first_use=cached,
    )
