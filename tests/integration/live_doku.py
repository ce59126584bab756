"""A sandbox behind a real socket, and a merchant of it."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import httpx

from ovo_sandbox import doku
from ovo_sandbox.app import create_app
from ovo_sandbox.clock import Clock
from ovo_sandbox.config import SandboxConfig
from ovo_sandbox.keys import KeyPairs
from ovo_sandbox.listening import SandboxServer, bind, url_of
from tests.unit.sandbox.doku.merchant import Inbox, Merchant


@asynccontextmanager
async def live_merchant(key_pairs: KeyPairs) -> AsyncIterator[Merchant]:
    """Serves a sandbox by uvicorn on a port that the system picks."""
    with bind("127.0.0.1:0") as bound:
        url, clock, inbox = url_of(bound), Clock(), Inbox()
        app = create_app(
            SandboxConfig(public_url=url),
            clock=clock,
            sender=inbox,
            keys=key_pairs,
            providers=(doku.create,),
        )
        server = SandboxServer(app)
        # The socket listens already: whoever connects before the server has started waits in line.
        serving = asyncio.ensure_future(server.serve(sockets=[bound]))
        try:
            async with httpx.AsyncClient(base_url=url) as http:
                yield Merchant(app=app, http=http, clock=clock, inbox=inbox)
        finally:
            server.should_exit = True
            await serving
