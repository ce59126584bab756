"""Outgoing HTTP: the only importer of httpx, and the only place that knows what left.

`HttpClients` are one provider's clients; `HttpClient.send` answers with an `Outcome` and
raises for nothing that a network does.
"""

from ovo_payments.providers.http.breaker import BreakerSettings, BreakerState, CircuitBreaker
from ovo_payments.providers.http.client import (
    Attempt,
    ClientSettings,
    Headers,
    HttpClient,
    Surroundings,
    server_error,
)
from ovo_payments.providers.http.clients import DEFAULTS, HttpClients
from ovo_payments.providers.http.json_bodies import JsonBodyError, read_object
from ovo_payments.providers.http.outcome import Answered, Lost, NotSent, Outcome, Phase, Timeouts

__all__ = [
    "DEFAULTS",
    "Answered",
    "Attempt",
    "BreakerSettings",
    "BreakerState",
    "CircuitBreaker",
    "ClientSettings",
    "Headers",
    "HttpClient",
    "HttpClients",
    "JsonBodyError",
    "Lost",
    "NotSent",
    "Outcome",
    "Phase",
    "Surroundings",
    "Timeouts",
    "read_object",
    "server_error",
]
