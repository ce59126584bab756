"""What DOKU says of payments, as updates. The meanings themselves are in `tables` and `codes`."""

from dataclasses import replace

from ovo_payments.domain.failure import Failure, FailureReason
from ovo_payments.domain.money import AmountFormatError, Money
from ovo_payments.domain.payment import Payment
from ovo_payments.domain.update import Claim, PaymentUpdate, Source
from ovo_payments.providers.doku import wire
from ovo_payments.providers.doku.codes import ResponseCode, Service, Verdict, case_of
from ovo_payments.providers.doku.refunds import refund_from_history
from ovo_payments.providers.doku.reply import Reply
from ovo_payments.providers.doku.tables import (
    CLAIMS_OF_DEBIT,
    MESSAGES,
    REASONS_OF_STATUS,
    STATUSES,
)
from ovo_payments.providers.doku.wire import Document


def payment_from_answer(reply: Reply) -> PaymentUpdate:
    """Says what the answer to a debit means."""
    claim = CLAIMS_OF_DEBIT[reply.verdict]
    update = PaymentUpdate(
        source=reply.source,
        claim=claim,
        failure=reply.failure() if claim is Claim.FAILED else None,
        provider_code=reply.code,
        detail=reply.detail,
    )
    if claim is not Claim.PENDING:
        return update
    return replace(
        update,
        reference=wire.text(reply.document, "partnerReferenceNo"),
        provider_reference=wire.text(reply.document, "referenceNo"),
        redirect_url=wire.page(reply.document, "webRedirectUrl"),
    )


def payment_from_query(reply: Reply, payment: Payment) -> PaymentUpdate:
    """Says what the answer to a status query means."""
    if reply.verdict is not Verdict.ACCEPTED:
        claim = Claim.NOT_FOUND if reply.verdict is Verdict.NOT_FOUND else Claim.UNKNOWN
        return PaymentUpdate(
            source=Source.QUERY, claim=claim, provider_code=reply.code, detail=reply.detail
        )
    update = _from_document(reply.document, Source.QUERY, amount_name="transAmount")
    refund = refund_from_history(reply.document, update.claim, Source.QUERY, payment)
    return replace(
        update,
        provider_code=reply.code,
        detail=f"{reply.detail}, {update.detail}",
        misfit=update.misfit or refund.misfit,
        refund=refund.update,
    )


def payment_from_notification(document: Document) -> PaymentUpdate:
    """Says what an authentic payment notification means."""
    update = _from_document(document, Source.WEBHOOK, amount_name="amount")
    refund = refund_from_history(document, update.claim, Source.WEBHOOK, None)
    return replace(update, misfit=update.misfit or refund.misfit, refund=refund.update)


def adopted(reply: Reply, found: PaymentUpdate) -> PaymentUpdate:
    """Says what is known of a debit that DOKU holds already, once it was asked.

    The page of a repeated success stands in the first answer, everything else in the second.
    """
    claim = Claim.UNKNOWN if found.claim is Claim.NOT_FOUND else found.claim
    return replace(
        found,
        source=Source.ANSWER,
        claim=claim,
        redirect_url=wire.page(reply.document, "webRedirectUrl"),
        detail=f"{reply.detail}; asked: {found.detail}",
    )


def _from_document(document: Document, source: Source, *, amount_name: str) -> PaymentUpdate:
    status = wire.text(document, "latestTransactionStatus")
    claim = STATUSES.get(status, Claim.UNKNOWN)
    told, misfit = _amount(document, amount_name, claim)
    return PaymentUpdate(
        source=source,
        claim=claim,
        amount=told,
        reference=wire.text(document, "originalPartnerReferenceNo"),
        provider_reference=wire.text(document, "originalReferenceNo"),
        success_time=wire.time(document, "paidTime"),
        failure=_failure(document, status) if claim is Claim.FAILED else None,
        provider_code=status[:2],
        detail=f"latestTransactionStatus {status[:2] or 'missing'}",
        misfit=misfit,
    )


def _amount(document: Document, name: str, claim: Claim) -> tuple[Money | None, str]:
    """Reads the amount, without which nothing is believed to have moved."""
    try:
        told = wire.amount(document, name)
    except AmountFormatError:
        return None, "an amount that can't be read"
    if told is None and claim in {Claim.SUCCEEDED, Claim.REFUNDED}:
        return None, "money that moved without an amount"
    return told, ""


def _failure(document: Document, status: str) -> Failure:
    """Says why a payment failed: by the code of the debit itself, where DOKU repeats it."""
    code = ResponseCode.parse(wire.text(document, "originalResponseCode"))
    case = case_of(code, Service.PAYMENT) if code is not None else None
    if case is None or case.verdict is not Verdict.REFUSED or case.reason is None:
        reason = REASONS_OF_STATUS[status]
        return _told(reason, status, retryable=True)
    return _told(case.reason, str(code), retryable=case.retryable)


def _told(reason: FailureReason, provider_code: str, *, retryable: bool) -> Failure:
    return Failure(
        reason=reason,
        message=MESSAGES[reason],
        provider_code=provider_code,
        retryable=retryable,
    )
