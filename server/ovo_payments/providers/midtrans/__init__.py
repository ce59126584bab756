"""Midtrans, Core API, payment_type "ovo": the whole provider is this folder.

`MidtransAdapter` is the provider port, `MidtransConfig` what it must be told, `http_clients`
what it speaks through, `spec` what it is.
"""

from dataclasses import replace

from ovo_payments.domain.provider import CallClass
from ovo_payments.providers.http import DEFAULTS, HttpClients, Surroundings
from ovo_payments.providers.midtrans.adapter import MidtransAdapter
from ovo_payments.providers.midtrans.client import unwell
from ovo_payments.providers.midtrans.config import (
    PRODUCTION_URL,
    MidtransConfig,
    RefundConfirmation,
)
from ovo_payments.providers.midtrans.spec import NAME, spec
from ovo_payments.providers.midtrans.webhook import MidtransWebhooks

__all__ = [
    "NAME",
    "PRODUCTION_URL",
    "MidtransAdapter",
    "MidtransConfig",
    "MidtransWebhooks",
    "RefundConfirmation",
    "http_clients",
    "spec",
]


def http_clients(config: MidtransConfig, surroundings: Surroundings | None = None) -> HttpClients:
    """Makes Midtrans' clients; a refusal of our own key counts as a failure of theirs."""
    return HttpClients(
        provider=NAME,
        base_url=config.base_url,
        settings={
            **DEFAULTS,
            CallClass.MUTATE: replace(DEFAULTS[CallClass.MUTATE], timeouts=config.mutate_timeouts),
            CallClass.QUERY: replace(DEFAULTS[CallClass.QUERY], timeouts=config.query_timeouts),
        },
        surroundings=surroundings,
        unwell=unwell,
    )
