"""A merchant whose adapter stands before a sandbox on a real socket, and its customer."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

import httpx

from ovo_payments.domain import binding as bindings
from ovo_payments.domain import payment as payments
from ovo_payments.domain.binding import Binding, BindingState
from ovo_payments.domain.payment import Payment
from ovo_payments.domain.phone import PhoneNumber
from ovo_payments.domain.provider import InboundRequest, WebhookEvent, WebhookRefusedError
from ovo_payments.domain.secret import Secret
from ovo_payments.domain.update import BindingUpdate, PaymentUpdate
from ovo_payments.providers.doku import DokuAdapter, DokuConfig, http_clients
from ovo_payments.providers.http import Surroundings, Timeouts
from ovo_sandbox import doku
from ovo_sandbox.app import SandboxApp, create_app
from ovo_sandbox.clock import Clock
from ovo_sandbox.config import SandboxConfig
from ovo_sandbox.keys import KeyPairs
from ovo_sandbox.ledger import LedgerEntry
from ovo_sandbox.listening import SandboxServer, bind, url_of
from ovo_sandbox.outgoing import OutgoingAnswer, OutgoingRequest
from tests.unit.domain import makers
from tests.unit.providers.doku import merchant
from tests.unit.providers.http.raw_server import at_once
from tests.unit.sandbox.doku.merchant import Visit

SHORT = Timeouts(read_s=0.5, total_s=3.0)
OTP, PIN = "111111", "123456"
RICH, POOR, BLOCKED, UNKNOWN = "081234567890", "081100000001", "081100000003", "081100000004"


class WallClock:
    """The machine's time."""

    def now(self) -> datetime:
        """Reads it."""
        return datetime.now(UTC)

    async def sleep(self, duration_s: float) -> None:
        """Waits."""
        await asyncio.sleep(duration_s)


@dataclass
class RandomIdentifiers(merchant.CountedIdentifiers):
    """Names that no other test has used today."""

    def external_reference(self) -> str:
        """A name of 32 digits."""
        return f"{uuid4().int % 10**32:032}"


@dataclass
class Sidecar:
    """Takes in what the sandbox sends: gives tokens, verifies and reads notifications."""

    adapter: DokuAdapter | None = None
    events: list[WebhookEvent] = field(default_factory=list)
    refusals: list[str] = field(default_factory=list)

    async def send(self, request: OutgoingRequest, *, timeout_s: float) -> OutgoingAnswer:
        """Answers as the service's sidecar does."""
        assert self.adapter is not None
        webhooks = self.adapter.webhooks
        url = httpx.URL(request.url)
        inbound = InboundRequest(
            target=url.raw_path.decode(),
            headers={name.lower(): value for name, value in request.headers.items()},
            body=request.body,
        )
        if url.path in webhooks.reply_paths:
            answer = webhooks.reply(inbound, datetime.now(UTC))
            return OutgoingAnswer(status=answer.status, body=answer.body)
        kind = webhooks.paths[url.path]
        try:
            webhooks.verify(kind, inbound)
        except WebhookRefusedError as refused:
            self.refusals.append(refused.cause)
            return OutgoingAnswer(status=webhooks.refuse(kind).status)
        self.events.append(webhooks.translate(kind, inbound))
        return OutgoingAnswer(status=webhooks.acknowledge(kind).status)

    async def close(self) -> None:
        """Has nothing to give back."""


@dataclass
class Shop:
    """A merchant with a customer, in front of a sandbox on a real socket."""

    app: SandboxApp
    adapter: DokuAdapter
    sidecar: Sidecar
    config: DokuConfig
    browser: httpx.AsyncClient

    def fault(self, name: str, **details: object) -> None:
        """Lets something go wrong at DOKU."""
        self.app.sandbox.faults.arm({"name": name, "provider": "doku", **details})

    def set(self, **switches: bool | float | str) -> None:
        """Sets what DOKU leaves open."""
        for name, value in switches.items():
            self.app.sandbox.switches.set(f"doku_{name}", value)

    async def pass_time(self, seconds: float) -> None:
        """Moves the sandbox's clock and lets all that is due happen."""
        self.app.sandbox.clock.advance(seconds)
        await self.app.sandbox.scheduler.idle()

    def ledger(self, payment: Payment) -> list[LedgerEntry]:
        """Lists the money that moved for a payment."""
        entries = self.app.sandbox.ledger.entries()
        return [one for one in entries if one.merchant_reference == payment.payment_id]

    async def visit(self, url: str) -> Visit:
        """Opens a page as the customer."""
        visit = Visit(self.browser, httpx.URL(url).path)
        await visit.reload()
        return visit

    async def begins(self, phone: str = RICH) -> Binding:
        """Asks for a link."""
        asked = merchant.binding(
            {},
            state=BindingState.PENDING,
            phone_number=PhoneNumber.parse(phone),
            external_reference=f"{uuid4().int % 10**32:032}",
        )
        return bindings.apply(asked, await self.adapter.bind(asked), asked.create_time)

    async def linked(self, phone: str = RICH) -> Binding:
        """Links an account by its page and takes in the notification of it."""
        begun = await self.begins(phone)
        assert begun.state is BindingState.PENDING, begun.failure
        visit = await self.visit(begun.redirect_url)
        await visit.go_through(OTP, PIN)
        await self.pass_time(2)
        event = self.sidecar.events.pop()
        assert isinstance(event.update, BindingUpdate)
        assert event.reference == begun.external_reference
        return bindings.apply(begun, event.update, begun.create_time)

    async def query(self, payment: Payment) -> Payment:
        """Asks after a payment and takes the answer in."""
        return taken(payment, await self.adapter.query(payment))

    async def pays(self, link: Binding, payment: Payment) -> Payment:
        """Debits and takes the answer in."""
        return taken(payment, (await self.adapter.pay(payment, link)).payment)


@asynccontextmanager
async def open_shop(key_pairs: KeyPairs) -> AsyncIterator[Shop]:
    """Serves a sandbox by uvicorn on a port that the system picks."""
    with bind("127.0.0.1:0") as bound:
        url, sidecar = url_of(bound), Sidecar()
        settings = SandboxConfig(public_url=url)
        app = create_app(
            settings, clock=Clock(), sender=sidecar, keys=key_pairs, providers=(doku.create,)
        )
        server = SandboxServer(app)
        serving = asyncio.ensure_future(server.serve(sockets=[bound]))
        config = DokuConfig(
            base_url=url,
            client_id=settings.doku_client_id,
            client_secret=Secret(settings.doku_client_secret),
            private_key=key_pairs.merchant_private_key,
            doku_public_key=key_pairs.doku_private_key.public_key(),
            mutate_timeouts=SHORT,
            query_timeouts=SHORT,
            token_timeouts=SHORT,
        )
        adapter = made(config)
        sidecar.adapter = adapter
        try:
            async with httpx.AsyncClient(base_url=url) as browser:
                yield Shop(
                    app=app, adapter=adapter, sidecar=sidecar, config=config, browser=browser
                )
        finally:
            await adapter.close()
            server.should_exit = True
            await serving


def made(config: DokuConfig) -> DokuAdapter:
    """Makes an adapter on the machine's clock."""
    clients = http_clients(config, Surroundings(sleep=at_once))
    return DokuAdapter(config, clients, WallClock(), RandomIdentifiers())


def bought(**fields: Any) -> Payment:  # noqa: ANN401 - any field
    """Makes a payment of this test alone."""
    return merchant.payment(payment_id=uuid4().hex, **fields)


def taken(payment: Payment, update: PaymentUpdate) -> Payment:
    """Takes an update in."""
    return payments.apply(payment, update, payment.create_time)


def refunding(payment: Payment) -> Payment:
    """Adds a refund of all of it."""
    refund = makers.refund(refund_id=uuid4().hex, amount=payment.amount)
    return replace(payment, refund=refund)
