"""The one list of providers: a third one is one folder, and one entry here."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, Final, TypeAlias

from ovo_payments.domain.ports import Clock, Identifiers
from ovo_payments.domain.provider import Provider
from ovo_payments.providers import doku, midtrans
from ovo_payments.providers.http import Surroundings


@dataclass(frozen=True, slots=True, kw_only=True)
class Outside:
    """What every provider is given of the world."""

    clock: Clock
    identifiers: Identifiers
    http: Surroundings = field(default_factory=Surroundings)


Factory: TypeAlias = Callable[[Any, Outside], Provider]
"""Makes a provider from its own kind of configuration."""


def _doku(config: doku.DokuConfig, outside: Outside) -> Provider:
    http = doku.http_clients(config, outside.http)
    return doku.DokuAdapter(config, http, outside.clock, outside.identifiers)


def _midtrans(config: midtrans.MidtransConfig, outside: Outside) -> Provider:
    return midtrans.MidtransAdapter(config, midtrans.http_clients(config, outside.http))


FACTORIES: Final[Mapping[str, Factory]] = MappingProxyType(
    {doku.NAME: _doku, midtrans.NAME: _midtrans}
)
"""In the order in which they are preferred where a caller names none."""


def build(configs: Mapping[str, object | None], outside: Outside) -> Mapping[str, Provider]:
    """Makes the providers that are configured; one whose configuration is None is off.

    Raises KeyError for the name of a provider that does not exist.
    """
    unknown = set(configs) - set(FACTORIES)
    if unknown:
        raise KeyError(f"no such provider: {', '.join(sorted(unknown))}")
    return {
        name: factory(config, outside)
        for name, factory in FACTORIES.items()
        if (config := configs.get(name)) is not None
    }
