"""Assembles one sandbox: the core, the providers' stand-ins, the control API and the pages."""

from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from random import Random, SystemRandom
from typing import Final

from starlette.applications import Starlette
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.routing import Mount
from starlette.staticfiles import StaticFiles
from starlette.types import Receive, Scope, Send

from ovo_sandbox import doku, midtrans
from ovo_sandbox.clock import Clock, Scheduler
from ovo_sandbox.config import SandboxConfig
from ovo_sandbox.connection import offer_cut
from ovo_sandbox.console import ConsolePage
from ovo_sandbox.control import Control, restore_clock
from ovo_sandbox.delivery import Delivery
from ovo_sandbox.faults import Faults
from ovo_sandbox.keys import KeyPairs
from ovo_sandbox.ledger import Ledger
from ovo_sandbox.outgoing import AiohttpSender, HttpSender
from ovo_sandbox.pages import Pages
from ovo_sandbox.sandbox import Provider, Sandbox
from ovo_sandbox.store import Store
from ovo_sandbox.switches import Switches
from ovo_sandbox.wallet import Wallet

# As web servers log it; nobody is told.
_CLIENT_CLOSED_REQUEST: Final = 499

ProviderFactory = Callable[[Sandbox], Provider]

# Every provider's stand-in; a new one is a line here.
PROVIDERS: Final[Sequence[ProviderFactory]] = (midtrans.create, doku.create)


class SandboxApp(Starlette):
    """Is the ASGI app of one sandbox; its lifespan starts and stops it."""

    sandbox: Sandbox
    providers: Sequence[Provider]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answers a request, with the means at hand to cut its connection."""
        if scope["type"] == "http":
            offer_cut(scope, send)
        await super().__call__(scope, receive, send)


def create_app(
    config: SandboxConfig,
    *,
    clock: Clock | None = None,
    sender: HttpSender | None = None,
    random: Random | None = None,
    keys: KeyPairs | None = None,
    store: Store | None = None,
    providers: Sequence[ProviderFactory] = PROVIDERS,
) -> SandboxApp:
    """Makes a sandbox that shares nothing with any other.

    A simulation passes its own clock, sender, seeded random and store; `app.sandbox` is what it
    controls.
    """
    sandbox = create_sandbox(
        config, clock=clock, sender=sender, random=random, keys=keys, store=store
    )
    made = [factory(sandbox) for factory in providers]
    routes = [
        *Control(sandbox, made).routes(),
        *(route for provider in made for route in provider.routes),
        *ConsolePage(sandbox, made).routes(),
        Mount("/static", StaticFiles(directory=Path(__file__).parent / "static")),
    ]

    @asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[None]:
        restore_clock(sandbox)
        for provider in made:
            await provider.start()
        await sandbox.delivery.start()
        yield
        await sandbox.scheduler.close()
        await sandbox.sender.close()
        sandbox.store.close()

    app = SandboxApp(
        routes=routes, lifespan=lifespan, exception_handlers={ClientDisconnect: _nobody_is_there}
    )
    app.sandbox = sandbox
    app.providers = made
    return app


async def _nobody_is_there(_request: Request, _error: Exception) -> Response:
    """Ends a request whose sender went away inside its body: no answer would reach anybody."""
    return Response(status_code=_CLIENT_CLOSED_REQUEST)


def create_sandbox(
    config: SandboxConfig,
    *,
    clock: Clock | None = None,
    sender: HttpSender | None = None,
    random: Random | None = None,
    keys: KeyPairs | None = None,
    store: Store | None = None,
) -> Sandbox:
    """Makes what the providers share, without any provider."""
    clock = clock or Clock()
    random = random or SystemRandom()
    sender = sender or AiohttpSender()
    directory = config.state_directory
    if directory is not None:
        directory.mkdir(parents=True, exist_ok=True)
    store = store or Store(None if directory is None else directory / "sandbox.db")
    scheduler = Scheduler(clock)
    ledger = Ledger(store, clock)
    faults = Faults(clock, random)
    return Sandbox(
        config=config,
        clock=clock,
        scheduler=scheduler,
        store=store,
        ledger=ledger,
        wallet=Wallet(store, ledger),
        faults=faults,
        switches=Switches(store),
        delivery=Delivery(store, clock, scheduler, faults, sender),
        sender=sender,
        pages=Pages(),
        keys=keys
        or KeyPairs(
            None if directory is None else directory / "keys", config.doku_merchant_public_key_file
        ),
        random=random,
    )
