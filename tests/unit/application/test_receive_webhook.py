"""Webhooks are stored before they are acknowledged, and worked on at once."""

from dataclasses import replace

import pytest

from ovo_payments.application.identifiers import SystemIdentifiers
from ovo_payments.application.providers import Providers
from ovo_payments.application.receive_webhook import ReceiveWebhook
from ovo_payments.domain.errors import StoreUnavailableError
from ovo_payments.domain.ports import InboxEntry
from ovo_payments.domain.provider import InboundRequest
from tests.unit.application.bench import Bench

PATH = "/webhooks/scripted"
AUTHENTIC = InboundRequest(target=PATH, headers={"signature": "good"}, body=b"{}")


@pytest.fixture
def story(bench: Bench) -> list[str]:
    """What happened, in order."""
    told: list[str] = []
    append = bench.store.append_webhook

    async def appended(entry: InboxEntry) -> None:
        await append(entry)
        told.append("stored")

    bench.store.append_webhook = appended  # type: ignore[method-assign]
    return told


@pytest.fixture
def receive(bench: Bench, story: list[str]) -> ReceiveWebhook:
    """The use case, whose wake-ups are noted."""
    return ReceiveWebhook(
        store=bench.store,
        providers=Providers({bench.provider.name: bench.provider}),
        clock=bench.clock,
        identifiers=SystemIdentifiers(),
        wake_inbox=lambda: story.append("woken"),
    )


async def test_a_stored_webhook_wakes_who_works_the_inbox_off(
    receive: ReceiveWebhook, story: list[str]
) -> None:
    """After the commit, or there would be nothing to find."""
    assert (await receive(PATH, AUTHENTIC)).status == 200
    assert story == ["stored", "woken"]


async def test_a_webhook_that_is_not_authentic_wakes_nobody(
    receive: ReceiveWebhook, story: list[str]
) -> None:
    """It is not even stored."""
    assert (await receive(PATH, replace(AUTHENTIC, headers={}))).status == 401
    assert story == []


async def test_a_webhook_that_cannot_be_stored_is_not_acknowledged(
    bench: Bench, receive: ReceiveWebhook, story: list[str]
) -> None:
    """The provider sends it again."""

    async def away(_: InboxEntry) -> None:
        raise StoreUnavailableError

    bench.store.append_webhook = away  # type: ignore[method-assign, assignment]
    with pytest.raises(StoreUnavailableError):
        await receive(PATH, AUTHENTIC)
    assert story == []
