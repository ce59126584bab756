"""The adapter on a real socket: what it sends, and what it makes of each answer."""

import contextlib
import json
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field, replace

import pytest

from ovo_payments.domain.failure import FailureReason
from ovo_payments.domain.money import Money
from ovo_payments.domain.payment import misfit
from ovo_payments.domain.provider import CallClass
from ovo_payments.domain.update import Claim, Source
from ovo_payments.providers.http import Surroundings, Timeouts
from ovo_payments.providers.midtrans import MidtransAdapter, http_clients
from tests.unit.providers.http.raw_server import (
    Conversation,
    RawServer,
    Script,
    always,
    at_once,
    closed_port,
    serving,
)
from tests.unit.providers.midtrans.orders import (
    CONFIG,
    CONFIRMED_ENTRY,
    PAYMENT,
    REFUND,
    refusal,
    transaction,
)

REFUNDING = replace(PAYMENT, refund=REFUND)
TIMEOUTS = Timeouts(queue_s=1, connect_s=1, write_s=1, read_s=0.3, total_s=3)


@dataclass
class Midtrans:
    """A server that answers each path with a status and a body that the test wrote."""

    charge: tuple[int, Mapping[str, object]] = (200, {})
    refund: tuple[int, Mapping[str, object]] = (200, {})
    status: tuple[int, Mapping[str, object]] = (200, refusal("404"))
    heads: list[str] = field(default_factory=list)

    async def __call__(self, conversation: Conversation) -> None:
        """Answers by the path's last word."""
        while True:
            head, _, _ = (await conversation.request()).partition(b"\r\n\r\n")
            self.heads.append(head.decode())
            path = head.split(b" ")[1].decode()
            answers = {"charge": self.charge, "refund": self.refund, "status": self.status}
            status, body = answers[path.rpartition("/")[2]]
            await conversation.answer(json.dumps(body).encode(), status)


@contextlib.asynccontextmanager
async def adapter_to(url: str) -> AsyncIterator[MidtransAdapter]:
    """Connects an adapter."""
    config = replace(CONFIG, base_url=url, mutate_timeouts=TIMEOUTS, query_timeouts=TIMEOUTS)
    adapter = MidtransAdapter(config, http_clients(config, Surroundings(sleep=at_once)))
    try:
        yield adapter
    finally:
        await adapter.close()


@contextlib.asynccontextmanager
async def connected(script: Script) -> AsyncIterator[tuple[MidtransAdapter, RawServer]]:
    """Runs a server and an adapter that speaks to it."""
    async with serving(script) as server, adapter_to(server.url) as adapter:
        yield adapter, server


async def test_a_charge_is_sent_once_under_our_payment_id() -> None:
    """The order's id is ours, the idempotency key of this operation alone."""
    midtrans = Midtrans(charge=(200, transaction("pending", "201")))
    async with connected(midtrans) as (adapter, server):
        update = await adapter.charge(PAYMENT)
        assert len(server.requests) == 1
    assert update.claim is Claim.PENDING
    assert misfit(PAYMENT, update) == ""
    (head,) = midtrans.heads
    first, *headers = head.lower().split("\r\n")
    assert first == "post /v2/charge http/1.1"
    assert "idempotency-key: charge-ovo-demo-0001" in headers
    assert "content-type: application/json" in headers
    assert "accept: application/json" in headers
    assert "authorization: basic u0ittwlklxnlcnzlci10zxn0og==" in headers


async def test_a_refund_has_a_key_of_its_own() -> None:
    """Midtrans' keys count across endpoints: the charge's would give the charge's answer."""
    body = transaction("refund", refund_key="reference1", refund_amount="15000.00")
    midtrans = Midtrans(refund=(200, body))
    async with connected(midtrans) as (adapter, server):
        outcome = await adapter.refund(REFUNDING, None)
        assert server.requests[0].endswith(b'{"refund_key":"reference1","reason":"some reason"}')
    assert outcome.refund.claim is Claim.PENDING
    assert "POST /v2/ovo-demo-0001/refund " in midtrans.heads[0]
    assert "refund-reference1" in midtrans.heads[0]


async def test_the_longest_ids_fit_the_idempotency_key() -> None:
    """A key of more than 46 characters would be ignored without a word."""
    payment = replace(PAYMENT, payment_id="p" * 32, refund=replace(REFUND, refund_id="r" * 32))
    midtrans = Midtrans()
    async with connected(midtrans) as (adapter, _):
        await adapter.charge(payment)
        await adapter.refund(payment, None)
    keys = [
        line.partition(": ")[2]
        for head in midtrans.heads
        for line in head.split("\r\n")
        if line.lower().startswith("idempotency-key")
    ]
    assert len(set(keys)) == 2
    assert all(len(key) <= 46 for key in keys)


async def test_a_charge_that_exists_already_is_asked_for_and_taken_over() -> None:
    """406 can only be about our own earlier request."""
    midtrans = Midtrans(
        charge=(200, refusal("406")),
        status=(200, transaction("settlement", settlement_time="2025-11-12 14:27:20")),
    )
    async with connected(midtrans) as (adapter, _):
        update = await adapter.charge(PAYMENT)
    assert update.claim is Claim.SUCCEEDED
    assert update.source is Source.ANSWER
    assert misfit(PAYMENT, update) == ""
    assert "406" in update.detail


@pytest.mark.parametrize("status", [(200, refusal("404")), (500, {}), (200, refusal("500"))])
async def test_a_charge_that_exists_and_is_not_found_is_in_doubt(
    status: tuple[int, Mapping[str, object]],
) -> None:
    """Midtrans contradicts itself, so nothing is believed yet."""
    async with connected(Midtrans(charge=(200, refusal("406")), status=status)) as (adapter, _):
        update = await adapter.charge(PAYMENT)
    assert (update.claim, update.source) == (Claim.UNKNOWN, Source.ANSWER)


async def test_an_existing_charge_of_another_amount_is_not_taken_over() -> None:
    """What does not fit goes to a person."""
    midtrans = Midtrans(
        charge=(200, refusal("406")),
        status=(200, transaction("settlement", gross_amount="99.00")),
    )
    async with connected(midtrans) as (adapter, _):
        update = await adapter.charge(PAYMENT)
    assert update.amount == Money(99)
    assert misfit(PAYMENT, update)


async def test_an_unknown_phone_number_fails_at_once() -> None:
    """The charge itself says so, and no transaction exists."""
    async with connected(Midtrans(charge=(200, refusal("404")))) as (adapter, _):
        update = await adapter.charge(PAYMENT)
    assert update.claim is Claim.FAILED
    assert update.failure is not None
    assert update.failure.reason is FailureReason.ACCOUNT_NOT_FOUND


@pytest.mark.parametrize("status", [200, 401])
async def test_a_refused_key_stops_all_debits(status: int) -> None:
    """Nothing was done, nothing will be: the breaker opens at once, and no second try is made."""
    midtrans = Midtrans(charge=(status, refusal("401")))
    async with connected(midtrans) as (adapter, server):
        update = await adapter.charge(PAYMENT)
        assert adapter.available_for(CallClass.MUTATE) > 0
        again = await adapter.charge(replace(PAYMENT, payment_id="ovo-demo-0002"))
        assert len(server.requests) == 1
    assert update.claim is Claim.NOT_SENT
    assert again.claim is Claim.NOT_SENT


async def test_too_many_charges_are_not_sent() -> None:
    """429 proves that nothing was processed; it is not repeated by us."""
    midtrans = Midtrans(charge=(429, {"message": "API rate limit exceeded"}))
    async with connected(midtrans) as (adapter, server):
        update = await adapter.charge(PAYMENT)
        assert len(server.requests) == 1
    assert update.claim is Claim.NOT_SENT


async def test_a_refund_that_exists_already_is_taken_over() -> None:
    """Our key is on Midtrans' list: the answer of the first request was lost."""
    midtrans = Midtrans(
        refund=(200, refusal("406")),
        status=(200, transaction("refund", refunds=[CONFIRMED_ENTRY])),
    )
    async with connected(midtrans) as (adapter, _):
        refund = (await adapter.refund(REFUNDING, None)).refund
    assert (refund.claim, refund.source) == (Claim.SUCCEEDED, Source.ANSWER)
    assert refund.refund_id == "reference1"


async def test_a_payment_that_was_refunded_by_hand_is_told_as_refunded() -> None:
    """412 says that nothing more can be done, since it is done."""
    by_hand = {**CONFIRMED_ENTRY, "refund_key": "by-hand"}
    midtrans = Midtrans(
        refund=(200, refusal("412")), status=(200, transaction("refund", refunds=[by_hand]))
    )
    async with connected(midtrans) as (adapter, _):
        refund = (await adapter.refund(REFUNDING, None)).refund
    assert refund.claim is Claim.SUCCEEDED


async def test_a_refund_out_of_its_window_fails() -> None:
    """The payment is settled, not refunded, and can't be refunded any more."""
    midtrans = Midtrans(refund=(200, refusal("412")), status=(200, transaction("settlement")))
    async with connected(midtrans) as (adapter, _):
        refund = (await adapter.refund(REFUNDING, None)).refund
    assert refund.claim is Claim.FAILED
    assert refund.failure is not None
    assert refund.failure.reason is FailureReason.REFUND_WINDOW_PASSED


async def test_a_duplicate_refund_that_is_not_listed_stays_open() -> None:
    """Midtrans contradicts itself, so the refund is asked for again later."""
    midtrans = Midtrans(refund=(200, refusal("406")), status=(200, transaction("settlement")))
    async with connected(midtrans) as (adapter, _):
        refund = (await adapter.refund(REFUNDING, None)).refund
    assert refund.claim is Claim.UNKNOWN


async def test_a_query_asks_for_our_payment_id() -> None:
    """The question is a GET without a body and without an idempotency key."""
    midtrans = Midtrans(status=(200, transaction("expire", "407")))
    async with connected(midtrans) as (adapter, _):
        update = await adapter.query(PAYMENT)
    assert (update.claim, update.source) == (Claim.EXPIRED, Source.QUERY)
    assert midtrans.heads[0].startswith("GET /v2/ovo-demo-0001/status HTTP/1.1")
    assert "idempotency" not in midtrans.heads[0].lower()


async def test_a_query_that_reaches_nobody_learns_nothing() -> None:
    """Whatever keeps us from asking, the payment stays as it is."""
    async with adapter_to(await closed_port()) as adapter:
        update = await adapter.query(PAYMENT)
    assert (update.claim, update.source) == (Claim.UNKNOWN, Source.QUERY)


async def test_debits_flow_again_after_a_harmless_question() -> None:
    """Where the breaker's pause is over, an unknown order is asked for first."""
    time_s = [100.0]
    midtrans = Midtrans(charge=(401, refusal("401")))
    async with serving(midtrans) as server:
        config = replace(CONFIG, base_url=server.url)
        surroundings = Surroundings(monotonic=lambda: time_s[0], sleep=at_once)
        adapter = MidtransAdapter(config, http_clients(config, surroundings))
        await adapter.charge(PAYMENT)
        midtrans.charge = (200, transaction("pending", "201"))
        time_s[0] += adapter.available_for(CallClass.MUTATE)
        update = await adapter.charge(PAYMENT)
        await adapter.close()
    assert update.claim is Claim.PENDING
    assert [head.split(" ")[1] for head in midtrans.heads] == [
        "/v2/charge",
        "/v2/ovo-payments-probe/status",
        "/v2/charge",
    ]


async def test_what_can_not_be_asked_for_is_a_bug_of_ours() -> None:
    """A push without a phone number and a refund that nobody asked for never leave."""
    async with connected(always) as (adapter, server):
        with pytest.raises(ValueError, match="phone number"):
            await adapter.charge(replace(PAYMENT, phone_number=None))
        with pytest.raises(ValueError, match="no refund"):
            await adapter.refund(PAYMENT, None)
        assert server.requests == []
