"""What DOKU's calls share: deadlines, breakers and the question whether DOKU is well."""

import asyncio

import pytest

from ovo_payments.domain.provider import CallClass
from ovo_payments.domain.update import Claim
from ovo_payments.providers.doku import http_clients
from ovo_payments.providers.doku.client import Call, DokuClient
from ovo_payments.providers.doku.codes import Service, Verdict
from tests.unit.providers.doku.merchant import (
    CountedIdentifiers,
    HandClock,
    config,
    payment,
    with_token,
)
from tests.unit.providers.doku.scripted_doku import (
    B2B,
    PAY,
    STATUS,
    Line,
    merchant_token,
    resets,
    says,
    says_raw,
    scene,
)

CALL = Call(
    operation="pay",
    service=Service.PAYMENT,
    call_class=CallClass.MUTATE,
    path="/direct-debit/core/v1/debit/payment-host-to-host",
    body={},
)


def client(url: str) -> DokuClient:
    """Makes a client by itself."""
    settings = config(base_url=url)
    return DokuClient(settings, http_clients(settings), HandClock(), CountedIdentifiers())


async def test_a_call_whose_time_is_over_is_not_sent() -> None:
    """With no time left for an answer, nothing is begun."""
    async with scene({PAY: says("2005400")}) as at:
        hurried = client(at.doku.url)
        reply = await hurried.send(CALL, hurried.deadline(0.5))
        await hurried.close()
        assert at.doku.of(PAY) == []
    assert (reply.verdict, reply.detail) == (Verdict.NOT_SENT, "no time was left to send it")


@pytest.mark.parametrize(
    ("line", "well"),
    [
        (says("4045501"), True),
        (says("2005500"), True),
        (says("4005501"), True),
        (says("4015500"), False),
        (says("4015501"), False),
        (says("4295500"), False),
        (says("5005500"), False),
        (says_raw(b"", 503), False),
        (resets, False),
    ],
)
async def test_doku_is_well_where_it_answers_and_takes_our_signature(
    line: Line, *, well: bool
) -> None:
    """Asked for a payment that never was, by the breaker before debits."""
    async with scene({STATUS: line}) as at:
        asking = client(at.doku.url)
        assert await asking.is_well() is well
        await asking.close()


async def test_without_a_token_doku_is_not_well() -> None:
    """Nothing could be sent."""
    async with scene({B2B: says("5007300")}) as at:
        asking = client(at.doku.url)
        assert not await asking.is_well()
        await asking.close()


async def test_debits_wait_for_tokens_as_well() -> None:
    """A token that can't be had holds back whatever needs one, and what needs none goes on."""
    async with scene({B2B: [merchant_token(expires_in=100), says("4017300")]}) as at:
        await at.adapter.query(payment())
        assert at.adapter.available_for(CallClass.MUTATE) == 0
        at.clock.move(200)
        outcome = await at.adapter.pay(payment(), with_token())
        assert outcome.payment.claim is Claim.NOT_SENT
        assert outcome.payment.provider_code == "4017300"
        assert at.adapter.available_for(CallClass.MUTATE) > 0
        assert at.adapter.available_for(CallClass.QUERY) > 0
        assert at.adapter.available_for(CallClass.TOKEN) > 0


async def test_repeated_questions_are_signed_anew() -> None:
    """A question that is repeated has another X-EXTERNAL-ID: DOKU refuses one that it has seen."""
    lines = {STATUS: [says("5005500"), says("4045501")]}
    async with scene(lines) as at:
        update = await at.adapter.query(payment())
        first, second = at.doku.of(STATUS)
    assert update.claim is Claim.NOT_FOUND
    assert first.headers["x-external-id"] != second.headers["x-external-id"]


async def test_closing_ends_what_is_on_its_way() -> None:
    """A token that is being fetched is given up."""
    asked = asyncio.Event()

    async def never(_: object) -> None:
        asked.set()
        await asyncio.Event().wait()

    async with scene({B2B: never}) as at:
        waiting = asyncio.create_task(at.adapter.query(payment()))
        await asyncio.wait_for(asked.wait(), 5)
        await at.adapter.close()
        with pytest.raises(asyncio.CancelledError):
            await waiting
