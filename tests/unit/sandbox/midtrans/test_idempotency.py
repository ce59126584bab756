"""Idempotency-Key gives the first answer again, by Midtrans' own rules."""

import asyncio

import pytest

from tests.unit.sandbox.laboratory import SERVER_KEY, Laboratory, body_of, charge_body

KEY = {"Idempotency-Key": "k" * 46}


async def test_the_same_key_gets_the_same_answer(laboratory: Laboratory) -> None:
    """To the letter, with no second transaction."""
    first = await laboratory.call("POST", "/v2/charge", charge_body(), headers=KEY)
    await laboratory.advance(3)
    second = await laboratory.call("POST", "/v2/charge", charge_body(), headers=KEY)
    assert (second.content, second.status_code) == (first.content, first.status_code)
    assert laboratory.inbox.states == ["pending", "settlement"]


async def test_body_and_endpoint_do_not_matter(laboratory: Laboratory) -> None:
    """A charge's key on a refund gets the charge's answer."""
    charged = await laboratory.charge(headers=KEY)
    other = await laboratory.charge("other-order", headers=KEY)
    response = await laboratory.call("POST", "/v2/ovo-demo-0001/refund", {}, headers=KEY)
    assert other == body_of(response) == charged
    assert (await laboratory.status("other-order"))["status_code"] == "404"


async def test_a_key_is_forgotten_after_five_minutes(laboratory: Laboratory) -> None:
    """Then the order_id conflicts."""
    await laboratory.charge(headers=KEY)
    await laboratory.advance(299)
    assert (await laboratory.charge(headers=KEY))["status_code"] == "201"
    await laboratory.advance(1)
    assert (await laboratory.charge(headers=KEY))["status_code"] == "406"


async def test_a_key_that_is_too_long_is_ignored(laboratory: Laboratory) -> None:
    """Not rejected: 47 characters are as good as none."""
    headers = {"Idempotency-Key": "k" * 47}
    await laboratory.charge(headers=headers)
    assert (await laboratory.charge(headers=headers))["status_code"] == "406"


async def test_a_failure_is_not_remembered(laboratory: Laboratory) -> None:
    """Only successful answers are saved."""
    assert (await laboratory.charge(amount=0, headers=KEY))["status_code"] == "400"
    assert (await laboratory.charge(phone="08249134000", headers=KEY))["status_code"] == "404"
    assert (await laboratory.charge(headers=KEY))["status_code"] == "201"


async def test_a_query_knows_no_key(laboratory: Laboratory) -> None:
    """POST alone."""
    await laboratory.charge(headers=KEY)
    response = await laboratory.call("GET", "/v2/ovo-demo-0001/status", headers=KEY)
    assert body_of(response)["status_message"] == "Success, transaction is found"


@pytest.mark.parametrize("body", ["json", "empty"])
async def test_a_key_in_process_gets_http_202(laboratory: Laboratory, body: str) -> None:
    """Until the first request is answered; its body is not documented."""
    await laboratory.switch(processing_delay_s=2, in_process_body=body)
    first = asyncio.ensure_future(
        laboratory.http.post("/v2/charge", json=charge_body(), headers=KEY, auth=(SERVER_KEY, ""))
    )
    while not laboratory.sandbox.scheduler.timers():  # noqa: ASYNC110 - nothing tells of them
        await asyncio.sleep(0)
    second = await laboratory.call("POST", "/v2/charge", charge_body(), headers=KEY)
    assert second.status_code == 202
    assert (second.content == b"") is (body == "empty")
    laboratory.sandbox.clock.advance(2)
    assert body_of(await first)["status_code"] == "201"
    third = await laboratory.call("POST", "/v2/charge", charge_body(), headers=KEY)
    assert third.content == (await first).content


async def test_a_lost_answer_is_fetched_again_by_its_key(laboratory: Laboratory) -> None:
    """The charge was made although the connection was reset."""
    await laboratory.arm("debit_then_reset", provider="midtrans")
    with pytest.raises(ConnectionResetError):
        await laboratory.charge(headers=KEY)
    again = await laboratory.charge(headers=KEY)
    assert again["transaction_id"] == (await laboratory.status())["transaction_id"]
