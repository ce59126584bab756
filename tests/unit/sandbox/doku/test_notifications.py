"""What DOKU tells the merchant by itself, how it proves it, and when it tries again."""

from datetime import timedelta

import pytest

from ovo_sandbox.config import SandboxConfig
from ovo_sandbox.doku.signing import (
    token_signature_holds,
    transaction_signature_holds,
    transaction_string_to_sign,
)
from ovo_sandbox.outgoing import OutgoingRequest
from tests.unit.sandbox.doku.merchant import Merchant, is_jakarta_time, money


async def notified(merchant: Merchant) -> str:
    """Makes a paid payment whose binding's notification is through, and returns its token."""
    token = await merchant.linked_token()
    await merchant.pass_time()
    merchant.inbox.notifications.clear()
    await merchant.paid(token)
    return token


def is_rightly_signed(merchant: Merchant, request: OutgoingRequest, secret: str = "") -> bool:
    """Verifies a notification as the merchant would."""
    headers = request.headers
    return transaction_signature_holds(
        secret=secret or merchant.sandbox.config.doku_client_secret,
        string_to_sign=transaction_string_to_sign(
            method="POST",
            endpoint="/webhooks/doku/payment",
            access_token=headers["Authorization"].removeprefix("Bearer "),
            body=request.body,
            timestamp=headers["X-TIMESTAMP"],
        ),
        signature=headers["X-SIGNATURE"],
    )


async def test_doku_fetches_a_token_from_the_merchant_first(merchant: Merchant) -> None:
    """Signed with DOKU's key over the merchant's client id."""
    await notified(merchant)
    await merchant.pass_time()
    request = merchant.inbox.token_requests[-1]
    client_id = merchant.sandbox.config.doku_client_id
    assert request.url == "http://127.0.0.1:8080/authorization/v1/access-token/b2b"
    assert request.body == b'{"grantType":"client_credentials"}'
    assert request.headers["X-CLIENT-KEY"] == client_id
    assert is_jakarta_time(request.headers["X-TIMESTAMP"])
    assert token_signature_holds(
        public_key=merchant.sandbox.keys.doku_private_key.public_key(),
        string_to_sign=f"{client_id}|{request.headers['X-TIMESTAMP']}",
        signature=request.headers["X-SIGNATURE"],
    )


async def test_a_notification_is_signed_with_the_merchants_token(merchant: Merchant) -> None:
    """And names the customer by the token that DOKU gave for it."""
    token = await notified(merchant)
    await merchant.pass_time()
    [request] = merchant.inbox.notifications
    assert request.headers["Authorization"] == "Bearer ours-2"
    assert request.headers["Authorization-Customer"] == f"Bearer {token}"
    assert request.headers["X-PARTNER-ID"] == merchant.sandbox.config.doku_client_id
    assert request.headers["X-EXTERNAL-ID"].isdigit()
    assert is_jakarta_time(request.headers["X-TIMESTAMP"])
    assert is_rightly_signed(merchant, request)
    assert b": " not in request.body


async def test_a_payment_notification_has_dokus_body(merchant: Merchant) -> None:
    """Every field that production integrations read."""
    await notified(merchant)
    status = (await merchant.status()).json()
    await merchant.pass_time()
    [body] = merchant.inbox.bodies
    assert body == {
        "originalPartnerReferenceNo": "order-1",
        "originalReferenceNo": status["originalReferenceNo"],
        "originalExternalId": status["originalExternalId"],
        "latestTransactionStatus": "00",
        "transactionStatusDesc": "Success",
        "amount": money(15_000),
        "additionalInfo": {
            "acquirerId": "OVO",
            "custIdMerchant": "cust-1",
            "accountType": "WALLET",
            "channelId": "EMONEY_OVO_SNAP",
            "failedPaymentUrl": "https://merchant.example/failed",
            "successPaymentUrl": "https://merchant.example/done?ok=1",
            "origin": {"apiFormat": "SNAP"},
            "paymentType": "RECURRING",
        },
    }


async def test_a_payment_that_its_page_ended_is_notified_too(merchant: Merchant) -> None:
    """Canceled is 05, a wrong PIN 06."""
    token = await merchant.linked_token()
    await merchant.pass_time()
    canceled = await merchant.pay(token)
    await (await merchant.visit(canceled.json()["webRedirectUrl"])).press("cancel")
    failed = await merchant.pay(token, reference="order-2")
    visit = await merchant.visit(failed.json()["webRedirectUrl"])
    await visit.go_through("0", "0", "0")
    await merchant.pass_time()
    told = [body["latestTransactionStatus"] for body in merchant.inbox.bodies[1:]]
    assert told == ["05", "06"]


async def test_a_refused_payment_can_be_notified_as_failed(merchant: Merchant) -> None:
    """Of a payment that the merchant never saw accepted; a switch turns it on."""
    merchant.set(refused_payment_notifies=True)
    token = await merchant.linked_token("6281100000001")
    await merchant.pay(token)
    await merchant.pass_time()
    body = merchant.inbox.bodies[-1]
    assert (body["latestTransactionStatus"], body["originalPartnerReferenceNo"]) == (
        "06",
        "order-1",
    )
    assert "originalReferenceNo" not in body


async def test_an_unanswered_notification_is_tried_again_after_30_minutes_6_and_12_hours(
    merchant: Merchant,
) -> None:
    """Counted from the first try; after the fourth, only by hand."""
    await notified(merchant)
    merchant.inbox.status = 503
    await merchant.pass_time(1)
    began = merchant.clock.now()
    assert len(merchant.inbox.notifications) == 1
    for tries, due_s in enumerate((1_800, 21_600, 43_200), start=1):
        due = began + timedelta(seconds=due_s)
        await merchant.pass_time((due - merchant.clock.now()).total_seconds() - 1)
        assert len(merchant.inbox.notifications) == tries
        await merchant.pass_time(1)
        assert len(merchant.inbox.notifications) == tries + 1
    await merchant.pass_time(7 * 86_400)
    assert len(merchant.inbox.notifications) == 4
    external_ids = {one.headers["X-EXTERNAL-ID"] for one in merchant.inbox.notifications}
    assert len(external_ids) == 4


async def test_a_notification_can_be_resent_by_hand(merchant: Merchant) -> None:
    """As from DOKU's dashboard."""
    merchant.inbox.is_up = False
    await notified(merchant)
    await merchant.pass_time()
    merchant.inbox.is_up = True
    log = merchant.sandbox.delivery.log(reference="order-1")
    assert [attempt.failure for attempt in log[0].attempts] == ["no connection"]
    await merchant.sandbox.delivery.resend(log[0].notification_id)
    assert [body["latestTransactionStatus"] for body in merchant.inbox.bodies] == ["00"]


@pytest.mark.parametrize("status", [401, 500])
async def test_without_a_token_there_is_no_notification(merchant: Merchant, status: int) -> None:
    """The attempt counts as failed and is made again."""
    merchant.inbox.token_status = status
    await merchant.linked()
    await merchant.pass_time()
    assert merchant.inbox.notifications == []
    [notification] = merchant.sandbox.delivery.log()
    assert notification.attempts[0].failure == f"no token: HTTP {status}"
    merchant.inbox.token_status = 200
    await merchant.pass_time(1_800)
    assert len(merchant.inbox.notifications) == 1


async def test_a_forged_notification_has_a_signature_that_does_not_hold(merchant: Merchant) -> None:
    """It comes before the true one."""
    merchant.fault("webhook_forged", reference="order-1")
    await notified(merchant)
    await merchant.pass_time()
    signed = [is_rightly_signed(merchant, request) for request in merchant.inbox.notifications]
    assert signed == [False, True]


async def test_a_notification_with_a_wrong_amount_is_rightly_signed(merchant: Merchant) -> None:
    """Only the amount tells it from the true one."""
    merchant.fault("webhook_wrong_amount", reference="order-1")
    await notified(merchant)
    await merchant.pass_time()
    amounts = [body["amount"] for body in merchant.inbox.bodies]
    assert amounts == [money(16_000), money(15_000)]
    assert all(is_rightly_signed(merchant, request) for request in merchant.inbox.notifications)


@pytest.mark.parametrize(
    ("fault", "seconds", "count"),
    [("webhook_dropped", 60, 0), ("webhook_duplicated", 60, 2), ("webhook_delayed", 60, 0)],
)
async def test_a_fault_can_lose_double_or_delay_a_notification(
    merchant: Merchant, fault: str, seconds: int, count: int
) -> None:
    """By name, for one payment."""
    merchant.fault(fault, reference="order-1", **({"seconds": 3_600} if count == 0 else {}))
    await notified(merchant)
    await merchant.pass_time(seconds)
    assert len(merchant.inbox.notifications) == count


@pytest.mark.parametrize("config", [SandboxConfig(doku_notification_secret="SK-inbound")])
async def test_a_notification_can_be_signed_with_a_secret_of_its_own(merchant: Merchant) -> None:
    """Some merchants have one for each direction."""
    await notified(merchant)
    await merchant.pass_time()
    [request] = merchant.inbox.notifications
    assert not is_rightly_signed(merchant, request, "SK-sandbox-client-secret")
    assert is_rightly_signed(merchant, request, "SK-inbound")


@pytest.mark.parametrize(
    "config",
    [SandboxConfig(doku_payment_notification_url=None, doku_binding_notification_url=None)],
)
async def test_without_an_address_nothing_is_notified(merchant: Merchant) -> None:
    """The merchant asks for itself."""
    await notified(merchant)
    assert merchant.sandbox.delivery.log() == []


@pytest.mark.parametrize("config", [SandboxConfig(doku_token_url=None)])
async def test_without_a_token_address_no_attempt_succeeds(merchant: Merchant) -> None:
    """The log says what is missing."""
    await notified(merchant)
    await merchant.pass_time()
    assert merchant.inbox.notifications == []
    [notification] = merchant.sandbox.delivery.log(reference="order-1")
    assert "no address" in (notification.attempts[0].failure or "")


@pytest.mark.parametrize(
    ("answer", "failure"),
    [
        (b"<html>", "no token: not JSON"),
        (b"[]", "no token: no accessToken in the answer"),
        (b'{"accessToken": ""}', "no token: no accessToken in the answer"),
    ],
)
async def test_an_answer_without_a_token_is_a_failed_attempt(
    merchant: Merchant, answer: bytes, failure: str
) -> None:
    """Whatever the merchant's token call returns instead."""
    merchant.inbox.token_answer = answer
    await merchant.linked()
    await merchant.pass_time()
    [notification] = merchant.sandbox.delivery.log()
    assert notification.attempts[0].failure == failure
