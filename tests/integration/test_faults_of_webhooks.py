"""Every fault on the way of a notification to us, end to end."""

from typing import Final

import pytest

from ovo_payments_client import PaymentState
from tests.integration.shop import DEBITS, PAID_S, Shop

pytestmark = pytest.mark.asyncio(loop_scope="module")

FINAL_EVENTS: Final = {"charge": "settlement", "pay": "payment.00"}
HONEST: Final = [PaymentState.PENDING, PaymentState.PENDING, PaymentState.SUCCEEDED]
"""Written down, answered, paid."""


@pytest.mark.parametrize("operation", DEBITS)
async def test_a_webhook_that_comes_twice_is_applied_once(shop: Shop, operation: str) -> None:
    """The second one changes nothing."""
    payment = await shop.notified(operation, "webhook_duplicated", seconds=1)
    paid = await shop.becomes(payment, PaymentState.SUCCEEDED)
    await shop.apart.advance(1)
    await shop.all_delivered(payment)
    events = [one["event"] for one in await shop.apart.notifications(payment.payment_id)]
    assert events.count(FINAL_EVENTS[operation]) == 2
    assert (await shop.status(payment)).version == paid.version


@pytest.mark.parametrize("operation", DEBITS)
async def test_a_payment_ends_without_its_webhook(shop: Shop, operation: str) -> None:
    """Asking on schedule is enough, and nobody has to call for it."""
    payment = await shop.notified(operation, "webhook_dropped")
    await shop.apart.pass_time(10)
    await shop.becomes(payment, PaymentState.SUCCEEDED)
    states = {
        one["event"]: one["state"] for one in await shop.apart.notifications(payment.payment_id)
    }
    assert states[FINAL_EVENTS[operation]] == "dropped"


@pytest.mark.parametrize("operation", DEBITS)
@pytest.mark.parametrize("fault", ["webhook_reordered", "webhook_delayed"])
async def test_a_webhook_that_comes_late_changes_nothing_any_more(
    shop: Shop, operation: str, fault: str
) -> None:
    """By then asking has told all of it."""
    payment = await shop.notified(operation, fault, seconds=60)
    paid = await shop.paid(operation, payment)
    assert paid.state is PaymentState.SUCCEEDED
    await shop.apart.advance(60)
    await shop.all_delivered(payment)
    assert (await shop.status(payment)).version == paid.version


async def test_a_pending_webhook_after_the_settlement_is_ignored(shop: Shop) -> None:
    """Reordered on its way, it would go back."""
    await shop.apart.arm("webhook_reordered", provider="midtrans", seconds=600)
    payment = await shop.debit("charge")
    await shop.apart.advance(PAID_S)
    paid = await shop.becomes(payment, PaymentState.SUCCEEDED)
    await shop.apart.advance(1)
    await shop.all_delivered(payment)
    first, second = await shop.apart.notifications(payment.payment_id)
    assert [first["event"], second["event"]] == ["pending", "settlement"]
    assert first["attempts"][0]["at"] > second["attempts"][0]["at"]
    assert (await shop.status(payment)).version == paid.version


@pytest.mark.parametrize("operation", DEBITS)
async def test_a_forged_webhook_is_refused(shop: Shop, operation: str) -> None:
    """It gets no place in the inbox; the true one behind it is applied as ever."""
    payment = await shop.notified(operation, "webhook_forged")
    await shop.becomes(payment, PaymentState.SUCCEEDED)
    forged = await shop.tampered(payment, "forged")
    assert forged["attempts"][0]["status"] == 401
    assert [version.state for version in await shop.versions(payment)] == HONEST


@pytest.mark.parametrize("operation", DEBITS)
async def test_a_webhook_of_another_amount_is_kept_out(shop: Shop, operation: str) -> None:
    """It is authentic, so it is taken in and quarantined; the payment never hears of it."""
    payment = await shop.notified(operation, "webhook_wrong_amount")
    await shop.becomes(payment, PaymentState.SUCCEEDED)
    wrong = await shop.tampered(payment, "wrong_amount")
    assert wrong["attempts"][0]["status"] == 200
    await shop.inbox_worked_off()
    quarantined = shop.apart.service.log_lines("webhook.needs_review", state="QUARANTINED")
    assert any("amount" in line["note"] for line in quarantined)
    versions = await shop.versions(payment)
    assert [version.state for version in versions] == HONEST
    assert {version.amount for version in versions} == {payment.amount}
    assert not any(version.needs_review for version in versions)
