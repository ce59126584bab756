"""Midtrans' endpoints: paths, headers and the key under which each operation is sent once."""

from typing import Final
from urllib.parse import quote

from ovo_payments.domain.payment import Payment
from ovo_payments.domain.phone import PhoneNumber
from ovo_payments.domain.refund import Refund
from ovo_payments.providers.http import Answered, HttpClients, Outcome
from ovo_payments.providers.midtrans import signing, wire
from ovo_payments.providers.midtrans.config import MidtransConfig

_UNAUTHORIZED: Final = 401
_TOO_MANY: Final = 429
_SERVER_ERROR: Final = 500
# No payment has this id: asking for it costs Midtrans little and moves nothing.
_PROBE_ID: Final = "ovo-payments-probe"


def unwell(answered: Answered) -> bool:
    """Whether an answer tells that further calls would be in vain for now."""
    return answered.status in {_UNAUTHORIZED, _TOO_MANY} or answered.status >= _SERVER_ERROR


class MidtransClient:
    """Sends requests to Midtrans' Core API and gives back whatever comes of them."""

    def __init__(self, config: MidtransConfig, clients: HttpClients) -> None:
        """Speaks for the merchant of `config`."""
        self._clients = clients
        self._authorization = signing.authorization(config.server_key)

    async def charge(self, payment: Payment, phone_number: PhoneNumber) -> Outcome:
        """Creates an order, which pushes it to the payer's phone."""
        return await self._clients.mutate.send(
            "charge",
            "POST",
            "/v2/charge",
            headers=self._headers(f"charge-{payment.payment_id}"),
            content=wire.charge_body(payment, phone_number),
        )

    async def refund(self, payment: Payment, refund: Refund) -> Outcome:
        """Refunds the whole amount of an order."""
        return await self._clients.mutate.send(
            "refund",
            "POST",
            f"/v2/{quote(payment.payment_id, safe='')}/refund",
            headers=self._headers(f"refund-{refund.refund_id}"),
            content=wire.refund_body(refund),
        )

    async def status(self, payment_id: str) -> Outcome:
        """Asks what became of an order."""
        return await self._clients.query.send(
            "status",
            "GET",
            f"/v2/{quote(payment_id, safe='')}/status",
            headers=self._headers(),
        )

    async def probe(self) -> bool:
        """Asks a harmless question, to learn whether Midtrans answers us again."""
        outcome = await self.status(_PROBE_ID)
        return isinstance(outcome, Answered) and not unwell(outcome)

    def _headers(self, idempotency_key: str = "") -> dict[str, str]:
        """Makes the headers.

        Midtrans' idempotency keys count across all endpoints and ignore the body, so each
        operation has its own; at most 46 characters, or they are silently ignored
        (docs.midtrans.com/reference/api-headers, updated 2025-11-10).
        """
        headers = {
            "Accept": "application/json",
            "Authorization": self._authorization.reveal(),
        }
        if idempotency_key:
            headers["Content-Type"] = "application/json"
            headers["Idempotency-Key"] = idempotency_key
        return headers
