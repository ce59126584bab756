"""Notifications: what is believed, what is refused, and what they say."""

import json
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from ovo_payments.domain.provider import WebhookKind, WebhookRefusedError
from ovo_payments.domain.secret import Secret
from ovo_payments.domain.update import Claim, PaymentUpdate, Source
from ovo_payments.providers.midtrans import MidtransConfig, MidtransWebhooks
from tests.unit.providers.midtrans.orders import (
    CONFIG,
    CONFIRMED_ENTRY,
    PAYMENT,
    REFUND_ENTRY,
    notification,
    signed,
    transaction,
)

PAID = signed(transaction("settlement", settlement_time="2025-11-12 14:27:20"))


@pytest.fixture
def webhooks() -> MidtransWebhooks:
    """Reads one merchant's notifications."""
    return MidtransWebhooks(CONFIG)


def is_believed(webhooks: MidtransWebhooks, body: dict[str, object] | bytes) -> bool:
    """Tells whether a notification is taken for authentic."""
    try:
        webhooks.verify(WebhookKind.PAYMENT, notification(body))
    except WebhookRefusedError:
        return False
    return True


def test_a_signed_notification_is_believed(webhooks: MidtransWebhooks) -> None:
    """The fact sheet's own sample has this signature."""
    assert is_believed(webhooks, PAID)
    assert str(PAID["signature_key"]).startswith("a3ae8a2a7d05f2cc")


@pytest.mark.parametrize("field", ["order_id", "status_code", "gross_amount", "signature_key"])
def test_an_altered_notification_is_refused(webhooks: MidtransWebhooks, field: str) -> None:
    """Whatever the signature covers can't be altered, left out or be anything but a text."""
    for value in ("other", "", None, 200, ["a"], True):
        assert not is_believed(webhooks, {**PAID, field: value})
    assert not is_believed(webhooks, {key: PAID[key] for key in PAID if key != field})


def test_an_amount_that_is_a_number_is_refused(webhooks: MidtransWebhooks) -> None:
    """Nobody knows which text of it was signed."""
    raw = json.dumps(PAID).replace('"15000.00"', "15000.00").encode()
    assert not is_believed(webhooks, raw)


def test_the_key_of_another_merchant_signs_nothing_here() -> None:
    """A signature proves who sent it."""
    other = MidtransWebhooks(MidtransConfig(server_key=Secret("SB-Mid-server-other")))
    assert not is_believed(other, PAID)


def test_the_previous_key_signs_while_the_key_is_being_replaced() -> None:
    """Midtrans and we do not change it in the same instant; a third key signs nothing."""
    new, key = Secret("SB-Mid-server-new"), CONFIG.server_key
    both = MidtransWebhooks(replace(CONFIG, server_key=new, previous_server_key=key))
    assert is_believed(both, PAID)
    assert is_believed(MidtransWebhooks(replace(CONFIG, previous_server_key=new)), PAID)
    other = Secret("SB-Mid-server-other")
    neither = MidtransWebhooks(replace(CONFIG, server_key=new, previous_server_key=other))
    assert not is_believed(neither, PAID)


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"null",
        b"[]",
        b"{}",
        b"order_id=1&status_code=200",
        b"\xff\xfe",
        b"[" * 100_000,
        b'{"order_id": ' + b"9" * 5000 + b"}",
        json.dumps(PAID).encode().replace(b"{", b'{"order_id":"ovo-demo-0001",', 1),
        json.dumps(PAID).encode()[:-1],
        json.dumps(PAID).encode() + b"x",
    ],
    ids=lambda body: repr(body[:20]),
)
def test_what_is_not_one_plain_object_is_refused(webhooks: MidtransWebhooks, body: bytes) -> None:
    """A key that stands twice could be verified as one thing and read as another."""
    assert not is_believed(webhooks, body)


def test_all_refusals_look_the_same(webhooks: MidtransWebhooks) -> None:
    """Nobody learns what was wrong."""
    assert webhooks.refuse(WebhookKind.PAYMENT) == webhooks.refuse(WebhookKind.PAYMENT)
    assert webhooks.refuse(WebhookKind.PAYMENT).status == 401
    assert webhooks.acknowledge(WebhookKind.PAYMENT).status == 200


def test_midtrans_notifies_on_one_path_and_asks_nothing(webhooks: MidtransWebhooks) -> None:
    """There is no path on which Midtrans asks us something."""
    assert webhooks.paths == {"/webhooks/midtrans": WebhookKind.PAYMENT}
    assert webhooks.reply_paths == frozenset()
    answer = webhooks.reply(notification(b""), datetime(2025, 11, 12, tzinfo=UTC))
    assert answer.status == 404


@pytest.mark.parametrize(
    ("body", "claim"),
    [
        (transaction("pending", "201"), Claim.PENDING),
        (transaction("settlement"), Claim.SUCCEEDED),
        (transaction("expire", "202"), Claim.EXPIRED),
        (transaction("deny", "202"), Claim.FAILED),
        (transaction("cancel", "202"), Claim.FAILED),
        (transaction("failure", "202"), Claim.FAILED),
        (transaction("refund", refunds=[REFUND_ENTRY]), Claim.SUCCEEDED),
        (transaction("refund", refunds=[CONFIRMED_ENTRY]), Claim.REFUNDED),
        (transaction("settlement", "201"), Claim.UNKNOWN),
        (transaction(""), Claim.UNKNOWN),
    ],
)
def test_every_notification_has_one_meaning(
    webhooks: MidtransWebhooks, body: dict[str, object], claim: Claim
) -> None:
    """It says so as a webhook, which alone proves nothing (I-26)."""
    request = notification(signed(body))
    webhooks.verify(WebhookKind.PAYMENT, request)
    event = webhooks.translate(WebhookKind.PAYMENT, request)
    assert isinstance(event.update, PaymentUpdate)
    assert event.update.source is Source.WEBHOOK
    assert event.update.claim is claim
    assert event.reference == PAYMENT.payment_id


def test_a_pending_notification_altered_to_settlement_claims_nothing(
    webhooks: MidtransWebhooks,
) -> None:
    """The signature does not cover the state, but the status code beside it does not agree."""
    captured = signed(transaction("pending", "201"))
    altered = {**captured, "transaction_status": "settlement"}
    assert is_believed(webhooks, altered)
    event = webhooks.translate(WebhookKind.PAYMENT, notification(altered))
    assert event.update.claim is Claim.UNKNOWN


def test_a_summary_names_no_person(webhooks: MidtransWebhooks) -> None:
    """What operators read holds no phone number and no signature."""
    event = webhooks.translate(WebhookKind.PAYMENT, notification(PAID))
    assert "settlement" in event.summary
    assert "0811" not in event.summary + repr(event.update)
