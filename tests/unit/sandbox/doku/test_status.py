"""Asking what became of a payment, and giving the money back."""

import pytest

from tests.unit.sandbox.doku.merchant import (
    REFUND,
    STATUS,
    Merchant,
    code,
    is_jakarta_time,
    money,
    refund_request,
)


async def refund(merchant: Merchant, token: str, **changes: object) -> str:
    """Refunds and returns the code."""
    body = refund_request() | changes
    return code(await merchant.call(REFUND, body, customer_token=token))


async def test_a_status_tells_the_whole_payment(merchant: Merchant) -> None:
    """With its references, amounts and the time it was paid."""
    paid = await merchant.paid(await merchant.linked_token())
    answer = await merchant.status()
    body = answer.json()
    assert code(answer) == "2005500"
    assert body["originalReferenceNo"] == paid["referenceNo"]
    assert (body["latestTransactionStatus"], body["transactionStatusDesc"]) == ("00", "SUCCESS")
    assert body["transAmount"] == money(15_000)
    assert body["additionalInfo"]["acquirer"] == {"id": "OVO"}
    assert body["originalResponseCode"] == "2005400"
    assert is_jakarta_time(body["paidTime"])


async def test_a_lean_status_has_no_objects(merchant: Merchant) -> None:
    """DOKU's Python library fails on them."""
    merchant.set(response_profile="lean")
    await merchant.paid(await merchant.linked_token())
    body = (await merchant.status()).json()
    assert all(isinstance(value, str) for value in body.values())
    assert "requestId" not in body


async def test_a_payment_is_found_by_any_of_its_names(merchant: Merchant) -> None:
    """The merchant's reference, DOKU's, or the X-EXTERNAL-ID; two that disagree find nothing."""
    paid = await merchant.paid(await merchant.linked_token())
    external_id = (await merchant.status()).json()["originalExternalId"]
    for name, value in (
        ("originalReferenceNo", paid["referenceNo"]),
        ("originalExternalId", external_id),
    ):
        body = {name: value, "serviceCode": "55", "originalPartnerReferenceNo": None}
        assert code(await merchant.call(STATUS, body)) == "2005500"
    assert code(await merchant.status(originalReferenceNo="another")) == "4045501"
    assert code(await merchant.call(STATUS, {"serviceCode": "55"})) == "4005502"


async def test_an_unknown_payment_is_not_found(merchant: Merchant) -> None:
    """A switch makes it a success with status 07 instead."""
    assert code(await merchant.status("unknown")) == "4045501"
    merchant.set(unknown_payment="07")
    answer = await merchant.status("unknown")
    assert code(answer) == "2005500"
    assert answer.json()["latestTransactionStatus"] == "07"


@pytest.mark.parametrize(
    ("switch", "sent", "expected"),
    [
        ("both", "54", "2005500"),
        ("both", "55", "2005500"),
        ("both", "58", "4005501"),
        ("54", "55", "4005501"),
        ("55", "54", "4005501"),
        ("55", "55", "2005500"),
    ],
)
async def test_which_service_code_a_query_carries_is_a_switch(
    merchant: Merchant, switch: str, sent: str, expected: str
) -> None:
    """DOKU's libraries insist on 55, SNAP on 54."""
    merchant.set(status_service_code=switch)
    await merchant.paid(await merchant.linked_token())
    assert code(await merchant.status(serviceCode=sent)) == expected


async def test_a_payment_can_be_unknown_for_some_seconds(merchant: Merchant) -> None:
    """A 404 shortly after a payment is no failure."""
    merchant.set(status_404_for_s=60)
    await merchant.paid(await merchant.linked_token())
    assert code(await merchant.status()) == "4045501"
    merchant.clock.advance(60)
    assert code(await merchant.status()) == "2005500"


async def test_a_query_with_another_amount_is_inconsistent(merchant: Merchant) -> None:
    """The amount is optional and must fit."""
    await merchant.paid(await merchant.linked_token())
    assert code(await merchant.status(amount=money(15_000))) == "2005500"
    assert code(await merchant.status(amount=money(15_001))) == "4045518"


async def test_a_refund_gives_the_money_back(merchant: Merchant) -> None:
    """Cash to cash and points to points; the payment is refunded from then on."""
    token = await merchant.linked_token()
    await merchant.paid(token, points=5_000)
    answer = await merchant.call(REFUND, refund_request(), customer_token=token)
    body = answer.json()
    assert code(answer) == "2005800"
    assert body["refundAmount"] == money(15_000)
    assert (body["partnerRefundNo"], body["originalPartnerReferenceNo"]) == ("refund-1", "order-1")
    assert is_jakarta_time(body["refundTime"])
    status = (await merchant.status()).json()
    assert status["latestTransactionStatus"] == "04"
    [history] = status["refundHistory"]
    assert (history["refundNo"], history["refundAmount"]) == (body["refundNo"], money(15_000))
    account = merchant.sandbox.wallet.account("6281234567890")
    assert (account.cash_rupiah, account.points_rupiah) == (10_000_000, 50_000)


async def test_a_refund_is_notified(merchant: Merchant) -> None:
    """With status 04."""
    token = await merchant.linked_token()
    await merchant.paid(token)
    await refund(merchant, token)
    await merchant.pass_time()
    assert [body.get("latestTransactionStatus") for body in merchant.inbox.bodies] == [
        None,
        "00",
        "04",
    ]


async def test_a_part_can_not_be_refunded_unless_a_switch_allows_it(merchant: Merchant) -> None:
    """DOKU describes no partial refund for OVO."""
    token = await merchant.linked_token()
    await merchant.paid(token)
    assert await refund(merchant, token, refundAmount=money(5_000)) == "4045813"
    merchant.set(partial_refunds=True)
    assert await refund(merchant, token, refundAmount=money(5_000)) == "2005800"
    assert (await merchant.status()).json()["latestTransactionStatus"] == "00"
    rest = {"partnerRefundNo": "refund-2", "refundAmount": money(10_001)}
    assert await refund(merchant, token, **rest) == "4045813"
    rest["refundAmount"] = money(10_000)
    assert await refund(merchant, token, **rest) == "2005800"
    assert (await merchant.status()).json()["latestTransactionStatus"] == "04"


async def test_refunds_in_parts_give_back_the_points_first(merchant: Merchant) -> None:
    """And never more points than were taken."""
    merchant.set(partial_refunds=True)
    token = await merchant.linked_token()
    await merchant.paid(token, points=5_000)
    await refund(merchant, token, refundAmount=money(3_000))
    await refund(merchant, token, partnerRefundNo="refund-2", refundAmount=money(12_000))
    entries = merchant.sandbox.ledger.entries(provider="doku")
    assert [(entry.kind, entry.cash_rupiah, entry.points_rupiah) for entry in entries] == [
        ("debit", 10_000, 5_000),
        ("refund", 0, 3_000),
        ("refund", 10_000, 2_000),
    ]


async def test_only_a_paid_payment_can_be_refunded_and_only_once(merchant: Merchant) -> None:
    """An open one has the wrong status, a refunded one too."""
    token = await merchant.linked_token()
    assert await refund(merchant, token) == "4045801"
    await merchant.pay(token)
    assert await refund(merchant, token) == "4045800"
    await merchant.paid(token, reference="order-2")
    second = {"originalPartnerReferenceNo": "order-2", "partnerRefundNo": "refund-2"}
    assert await refund(merchant, token, **second) == "2005800"
    assert await refund(merchant, token, **second) == "4095801"
    second["partnerRefundNo"] = "refund-3"
    assert await refund(merchant, token, **second) == "4045800"


async def test_a_refund_belongs_to_the_payments_customer(merchant: Merchant) -> None:
    """Another customer's token can't give it back."""
    await merchant.paid(await merchant.linked_token())
    other = await merchant.linked_token("6281234567891", "cust-2")
    assert await refund(merchant, other) == "4015802"


async def test_a_refund_names_the_right_external_id_or_none(merchant: Merchant) -> None:
    """And a reference of at most 32 characters."""
    token = await merchant.linked_token()
    await merchant.paid(token)
    assert await refund(merchant, token, originalExternalId="1") == "4045818"
    assert await refund(merchant, token, originalPartnerReferenceNo="r" * 33) == "4005801"


async def test_a_repeated_refund_can_get_the_first_answer_with_409(merchant: Merchant) -> None:
    """As for payments; money moves once."""
    merchant.set(duplicates="replay-with-409")
    token = await merchant.linked_token()
    await merchant.paid(token)
    first = await merchant.call(REFUND, refund_request(), customer_token=token)
    again = await merchant.call(REFUND, refund_request(), customer_token=token)
    assert (again.status_code, again.json()) == (409, first.json())
    assert len(merchant.sandbox.ledger.entries(provider="doku")) == 2
