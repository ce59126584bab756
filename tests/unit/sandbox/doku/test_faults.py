"""DOKU going wrong on purpose: answers lost after the debit, tokens that end early, and worse."""

import pytest

from tests.unit.sandbox.doku.merchant import (
    BALANCE,
    CHANNEL,
    TOKEN_B2B,
    Merchant,
    code,
    payment_request,
)


def debits(merchant: Merchant) -> int:
    """How often money was taken."""
    return len(merchant.sandbox.ledger.entries(provider="doku"))


async def test_a_debit_can_be_followed_by_a_504(merchant: Merchant) -> None:
    """The money has moved; the status query says so."""
    token = await merchant.linked_token()
    merchant.fault("debit_then_504", operation="pay")
    answer = await merchant.pay(token, payment_type="RECURRING")
    assert answer.status_code == 504
    assert debits(merchant) == 1
    assert (await merchant.status()).json()["latestTransactionStatus"] == "00"


@pytest.mark.parametrize("fault", ["debit_then_reset", "debit_then_hang"])
async def test_a_debit_can_be_followed_by_no_answer(merchant: Merchant, fault: str) -> None:
    """The connection is cut, at once or after a long silence."""
    token = await merchant.linked_token()
    merchant.fault(fault, seconds=0)
    with pytest.raises(ConnectionResetError):
        await merchant.pay(token, payment_type="RECURRING")
    assert debits(merchant) == 1


async def test_an_answer_can_come_before_the_debit(merchant: Merchant) -> None:
    """The payment is pending until the money moves, and is notified then."""
    token = await merchant.linked_token()
    await merchant.pass_time()
    merchant.fault("answer_then_debit_later", seconds=90)
    await merchant.paid(token)
    assert (await merchant.status()).json()["latestTransactionStatus"] == "03"
    await merchant.pass_time(89)
    assert debits(merchant) == 0
    await merchant.pass_time(1)
    assert debits(merchant) == 1
    await merchant.pass_time()
    assert merchant.inbox.bodies[-1]["latestTransactionStatus"] == "00"


async def test_a_debit_can_come_after_its_page_has_expired(merchant: Merchant) -> None:
    """First 06, then 00: a late success."""
    token = await merchant.linked_token()
    merchant.fault("answer_then_debit_later", seconds=3_600)
    answer = await merchant.pay(token)
    visit = await merchant.visit(answer.json()["webRedirectUrl"])
    await visit.go_through("123456")
    assert "Payment approved" in visit.html
    await merchant.pass_time(1_800)
    assert (await merchant.status()).json()["latestTransactionStatus"] == "06"
    await merchant.pass_time(1_800)
    await merchant.pass_time()
    assert (await merchant.status()).json()["latestTransactionStatus"] == "00"
    told = [body.get("latestTransactionStatus") for body in merchant.inbox.bodies]
    assert told == [None, "06", "00"]


async def test_a_status_query_can_deny_a_payment(merchant: Merchant) -> None:
    """For some seconds, by name."""
    await merchant.paid(await merchant.linked_token())
    merchant.fault("status_404", for_s=60)
    assert code(await merchant.status()) == "4045501"
    merchant.clock.advance(60)
    assert code(await merchant.status()) == "2005500"


async def test_a_fresh_token_can_be_refused_as_expired(merchant: Merchant) -> None:
    """Nothing is done, so the call may be made again with a new token."""
    token = await merchant.linked_token()
    merchant.fault("token_expired_early", operation="pay")
    assert code(await merchant.pay(token, payment_type="RECURRING")) == "4015401"
    assert debits(merchant) == 0
    assert code(await merchant.pay(token, payment_type="RECURRING")) == "2005400"


@pytest.mark.parametrize(("fault", "status"), [("http_500_before", 500), ("rate_limited_429", 429)])
async def test_a_call_can_be_turned_away_before_anything_is_done(
    merchant: Merchant, fault: str, status: int
) -> None:
    """Its reference stays unused."""
    token = await merchant.linked_token()
    merchant.fault(fault, operation="pay")
    assert (await merchant.pay(token, payment_type="RECURRING")).status_code == status
    assert debits(merchant) == 0
    assert code(await merchant.pay(token, payment_type="RECURRING")) == "2005400"


async def test_an_answer_can_be_garbage(merchant: Merchant) -> None:
    """With the promise of JSON."""
    token = await merchant.linked_token()
    merchant.fault("garbage_body", operation="pay")
    answer = await merchant.pay(token, payment_type="RECURRING")
    assert answer.headers["Content-Type"] == "application/json"
    with pytest.raises(ValueError, match=r"."):
        answer.json()
    assert debits(merchant) == 1


async def test_a_slow_answer_is_whole_in_the_end(merchant: Merchant) -> None:
    """It drips in over some seconds."""
    token = await merchant.linked_token()
    merchant.fault("slow_drip", operation="balance", seconds=0)
    answer = await merchant.call(BALANCE, {"additionalInfo": CHANNEL}, customer_token=token)
    assert code(answer) == "2001100"


async def test_a_token_call_can_fail_too(merchant: Merchant) -> None:
    """Faults reach every operation by its name."""
    merchant.fault("http_500_before", operation="token_b2b")
    answer = await merchant.token_call(TOKEN_B2B, {"grantType": "client_credentials"})
    assert answer.status_code == 500
    merchant.fault("http_500_before", operation="token_b2b2c", phone="0812 3456 7890")
    auth_code = await merchant.linked()
    body = {"grantType": "authorization_code", "authCode": auth_code}
    answer = await merchant.token_call("/authorization/v1/access-token/b2b2c", body)
    assert answer.status_code == 500


async def test_a_fault_strikes_the_payment_it_was_aimed_at(merchant: Merchant) -> None:
    """By reference, or by the payer's phone."""
    token = await merchant.linked_token()
    merchant.fault("debit_then_504", reference="order-2")
    merchant.fault("debit_then_504", phone="0899 9999 9999")
    assert payment_request()["partnerReferenceNo"] == "order-1"
    assert (await merchant.pay(token, payment_type="RECURRING")).status_code == 200
    second = await merchant.pay(token, reference="order-2", payment_type="RECURRING")
    assert second.status_code == 504
