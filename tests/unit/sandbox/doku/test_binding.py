"""Linking an OVO account to a merchant's customer, and unlinking it."""

import json
import re

import pytest

from tests.unit.sandbox.doku.merchant import (
    BALANCE,
    BIND,
    CHANNEL,
    FAILED_URL,
    PHONE,
    SUCCESS_URL,
    TOKEN_B2B2C,
    UNBIND,
    Merchant,
    binding_request,
    code,
)


async def test_a_binding_answers_with_a_page_and_an_auth_code_of_forty_digits(
    merchant: Merchant,
) -> None:
    """The auth code comes at once and is the last part of the page's address."""
    answer = await merchant.call(BIND, binding_request())
    body = answer.json()
    auth_code = body["additionalInfo"]["authCode"]
    assert code(answer) == "2000700"
    assert re.fullmatch(r"\d{40}", auth_code)
    assert body["redirectUrl"] == (
        f"https://pay.sandbox.example/direct-debit/ui/binding/core/{auth_code}"
    )
    assert body["additionalInfo"]["accountStatus"] == "PENDING"
    assert body["additionalInfo"]["custIdMerchant"] == "cust-1"


async def test_an_auth_code_is_worthless_until_the_page_is_completed(merchant: Merchant) -> None:
    """Exchanging it too early gets 4017400."""
    body = await merchant.bind()
    exchange = {
        "grantType": "authorization_code",
        "authCode": body["additionalInfo"]["authCode"],
    }
    assert code(await merchant.token_call(TOKEN_B2B2C, exchange)) == "4017400"


async def test_a_completed_page_makes_the_auth_code_exchangeable_again_and_again(
    merchant: Merchant,
) -> None:
    """The auth code is the durable handle of a link."""
    auth_code = await merchant.linked()
    assert await merchant.customer_token(auth_code) != await merchant.customer_token(auth_code)


async def test_a_completed_binding_is_notified_with_its_auth_code(merchant: Merchant) -> None:
    """The body is the one that production integrations take in."""
    auth_code = await merchant.linked()
    await merchant.pass_time()
    [body] = merchant.inbox.bodies
    assert body["additionalInfo"] == {
        "status": "SUCCESS",
        "custIdMerchant": "cust-1",
        "authCode": auth_code,
    }
    assert body["originalExternalId"].isdigit()
    assert "Authorization-Customer" not in merchant.inbox.notifications[0].headers


async def test_the_page_leads_back_to_the_merchant_after_success(merchant: Merchant) -> None:
    """By a link that everyone sees, and by itself after some seconds."""
    body = await merchant.bind()
    visit = await merchant.visit(body["redirectUrl"])
    assert "0812-••••-7890" in visit.html
    assert "Toko Kopi Senja" in visit.html
    await visit.go_through("111111", "123456")
    assert "OVO is linked" in visit.html
    assert (visit.return_link, visit.refreshes_to) == (SUCCESS_URL, SUCCESS_URL)


async def test_a_canceled_binding_fails_and_leads_to_the_failed_url(merchant: Merchant) -> None:
    """The customer's no is notified as FAILED."""
    body = await merchant.bind()
    visit = await merchant.visit(body["redirectUrl"])
    await visit.press("cancel")
    assert (visit.return_link, visit.refreshes_to) == (FAILED_URL, FAILED_URL)
    await merchant.pass_time()
    assert [one["additionalInfo"]["status"] for one in merchant.inbox.bodies] == ["FAILED"]


async def test_a_wrong_pin_three_times_fails_the_binding_and_blocks_the_account(
    merchant: Merchant,
) -> None:
    """Twice the page asks again; the third time OVO blocks the account."""
    body = await merchant.bind()
    visit = await merchant.visit(body["redirectUrl"])
    await visit.go_through("111111", "000000")
    assert "2 tries left" in visit.html
    await visit.press(entry="000001")
    assert "One try left" in visit.html
    await visit.press(entry="000002")
    assert "OVO was not linked" in visit.html
    assert merchant.sandbox.wallet.account(PHONE).blocked
    await merchant.pass_time()
    assert [one["additionalInfo"]["status"] for one in merchant.inbox.bodies] == ["FAILED"]


async def test_a_wrong_one_time_code_three_times_fails_the_binding(merchant: Merchant) -> None:
    """A code can be requested anew, so the account stays open."""
    body = await merchant.bind()
    visit = await merchant.visit(body["redirectUrl"])
    await visit.go_through("1", "2", "3")
    assert "wrong three times" in visit.html
    assert not merchant.sandbox.wallet.account(PHONE).blocked


async def test_a_form_that_was_sent_twice_counts_once(merchant: Merchant) -> None:
    """The one-time code of an earlier screen is no PIN."""
    body = await merchant.bind()
    visit = await merchant.visit(body["redirectUrl"])
    await visit.press()
    otp_screen = visit.html
    await visit.press(entry="111111")
    visit.html = otp_screen
    await visit.press(entry="111111")
    assert "tries left" not in visit.html
    assert 'value="pin"' in visit.html


async def test_a_form_of_another_site_is_refused(merchant: Merchant) -> None:
    """Without the page's own token nothing changes."""
    body = await merchant.bind()
    visit = await merchant.visit(body["redirectUrl"])
    forged = {"action": "cancel", "form_token": "0"}
    assert (await merchant.http.post(visit.path, data=forged)).status_code == 403
    await visit.go_through("111111", "123456")
    assert "OVO is linked" in visit.html


async def test_an_unused_page_expires_with_a_clear_message(merchant: Merchant) -> None:
    """After half an hour nothing can be linked, and the merchant hears of it."""
    body = await merchant.bind()
    await merchant.pass_time(30 * 60)
    await merchant.pass_time()
    visit = await merchant.visit(body["redirectUrl"])
    assert "This page has expired" in visit.html
    assert visit.return_link == FAILED_URL
    assert [one["additionalInfo"]["status"] for one in merchant.inbox.bodies] == ["FAILED"]


async def test_the_binding_window_can_be_changed(merchant: Merchant) -> None:
    """A tester need not wait for half an hour."""
    merchant.set(binding_window_s=60)
    body = await merchant.bind()
    await merchant.pass_time(60)
    assert "has expired" in (await merchant.visit(body["redirectUrl"])).html


async def test_an_unknown_page_says_so(merchant: Merchant) -> None:
    """A wrong address gets 404 and words."""
    visit = await merchant.visit(f"/direct-debit/ui/binding/core/{'1' * 40}")
    assert visit.status_code == 404
    assert "There is nothing here" in visit.html


@pytest.mark.parametrize(
    ("customer_id", "reason"),
    [
        ("cust-1", "Account Already Registered"),
        ("cust-2", "OVO account already registered by another customer"),
    ],
)
async def test_a_linked_account_can_not_be_linked_again(
    merchant: Merchant, customer_id: str, reason: str
) -> None:
    """An OVO account belongs to one customer of a merchant."""
    await merchant.linked()
    answer = await merchant.call(BIND, binding_request(customer_id=customer_id))
    assert code(answer) == "4030715"
    assert answer.json()["responseMessage"] == f"Transaction Not Permitted. {reason}"


async def test_of_two_bindings_begun_at_once_the_first_completed_wins(merchant: Merchant) -> None:
    """The other fails on its page, with the reason."""
    first, second = await merchant.bind(), await merchant.bind(customer_id="cust-2")
    await (await merchant.visit(first["redirectUrl"])).go_through("111111", "123456")
    late = await merchant.visit(second["redirectUrl"])
    await late.go_through("111111", "123456")
    assert "already registered by another customer" in late.html
    assert late.return_link == FAILED_URL


@pytest.mark.parametrize(
    ("phone", "reason"),
    [
        ("6281100000003", "OVO account blocked temporary"),
        ("6281100000004", "OVO account not available please register to ovo"),
    ],
)
async def test_the_sandbox_has_numbers_that_can_not_be_linked(
    merchant: Merchant, phone: str, reason: str
) -> None:
    """They are the sandbox's own; DOKU documents none."""
    answer = await merchant.call(BIND, binding_request(phone))
    assert code(answer) == "4030715"
    assert answer.json()["responseMessage"].endswith(reason)


async def test_unbinding_makes_every_token_and_the_auth_code_worthless(merchant: Merchant) -> None:
    """Afterwards the exchange gets 4017400 and an old customer token 401xx02."""
    auth_code = await merchant.linked()
    token = await merchant.customer_token(auth_code)
    answer = await merchant.call(UNBIND, {"tokenId": token, "additionalInfo": CHANNEL})
    assert code(answer) == "2000900"
    assert answer.json()["referenceNo"]
    exchange = {"grantType": "authorization_code", "authCode": auth_code}
    assert code(await merchant.token_call(TOKEN_B2B2C, exchange)) == "4017400"
    balance = await merchant.call(BALANCE, {"additionalInfo": CHANNEL}, customer_token=token)
    assert code(balance) == "4011102"
    again = await merchant.call(UNBIND, {"tokenId": token, "additionalInfo": CHANNEL})
    assert code(again) == "4010902"


async def test_an_unbound_account_can_be_linked_to_another_customer(merchant: Merchant) -> None:
    """Unbinding frees the number."""
    token = await merchant.linked_token()
    await merchant.call(UNBIND, {"tokenId": token, "additionalInfo": CHANNEL})
    assert await merchant.linked(customer_id="cust-2")


async def test_the_owner_can_unlink_in_the_ovo_app(merchant: Merchant) -> None:
    """The merchant learns of it only when it exchanges the auth code."""
    auth_code = await merchant.linked()
    answer = await merchant.http.post(f"/sandbox/doku/bindings/{auth_code}/unlink")
    assert answer.json()["state"] == "UNLINKED"
    exchange = {"grantType": "authorization_code", "authCode": auth_code}
    assert code(await merchant.token_call(TOKEN_B2B2C, exchange)) == "4017400"
    again = await merchant.http.post(f"/sandbox/doku/bindings/{auth_code}/unlink")
    assert again.status_code == 409
    unknown = await merchant.http.post("/sandbox/doku/bindings/1/unlink")
    assert unknown.status_code == 404


async def test_the_accounts_page_unlinks_by_a_button(merchant: Merchant) -> None:
    """It lists what is linked, and needs no JavaScript."""
    auth_code = await merchant.linked()
    page = (await merchant.http.get("/doku/accounts")).text
    assert "081234567890" in page
    assert auth_code in page
    [form_token] = re.findall(r'name="form_token" value="(\d+)"', page)
    path = f"/doku/accounts/{auth_code}"
    assert (await merchant.http.post(path, data={"form_token": "0"})).status_code == 303
    assert auth_code in (await merchant.http.get("/doku/accounts")).text
    assert (await merchant.http.post(path, data={"form_token": form_token})).status_code == 303
    assert auth_code not in (await merchant.http.get("/doku/accounts")).text


async def test_the_control_api_lists_bindings_without_their_secrets(merchant: Merchant) -> None:
    """A form token would let anyone act for the customer."""
    auth_code = await merchant.linked()
    listed = (await merchant.http.get("/sandbox/doku/bindings")).json()["bindings"]
    assert [(one["auth_code"], one["state"]) for one in listed] == [(auth_code, "SUCCESS")]
    assert "form_token" not in json.dumps(listed)


async def test_a_refresh_token_renews_the_customer_token(merchant: Merchant) -> None:
    """Until the account is unlinked."""
    auth_code = await merchant.linked()
    exchange = {"grantType": "authorization_code", "authCode": auth_code, "additionalInfo": {}}
    grant = (await merchant.token_call(TOKEN_B2B2C, exchange)).json()
    renewal = {"grantType": "refresh_token", "refreshToken": grant["refreshToken"]}
    answer = await merchant.token_call(TOKEN_B2B2C, renewal)
    assert code(answer) == "2007400"
    token = answer.json()["accessToken"]
    balance = await merchant.call(BALANCE, {"additionalInfo": CHANNEL}, customer_token=token)
    assert code(balance) == "2001100"
    await merchant.http.post(f"/sandbox/doku/bindings/{auth_code}/unlink")
    assert code(await merchant.token_call(TOKEN_B2B2C, renewal)) == "4017400"


async def test_a_customer_token_lasts_fifteen_days(merchant: Merchant) -> None:
    """After that the merchant exchanges the auth code anew."""
    token = await merchant.linked_token()
    await merchant.pass_time(15 * 86_400)
    answer = await merchant.call(BALANCE, {"additionalInfo": CHANNEL}, customer_token=token)
    assert code(answer) == "4011102"


async def test_a_balance_tells_cash_and_points(merchant: Merchant) -> None:
    """Amounts are texts with two decimals, and the names are DOKU's."""
    token = await merchant.linked_token()
    answer = await merchant.call(BALANCE, {"additionalInfo": CHANNEL}, customer_token=token)
    infos = answer.json()["accountInfos"]
    assert [(one["balanceType"], one["availableBalance"]["value"]) for one in infos] == [
        ("CASH", "10000000.00"),
        ("POINTS", "50000.00"),
    ]
    assert {"amount", "flatAmount", "holdAmount"} < set(infos[0])


async def test_a_customer_token_may_come_without_bearer(merchant: Merchant) -> None:
    """DOKU's own Python, Node, Java and PHP libraries send it bare."""
    token = await merchant.linked_token()
    answer = await merchant.call(
        BALANCE, {"additionalInfo": CHANNEL}, headers={"Authorization-customer": token}
    )
    assert code(answer) == "2001100"
