"""Forged, altered and replayed webhooks: no payment moves, no row is made, nothing breaks."""

import json
from itertools import product

import httpx
import pytest

from ovo_payments.domain.provider import InboundRequest
from tests.fuzz import authenticity
from tests.fuzz.arena import Arena
from tests.fuzz.attacks import CONFIRMED, MIDTRANS_PATH, STATUSES
from tests.fuzz.siege import besiege
from tests.fuzz.wire import OverTheWire

ATTACKS = 5_000
ATTACKS_OVER_THE_WIRE = 1_000


async def test_five_thousand_attacks_change_nothing(arena: Arena) -> None:
    """A million are made by `python -m tests.fuzz --count 1000000`."""
    result = await besiege(arena, ATTACKS, seed=1)
    assert result.count == ATTACKS
    assert len(result.kinds()) == 19, "every kind came up"


async def test_attacks_on_a_real_socket_change_nothing(arena: Arena) -> None:
    """Through the sidecar, which reads what is hardly HTTP."""
    async with OverTheWire(arena.application) as doors:
        result = await besiege(arena, ATTACKS_OVER_THE_WIRE, seed=2, doors=doors)
    assert result.count == ATTACKS_OVER_THE_WIRE


def altered(arena: Arena, payment_id: str, status: str, code: str) -> bytes:
    """Writes a state into a notification that Midtrans signed for another."""
    fields = arena.truth.transaction(payment_id, status, code)
    if status in {"refund", "partial_refund"}:
        fields["refunds"] = [CONFIRMED]
    fields["signature_key"] = authenticity.signature_of(fields)
    return json.dumps(fields).encode()


@pytest.mark.parametrize("fails_with", [None, httpx.ReadError("the connection was closed")])
async def test_no_signed_word_of_midtrans_moves_a_payment_alone(
    arena: Arena, fails_with: httpx.TransportError | None
) -> None:
    """I-26: every state, under every code, to every payment; the query does not agree."""
    receive = arena.application.use_cases.receive_webhook
    arena.truth.fails_with = fails_with
    states = arena.states()
    for payment, status, code in product(
        arena.pushes.values(), STATUSES, ("200", "201", "202", "407")
    ):
        body = altered(arena, payment.payment_id, status, code)
        request = InboundRequest(target=MIDTRANS_PATH, headers={}, body=body)
        assert (await receive(MIDTRANS_PATH, request)).status == 200
    await arena.work_off()
    assert arena.states() == states
    assert not arena.alarms.broke


async def test_the_word_of_midtrans_that_the_query_confirms_is_taken(arena: Arena) -> None:
    """The same webhook moves the payment once it is true: what stops it is the query alone."""
    receive = arena.application.use_cases.receive_webhook
    payment = arena.pushes["pending"]
    body = altered(arena, payment.payment_id, "settlement", "200")
    arena.truth.midtrans[payment.payment_id] = "settlement"
    request = InboundRequest(target=MIDTRANS_PATH, headers={}, body=body)
    await receive(MIDTRANS_PATH, request)
    await arena.work_off()
    after = await arena.store.find_payment(payment.payment_id)
    assert after is not None
    assert after.state == "SUCCEEDED"
