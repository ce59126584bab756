"""The control API shows the sandbox and changes it, and names the field that is wrong."""

from pathlib import Path

import pytest

from ovo_sandbox.clock import Clock
from tests.unit.sandbox.laboratory import PHONE, START, Body, Laboratory, body_of, open_laboratory


async def ask(laboratory: Laboratory, method: str, path: str, body: object = None) -> Body:
    """Calls the control API, which must agree."""
    response = await laboratory.http.request(method, f"/sandbox{path}", json=body)
    assert response.is_success, response.text
    return body_of(response)


async def test_health_says_that_the_sandbox_serves(laboratory: Laboratory) -> None:
    """Whoever starts it knows when it is up."""
    assert await ask(laboratory, "GET", "/health") == {"status": "serving"}


async def test_the_clock_is_moved_and_put_back(laboratory: Laboratory) -> None:
    """Both answers tell the new time."""
    moved = await ask(laboratory, "POST", "/clock", {"advance_s": 65})
    assert moved == {"now": "2025-11-12T07:27:58+00:00", "offset_s": 65}
    back = await ask(laboratory, "POST", "/clock", {"reset": True})
    assert back == await ask(laboratory, "GET", "/clock")
    assert back["offset_s"] == 0


async def test_what_became_due_has_begun_when_the_move_answers(laboratory: Laboratory) -> None:
    """A script may ask for the new state at once."""
    await laboratory.charge()
    await ask(laboratory, "POST", "/clock", {"advance_s": 3})
    assert len((await ask(laboratory, "GET", "/ledger"))["entries"]) == 1


async def test_the_ledger_shows_every_movement(laboratory: Laboratory) -> None:
    """It is the judge of what was debited."""
    charged = await laboratory.charge()
    await laboratory.advance(3)
    (entry,) = (await ask(laboratory, "GET", "/ledger?provider=midtrans"))["entries"]
    assert entry == {
        "entry_id": 1,
        "at": "2025-11-12T07:26:56+00:00",
        "provider": "midtrans",
        "kind": "debit",
        "merchant_reference": "ovo-demo-0001",
        "provider_reference": charged["transaction_id"],
        "phone": "6281111111111",
        "amount_rupiah": 15000,
        "cash_rupiah": 15000,
        "points_rupiah": 0,
    }
    assert (await ask(laboratory, "GET", "/ledger?provider=doku"))["entries"] == []
    assert (await ask(laboratory, "GET", "/ledger?reference=other"))["entries"] == []


async def test_faults_are_armed_listed_and_disarmed(laboratory: Laboratory) -> None:
    """One by one, or all at once."""
    armed = await ask(laboratory, "POST", "/faults", {"name": "slow_drip", "provider": "doku"})
    await ask(laboratory, "POST", "/faults", {"name": "status_404"})
    assert len((await ask(laboratory, "GET", "/faults"))["armed"]) == 2
    await ask(laboratory, "DELETE", f"/faults/{armed['fault_id']}")
    (left,) = (await ask(laboratory, "GET", "/faults"))["armed"]
    assert left["name"] == "status_404"
    await ask(laboratory, "DELETE", "/faults")
    assert (await ask(laboratory, "GET", "/faults"))["armed"] == []


async def test_switches_are_listed_and_set(laboratory: Laboratory) -> None:
    """Each tells its default, its choices and what it is."""
    answer = await ask(laboratory, "PATCH", "/switches", {"midtrans_push_mode": "manual"})
    switch = next(s for s in answer["switches"] if s["name"] == "midtrans_push_mode")
    assert (switch["value"], switch["default"]) == ("manual", "auto")
    assert switch["choices"] == ["auto", "manual"]
    assert switch["summary"]


async def test_switches_are_set_all_or_none(laboratory: Laboratory) -> None:
    """A mistake leaves nothing half done."""
    body = {"midtrans_push_mode": "manual", "midtrans_expiry_s": "soon"}
    response = await laboratory.http.patch("/sandbox/switches", json=body)
    assert response.status_code == 400
    assert laboratory.sandbox.switches.text("midtrans_push_mode") == "auto"


async def test_accounts_are_shown_and_changed(laboratory: Laboratory) -> None:
    """By the number in any form."""
    await ask(laboratory, "PATCH", f"/accounts/{PHONE}", {"cash_rupiah": 500, "kyc": False})
    account = await ask(laboratory, "GET", "/accounts/6281111111111")
    assert (account["cash_rupiah"], account["kyc"], account["points_rupiah"]) == (500, False, 50000)
    assert (await ask(laboratory, "GET", "/accounts"))["accounts"] == [account]


async def test_notifications_are_listed_and_sent_again(laboratory: Laboratory) -> None:
    """As on a provider's dashboard."""
    await laboratory.charge()
    (listed,) = (await ask(laboratory, "GET", "/webhooks?reference=ovo-demo-0001"))["webhooks"]
    assert (listed["event"], listed["state"]) == ("pending", "delivered")
    path = f"/webhooks/{listed['notification_id']}"
    await ask(laboratory, "POST", f"{path}/resend")
    assert len((await ask(laboratory, "GET", path))["attempts"]) == 2
    assert laboratory.inbox.states == ["pending", "pending"]


async def test_the_summary_counts_and_tells_what_comes_next(laboratory: Laboratory) -> None:
    """Open timers show why something has not happened yet."""
    charged = await laboratory.charge()
    state = await ask(laboratory, "GET", "/state")
    assert state["providers"]["midtrans"] == {"transactions": 1, "open pushes": 1}
    assert [timer["name"] for timer in state["timers"]] == [
        f"midtrans.answer:{charged['transaction_id']}",
        f"midtrans.expire:{charged['transaction_id']}",
    ]


async def test_a_reset_forgets_everything(laboratory: Laboratory) -> None:
    """Timers, money, switches, faults and time."""
    await laboratory.charge()
    await laboratory.switch(push_mode="manual")
    await laboratory.arm("slow_drip")
    await laboratory.advance(3)
    await ask(laboratory, "POST", "/reset")
    await laboratory.advance(100)
    state = await ask(laboratory, "GET", "/state")
    assert (state["timers"], state["faults_armed"]) == ([], 0)
    assert (await ask(laboratory, "GET", "/ledger"))["entries"] == []
    assert laboratory.sandbox.switches.text("midtrans_push_mode") == "auto"
    assert (await laboratory.status())["status_code"] == "404"


@pytest.mark.parametrize(
    ("method", "path", "body", "field"),
    [
        ("POST", "/clock", {}, "advance_s"),
        ("POST", "/clock", {"advance_s": "65"}, "advance_s"),
        ("POST", "/clock", {"advance_s": 1e300}, "advance_s"),
        ("POST", "/clock", {"advance_s": 1, "reset": True}, "advance_s"),
        ("POST", "/clock", {"advanced": 1}, "advanced"),
        ("POST", "/clock", [], "body"),
        ("POST", "/faults", {"name": "x"}, "name"),
        ("PATCH", "/switches", {"x": 1}, "x"),
        ("PATCH", "/switches", {"midtrans_expiry_s": 0}, "midtrans_expiry_s"),
        ("PATCH", "/accounts/12", {}, "phone"),
        ("PATCH", f"/accounts/{PHONE}", {"cash_rupiah": -1}, "cash_rupiah"),
        ("PATCH", f"/accounts/{PHONE}", {"cash_rupiah": True}, "cash_rupiah"),
        ("PATCH", f"/accounts/{PHONE}", {"pin": "12"}, "pin"),
        ("PATCH", f"/accounts/{PHONE}", {"phone": "081222222222"}, "phone"),
        ("GET", "/ledger?after=x", None, "after"),
        ("GET", "/ledger?limit=1000000000000000000000", None, "limit"),
    ],
)
async def test_a_wrong_field_is_named(
    laboratory: Laboratory, method: str, path: str, body: object, field: str
) -> None:
    """400, with the field and a sentence."""
    response = await laboratory.http.request(method, f"/sandbox{path}", json=body)
    assert response.status_code == 400
    error = response.json()["error"]
    assert error["field"] == field
    assert error["message"].startswith(field)


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("DELETE", "/faults/fault-9"),
        ("GET", "/webhooks/webhook-9"),
        ("POST", "/webhooks/webhook-9/resend"),
    ],
)
async def test_what_is_unknown_is_not_found(laboratory: Laboratory, method: str, path: str) -> None:
    """404 names the id."""
    response = await laboratory.http.request(method, f"/sandbox{path}")
    assert response.status_code == 404
    assert "is unknown" in response.json()["error"]["message"]


async def test_a_restarted_sandbox_keeps_its_time_and_its_switches(tmp_path: Path) -> None:
    """What was moved stays moved."""
    async with open_laboratory(state_directory=tmp_path) as first:
        await ask(first, "POST", "/clock", {"advance_s": 65})
        await first.switch(push_mode="manual")
    async with open_laboratory(state_directory=tmp_path, clock=Clock.standing_at(START)) as second:
        assert (await ask(second, "GET", "/clock"))["offset_s"] == 65
        assert second.sandbox.switches.text("midtrans_push_mode") == "manual"
