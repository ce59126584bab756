"""A merchant as DOKU knows one: it signs its calls, and takes notifications in."""

import itertools
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

import httpx

from ovo_sandbox.app import SandboxApp
from ovo_sandbox.clock import Clock
from ovo_sandbox.doku.signing import (
    sign_token_request,
    sign_transaction,
    token_string_to_sign,
    transaction_string_to_sign,
)
from ovo_sandbox.outgoing import OutgoingAnswer, OutgoingRequest, SendFailed
from ovo_sandbox.sandbox import Sandbox

CORE = "/direct-debit/core/v1"
BIND = f"{CORE}/registration-account-binding"
UNBIND = f"{CORE}/registration-account-unbinding"
BALANCE = f"{CORE}/balance-inquiry"
PAY = f"{CORE}/debit/payment-host-to-host"
REFUND = f"{CORE}/debit/refund"
STATUS = "/orders/v1.0/debit/status"
TOKEN_B2B = "/authorization/v1/access-token/b2b"
TOKEN_B2B2C = "/authorization/v1/access-token/b2b2c"

PHONE = "6281234567890"
SUCCESS_URL = "https://merchant.example/done?ok=1"
FAILED_URL = "https://merchant.example/failed"
CHANNEL = {"channel": "EMONEY_OVO_SNAP"}

Body = dict[str, Any]


class Inbox:
    """Is the merchant's side of notifications: gives tokens, keeps what comes."""

    def __init__(self) -> None:
        self.token_requests: list[OutgoingRequest] = []
        self.notifications: list[OutgoingRequest] = []
        self.token_status = 200
        self.token_answer = b""
        self.status = 200
        self.is_up = True

    async def send(self, request: OutgoingRequest, *, timeout_s: float) -> OutgoingAnswer:
        """Answers as the merchant's sidecar would."""
        if not self.is_up:
            raise SendFailed("no connection")
        if urlsplit(request.url).path == TOKEN_B2B:
            self.token_requests.append(request)
            body = {"responseCode": "2007300", "accessToken": f"ours-{len(self.token_requests)}"}
            raw = self.token_answer or json.dumps(body).encode()
            return OutgoingAnswer(status=self.token_status, body=raw)
        self.notifications.append(request)
        return OutgoingAnswer(status=self.status)

    async def close(self) -> None:
        """Has nothing to give back."""

    @property
    def bodies(self) -> list[Body]:
        """What the notifications say, in their order."""
        return [json.loads(request.body) for request in self.notifications]


@dataclass(kw_only=True)
class Merchant:
    """Calls one sandbox in its own process, on a clock that stands still."""

    app: SandboxApp
    http: httpx.AsyncClient
    clock: Clock
    inbox: Inbox
    numbers: Iterator[int] = field(default_factory=lambda: itertools.count(1))

    @property
    def sandbox(self) -> Sandbox:
        """What the sandbox's parts share."""
        return self.app.sandbox

    def timestamp(self) -> str:
        """The time as a transport signs it."""
        return self.clock.now().strftime("%Y-%m-%dT%H:%M:%SZ")

    def set(self, **switches: bool | float | str) -> None:
        """Sets DOKU's switches."""
        for name, value in switches.items():
            self.sandbox.switches.set(f"doku_{name}", value)

    def fault(self, name: str, **details: object) -> None:
        """Arms a fault."""
        self.sandbox.faults.arm({"name": name, "provider": "doku", **details})

    async def pass_time(self, seconds: float = 2) -> None:
        """Moves the clock and lets everything that became due finish."""
        self.clock.advance(seconds)
        await self.sandbox.scheduler.idle()

    def token_headers(self) -> dict[str, str]:
        """The headers of a token call."""
        client_id, timestamp = self.sandbox.config.doku_client_id, self.timestamp()
        return {
            "X-CLIENT-KEY": client_id,
            "X-TIMESTAMP": timestamp,
            "X-SIGNATURE": sign_token_request(
                private_key=self.sandbox.keys.merchant_private_key,
                string_to_sign=token_string_to_sign(client_id=client_id, timestamp=timestamp),
            ),
        }

    async def token_call(self, path: str, body: Body) -> httpx.Response:
        """Makes one of the two token calls."""
        return await self.http.post(path, json=body, headers=self.token_headers())

    async def token(self) -> str:
        """Fetches a merchant token."""
        answer = await self.token_call(TOKEN_B2B, {"grantType": "client_credentials"})
        return str(answer.json()["accessToken"])

    async def customer_token(self, auth_code: str) -> str:
        """Fetches a customer token."""
        body = {"grantType": "authorization_code", "authCode": auth_code}
        answer = await self.token_call(TOKEN_B2B2C, body)
        assert answer.status_code == 200, answer.text
        return str(answer.json()["accessToken"])

    def headers(self, path: str, body: bytes, token: str, customer_token: str = "") -> Body:
        """The headers of a transactional call, rightly signed."""
        timestamp = self.timestamp()
        headers = {
            "Content-Type": "application/json",
            "Authorization": f"Bearer {token}",
            "X-PARTNER-ID": self.sandbox.config.doku_client_id,
            "X-EXTERNAL-ID": f"{next(self.numbers):020d}",
            "X-TIMESTAMP": timestamp,
            "X-SIGNATURE": sign_transaction(
                secret=self.sandbox.config.doku_client_secret,
                string_to_sign=transaction_string_to_sign(
                    method="POST",
                    endpoint=path,
                    access_token=token,
                    body=body,
                    timestamp=timestamp,
                ),
            ),
        }
        if customer_token:
            headers["Authorization-Customer"] = f"Bearer {customer_token}"
        return headers

    async def call(
        self,
        path: str,
        body: Mapping[str, Any],
        *,
        customer_token: str = "",
        headers: Mapping[str, str | None] | None = None,
    ) -> httpx.Response:
        """Makes a transactional call; `headers` replaces headers, or drops those that are None."""
        raw = json.dumps(body).encode()
        made = {**self.headers(path, raw, await self.token(), customer_token), **(headers or {})}
        kept = {name: value for name, value in made.items() if value is not None}
        return await self.http.post(path, content=raw, headers=kept)

    async def bind(self, phone: str = PHONE, customer_id: str = "cust-1") -> Body:
        """Begins a binding and returns the answer."""
        return dict((await self.call(BIND, binding_request(phone, customer_id))).json())

    async def visit(self, url: str) -> "Visit":
        """Opens a hosted page."""
        visit = Visit(self.http, urlsplit(url).path)
        await visit.reload()
        return visit

    async def linked(self, phone: str = PHONE, customer_id: str = "cust-1") -> str:
        """Links an account through its page and returns the auth code."""
        answer = await self.bind(phone, customer_id)
        visit = await self.visit(answer["redirectUrl"])
        await visit.go_through("111111", "123456")
        return str(answer["additionalInfo"]["authCode"])

    async def linked_token(self, phone: str = PHONE, customer_id: str = "cust-1") -> str:
        """Links an account and returns a customer token for it."""
        return await self.customer_token(await self.linked(phone, customer_id))

    async def pay(self, customer_token: str, **changes: Any) -> httpx.Response:  # noqa: ANN401
        """Asks for a payment; see `payment_request` for what can be changed."""
        return await self.call(PAY, payment_request(**changes), customer_token=customer_token)

    async def paid(self, customer_token: str, **changes: Any) -> Body:  # noqa: ANN401
        """Debits without the customer, and returns the answer."""
        answer = await self.pay(customer_token, payment_type="RECURRING", **changes)
        assert answer.json()["responseCode"] == "2005400", answer.text
        return dict(answer.json())

    async def status(self, reference: str = "order-1", **fields: object) -> httpx.Response:
        """Asks what became of a payment."""
        body = {"originalPartnerReferenceNo": reference, "serviceCode": "55", **fields}
        return await self.call(STATUS, body)


class Visit:
    """Is a customer's browser without JavaScript on a hosted page."""

    def __init__(self, http: httpx.AsyncClient, path: str) -> None:
        self.http = http
        self.path = path
        self.html = ""
        self.status_code = 0

    async def reload(self) -> None:
        """Reads the page."""
        answer = await self.http.get(self.path)
        self.html, self.status_code = answer.text, answer.status_code

    async def press(self, action: str = "continue", entry: str = "") -> None:
        """Posts the form that the page shows and follows where it leads."""
        form = dict(re.findall(r'type="hidden" name="(\w+)" value="(\w+)"', self.html))
        assert form, "the page shows no form"
        answer = await self.http.post(self.path, data={**form, "action": action, "entry": entry})
        assert answer.status_code == 303
        assert answer.headers["location"] == self.path
        await self.reload()

    async def go_through(self, *entries: str) -> None:
        """Agrees on the first screen and enters what the next ones ask for."""
        await self.press()
        for entry in entries:
            await self.press(entry=entry)

    @property
    def return_link(self) -> str:
        """Where the last screen leads."""
        match = re.search(r'<a class="button[^"]*" href="([^"]+)">Return', self.html)
        assert match is not None, "the page has no link back"
        return match[1].replace("&amp;", "&")

    @property
    def refreshes_to(self) -> str:
        """Where the last screen goes by itself."""
        match = re.search(r'http-equiv="refresh" content="\d+;url=([^"]+)"', self.html)
        assert match is not None, "the page stays where it is"
        return match[1].replace("&amp;", "&")


def binding_request(phone: str = PHONE, customer_id: str = "cust-1") -> Body:
    """The smallest body that production integrations send."""
    return {
        "phoneNo": phone,
        "additionalInfo": {
            **CHANNEL,
            "custIdMerchant": customer_id,
            "successRegistrationUrl": SUCCESS_URL,
            "failedRegistrationUrl": FAILED_URL,
        },
    }


def payment_request(
    *,
    reference: str = "order-1",
    amount: int = 15_000,
    points: int = 0,
    payment_type: str = "SALE",
) -> Body:
    """A payment in cash, or in cash and points."""
    shares = {"CASH": amount - points, "POINTS": points}
    return {
        "partnerReferenceNo": reference,
        "amount": money(amount),
        "feeType": "OUR",
        "payOptionDetails": [
            {"payMethod": method, "transAmount": money(share), "feeAmount": money(0)}
            for method, share in shares.items()
            if share
        ],
        "additionalInfo": {
            **CHANNEL,
            "successPaymentUrl": SUCCESS_URL,
            "failedPaymentUrl": FAILED_URL,
            "paymentType": payment_type,
        },
    }


def refund_request(
    reference: str = "order-1", refund: str = "refund-1", amount: int = 15_000
) -> Body:
    """A refund."""
    return {
        "originalPartnerReferenceNo": reference,
        "partnerRefundNo": refund,
        "refundAmount": money(amount),
        "reason": "did not fit",
        "additionalInfo": CHANNEL,
    }


def money(rupiah: int) -> Body:
    """An amount as SNAP writes it."""
    return {"value": f"{rupiah}.00", "currency": "IDR"}


def code(answer: httpx.Response) -> str:
    """The response code, whose first three digits are the HTTP status."""
    found = str(answer.json()["responseCode"])
    assert found.startswith(str(answer.status_code))
    return found


def is_jakarta_time(text: str) -> bool:
    """Tells whether a text is a time of Jakarta without fractions."""
    return datetime.fromisoformat(text).utcoffset() == timedelta(hours=7) and len(text) == 25
