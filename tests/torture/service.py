"""The service as the simulation runs it: the real application on simulated ports, life by life."""

import asyncio
from collections.abc import Callable, Coroutine
from datetime import datetime, timedelta
from math import inf
from random import Random
from typing import Any, Final, TypeVar

from ovo_payments.application.call import Call, Caller
from ovo_payments.application.providers import Providers
from ovo_payments.application.use_cases import Application, UseCases, assemble
from ovo_payments.domain.errors import StoreUnavailableError
from ovo_payments.domain.ports import Clock, Identifiers
from ovo_payments.domain.provider import CallClass
from ovo_payments.domain.secret import Secret
from ovo_payments.providers import doku, midtrans
from ovo_payments.providers.http import Attempt, HttpClients, Surroundings
from ovo_payments.storage.feed import LocalFeed
from ovo_payments.storage.sql_store import SqlStore
from ovo_sandbox.config import SandboxConfig
from tests.torture import keys
from tests.torture.databases import SEALER
from tests.torture.loop import Node, VirtualLoop, fail_once
from tests.torture.network import ORIGIN, Network
from tests.torture.notifying import Sidecar
from tests.torture.observed import EPOCH, Life, Recorder
from tests.torture.storing import Disk, InlineWriter, SimulatedReader

T = TypeVar("T")

_ALPHABET: Final = "0123456789abcdefghjkmnpqrstvwxyz"
_WAY_MAX_S: Final = 0.01


class ConnectionLostError(Exception):
    """The service went away while a call was on its way; nobody knows what it did."""


class UnreachableError(Exception):
    """The service is not there; nothing was asked of it."""


class CallerGaveUpError(Exception):
    """The caller's deadline passed, or the caller itself went away."""


class DayTime:
    """The run's time of day, wrong by `skew_s`; made once for all who ask at one moment."""

    def __init__(self, loop: VirtualLoop) -> None:
        self.skew_s = 0.0
        self._time = loop.time
        self._made_for = 0.0
        self._made = EPOCH

    def now(self) -> datetime:
        """The time of day."""
        seconds = self._time() + self.skew_s
        if seconds != self._made_for:
            self._made_for, self._made = seconds, EPOCH + timedelta(seconds=seconds)
        return self._made


class SimulatedClock(DayTime, Clock):
    """The service's clock."""

    async def sleep(self, duration_s: float) -> None:
        """Waits."""
        await asyncio.sleep(duration_s)


class SeededIdentifiers(Identifiers):
    """Names as the service's own, drawn by the seed."""

    def __init__(self, random: Random, clock: SimulatedClock) -> None:
        self._random = random
        self._clock = clock

    def payment_id(self) -> str:
        """A name of a payment."""
        return f"pay{self._sortable()}"

    def refund_id(self) -> str:
        """A name of a refund."""
        return f"rfd{self._sortable()}"

    def binding_id(self) -> str:
        """A name of a binding."""
        return f"bnd{self._sortable()}"

    def external_reference(self) -> str:
        """32 digits."""
        return f"{self._random.randrange(10**32):032d}"

    def lease(self) -> str:
        """32 hexadecimal digits."""
        return f"{self._random.getrandbits(128):032x}"

    def _sortable(self) -> str:
        number = int(self._clock.now().timestamp() * 1000) << 80 | self._random.getrandbits(80)
        return "".join(_ALPHABET[(number >> (5 * place)) & 31] for place in reversed(range(26)))


class _Doku(doku.DokuAdapter):
    """DOKU's adapter, whose tokens for notifications are drawn by the seed as well."""

    def __init__(
        self,
        config: doku.DokuConfig,
        http: HttpClients,
        clock: Clock,
        identifiers: Identifiers,
    ) -> None:
        super().__init__(config, http, clock, identifiers)
        self._webhooks = doku.DokuWebhooks(
            config, clock, nonce=lambda: bytes.fromhex(identifiers.lease())
        )


class Service:
    """What the incarnations of the service share, and the incarnation of the moment."""

    def __init__(
        self,
        *,
        loop: VirtualLoop,
        network: Network,
        sidecar: Sidecar,
        sandbox: SandboxConfig,
        random: Random,
        recorder: Recorder,
        disk: Disk,
        crash_point: Callable[[str], bool],
    ) -> None:
        """Puts nothing together yet; see `start`."""
        self.clock = SimulatedClock(loop)
        self.node: Node | None = None
        self.use_cases: UseCases | None = None
        self.store: SqlStore | None = None
        self.lives = 0
        self.trust_not_found = bool(random.getrandbits(1))
        self._loop = loop
        self._network = network
        self._sidecar = sidecar
        self._random = random
        self._recorder = recorder
        self._disk = disk
        self._crash_point = crash_point
        self._identifiers = SeededIdentifiers(random, self.clock)
        self._clients: dict[str, HttpClients] = {}
        self._doku_config = doku.DokuConfig(
            base_url="http://doku.test",
            client_id=sandbox.doku_client_id,
            client_secret=Secret(sandbox.doku_client_secret),
            private_key=keys.merchant_key(),
            doku_public_key=keys.doku_key().public_key(),
            not_found_is_final=self.trust_not_found,
        )
        self._midtrans_config = midtrans.MidtransConfig(
            base_url="http://midtrans.test",
            server_key=Secret(sandbox.midtrans_server_key),
            merchant_id=sandbox.midtrans_merchant_id,
        )
        network.breaker_of = self._breaker_of

    @property
    def alive(self) -> bool:
        """Whether calls are taken."""
        return self.node is not None and self.node.alive and self.use_cases is not None

    async def start(self) -> None:
        """Begins another life on the same database."""
        self.lives += 1
        node = Node(f"service-{self.lives}", self._loop)
        self.node = node
        life = Life(node=node.name, began_at=self._loop.time())
        self._recorder.observed.lives.append(life)
        self._recorder.tell(node.name, "starts")

        def died() -> None:
            life.ended_at = self._loop.time()
            self.use_cases = None
            self._sidecar.node = self._sidecar.receive = None
            self._recorder.tell(node.name, "dies")

        node.on_death.append(died)
        started = self._loop.create_future()
        node.on_death.append(set_once(started))
        node.spawn(self._live(node, started))
        await started

    async def _live(self, node: Node, started: "asyncio.Future[None]") -> None:
        writer = InlineWriter(
            self._disk,
            loop=self._loop,
            node=node,
            recorder=self._recorder,
            crash_point=self._crash_point,
        )
        store = SqlStore(SimulatedReader(self._disk), writer, SEALER)
        # As the real service does: where others may be at work, their leases run out by themselves.
        while not self._disk.database.shared:
            try:
                await store.recover(self.clock.now())
                break
            except StoreUnavailableError:
                # The process would end and be started again by whoever watches it.
                await asyncio.sleep(1)
        application = self._assembled(store)
        self.store, self.use_cases = store, application.use_cases
        self._sidecar.node = node
        self._sidecar.receive = application.use_cases.receive_webhook
        if not started.done():
            started.set_result(None)
        await application.resolve.run()

    def _assembled(self, store: SqlStore) -> Application:
        surroundings = Surroundings(
            monotonic=self._loop.time,
            sleep=asyncio.sleep,
            random=self._random.random,
            observe=self._observe,
            transport_for=self._network.transport_for,
        )
        self._clients = {
            doku.NAME: doku.http_clients(self._doku_config, surroundings),
            midtrans.NAME: midtrans.http_clients(self._midtrans_config, surroundings),
        }
        providers = Providers(
            {
                doku.NAME: _Doku(
                    self._doku_config, self._clients[doku.NAME], self.clock, self._identifiers
                ),
                midtrans.NAME: midtrans.MidtransAdapter(
                    self._midtrans_config, self._clients[midtrans.NAME]
                ),
            }
        )
        return assemble(
            store=store,
            feed=LocalFeed(),
            clock=self.clock,
            identifiers=self._identifiers,
            providers=providers,
        )

    async def call(
        self,
        scope: str,
        method: str,
        asked: Callable[[UseCases, Call], Coroutine[Any, Any, T]],
        *,
        deadline_s: float | None = None,
    ) -> T:
        """Calls an RPC as a client does: over a wire that can break, with a deadline or none.

        Raises UnreachableError, ConnectionLostError, CallerGaveUpError and what the call is
        refused with. Cancelling it is what a client does that goes away.
        """
        await asyncio.sleep(_WAY_MAX_S * self._random.random())
        node, use_cases = self.node, self.use_cases
        if node is None or use_cases is None or not node.alive:
            raise UnreachableError
        call = Call(caller=Caller(name=scope, scope=scope), remaining_s=deadline_s)
        answered: asyncio.Future[T] = self._loop.create_future()
        context = node.context.copy()
        context.run(ORIGIN.set, method)
        handling = self._loop.create_task(
            _handled(asked, use_cases, call, answered), context=context
        )
        lost = fail_once(answered, ConnectionLostError)
        node.on_death.append(lost)
        given_up = self._loop.call_later(
            inf if deadline_s is None else deadline_s, fail_once(answered, CallerGaveUpError)
        )
        try:
            result = await answered
        except (CallerGaveUpError, asyncio.CancelledError):
            handling.cancel()
            raise
        finally:
            given_up.cancel()
            if node.alive:
                node.on_death.remove(lost)
        await asyncio.sleep(_WAY_MAX_S * self._random.random())
        return result

    def _observe(self, attempt: Attempt) -> None:
        counted = self._recorder.observed.attempts
        name = attempt.call_class.value + (".repeated" if attempt.number > 1 else "")
        counted[name] = counted.get(name, 0) + 1  # type: ignore[index] # a dict here

    def _breaker_of(self, provider: str, call_class: CallClass) -> str:
        return self._clients[provider].of(call_class).breaker.state.value


async def _handled(
    asked: Callable[[UseCases, Call], Coroutine[Any, Any, T]],
    use_cases: UseCases,
    call: Call,
    answered: "asyncio.Future[T]",
) -> None:
    try:
        result = await asked(use_cases, call)
    except Exception as error:  # noqa: BLE001 - whatever it is, it is the caller's to hear
        if not answered.done():
            answered.set_exception(error)
    else:
        if not answered.done():
            answered.set_result(result)


def set_once(future: "asyncio.Future[None]") -> Callable[[], None]:
    """Makes what ends a wait, whoever comes first."""

    def end() -> None:
        if not future.done():
            future.set_result(None)

    return end
