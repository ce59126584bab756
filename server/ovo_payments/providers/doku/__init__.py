"""DOKU SNAP, channel OVO: the whole provider is this folder.

`DokuAdapter` is the provider port, `DokuConfig` what it must be told, `http_clients` what it
speaks through, `spec` what it is.
"""

from collections.abc import Mapping
from dataclasses import replace

from ovo_payments.domain.provider import CallClass
from ovo_payments.providers.doku.adapter import DokuAdapter
from ovo_payments.providers.doku.config import (
    PRODUCTION_URL,
    DokuConfig,
    UnusableKeyError,
    read_private_key,
    read_public_key,
)
from ovo_payments.providers.doku.reply import refuses_us
from ovo_payments.providers.doku.spec import NAME, spec
from ovo_payments.providers.doku.webhook import DokuWebhooks
from ovo_payments.providers.http import (
    DEFAULTS,
    Answered,
    HttpClients,
    Surroundings,
    Timeouts,
    server_error,
)

__all__ = [
    "NAME",
    "PRODUCTION_URL",
    "DokuAdapter",
    "DokuConfig",
    "DokuWebhooks",
    "UnusableKeyError",
    "http_clients",
    "read_private_key",
    "read_public_key",
    "spec",
]


def http_clients(config: DokuConfig, surroundings: Surroundings | None = None) -> HttpClients:
    """Makes DOKU's clients; a refusal of our own key counts as a failure of theirs."""
    timeouts: Mapping[CallClass, Timeouts] = {
        CallClass.MUTATE: config.mutate_timeouts,
        CallClass.QUERY: config.query_timeouts,
        CallClass.TOKEN: config.token_timeouts,
    }
    return HttpClients(
        provider=NAME,
        base_url=config.base_url,
        settings={
            call_class: replace(settings, timeouts=timeouts[call_class])
            for call_class, settings in DEFAULTS.items()
        },
        surroundings=surroundings,
        unwell=_unwell,
    )


def _unwell(answered: Answered) -> bool:
    return server_error(answered) or refuses_us(answered)
