"""The network between the service and the providers, in memory, with its own troubles.

Outgoing: an httpx transport that runs the sandbox's ASGI app on the provider's node. Incoming:
the sandbox's sender, which hands notifications to the service as its sidecar does.
"""

import asyncio
import re
from collections.abc import Callable, MutableMapping
from contextvars import ContextVar
from random import Random
from typing import Any, Final

import httpx
from starlette.routing import BaseRoute, Match, Route, Router
from starlette.types import Receive, Send

from ovo_payments.domain.provider import CallClass
from ovo_payments.providers.http.journey import EXTENSION as JOURNEY
from ovo_payments.providers.http.journey import Journey
from ovo_payments.providers.http.outcome import Phase
from ovo_sandbox.connection import EXTENSION as CUT
from tests.torture.loop import NODE, Node, VirtualLoop
from tests.torture.observed import ProviderCall, Recorder
from tests.torture.profile import Profile

ORIGIN: ContextVar[str] = ContextVar("origin", default="")
"""The RPC on whose behalf something is done; empty for what the service does by itself."""

Message = MutableMapping[str, Any]
App = Callable[[Message, Any, Any], Any]

_REFERENCE: Final = re.compile(rb'"(?:partnerRefundNo|partnerReferenceNo)":"([^"]*)"')
_ASKED: Final = re.compile(rb'"originalPartnerReferenceNo":"([^"]*)"')
_CODE: Final = re.compile(rb'"(?:responseCode|status_code)":\s*"([^"]*)"')
_DOKU_OPERATIONS: Final = {
    "registration-account-binding": "bind",
    "registration-account-unbinding": "unbind",
    "balance-inquiry": "balance",
    "payment-host-to-host": "pay",
    "status": "status",
    "refund": "refund",
    "b2b": "token_b2b",
    "b2b2c": "token_b2b2c",
}
_MOVES_MONEY: Final = frozenset({"charge", "pay", "refund"})
_CLOSED: Final = "CLOSED"
_SLOW_ANSWERS_SHARE: Final = 0.5
_SLOW_QUERY_S: Final = 7.0
_SLOW_SEND_S: Final = 20.0


class Network:
    """Carries requests to the providers, late, twice never, and sometimes not at all."""

    def __init__(
        self,
        *,
        loop: VirtualLoop,
        app: App,
        provider: Node,
        random: Random,
        recorder: Recorder,
        crash_point: Callable[[str], bool],
    ) -> None:
        self.profile = Profile(name="none")
        self.down: set[str] = set()
        """Providers that can't be reached at all."""
        self.breaker_of: Callable[[str, CallClass], str] = lambda *_: _CLOSED
        self.struck = 0
        """How many provider calls a fault hit, the network's or the sandbox's."""
        self.taken_fault = ""
        self._loop = loop
        self._app = app
        self.provider = provider
        self._random = random
        self._recorder = recorder
        self._crash_point = crash_point

    def transport_for(self, provider: str, call_class: CallClass) -> httpx.AsyncBaseTransport:
        """Makes the transport of a provider's class of calls."""
        return _Transport(self, provider, call_class)

    async def carry(
        self, request: httpx.Request, provider: str, call_class: CallClass
    ) -> httpx.Response:
        """Carries one request and its answer."""
        journey: Journey = request.extensions[JOURNEY]
        call = self._noted(request, provider, call_class)
        trouble = self._drawn()
        call.fault = trouble
        journey.enter(Phase.CONNECT)
        if provider in self.down or trouble == "refused" or not self.provider.alive:
            call.fault = "refused"
            self._strike()
            await asyncio.sleep(0.001)
            raise httpx.ConnectError("refused")
        await self._die_or_go_on(f"before_bytes_leave:{call.operation}")
        # Nothing is awaited from here to the bytes: this is the last proof of not sent.
        journey.enter(Phase.WRITE)
        call.left = self._recorder.next()
        self._recorder.tell(call.node, "sends", provider, call.operation, call.reference)
        if trouble:
            self._strike()
        if self._crash_point(f"after_bytes_left:{call.operation}"):
            # The bytes are on their way, whatever becomes of their sender.
            self._send(request, call, trouble, None)
            await self._loop.create_future()
        journey.enter(Phase.READ)
        exchange = self._send(request, call, trouble, journey)
        try:
            status, headers, body = await exchange.answer
        except asyncio.CancelledError:
            call.cancelled = not journey.timer.expired()
            call.lost_at = self._recorder.now
            raise
        except httpx.TransportError:
            call.lost_at = self._recorder.now
            raise
        finally:
            exchange.client_left()
            if exchange.provider_died in self.provider.on_death:
                self.provider.on_death.remove(exchange.provider_died)
        await self._die_or_go_on(f"before_answer_is_read:{call.operation}")
        call.status = status
        found = _CODE.search(body)
        call.code = found[1].decode() if found else ""
        call.answered = self._recorder.next()
        call.answered_at = self._recorder.now
        self._recorder.tell(call.node, "hears", provider, call.operation, status, call.code)
        return httpx.Response(status, headers=headers, stream=httpx.ByteStream(body))

    async def _die_or_go_on(self, name: str) -> None:
        if self._crash_point(name):
            await self._loop.create_future()

    def _send(
        self, request: httpx.Request, call: ProviderCall, trouble: str, journey: Journey | None
    ) -> "_Exchange":
        exchange = _Exchange(self._loop, self._recorder, request, call, journey)
        delay_s = 0.01 + 0.1 * self._random.random()
        slow_s = 40 * self._random.random() ** 2 if trouble == "slow" else 0.0
        slow_back = trouble == "slow" and self._random.random() < _SLOW_ANSWERS_SHARE
        delay_s += 0.0 if slow_back else slow_s
        if self._random.random() < self.profile.slow_answer:
            longest_s = _SLOW_SEND_S if call.moves_money else _SLOW_QUERY_S
            slow_s, slow_back = longest_s * self._random.random(), True
        if trouble == "reset":
            self._loop.call_later(delay_s, exchange.fail, "the connection was reset")
        else:
            back_s = 0.01 + 0.3 * self._random.random() + (slow_s if slow_back else 0.0)
            # Where the provider dies meanwhile, its connections break.
            self.provider.on_death.append(exchange.provider_died)
            self._loop.call_later(
                delay_s,
                exchange.arrive,
                self._app,
                self,
                back_s,
                trouble == "lost",
                context=self.provider.context.copy(),
            )
        return exchange

    def _strike(self) -> None:
        self.struck += 1

    def _drawn(self) -> str:
        profile, chance = self.profile, self._random.random()
        for trouble, probability in (
            ("refused", profile.refuse),
            ("reset", profile.reset_before),
            ("lost", profile.lose_answer),
            ("slow", profile.slow),
        ):
            if chance < probability:
                return trouble
            chance -= probability
        return ""

    def _noted(self, request: httpx.Request, provider: str, call_class: CallClass) -> ProviderCall:
        operation, reference = _about(request)
        node = NODE.get()
        call = ProviderCall(
            order=self._recorder.next(),
            at=self._recorder.now,
            node=node.name if node else "",
            provider=provider,
            operation=operation,
            moves_money=operation in _MOVES_MONEY,
            reference=reference,
            origin=ORIGIN.get(),
            breaker=self.breaker_of(provider, call_class),
        )
        self._recorder.observed.calls.append(call)
        return call


class Directory:
    """An app's router that finds its routes by the first part of their paths."""

    def __init__(self, router: Router) -> None:
        self._router = router
        self._routes: dict[str, list[BaseRoute]] = {}

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        """Does what the router does."""
        part = scope["path"].split("/", 2)[1]
        for route in self._routes.get(part) or self._found(part):
            match, child = route.matches(scope)
            if match is Match.FULL:
                scope.update(child)
                await route.handle(scope, receive, send)
                return
        await self._router(scope, receive, send)

    def _found(self, part: str) -> list[BaseRoute]:
        prefixes = (f"/{part}/", f"/{part}", "/{")
        found = [
            route
            for route in self._router.routes
            if not isinstance(route, Route) or route.path.startswith(prefixes)
        ]
        self._routes[part] = found
        return found


class _Transport(httpx.AsyncBaseTransport):
    def __init__(self, network: Network, provider: str, call_class: CallClass) -> None:
        self._network = network
        self._provider = provider
        self._call_class = call_class

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        return await self._network.carry(request, self._provider, self._call_class)


class _Exchange:
    """One request at the provider, and the way back of its answer."""

    def __init__(
        self,
        loop: VirtualLoop,
        recorder: Recorder,
        request: httpx.Request,
        call: ProviderCall,
        journey: Journey | None,
    ) -> None:
        self._loop = loop
        self._recorder = recorder
        self._request = request
        self._call = call
        self._journey = journey
        self.answer: asyncio.Future[tuple[int, list[tuple[bytes, bytes]], bytes]] = (
            loop.create_future()
        )
        self._gone: asyncio.Future[None] = loop.create_future()
        self._read = False
        self._cut = False
        self._status = 0
        self._headers: list[tuple[bytes, bytes]] = []
        self._body: list[bytes] = []
        self._complete = False

    def client_left(self) -> None:
        """Lets the provider hear that nobody waits any more."""
        if not self._gone.done():
            self._gone.set_result(None)

    def provider_died(self) -> None:
        """Breaks the connection with the process at its other end."""
        self.fail("the provider went away")

    def fail(self, cause: str) -> None:
        """Breaks the connection."""
        if not self.answer.done():
            self.answer.set_exception(httpx.ReadError(cause))
            # Where its sender died, nobody will ever ask what it was.
            self.answer.exception()

    def arrive(self, app: App, network: Network, back_s: float, lost: bool) -> None:  # noqa: FBT001
        """Lets the provider see the request; runs on its node."""
        call = self._call
        call.arrived = self._recorder.next()
        self._recorder.tell("provider", "gets", call.operation, call.reference)
        network.taken_fault = ""
        self._loop.begin(self._served(app, network, back_s, lost))

    async def _served(self, app: App, network: Network, back_s: float, lost: bool) -> None:  # noqa: FBT001
        failed = False
        try:
            await app(self._scope(), self._receive, self._send)
        except ConnectionResetError:
            failed = True
        if failed or self._cut or lost or not self._complete:
            self._loop.call_later(back_s, self.fail, "the connection ended before the answer")
        else:
            self._loop.call_later(back_s, self._deliver)

    def _deliver(self) -> None:
        if not self.answer.done():
            self.answer.set_result((self._status, self._headers, b"".join(self._body)))

    async def _receive(self) -> Message:
        if not self._read:
            self._read = True
            return {"type": "http.request", "body": self._request.content, "more_body": False}
        await self._gone
        return {"type": "http.disconnect"}

    async def _send(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self._status, self._headers = message["status"], message["headers"]
            return
        self._body.append(message.get("body", b""))
        self._complete = not message.get("more_body", False)
        if not self._complete and self._journey is not None and not self.answer.done():
            self._journey.go_on()

    async def _cut_off(self, _flush: bool) -> None:  # noqa: FBT001 - the port's
        self._cut = True

    def _scope(self) -> Message:
        return http_scope(
            self._request.method,
            self._request.url.raw_path,
            [(name.lower(), value) for name, value in self._request.headers.raw],
            {CUT: self._cut_off},
        )


def http_scope(
    method: str, target: bytes, headers: list[tuple[bytes, bytes]], extensions: Message
) -> Message:
    """Describes a request to an ASGI app."""
    path, _, query = target.partition(b"?")
    return {
        "type": "http",
        "asgi": {"version": "3.0", "spec_version": "2.3"},
        "http_version": "1.1",
        "method": method,
        "scheme": "http",
        "path": path.decode("latin-1"),
        "raw_path": path,
        "query_string": query,
        "root_path": "",
        "headers": headers,
        "client": ("service", 1),
        "server": ("provider", 80),
        "extensions": extensions,
    }


def _about(request: httpx.Request) -> tuple[str, str]:
    """Says which operation a request asks for, and under which reference of ours."""
    path = request.url.raw_path.decode("latin-1")
    last = path.rpartition("/")[2]
    if path.startswith("/v2/"):
        key = request.headers.get("Idempotency-Key", "")
        operation, _, reference = key.partition("-")
        return (operation, reference) if key else ("status", path.split("/")[2])
    operation = _DOKU_OPERATIONS.get(last, last)
    if operation in {"bind", "unbind"}:
        return operation, request.headers.get("X-EXTERNAL-ID", "")
    found = _REFERENCE.search(request.content) or _ASKED.search(request.content)
    return operation, found[1].decode() if found else ""
