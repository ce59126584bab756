"""One provider's clients, one for each class of call, made once."""

import ssl
from collections.abc import Awaitable, Callable, Mapping
from types import MappingProxyType
from typing import Final

import httpx

from ovo_payments.domain.provider import CallClass
from ovo_payments.providers.http.breaker import BreakerState
from ovo_payments.providers.http.client import (
    ClientSettings,
    HttpClient,
    Surroundings,
    server_error,
)
from ovo_payments.providers.http.outcome import Answered, Timeouts
from ovo_payments.providers.http.transport import Transport

DEFAULTS: Final[Mapping[CallClass, ClientSettings]] = MappingProxyType(
    {
        CallClass.MUTATE: ClientSettings(
            timeouts=Timeouts(read_s=25.0, total_s=30.0), in_flight_max=512
        ),
        CallClass.QUERY: ClientSettings(
            timeouts=Timeouts(read_s=8.0, total_s=20.0), in_flight_max=64
        ),
        CallClass.TOKEN: ClientSettings(
            timeouts=Timeouts(read_s=8.0, total_s=20.0), in_flight_max=8
        ),
    }
)


class HttpClients:
    """One provider's clients. They share nothing but the certificates that they trust.

    A safe call that works ends the cool-down of the breaker before calls that move money, so
    that no debit is ever a probe.
    """

    def __init__(
        self,
        *,
        provider: str,
        base_url: str,
        settings: Mapping[CallClass, ClientSettings] = DEFAULTS,
        surroundings: Surroundings | None = None,
        unwell: Callable[[Answered], bool] = server_error,
        ssl_context: ssl.SSLContext | None = None,
    ) -> None:
        if ssl_context is None and base_url.startswith("https:"):
            ssl_context = httpx.create_ssl_context(trust_env=False)
        given = surroundings or Surroundings()

        def transport(call_class: CallClass) -> httpx.AsyncBaseTransport:
            if given.transport_for is not None:
                return given.transport_for(provider, call_class)
            return Transport(
                ssl_context=ssl_context,
                idle_count_max=settings[call_class].in_flight_max,
            )

        def made(call_class: CallClass) -> HttpClient:
            return HttpClient(
                provider=provider,
                call_class=call_class,
                base_url=base_url,
                transport=transport(call_class),
                settings=settings[call_class],
                surroundings=given,
                unwell=unwell,
            )

        self.mutate = made(CallClass.MUTATE)
        self.query = made(CallClass.QUERY)
        self.token = made(CallClass.TOKEN)
        self.query.on_success = self.token.on_success = self._safe_call_worked

    def of(self, call_class: CallClass) -> HttpClient:
        """Gives the client of a class of calls."""
        match call_class:
            case CallClass.MUTATE:
                return self.mutate
            case CallClass.QUERY:
                return self.query
            case CallClass.TOKEN:
                return self.token

    def probe_with(self, probe: Callable[[], Awaitable[bool]]) -> None:
        """Says by which safe call to ask whether the provider is well again."""
        self.mutate.probe = probe

    async def close(self) -> None:
        """Gives up all connections."""
        for client in (self.mutate, self.query, self.token):
            await client.close()

    def _safe_call_worked(self) -> None:
        if self.mutate.breaker.state is BreakerState.HALF_OPEN:
            self.mutate.breaker.succeeded()
