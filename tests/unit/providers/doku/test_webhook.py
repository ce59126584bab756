"""What DOKU sends by itself: its token call, and notifications that are authentic or refused."""

import json
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, Final

import pytest
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey

from ovo_payments.domain.money import Money
from ovo_payments.domain.provider import (
    InboundAnswer,
    InboundRequest,
    WebhookKind,
    WebhookRefusedError,
)
from ovo_payments.domain.secret import Secret
from ovo_payments.domain.update import BindingClaim, BindingUpdate, Claim, PaymentUpdate
from ovo_payments.providers.doku import DokuConfig, DokuWebhooks
from ovo_payments.providers.doku.inbound_tokens import InboundTokens
from ovo_payments.providers.doku.signing import (
    minify,
    sign_with_private_key,
    sign_with_secret,
    token_string_to_sign,
    transaction_string_to_sign,
)
from tests.unit.providers.doku.merchant import (
    AUTH_CODE,
    CLIENT_ID,
    CLIENT_SECRET,
    NOW,
    PAYMENT_ID,
    HandClock,
    config,
    doku_key,
    merchant_key,
    rupiah,
)

PAYMENT_PATH: Final = "/webhooks/doku/payment"
BINDING_PATH: Final = "/webhooks/doku/binding"
TOKEN_PATH: Final = "/authorization/v1/access-token/b2b"
PAID: Final[Mapping[str, Any]] = {
    "originalPartnerReferenceNo": PAYMENT_ID,
    "originalReferenceNo": "DOKU1",
    "originalExternalId": "1",
    "latestTransactionStatus": "00",
    "transactionStatusDesc": "Success",
    "amount": rupiah(15_000),
    "additionalInfo": {
        "acquirerId": "OVO",
        "custIdMerchant": "customer-1",
        "accountType": "WALLET",
        "channelId": "EMONEY_OVO_SNAP",
        "paymentType": "SALE",
    },
}
LINKED: Final[Mapping[str, Any]] = {
    "originalExternalId": "1" * 32,
    "additionalInfo": {
        "status": "SUCCESS",
        "custIdMerchant": "customer-1",
        "authCode": AUTH_CODE,
    },
}


def asked_with(key: RSAPrivateKey, timestamp: str = "2026-01-02T10:04:05+07:00") -> str:
    """Signs the token call with a key."""
    return sign_with_private_key(key, token_string_to_sign(CLIENT_ID, timestamp))


class Doku:
    """DOKU's side: asks for tokens and signs notifications."""

    def __init__(self, settings: DokuConfig | None = None, clock: HandClock | None = None) -> None:
        self.settings = settings or config()
        self.clock = clock or HandClock()
        self.webhooks = DokuWebhooks(self.settings, self.clock)

    def asks(self, **changed: str) -> InboundAnswer:
        """Makes the token call, with some of it changed."""
        timestamp = changed.get("timestamp", "2026-01-02T10:04:05+07:00")
        signature = asked_with(doku_key(), timestamp)
        request = InboundRequest(
            target=TOKEN_PATH,
            headers={
                "x-client-key": changed.get("client_id", CLIENT_ID),
                "x-timestamp": timestamp,
                "x-signature": changed.get("signature", signature),
            },
            body=changed.get("body", '{"grantType":"client_credentials"}').encode(),
        )
        return self.webhooks.reply(request, self.clock.now())

    def token(self) -> str:
        """Gets a token as DOKU does."""
        token = json.loads(self.asks().body)["accessToken"]
        assert isinstance(token, str)
        return token

    def notifies(
        self,
        body: bytes,
        *,
        target: str = PAYMENT_PATH,
        secret: Secret = CLIENT_SECRET,
        token: str | None = None,
        signed_body: bytes | None = None,
        **headers: str,
    ) -> InboundRequest:
        """Makes a signed notification."""
        used = self.token() if token is None else token
        timestamp = "2026-01-02T10:04:05+07:00"
        text = transaction_string_to_sign(
            method="POST",
            target=target,
            access_token=used,
            minified_body=minify(body if signed_body is None else signed_body),
            timestamp=timestamp,
        )
        return InboundRequest(
            target=headers.pop("target_received", target),
            headers={
                "authorization": f"Bearer {used}",
                "x-partner-id": CLIENT_ID,
                "x-external-id": "7",
                "x-timestamp": timestamp,
                "x-signature": sign_with_secret(secret, text),
                **{name.replace("_", "-"): value for name, value in headers.items()},
            },
            body=body,
        )


@pytest.fixture
def doku() -> Doku:
    """DOKU, in front of a service with the usual settings."""
    return Doku()


def written(document: Mapping[str, Any]) -> bytes:
    """Writes a body as DOKU does."""
    return json.dumps(document, separators=(",", ":")).encode()


def refused(doku: Doku, request: InboundRequest) -> str:
    """Says why a request is refused."""
    with pytest.raises(WebhookRefusedError) as raised:
        doku.webhooks.verify(WebhookKind.PAYMENT, request)
    return raised.value.cause


def test_a_payment_notification_is_read(doku: Doku) -> None:
    """Signed as DOKU signs, it says what became of a payment."""
    request = doku.notifies(written(PAID))
    doku.webhooks.verify(WebhookKind.PAYMENT, request)
    event = doku.webhooks.translate(WebhookKind.PAYMENT, request)
    assert isinstance(event.update, PaymentUpdate)
    assert event.reference == PAYMENT_ID
    assert event.update.claim is Claim.SUCCEEDED
    assert event.update.amount == Money(15_000)
    assert event.update.provider_reference == "DOKU1"
    assert event.summary == "payment notification: latestTransactionStatus 00"


def test_a_binding_notification_is_read(doku: Doku) -> None:
    """It names the link by the X-EXTERNAL-ID of its request."""
    request = doku.notifies(written(LINKED), target=BINDING_PATH)
    doku.webhooks.verify(WebhookKind.BINDING, request)
    event = doku.webhooks.translate(WebhookKind.BINDING, request)
    assert isinstance(event.update, BindingUpdate)
    assert event.reference == "1" * 32
    assert event.update.claim is BindingClaim.ACTIVE
    assert event.update.credentials == {"auth_code": Secret(AUTH_CODE)}
    assert AUTH_CODE not in event.summary


def test_a_notification_without_a_reference_is_about_nothing(doku: Doku) -> None:
    """Authentic, kept, and of nothing that we know."""
    event = doku.webhooks.translate(WebhookKind.PAYMENT, doku.notifies(b"{}"))
    assert event.reference == ""
    assert isinstance(event.update, PaymentUpdate)
    assert event.update.claim is Claim.UNKNOWN


def test_a_body_may_travel_with_spaces(doku: Doku) -> None:
    """DOKU signs the minified body, whatever travels."""
    spaced = json.dumps(PAID, indent=2).encode()
    doku.webhooks.verify(WebhookKind.PAYMENT, doku.notifies(spaced, signed_body=written(PAID)))


def test_a_query_in_our_address_is_signed_with_the_path(doku: Doku) -> None:
    """The target counts as it was received."""
    target = f"{PAYMENT_PATH}?source=doku"
    doku.webhooks.verify(WebhookKind.PAYMENT, doku.notifies(written(PAID), target=target))


def test_notifications_may_have_a_secret_of_their_own() -> None:
    """Then the client secret signs none."""
    doku = Doku(config(notification_secret=Secret("inbound")))
    good = doku.notifies(written(PAID), secret=Secret("inbound"))
    doku.webhooks.verify(WebhookKind.PAYMENT, good)
    assert refused(doku, doku.notifies(written(PAID))) == "a wrong signature"


@pytest.mark.parametrize(
    ("changed", "cause"),
    [
        ({"secret": Secret("another")}, "a wrong signature"),
        ({"signed_body": written({**PAID, "amount": rupiah(1)})}, "a wrong signature"),
        ({"target_received": BINDING_PATH}, "a wrong signature"),
        ({"x_timestamp": "2026-01-02T10:04:06+07:00"}, "a wrong signature"),
        ({"x_timestamp": ""}, "a wrong signature"),
        ({"x_signature": ""}, "a wrong signature"),
        ({"x_signature": "é"}, "a wrong signature"),
        ({"x_partner_id": "BRN-another"}, "another X-PARTNER-ID than ours"),
        ({"x_partner_id": ""}, "another X-PARTNER-ID than ours"),
        ({"token": "foreign"}, "no token of ours, or an old one"),
        ({"token": ""}, "no token of ours, or an old one"),
        ({"token": "é"}, "no token of ours, or an old one"),
        ({"authorization": ""}, "no token of ours, or an old one"),
        ({"authorization": "Basic x"}, "no token of ours, or an old one"),
    ],
)
def test_a_notification_that_is_not_authentic_is_refused(
    doku: Doku, changed: dict[str, Any], cause: str
) -> None:
    """Another secret, body, path, time, merchant or token: for the log alone, it says which."""
    assert refused(doku, doku.notifies(written(PAID), **changed)) == cause


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"[]",
        b"paid",
        b'{"latestTransactionStatus":"06","latestTransactionStatus":"00"}',
        b'{"amount":{"value":"1.00","value":"2.00"}}',
        b'{"amount":NaN}',
        b'{"a":"\xff"}',
        b"[" * 60_000,
    ],
)
def test_a_signed_body_that_two_readers_could_read_differently_is_refused(
    doku: Doku, body: bytes
) -> None:
    """A good signature makes no sense of a body that has none."""
    assert refused(doku, doku.notifies(body)).startswith("an unreadable body")


def test_every_refusal_is_the_same_answer(doku: Doku) -> None:
    """Whoever tries learns nothing; each kind has its one answer."""
    answer = doku.webhooks.refuse(WebhookKind.PAYMENT)
    assert (answer.status, json.loads(answer.body)["responseCode"]) == (401, "4015600")
    answer = doku.webhooks.refuse(WebhookKind.BINDING)
    assert (answer.status, json.loads(answer.body)["responseCode"]) == (401, "4010700")


def test_every_stored_notification_is_acknowledged(doku: Doku) -> None:
    """With the code of its service."""
    answer = doku.webhooks.acknowledge(WebhookKind.PAYMENT)
    assert (answer.status, json.loads(answer.body)) == (
        200,
        {
            "responseCode": "2005600",
            "responseMessage": "Request has been processed successfully",
        },
    )
    answer = doku.webhooks.acknowledge(WebhookKind.BINDING)
    assert (answer.status, json.loads(answer.body)["responseCode"]) == (200, "2000700")


def test_doku_knows_where_to_call(doku: Doku) -> None:
    """The sidecar's paths."""
    assert doku.webhooks.paths == {
        PAYMENT_PATH: WebhookKind.PAYMENT,
        BINDING_PATH: WebhookKind.BINDING,
    }
    assert doku.webhooks.reply_paths == {TOKEN_PATH}


# The token that DOKU fetches from us


def test_doku_gets_a_token(doku: Doku) -> None:
    """In the shape of its own tokens."""
    answer = doku.asks()
    assert answer.status == 200
    assert answer.headers["X-CLIENT-KEY"] == CLIENT_ID
    assert answer.headers["X-TIMESTAMP"] == "2026-01-02T03:04:05Z"
    told = json.loads(answer.body)
    assert told.pop("accessToken")
    assert told == {
        "responseCode": "2007300",
        "responseMessage": "Successful",
        "tokenType": "Bearer",
        "expiresIn": 900,
        "additionalInfo": "",
    }


@pytest.mark.parametrize(
    "changed",
    [
        {"client_id": "BRN-another"},
        {"client_id": ""},
        {"signature": ""},
        {"signature": "AAAA"},
        {"signature": asked_with(merchant_key())},
        {"timestamp": ""},
        {"timestamp": "2026-01-02T10:04:05"},
        {"timestamp": "yesterday"},
        {"timestamp": "2026-01-02T03:14:06Z"},
        {"timestamp": "2026-01-02T02:54:04Z"},
        {"body": ""},
        {"body": "[]"},
        {"body": '{"grantType":"authorization_code"}'},
    ],
)
def test_everybody_else_gets_no_token_and_one_answer(doku: Doku, changed: dict[str, str]) -> None:
    """Another name, signature, key, time or wish: uniformly refused."""
    answer = doku.asks(**changed)
    assert (answer.status, json.loads(answer.body)) == (
        401,
        {"responseCode": "4017300", "responseMessage": "Unauthorized"},
    )


@pytest.mark.parametrize("timestamp", ["2026-01-02T03:14:05Z", "2026-01-02T09:54:05+07:00"])
def test_clocks_may_differ_by_ten_minutes(doku: Doku, timestamp: str) -> None:
    """Either way, in any offset."""
    assert doku.asks(timestamp=timestamp).status == 200


def test_how_far_clocks_may_differ_is_a_setting() -> None:
    """DOKU publishes no limit."""
    doku = Doku(config(notification_clock_skew_s=3600.0))
    assert doku.asks(timestamp="2026-01-02T04:04:05Z").status == 200


def test_a_token_is_good_for_fifteen_minutes(doku: Doku) -> None:
    """And for not a second more."""
    request = doku.notifies(written(PAID))
    doku.clock.move(899)
    doku.webhooks.verify(WebhookKind.PAYMENT, request)
    doku.clock.move(1)
    assert refused(doku, request) == "no token of ours, or an old one"


def test_a_token_from_one_node_is_good_on_another(doku: Doku) -> None:
    """Nothing is stored: who has the key knows the token."""
    request = doku.notifies(written(PAID))
    Doku().webhooks.verify(WebhookKind.PAYMENT, request)


def test_a_token_under_another_key_is_foreign(doku: Doku) -> None:
    """Two merchants' services don't take each other's tokens."""
    foreign = InboundTokens(doku_key()).mint(NOW + timedelta(hours=1), bytes(16))
    assert refused(doku, doku.notifies(written(PAID), token=foreign)) == (
        "no token of ours, or an old one"
    )


def test_no_two_tokens_are_the_same(doku: Doku) -> None:
    """Also within a second."""
    assert doku.token() != doku.token()


def changed_anywhere(token: str) -> list[str]:
    """Changes each letter of a token, cuts it and lengthens it."""
    changed = [
        token[:place] + ("A" if letter != "A" else "B") + token[place + 1 :]
        for place, letter in enumerate(token)
    ]
    return [*changed, token[:-1], token[:-4], f"{token}A", f"{token}AAAA", f" {token}", ""]


def test_a_token_that_was_changed_anywhere_is_not_known() -> None:
    """Not one letter can be another, not even those that base64 ignores."""
    tokens = InboundTokens(merchant_key())
    token = tokens.mint(NOW + timedelta(hours=1), bytes(range(16)))
    assert tokens.knows(token, NOW)
    assert [one for one in changed_anywhere(token) if tokens.knows(one, NOW)] == []


def test_a_token_tells_its_end_alone() -> None:
    """What is minted depends on the end and the nonce, and on nothing else."""
    tokens, end = InboundTokens(merchant_key()), NOW + timedelta(hours=1)
    assert tokens.mint(end, bytes(16)) == tokens.mint(end, bytes(16))
    assert not tokens.knows(tokens.mint(end, bytes(16)), end)
    assert not tokens.knows(tokens.mint(datetime.fromtimestamp(0, NOW.tzinfo), bytes(16)), NOW)
