"""Writes the bodies that DOKU answers with, and those of its notifications.

Source: developers.doku.com/accept-payments/direct-api/snap/integration-guide/e-wallet/ovo and
…/check-status-api/snap; the notifications follow a production integration's.
"""

from datetime import datetime
from typing import Any

from ovo_sandbox.doku.fields import CHANNEL
from ovo_sandbox.doku.records import STATUS_WORDS, Binding, Payment, RefundRecord
from ovo_sandbox.doku.tokens import CustomerGrant
from ovo_sandbox.pages import JAKARTA
from ovo_sandbox.wallet import Account

Body = dict[str, Any]


def jakarta_timestamp(moment: datetime) -> str:
    """Writes a moment as DOKU does: 2026-01-02T10:04:05+07:00."""
    return moment.astimezone(JAKARTA).isoformat(timespec="seconds")


def amount(rupiah: int) -> Body:
    """Writes an amount as SNAP does."""
    return {"value": f"{rupiah}.00", "currency": "IDR"}


def merchant_token_body(token: str, expires_in: int | str) -> Body:
    """Writes the merchant's token."""
    return {
        "accessToken": token,
        "tokenType": "Bearer",
        "expiresIn": expires_in,
        "additionalInfo": "",
    }


def customer_token_body(grant: CustomerGrant) -> Body:
    """Writes a customer's tokens."""
    return {
        "accessToken": grant.access_token,
        "tokenType": "Bearer",
        "accessTokenExpiryTime": jakarta_timestamp(grant.access_expires_at),
        "refreshToken": grant.refresh_token,
        "refreshTokenExpiryTime": jakarta_timestamp(grant.refresh_expires_at),
        "additionalInfo": {},
    }


def binding_body(binding: Binding, redirect_url: str) -> Body:
    """Writes a binding that the customer has yet to complete."""
    return {
        "referenceNo": binding.reference,
        "redirectUrl": redirect_url,
        "additionalInfo": {
            "custIdMerchant": binding.customer_id,
            "accountStatus": binding.state,
            "authCode": binding.auth_code,
        },
    }


def balance_body(account: Account) -> Body:
    """Writes what the account holds in cash and in points."""
    return {
        "accountInfos": [
            {
                "balanceType": name,
                "amount": amount(rupiah),
                "flatAmount": amount(0),
                "holdAmount": amount(0),
                "availableBalance": amount(rupiah),
            }
            for name, rupiah in (("CASH", account.cash_rupiah), ("POINTS", account.points_rupiah))
        ]
    }


def payment_body(payment: Payment, redirect_url: str | None) -> Body:
    """Writes a payment that was taken on; only a SALE has a page."""
    body: Body = {
        "partnerReferenceNo": payment.partner_reference,
        "referenceNo": payment.reference,
    }
    return body if redirect_url is None else {**body, "webRedirectUrl": redirect_url}


def status_body(payment: Payment, *, service_code: str, lean: bool) -> Body:
    """Writes what became of a payment; lean, without the objects that DOKU's library chokes on."""
    body: Body = {
        "originalPartnerReferenceNo": payment.partner_reference,
        "originalReferenceNo": payment.reference,
        "originalExternalId": payment.external_id,
        "serviceCode": service_code,
        "latestTransactionStatus": payment.shown_state,
        "transactionStatusDesc": STATUS_WORDS[payment.shown_state].upper(),
        "originalResponseCode": "2005400",
        "originalResponseMessage": "Successful",
    }
    if payment.paid_at is not None:
        body["paidTime"] = jakarta_timestamp(payment.paid_at)
    if lean:
        return body
    body |= {
        "requestId": payment.external_id,
        "transAmount": amount(payment.amount),
        "feeAmount": amount(0),
        "additionalInfo": {"channel": CHANNEL, "acquirer": {"id": "OVO"}},
    }
    if payment.refunds:
        body["refundHistory"] = [
            {
                "refundNo": refund.refund_no,
                "partnerReferenceNo": refund.partner_refund_no,
                "refundAmount": amount(refund.amount),
                "refundStatus": "00",
                "refundDate": refund.refunded_at,
                "reason": refund.reason,
            }
            for refund in payment.refunds
        ]
    return body


def unknown_status_body(*, partner_reference: str, reference: str, service_code: str) -> Body:
    """Writes status 07, for a payment that is not known."""
    return {
        "originalPartnerReferenceNo": partner_reference,
        "originalReferenceNo": reference,
        "serviceCode": service_code,
        "latestTransactionStatus": "07",
        "transactionStatusDesc": STATUS_WORDS["07"].upper(),
    }


def refund_body(payment: Payment, refund: RefundRecord) -> Body:
    """Writes a refund that is done."""
    return {
        "refundAmount": amount(refund.amount),
        "originalPartnerReferenceNo": payment.partner_reference,
        "originalReferenceNo": payment.reference,
        "refundNo": refund.refund_no,
        "partnerRefundNo": refund.partner_refund_no,
        "refundTime": refund.refunded_at,
    }


def binding_notification(binding: Binding) -> Body:
    """Writes how a binding ended; an expired one is a failed one."""
    return {
        "originalExternalId": binding.external_id,
        "additionalInfo": {
            "status": "SUCCESS" if binding.state == "SUCCESS" else "FAILED",
            "custIdMerchant": binding.customer_id,
            "authCode": binding.auth_code,
        },
    }


def payment_notification(payment: Payment) -> Body:
    """Writes what became of a payment; one that was refused in the answer has no reference."""
    body: Body = {
        "originalPartnerReferenceNo": payment.partner_reference,
        "originalReferenceNo": payment.reference,
        "originalExternalId": payment.external_id,
        "latestTransactionStatus": payment.state,
        "transactionStatusDesc": STATUS_WORDS[payment.state],
        "amount": amount(payment.amount),
        "additionalInfo": {
            "acquirerId": "OVO",
            "custIdMerchant": payment.customer_id,
            "accountType": "WALLET",
            "channelId": CHANNEL,
            "failedPaymentUrl": payment.failed_url,
            "successPaymentUrl": payment.success_url,
            "origin": {"apiFormat": "SNAP"},
            "paymentType": payment.payment_type,
        },
    }
    if not payment.reference:
        del body["originalReferenceNo"]
    return body
