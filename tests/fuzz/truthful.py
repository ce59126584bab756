"""Midtrans and DOKU in this process, as far as adapters need them: they say what truly happened.

Written for these tests alone, so that a hundred thousand questions cost no socket.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

import httpx

from ovo_payments.providers.http.journey import EXTENSION
from ovo_payments.providers.http.outcome import Phase

MERCHANT_ID: Final = "G141532850"
AUTH_CODE: Final = "2238000000000000000000000000000000000001"
AMOUNT: Final = "15000.00"

_MIDTRANS_CODES: Final = {"pending": "201", "settlement": "200", "expire": "407", "deny": "202"}
_TOKENS: Final[Mapping[str, Mapping[str, object]]] = {
    "b2b": {"responseCode": "2007300", "accessToken": "merchant-1", "expiresIn": 900},
    "b2b2c": {
        "responseCode": "2007400",
        "accessToken": "customer-1",
        "accessTokenExpiryTime": "2036-01-17T10:04:05+07:00",
    },
}


@dataclass
class Truth(httpx.AsyncBaseTransport):
    """What happened at both providers, and a network on which they answer."""

    midtrans: dict[str, str] = field(default_factory=dict)
    """The transaction's status, by our payment id."""
    doku: dict[str, str] = field(default_factory=dict)
    """`latestTransactionStatus`, by our payment id."""
    question_count: int = 0
    fails_with: httpx.TransportError | None = None
    """Where set, the network fails after the question was sent."""

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Answers whatever is asked."""
        request.extensions[EXTENSION].phase = Phase.READ
        self.question_count += 1
        if self.fails_with is not None:
            raise self.fails_with
        last = request.url.path.rpartition("/")[2]
        if last in _TOKENS:
            return _answer({"responseMessage": "Told", **_TOKENS[last]})
        if request.url.path.startswith("/v2/"):
            return self._midtrans(request, last)
        return self._doku(json.loads(request.content), last)

    def transaction(self, payment_id: str, status: str, code: str = "") -> dict[str, object]:
        """Writes a transaction as Midtrans does."""
        return {
            "status_code": code or _MIDTRANS_CODES[status],
            "status_message": "Success, transaction is found",
            "transaction_id": f"midtrans-{payment_id}",
            "order_id": payment_id,
            "merchant_id": MERCHANT_ID,
            "gross_amount": AMOUNT,
            "currency": "IDR",
            "payment_type": "ovo",
            "transaction_time": "2026-01-02 10:04:05",
            "transaction_status": status,
            "fraud_status": "accept",
            "expiry_time": "2026-01-02 10:05:10",
            "payer_phone_number": "081111111111",
            **({"settlement_time": "2026-01-02 10:04:30"} if status == "settlement" else {}),
        }

    def debit(self, payment_id: str, status: str) -> dict[str, object]:
        """Writes a payment notification as DOKU does."""
        return {
            "originalPartnerReferenceNo": payment_id,
            "originalReferenceNo": f"doku-{payment_id}",
            "originalExternalId": "1",
            "latestTransactionStatus": status,
            "transactionStatusDesc": "Told",
            "amount": {"value": AMOUNT, "currency": "IDR"},
            "additionalInfo": {"channelId": "EMONEY_OVO_SNAP", "paymentType": "SALE"},
        }

    def _midtrans(self, request: httpx.Request, last: str) -> httpx.Response:
        if last == "charge":
            payment_id = json.loads(request.content)["transaction_details"]["order_id"]
            self.midtrans[payment_id] = "pending"
        else:
            payment_id = request.url.path.split("/")[2]
        status = self.midtrans.get(payment_id)
        if status is None:
            return _answer({"status_code": "404", "status_message": "Transaction doesn't exist."})
        return _answer(self.transaction(payment_id, status))

    def _doku(self, asked: Mapping[str, Any], last: str) -> httpx.Response:
        if last == "payment-host-to-host":
            payment_id = asked["partnerReferenceNo"]
            self.doku[payment_id] = "03"
            told: dict[str, object] = {"responseCode": "2005400", "partnerReferenceNo": payment_id}
        elif last == "registration-account-binding":
            info = {"authCode": AUTH_CODE}
            told = {
                "responseCode": "2000700",
                "redirectUrl": "https://page",
                "additionalInfo": info,
            }
        elif last == "registration-account-unbinding":
            told = {"responseCode": "2000900"}
        elif last == "balance-inquiry":
            balance = {"value": AMOUNT, "currency": "IDR"}
            accounts = [{"balanceType": "CASH", "availableBalance": balance}]
            told = {"responseCode": "2001100", "accountInfos": accounts}
        elif last == "refund":
            told = {"responseCode": "2005800", "refundTime": "2026-01-02T10:04:05+07:00"}
        elif (payment_id := asked["originalPartnerReferenceNo"]) in self.doku:
            debit = self.debit(payment_id, self.doku[payment_id])
            told = {"responseCode": "2005500", **debit, "transAmount": debit["amount"]}
        else:
            told = {"responseCode": "4045501"}
        return _answer({"responseMessage": "Told", **told})


def _answer(document: Mapping[str, object]) -> httpx.Response:
    status = int(str(document.get("responseCode", "200"))[:3])
    body = json.dumps(document).encode()
    return httpx.Response(status, stream=httpx.ByteStream(body))
