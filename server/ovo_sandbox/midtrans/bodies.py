"""Writes Midtrans' answers and notifications from a transaction.

Sources: docs.midtrans.com/reference/ewallet-ovo, /get-transaction-status, /cancel-transaction,
/expire-transaction, /refund-transaction and /docs/https-notification-webhooks.
"""

from typing import Any, Final

from ovo_sandbox.midtrans.signing import signature_key
from ovo_sandbox.midtrans.transaction import Status, Transaction
from ovo_sandbox.midtrans.wire import Body, amount_text, time_text, without_nulls
from ovo_sandbox.phone import local_phone
from ovo_sandbox.switches import Switches

# One state has another code in each channel.
STATUS_CODES: Final = {
    Status.PENDING: "201",
    Status.SETTLEMENT: "200",
    Status.EXPIRE: "407",
    Status.CANCEL: "200",
    Status.DENY: "202",
    Status.FAILURE: "202",
    Status.REFUND: "200",
}
NOTIFICATION_CODES: Final = {
    Status.PENDING: "201",
    Status.SETTLEMENT: "200",
    Status.EXPIRE: "202",
    Status.CANCEL: "202",
    Status.DENY: "202",
    Status.FAILURE: "202",
    Status.REFUND: "200",
}

NOT_FOUND: Final = "Transaction doesn't exist."
ACCOUNT_NOT_FOUND: Final = "User with requested phone number doesn't exist"
ACCOUNT_BLOCKED: Final = "User is blocked"
INVALID: Final = "One or more parameters in the payload is invalid."
UNAUTHORIZED: Final = "Transaction cannot be authorized with the current client/server key."
NOT_ACTIVATED: Final = "Payment channel is not activated."
CONFLICT: Final = (
    "The request could not be completed due to a conflict with the current state of the target"
    " resource, please try again"
)
MALFORMED: Final = "The request body has a malformed JSON syntax."
CANNOT_MODIFY: Final = "Merchant cannot modify the status of the transaction"
REFUND_REJECTED: Final = "Refund request is rejected due to invalid amount"
REFUND_BALANCE: Final = "Refund request is rejected due to insufficient funds"
DUPLICATE_REFUND: Final = "Duplicate refund ID"
INTERNAL: Final = "Sorry. Our system is recovering from unexpected issues. Please retry."
PARTNER_DOWN: Final = "Bank/partner is experiencing connection issue."

_INVOICED_FROM: Final = {
    "charge": frozenset(Status),
    "settlement": frozenset({Status.SETTLEMENT, Status.REFUND}),
    "refund": frozenset({Status.REFUND}),
}


class Bodies:
    """Writes bodies for one merchant."""

    def __init__(self, *, server_key: str, merchant_id: str, switches: Switches) -> None:
        """Signs by the server key."""
        self._server_key = server_key
        self._merchant_id = merchant_id
        self._switches = switches

    def charge(self, transaction: Transaction) -> Body:
        """Answers POST /v2/charge."""
        return without_nulls(
            {
                "status_code": "201",
                "status_message": "Ovo transaction is created",
                "transaction_id": transaction.transaction_id,
                "order_id": transaction.order_id,
                "merchant_id": self._merchant_id,
                "gross_amount": amount_text(transaction.gross_amount_rupiah),
                "currency": "IDR",
                "payment_type": "ovo",
                "transaction_time": time_text(transaction.created_at),
                "transaction_status": "pending",
                "fraud_status": "accept",
                "expiry_time": time_text(transaction.expires_at),
                "payer_phone_number": self._phone(transaction),
                "merchant_invoice": self._invoice(transaction),
            }
        )

    def status(self, transaction: Transaction) -> Body:
        """Answers GET /v2/{id}/status."""
        refunded = transaction.status is Status.REFUND
        message = (
            "Success, refund request is approved by the bank"
            if refunded
            else "Success, transaction is found"
        )
        code = STATUS_CODES[transaction.status]
        return without_nulls(
            {"status_code": code, "status_message": message}
            | self._state(transaction, code)
            | {"signature_key": self._signature(transaction, code)}
        )

    def cancel(self, transaction: Transaction) -> Body:
        """Answers POST /v2/{id}/cancel."""
        return {
            "status_code": "200",
            "status_message": "Success, transaction is canceled",
            **self._short(transaction),
            "currency": "IDR",
            "merchant_id": self._merchant_id,
        }

    def expire(self, transaction: Transaction) -> Body:
        """Answers POST /v2/{id}/expire."""
        return {
            "status_code": "407",
            "status_message": "Success, transaction has expired",
            **self._short(transaction),
        }

    def refund(self, transaction: Transaction) -> Body:
        """Answers POST /v2/{id}/refund."""
        return without_nulls(
            {
                "status_code": "200",
                "status_message": "Success, refund request is approved",
                **self._short(transaction),
                "refund_chargeback_id": transaction.refund_number,
                "refund_amount": amount_text(transaction.gross_amount_rupiah),
                "refund_key": transaction.refund_key,
                "payer_phone_number": self._phone(transaction),
                "merchant_invoice": self._invoice(transaction),
            }
        )

    def notification(self, transaction: Transaction) -> Body:
        """Tells the merchant of a new state."""
        code = NOTIFICATION_CODES[transaction.status]
        return without_nulls(
            {
                "status_code": code,
                "status_message": "midtrans payment notification",
                "customer_details": _customer(transaction),
            }
            | self._state(transaction, code)
            | {"signature_key": self._signature(transaction, code)}
        )

    def signed_anew(self, notification: Body) -> Body:
        """Signs a notification whose fields were changed."""
        key = signature_key(
            order_id=notification["order_id"],
            status_code=notification["status_code"],
            gross_amount=notification["gross_amount"],
            server_key=self._server_key,
        )
        return notification | {"signature_key": key}

    def _state(self, transaction: Transaction, code: str) -> Body:
        rejected = code == "202" and self._switches.flag("midtrans_deny_channel_response")
        settled_at = transaction.settled_at
        return {
            "transaction_id": transaction.transaction_id,
            "order_id": transaction.order_id,
            "payment_type": "ovo",
            "transaction_time": time_text(transaction.created_at),
            "transaction_status": transaction.status.value,
            "currency": "IDR",
            "fraud_status": "accept",
            "gross_amount": amount_text(transaction.gross_amount_rupiah),
            "merchant_id": self._merchant_id,
            "expiry_time": time_text(transaction.expires_at),
            "settlement_time": None if settled_at is None else time_text(settled_at),
            "payer_phone_number": self._phone(transaction),
            "merchant_invoice": self._invoice(transaction),
            "channel_response_code": transaction.response_code if rejected else None,
            "channel_response_message": transaction.response_message if rejected else None,
            "metadata": transaction.metadata,
            **transaction.custom_fields,
            **_refunds(transaction),
        }

    def _short(self, transaction: Transaction) -> Body:
        return {
            "transaction_id": transaction.transaction_id,
            "order_id": transaction.order_id,
            "payment_type": "ovo",
            "transaction_time": time_text(transaction.created_at),
            "transaction_status": transaction.status.value,
            "gross_amount": amount_text(transaction.gross_amount_rupiah),
        }

    def _signature(self, transaction: Transaction, code: str) -> str:
        return signature_key(
            order_id=transaction.order_id,
            status_code=code,
            gross_amount=amount_text(transaction.gross_amount_rupiah),
            server_key=self._server_key,
        )

    def _phone(self, transaction: Transaction) -> str:
        if self._switches.text("midtrans_phone_echo") == "local":
            return local_phone(transaction.phone)
        return transaction.phone_as_sent

    def _invoice(self, transaction: Transaction) -> str | None:
        invoiced = _INVOICED_FROM[self._switches.text("midtrans_merchant_invoice_from")]
        return transaction.merchant_invoice if transaction.status in invoiced else None


def _refunds(transaction: Transaction) -> Body:
    if transaction.refunded_at is None:
        return {}
    confirmed_at = transaction.bank_confirmed_at
    amount = amount_text(transaction.gross_amount_rupiah)
    refund = {
        "refund_chargeback_id": transaction.refund_number,
        "refund_amount": amount,
        "created_at": time_text(transaction.refunded_at),
        "reason": transaction.refund_reason,
        "refund_key": transaction.refund_key,
        "refund_method": "online",
        "bank_confirmed_at": None if confirmed_at is None else time_text(confirmed_at),
    }
    return {"refund_amount": amount, "refunds": [without_nulls(refund)]}


def _customer(transaction: Transaction) -> dict[str, Any] | None:
    details = transaction.customer_details
    names = [details.get("first_name"), details.get("last_name")]
    customer = without_nulls(
        {
            "phone": details.get("phone"),
            "full_name": " ".join(name for name in names if name) or None,
            "email": details.get("email"),
        }
    )
    return customer or None
