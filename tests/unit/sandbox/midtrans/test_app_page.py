"""The OVO app page shows open pushes, and a tester answers them."""

import html

import httpx
import pytest

from tests.unit.sandbox.laboratory import PHONE, Laboratory


async def page(laboratory: Laboratory, phone: str = "") -> str:
    """Opens the page as a browser reads it."""
    response = await laboratory.http.get("/app", params={"phone": phone})
    assert response.status_code == 200
    return html.unescape(response.text)


async def answer(laboratory: Laboratory, transaction_id: str, say: str) -> httpx.Response:
    """Presses a push's button."""
    response = await laboratory.http.post(
        f"/app/pushes/{transaction_id}",
        data={"answer": say, "phone": PHONE},
        follow_redirects=True,
    )
    await laboratory.settle()
    return response


async def test_a_push_shows_merchant_order_and_amount(laboratory: Laboratory) -> None:
    """As on a phone, with the time that is left."""
    await laboratory.charge()
    text = await page(laboratory, PHONE)
    for shown in ("Toko Kopi Senja", "Rp15.000", "ovo-demo-0001", "55 s"):
        assert shown in text


async def test_a_push_waits_for_the_tester_in_manual_mode(laboratory: Laboratory) -> None:
    """Until the customer's 55 seconds are over."""
    await laboratory.switch(push_mode="manual")
    await laboratory.charge()
    await laboratory.advance(54)
    assert (await laboratory.status())["transaction_status"] == "pending"
    assert "Accept" in await page(laboratory, PHONE)
    await laboratory.advance(1)
    assert "Accept" not in await page(laboratory, PHONE)
    await laboratory.advance(10)
    assert (await laboratory.status())["transaction_status"] == "expire"


@pytest.mark.parametrize("mode", ["auto", "manual"])
@pytest.mark.parametrize(
    ("say", "state", "shown", "entries"),
    [("accept", "settlement", "Paid", 1), ("decline", "deny", "Declined", 0)],
)
async def test_an_answer_decides_in_either_mode(
    laboratory: Laboratory, mode: str, say: str, state: str, shown: str, entries: int
) -> None:
    """Before the timer does; the timer then changes nothing."""
    await laboratory.switch(push_mode=mode)
    charged = await laboratory.charge()
    response = await answer(laboratory, charged["transaction_id"], say)
    assert shown in response.text
    await laboratory.advance(100)
    assert (await laboratory.status())["transaction_status"] == state
    assert len(laboratory.sandbox.ledger.entries()) == entries


async def test_a_second_answer_changes_nothing(laboratory: Laboratory) -> None:
    """A double click pays once."""
    charged = await laboratory.charge()
    await answer(laboratory, charged["transaction_id"], "accept")
    await answer(laboratory, charged["transaction_id"], "accept")
    await answer(laboratory, charged["transaction_id"], "decline")
    assert (await laboratory.status())["transaction_status"] == "settlement"
    assert len(laboratory.sandbox.ledger.entries()) == 1


async def test_an_answer_after_the_window_is_too_late(laboratory: Laboratory) -> None:
    """The order is pending for ten seconds more, but the push is gone."""
    await laboratory.switch(push_mode="manual")
    charged = await laboratory.charge()
    await laboratory.advance(55)
    response = await answer(laboratory, charged["transaction_id"], "accept")
    assert "Too late" in response.text
    assert laboratory.sandbox.ledger.entries() == []


async def test_a_wallet_without_money_declines_on_accept(laboratory: Laboratory) -> None:
    """The page says so."""
    await laboratory.switch(push_mode="manual")
    charged = await laboratory.charge(amount=99_999_999)
    response = await answer(laboratory, charged["transaction_id"], "accept")
    assert "Declined" in response.text


async def test_a_phone_shows_its_own_pushes_and_history(laboratory: Laboratory) -> None:
    """In any form of the number; without one, all open pushes are shown."""
    await laboratory.switch(push_mode="manual")
    await laboratory.charge("mine")
    await laboratory.charge("theirs", phone="081222222222")
    mine = await page(laboratory, "+62 811 1111 1111")
    assert ("mine" in mine, "theirs" in mine) == (True, False)
    everyone = await page(laboratory)
    assert ("mine" in everyone, "theirs" in everyone) == (True, True)


async def test_a_mistyped_phone_is_told(laboratory: Laboratory) -> None:
    """With what to type instead."""
    response = await laboratory.http.get("/app", params={"phone": "<b>12"})
    assert response.status_code == 400
    assert "Indonesian mobile number" in response.text
    assert "<b>" not in response.text


async def test_an_unknown_push_leads_back_to_the_page(laboratory: Laboratory) -> None:
    """A stale tab breaks nothing."""
    response = await answer(laboratory, "unknown", "accept")
    assert response.status_code == 200
