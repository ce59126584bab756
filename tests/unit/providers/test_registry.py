"""The list of providers: what is configured is built, what is not is off."""

from dataclasses import replace

import pytest

from ovo_payments.application.identifiers import SystemIdentifiers
from ovo_payments.providers import registry
from tests.unit.providers.doku.merchant import HandClock, config
from tests.unit.providers.midtrans.orders import CONFIG

OUTSIDE = registry.Outside(clock=HandClock(), identifiers=SystemIdentifiers())


async def test_every_provider_is_built_under_its_own_name() -> None:
    """A provider's specification carries the name that it is listed under."""
    configs = {"doku": config(), "midtrans": CONFIG}
    built = registry.build(configs, OUTSIDE)
    assert set(built) == set(registry.FACTORIES) == set(configs)
    for name, provider in built.items():
        assert provider.spec.name == name
        await provider.close()


async def test_a_provider_without_a_configuration_is_off() -> None:
    """None, or nothing at all, switches it off."""
    built = registry.build({"doku": None, "midtrans": replace(CONFIG)}, OUTSIDE)
    assert set(built) == {"midtrans"}
    await built["midtrans"].close()
    assert registry.build({}, OUTSIDE) == {}


def test_a_provider_that_does_not_exist_is_named() -> None:
    """A configuration that nobody takes is a mistake."""
    with pytest.raises(KeyError, match="gopay"):
        registry.build({"gopay": object()}, OUTSIDE)


async def test_providers_share_neither_paths_nor_clients() -> None:
    """Each webhook's path belongs to one provider, and what hangs at one stops no other."""
    built = registry.build({"doku": config(), "midtrans": CONFIG}, OUTSIDE)
    paths = [path for provider in built.values() for path in provider.webhooks.paths]
    replies = [path for provider in built.values() for path in provider.webhooks.reply_paths]
    assert len(set(paths + replies)) == len(paths + replies)
    for provider in built.values():
        await provider.close()
