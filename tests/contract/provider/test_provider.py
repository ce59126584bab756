"""What every provider keeps to, whatever its own words are."""

import contextlib
from collections.abc import AsyncIterator

import pytest

from ovo_payments.domain.errors import NotSupportedByProviderError
from ovo_payments.domain.provider import CallClass, InboundRequest, Provider, WebhookRefusedError
from tests.contract.provider.disasters import DISASTERS
from tests.contract.provider.subjects import Subject
from tests.unit.providers.http.raw_server import always, closed_port, serving

JUNK = [
    b"",
    b"null",
    b"[]",
    b"{}",
    b"a=b",
    b"\xff\xfe\x00",
    b'{"a":NaN}',
    b"[" * 60_000,
    b'{"signature_key":"","order_id":"","status_code":"","gross_amount":""}',
]


@contextlib.asynccontextmanager
async def provider_at(subject: Subject, url: str) -> AsyncIterator[Provider]:
    """Makes a provider, and closes it."""
    provider = subject.provider_at(url)
    try:
        yield provider
    finally:
        await provider.close()


@pytest.mark.parametrize("disaster", DISASTERS)
async def test_after_a_disaster_nothing_is_claimed(subject: Subject, disaster: str) -> None:
    """The request may have been carried out: outcome unknown, no error, and no second request."""
    for name, move in subject.moves.items():
        script = subject.prepared(DISASTERS[disaster])
        async with (
            serving(script) as server,
            provider_at(subject, server.url) as provider,
        ):
            update = await move(provider)
            moves = sum(subject.is_move(request) for request in server.requests)
        assert (name, update.claim.value, moves) == (name, "UNKNOWN", 1)
        assert update.failure is None


@pytest.mark.parametrize("disaster", DISASTERS)
async def test_a_question_after_which_we_know_nothing(subject: Subject, disaster: str) -> None:
    """A broken answer to a question is no answer, least of all "not found"."""
    for ask in subject.asks.values():
        script = subject.prepared(DISASTERS[disaster])
        async with (
            serving(script) as server,
            provider_at(subject, server.url) as provider,
        ):
            update = await ask(provider)
        assert update.claim.value == "UNKNOWN"


async def test_what_reaches_nobody_is_not_sent(subject: Subject) -> None:
    """Proof that nothing left is told as such, and a question learns nothing from it."""
    url = await closed_port()
    for move in subject.moves.values():
        async with provider_at(subject, url) as provider:
            update = await move(provider)
        assert (update.claim.value, update.failure) == ("NOT_SENT", None)
    for ask in subject.asks.values():
        async with provider_at(subject, url) as provider:
            assert (await ask(provider)).claim.value == "UNKNOWN"


async def test_updates_print_without_secrets(subject: Subject) -> None:
    """Keys, tokens and phone numbers reach no log by way of an update."""
    for disaster in DISASTERS.values():
        async with (
            serving(subject.prepared(disaster)) as server,
            provider_at(subject, server.url) as provider,
        ):
            for step in (*subject.moves.values(), *subject.asks.values()):
                printed = repr(await step(provider))
                assert not [secret for secret in subject.secrets if secret in printed]


async def test_the_breaker_opens_and_says_for_how_long(subject: Subject) -> None:
    """A provider that only answers 503 is left alone after a while."""
    script = subject.prepared(DISASTERS["answers 503"])
    async with serving(script) as server, provider_at(subject, server.url) as provider:
        assert [provider.available_for(call_class) for call_class in CallClass] == [0, 0, 0]
        moves_in_turn = [*subject.moves.values()] * 8
        claims = [(await move(provider)).claim.value for move in moves_in_turn]
        moves = sum(subject.is_move(request) for request in server.requests)
        assert provider.available_for(CallClass.MUTATE) > 0
    assert claims[0] == "UNKNOWN"
    assert claims[-1] == "NOT_SENT"
    assert moves == claims.count("UNKNOWN")


async def test_the_specification_is_complete(subject: Subject) -> None:
    """Limits are limits, times are times, and the name is the one in the registry."""
    async with serving(always) as server, provider_at(subject, server.url) as provider:
        spec = provider.spec
    assert spec.name == subject.name
    assert spec.capabilities
    assert 0 < spec.limits.amount_min.rupiah < spec.limits.amount_max.rupiah
    assert spec.send_timeout_s > 0
    assert spec.patience.settling_s > 0


async def test_what_it_can_not_do_it_refuses(subject: Subject) -> None:
    """A missing capability is an error of its own, and nothing is sent."""
    async with serving(always) as server, provider_at(subject, server.url) as provider:
        for capability, calls in subject.unsupported.items():
            assert capability not in provider.spec.capabilities
            for call in calls:
                with pytest.raises(NotSupportedByProviderError):
                    await call(provider)
        assert server.requests == []


@pytest.mark.parametrize("body", JUNK, ids=lambda body: repr(body[:12]))
async def test_junk_is_no_webhook(subject: Subject, body: bytes) -> None:
    """Whatever anybody sends to a webhook's path is refused in one way (I-22)."""
    async with provider_at(subject, "http://127.0.0.1:9") as provider:
        webhooks = provider.webhooks
        for path, kind in webhooks.paths.items():
            assert path.startswith("/webhooks/")
            request = InboundRequest(target=path, headers={}, body=body)
            with pytest.raises(WebhookRefusedError) as refused:
                webhooks.verify(kind, request)
            assert refused.value.cause
            assert 400 <= webhooks.refuse(kind).status < 500
            assert webhooks.refuse(kind) == webhooks.refuse(kind)
            assert 200 <= webhooks.acknowledge(kind).status < 300
