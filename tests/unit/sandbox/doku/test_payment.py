"""Debiting a linked account, with the customer at a page or without."""

import asyncio
import re
from collections.abc import AsyncIterator
from urllib.parse import urlencode

import pytest

from tests.unit.sandbox.doku.merchant import (
    CHANNEL,
    FAILED_URL,
    PAY,
    PHONE,
    SUCCESS_URL,
    UNBIND,
    Merchant,
    code,
    payment_request,
)


def ledger(merchant: Merchant) -> list[tuple[str, str, int, int]]:
    """What moved: kind, reference, cash and points."""
    return [
        (entry.kind, entry.merchant_reference, entry.cash_rupiah, entry.points_rupiah)
        for entry in merchant.sandbox.ledger.entries(provider="doku")
    ]


async def status_of(merchant: Merchant, reference: str = "order-1") -> str:
    """The payment's latest status."""
    return str((await merchant.status(reference)).json()["latestTransactionStatus"])


async def test_a_sale_answers_with_a_page_and_moves_no_money(merchant: Merchant) -> None:
    """2005400 does not mean paid."""
    token = await merchant.linked_token()
    answer = await merchant.pay(token)
    body = answer.json()
    assert code(answer) == "2005400"
    assert re.fullmatch(r"[0-9A-Za-z]{32}", body["referenceNo"])
    assert body["partnerReferenceNo"] == "order-1"
    assert re.fullmatch(
        r"https://pay\.sandbox\.example/direct-debit/ui/payment/core/\d{40}",
        body["webRedirectUrl"],
    )
    assert await status_of(merchant) == "01"
    assert ledger(merchant) == []


async def test_the_page_takes_the_pin_and_the_money(merchant: Merchant) -> None:
    """Amount, merchant, order and shares are shown before; the browser goes back after."""
    token = await merchant.linked_token()
    answer = await merchant.pay(token, points=5_000)
    visit = await merchant.visit(answer.json()["webRedirectUrl"])
    for shown in ("Rp15.000", "Toko Kopi Senja", "order-1", "Rp10.000", "Rp5.000", "0812-••••"):
        assert shown in visit.html
    await visit.press()
    assert await status_of(merchant) == "02"
    await visit.press(entry="123456")
    assert "Payment successful" in visit.html
    assert (visit.return_link, visit.refreshes_to) == (SUCCESS_URL, SUCCESS_URL)
    assert await status_of(merchant) == "00"
    assert ledger(merchant) == [("debit", "order-1", 10_000, 5_000)]


async def test_a_recurring_payment_needs_no_page(merchant: Merchant) -> None:
    """The money moves at once; the notification and a query tell so."""
    token = await merchant.linked_token()
    body = await merchant.paid(token)
    assert "webRedirectUrl" not in body
    assert await status_of(merchant) == "00"
    assert ledger(merchant) == [("debit", "order-1", 15_000, 0)]


async def test_a_recurring_payment_can_be_pending_for_a_while(merchant: Merchant) -> None:
    """A switch holds the money back for some seconds."""
    merchant.set(recurring_debit_after_s=10)
    await merchant.paid(await merchant.linked_token())
    assert await status_of(merchant) == "03"
    assert ledger(merchant) == []
    await merchant.pass_time(10)
    assert await status_of(merchant) == "00"


async def test_a_canceled_payment_takes_nothing(merchant: Merchant) -> None:
    """Its status is 05, and the browser goes to the failed URL."""
    answer = await merchant.pay(await merchant.linked_token())
    visit = await merchant.visit(answer.json()["webRedirectUrl"])
    await visit.press("cancel")
    assert "Nothing was paid" in visit.html
    assert (visit.return_link, visit.refreshes_to) == (FAILED_URL, FAILED_URL)
    assert await status_of(merchant) == "05"
    assert ledger(merchant) == []


async def test_a_wrong_pin_three_times_fails_the_payment_and_blocks_the_account(
    merchant: Merchant,
) -> None:
    """The next payment is not permitted."""
    token = await merchant.linked_token()
    answer = await merchant.pay(token)
    visit = await merchant.visit(answer.json()["webRedirectUrl"])
    await visit.go_through("000000", "000000", "000000")
    assert "blocked the account" in visit.html
    assert await status_of(merchant) == "06"
    assert merchant.sandbox.wallet.account(PHONE).blocked
    again = await merchant.pay(token, reference="order-2")
    assert code(again) == "4035415"
    assert again.json()["responseMessage"].endswith("OVO account blocked temporary")


@pytest.mark.parametrize(
    ("asks", "entries"),
    [("pin", ["123456"]), ("otp", ["111111"]), ("otp_and_pin", ["111111", "123456"])],
)
async def test_what_the_page_asks_for_is_a_switch(
    merchant: Merchant, asks: str, entries: list[str]
) -> None:
    """DOKU says one-time code or PIN, and does not say when which."""
    merchant.set(payment_page_asks=asks)
    answer = await merchant.pay(await merchant.linked_token())
    visit = await merchant.visit(answer.json()["webRedirectUrl"])
    await visit.go_through(*entries)
    assert "Payment successful" in visit.html


@pytest.mark.parametrize("status", ["05", "06"])
async def test_an_unused_page_ends_its_payment(merchant: Merchant, status: str) -> None:
    """After half an hour; a switch says whether it counts as canceled or as failed."""
    merchant.set(expired_payment_status=status)
    answer = await merchant.pay(await merchant.linked_token())
    await merchant.pass_time(30 * 60)
    visit = await merchant.visit(answer.json()["webRedirectUrl"])
    assert "This page has expired" in visit.html
    assert visit.return_link == FAILED_URL
    assert await status_of(merchant) == status


async def test_a_recurring_payment_has_no_page(merchant: Merchant) -> None:
    """Not even one that could be guessed."""
    await merchant.paid(await merchant.linked_token())
    [payment] = (await merchant.http.get("/sandbox/doku/payments")).json()["payments"]
    visit = await merchant.visit(f"/direct-debit/ui/payment/core/{payment['page_code']}")
    assert visit.status_code == 404


@pytest.mark.parametrize("payment_type", ["SALE", "RECURRING"])
async def test_too_little_money_is_told_at_once(merchant: Merchant, payment_type: str) -> None:
    """The refusal leaves nothing behind: not a payment, not a used reference."""
    token = await merchant.linked_token("6281100000001")
    answer = await merchant.pay(token, payment_type=payment_type)
    assert code(answer) == "4035414"
    assert answer.json()["referenceNo"] == ""
    assert code(await merchant.status()) == "4045501"
    account = merchant.sandbox.wallet.account("6281100000001")
    merchant.sandbox.wallet.save(type(account)(phone=account.phone, cash_rupiah=15_000))
    assert code(await merchant.pay(token, payment_type=payment_type)) == "2005400"


async def test_money_that_is_gone_by_the_time_of_the_pin_fails_the_payment(
    merchant: Merchant,
) -> None:
    """The page says why."""
    token = await merchant.linked_token()
    answer = await merchant.pay(token, amount=9_999_000)
    await merchant.paid(token, reference="order-2")
    visit = await merchant.visit(answer.json()["webRedirectUrl"])
    await visit.go_through("123456")
    assert "The OVO balance is not enough" in visit.html
    assert await status_of(merchant) == "06"


async def test_an_account_without_kyc_has_a_limit(merchant: Merchant) -> None:
    """Two million rupiah for one payment."""
    token = await merchant.linked_token("6281100000002")
    assert code(await merchant.pay(token, amount=2_000_001)) == "4035402"
    assert code(await merchant.pay(token, amount=2_000_000)) == "2005400"


async def test_points_are_taken_as_far_as_they_reach(merchant: Merchant) -> None:
    """The rest comes from cash, which alone stands for itself."""
    token = await merchant.linked_token()
    await merchant.paid(token, amount=60_000, points=60_000)
    await merchant.paid(token, reference="order-2", amount=20_000)
    assert ledger(merchant) == [
        ("debit", "order-1", 10_000, 50_000),
        ("debit", "order-2", 20_000, 0),
    ]


async def test_an_unknown_customer_token_pays_nothing(merchant: Merchant) -> None:
    """It gets 4015402, and so does one whose account was unlinked."""
    assert code(await merchant.pay("nobody's")) == "4015402"
    token = await merchant.linked_token()
    await merchant.call(UNBIND, {"tokenId": token, "additionalInfo": CHANNEL})
    assert code(await merchant.pay(token)) == "4015402"


async def test_a_reference_can_be_used_once(merchant: Merchant) -> None:
    """Even where the first payment came to nothing."""
    token = await merchant.linked_token()
    first = await merchant.pay(token)
    assert code(await merchant.pay(token)) == "4095401"
    await (await merchant.visit(first.json()["webRedirectUrl"])).press("cancel")
    assert code(await merchant.pay(token)) == "4095401"


async def test_a_repeated_reference_can_get_the_first_answer_with_409(merchant: Merchant) -> None:
    """Other content under the same reference is a duplicate all the same."""
    merchant.set(duplicates="replay-with-409")
    token = await merchant.linked_token()
    first = await merchant.pay(token)
    again = await merchant.pay(token)
    assert (again.status_code, again.json()) == (409, first.json())
    assert code(await merchant.pay(token, amount=16_000)) == "4095401"
    assert len((await merchant.http.get("/sandbox/doku/payments")).json()["payments"]) == 1


async def test_a_form_sent_after_the_end_changes_nothing(merchant: Merchant) -> None:
    """The browser's back button can't pay twice."""
    answer = await merchant.pay(await merchant.linked_token())
    visit = await merchant.visit(answer.json()["webRedirectUrl"])
    await visit.press()
    pin_screen = visit.html
    await visit.press(entry="123456")
    visit.html = pin_screen
    await visit.press(entry="123456")
    visit.html = pin_screen
    await visit.press("cancel")
    assert len(ledger(merchant)) == 1
    assert await status_of(merchant) == "00"


async def test_the_page_shows_a_merchants_words_as_text(merchant: Merchant) -> None:
    """A reference with markup in it stays a reference."""
    token = await merchant.linked_token()
    body = payment_request(reference="<b>order</b>")
    body["additionalInfo"]["lineItems"] = [{"name": "<i>kopi</i>", "price": "1.00", "quantity": 1}]
    answer = await merchant.call(PAY, body, customer_token=token)
    visit = await merchant.visit(answer.json()["webRedirectUrl"])
    assert "&lt;b&gt;order&lt;/b&gt;" in visit.html
    assert "&lt;i&gt;kopi&lt;/i&gt;" in visit.html


async def test_the_accounts_page_lists_payments(merchant: Merchant) -> None:
    """With their statuses, and the page of one that waits."""
    token = await merchant.linked_token()
    await merchant.paid(token)
    answer = await merchant.pay(token, reference="order-2")
    page = (await merchant.http.get("/doku/accounts")).text
    assert "00 Success" in page
    assert "01 Initiated" in page
    assert answer.json()["webRedirectUrl"].removeprefix("https://pay.sandbox.example") in page


async def test_open_pages_expire_after_a_restart_too(merchant: Merchant) -> None:
    """Their timers come from the store."""
    answer = await merchant.pay(await merchant.linked_token())
    binding = await merchant.bind("6281234567891", "cust-2")
    merchant.sandbox.scheduler.clear()
    [provider] = merchant.app.providers
    await provider.start()
    await merchant.pass_time(30 * 60)
    for url in (answer.json()["webRedirectUrl"], binding["redirectUrl"]):
        assert "has expired" in (await merchant.visit(url)).html


async def test_two_forms_sent_at_once_pay_once(merchant: Merchant) -> None:
    """However the server happens to read them."""
    answer = await merchant.pay(await merchant.linked_token())
    visit = await merchant.visit(answer.json()["webRedirectUrl"])
    await visit.press()
    form = dict(re.findall(r'type="hidden" name="(\w+)" value="(\w+)"', visit.html))
    content = urlencode({**form, "action": "continue", "entry": "123456"}).encode()
    both_are_read = asyncio.Barrier(2)

    async def slow_form() -> AsyncIterator[bytes]:
        await both_are_read.wait()
        yield content

    await asyncio.gather(*(merchant.http.post(visit.path, content=slow_form()) for _ in range(2)))
    assert len(ledger(merchant)) == 1
