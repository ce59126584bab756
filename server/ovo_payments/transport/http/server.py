"""The sidecar: uvicorn in the service's own loop, on a socket that is bound here."""

import asyncio
import math
import socket
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from typing import Final, cast

import uvicorn
from prometheus_client import CollectorRegistry
from starlette.types import ASGIApp

from ovo_payments.transport.http.app import build_app
from ovo_payments.transport.http.connection import BoundedConnection, Places
from ovo_payments.transport.http.limits import HttpLimits
from ovo_payments.transport.http.ports import Check, WebhookReceiver
from ovo_payments.transport.http.senders import Senders
from ovo_payments.transport.http.tls import SidecarCertificate

_BACKLOG: Final = 1_024


class ListenError(OSError):
    """The address can't be listened on."""


class _Uvicorn(uvicorn.Server):
    """Leaves signals to the service, bounds TLS' handshakes, and says when it listens."""

    def __init__(self, config: uvicorn.Config, handshake_timeout_s: float) -> None:
        super().__init__(config)
        self.listening = asyncio.Event()
        self._handshake_timeout_s = handshake_timeout_s

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        # As uvicorn does with sockets that are bound, but that it gives a handshake a minute.
        await self.lifespan.startup()
        config = self.config
        loop = asyncio.get_running_loop()
        self.servers = [
            await loop.create_server(
                self._connection,
                sock=bound,
                ssl=config.ssl,
                ssl_handshake_timeout=None if config.ssl is None else self._handshake_timeout_s,
                backlog=config.backlog,
            )
            for bound in sockets or ()
        ]
        self.started = True
        self.listening.set()

    def _connection(self) -> asyncio.Protocol:
        # Called with what uvicorn's own connections are made of; its types don't tell.
        make = cast("Callable[..., asyncio.Protocol]", self.config.http_protocol_class)
        return make(
            config=self.config, server_state=self.server_state, app_state=self.lifespan.state
        )

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


class Sidecar:
    """Serves providers and operators by HTTP."""

    def __init__(
        self,
        *,
        receive_webhook: WebhookReceiver,
        checks: Sequence[Check],
        registry: CollectorRegistry,
        listen: str,
        certificate: SidecarCertificate | None = None,
        limits: HttpLimits | None = None,
        senders: Senders | None = None,
    ) -> None:
        """Takes `host:port`, of which port 0 lets the system choose; TLS with a certificate."""
        self._limits = limits or HttpLimits()
        self._app = build_app(
            receive_webhook=receive_webhook,
            checks=checks,
            registry=registry,
            limits=self._limits,
            senders=senders or Senders(),
        )
        self._listen = listen
        self._certificate = certificate
        self._server: _Uvicorn | None = None
        self._serving: asyncio.Task[None] | None = None

    async def start(self) -> int:
        """Starts to take requests; gives the port. Raises ListenError."""
        bound = _bind(self._listen)
        port: int = bound.getsockname()[1]
        self._server = _Uvicorn(
            _config(self._app, self._limits, self._certificate), self._limits.handshake_timeout_s
        )
        self._serving = asyncio.create_task(self._server.serve([bound]))
        listening = asyncio.create_task(self._server.listening.wait())
        await asyncio.wait({self._serving, listening}, return_when=asyncio.FIRST_COMPLETED)
        if not listening.done():
            listening.cancel()
            await self._serving
        return port

    async def stop(self, grace_s: float = 10.0) -> None:
        """Takes no more requests and lets those that came finish for a while."""
        if self._server is None or self._serving is None:
            return
        self._server.config.timeout_graceful_shutdown = math.ceil(grace_s)
        self._server.should_exit = True
        await self._serving


def _config(
    app: ASGIApp, limits: HttpLimits, certificate: SidecarCertificate | None
) -> uvicorn.Config:
    # uvicorn calls what it is given; its types ask for a class.
    connection = partial(
        BoundedConnection,
        head_timeout_s=limits.head_timeout_s,
        places=Places(connections_max=limits.connections_max),
    )
    return uvicorn.Config(
        app,
        http=cast("type[asyncio.Protocol]", connection),
        ws="none",
        loop="none",
        lifespan="off",
        log_config=None,
        # What strangers send that is no HTTP is no news.
        log_level="error",
        access_log=False,
        proxy_headers=False,
        server_header=False,
        timeout_keep_alive=limits.keep_alive_s,
        ssl_context_factory=None if certificate is None else lambda *_: certificate.context,
        h11_max_incomplete_event_size=limits.head_bytes_max,
        # A request's log fields stay with it.
        reset_contextvars=True,
    )


def _bind(listen: str) -> socket.socket:
    host, _, port = listen.rpartition(":")
    try:
        host = host.removeprefix("[").removesuffix("]")
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        bound = socket.create_server((host, int(port)), family=family, backlog=_BACKLOG)
        # Connections inherit it. uvloop sets it by itself, asyncio not for a socket that it did
        # not make, and then an answer's body waits 40 ms for its head to be acknowledged.
        bound.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return bound
    except (OSError, ValueError) as error:
        raise ListenError(f"HTTP can't listen on {listen}: {error}") from error
