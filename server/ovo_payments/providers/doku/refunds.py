"""What DOKU says of refunds: in the answer to one, and in the history of its payment."""

from dataclasses import dataclass, replace

from ovo_payments.domain.failure import Failure, FailureReason
from ovo_payments.domain.money import AmountFormatError
from ovo_payments.domain.payment import Payment
from ovo_payments.domain.refund import Refund
from ovo_payments.domain.update import Claim, PaymentUpdate, RefundUpdate, Source
from ovo_payments.providers.doku import wire
from ovo_payments.providers.doku.reply import Reply
from ovo_payments.providers.doku.tables import CLAIMS_OF_REFUND, MESSAGES, REFUND_STATUSES
from ovo_payments.providers.doku.wire import Document


@dataclass(frozen=True, slots=True, kw_only=True)
class RefundHistory:
    """What the history of a payment says of its refund, or why it can't be believed."""

    update: RefundUpdate | None = None
    misfit: str = ""


def refund_from_answer(reply: Reply, refund: Refund) -> RefundUpdate:
    """Says what the answer to a refund means.

    2005800 is believed where it tells when the money went back (`refundTime`): SNAP has another
    code for a refund in progress (2025800), and no page is left for anybody to confirm on. Where
    it tells no time it acknowledges the refund, and status 04 of the payment confirms it.
    """
    claim = CLAIMS_OF_REFUND[reply.verdict]
    update = RefundUpdate(
        source=reply.source,
        claim=claim,
        refund_id=refund.refund_id,
        failure=reply.failure() if claim is Claim.FAILED else None,
        provider_code=reply.code,
        detail=reply.detail,
    )
    if claim not in {Claim.SUCCEEDED, Claim.PENDING}:
        return update
    if misfit := _misfit(reply.document, wire.text(reply.document, "partnerRefundNo"), refund):
        return replace(update, claim=Claim.UNKNOWN, detail=f"{reply.detail}; {misfit}")
    refund_time = wire.time(reply.document, "refundTime")
    if refund_time is None:
        claim = Claim.PENDING
    return replace(update, claim=claim, amount=refund.amount, success_time=refund_time)


def adopted_refund(reply: Reply, found: PaymentUpdate, refund: Refund) -> RefundUpdate:
    """Says what is known of a refund that DOKU may hold already, once it was asked."""
    detail = f"{reply.detail}; asked: {found.misfit or found.detail}"
    told = found.refund
    if found.misfit or found.claim is Claim.UNKNOWN:
        claim = Claim.UNKNOWN
    elif told is not None and told.claim is not Claim.NOT_FOUND:
        return replace(told, source=Source.ANSWER, provider_code=reply.code, detail=detail)
    else:
        # Refused, and asking shows that it was not because it had been done.
        claim = Claim.UNKNOWN if reply.reason is None else Claim.FAILED
    return RefundUpdate(
        source=Source.ANSWER,
        claim=claim,
        refund_id=refund.refund_id,
        failure=reply.failure() if claim is Claim.FAILED else None,
        provider_code=reply.code,
        detail=detail,
    )


def refund_from_history(
    document: Document, claim: Claim, source: Source, payment: Payment | None
) -> RefundHistory:
    """Says what the history tells of the refund: ours, or one that was made beside us.

    Status 04 says that the whole payment went back, so its history must add up to that. A
    payment that still stands (00) has our refund in its history or DOKU does not know of it.
    """
    ours = payment.refund if payment is not None else None
    entries = wire.objects(document, "refundHistory")
    entry = _entry(document, ours)
    match claim:
        case Claim.REFUNDED:
            misfit = _partial(document) if entries else ""
            entry = entry or (entries[0] if len(entries) == 1 else {})
            return RefundHistory(
                update=_update(entry, source, Claim.SUCCEEDED, _refund_id(entry)), misfit=misfit
            )
        case Claim.SUCCEEDED if ours is not None and entry is not None:
            told = REFUND_STATUSES.get(wire.text(entry, "refundStatus"), Claim.PENDING)
            return RefundHistory(
                update=_update(entry, source, told, ours.refund_id),
                misfit=_misfit(entry, ours.refund_id, ours),
            )
        case Claim.SUCCEEDED if ours is not None and ours.state.open:
            return RefundHistory(update=_update({}, source, Claim.NOT_FOUND, ours.refund_id))
        case _:
            return RefundHistory()


def _entry(document: Document, ours: Refund | None) -> Document | None:
    for entry in wire.objects(document, "refundHistory"):
        if ours is not None and _refund_id(entry) == ours.refund_id:
            return entry
    return None


def _refund_id(told: Document) -> str:
    """Reads our reference of a refund; SNAP's sample of a history calls it partnerReferenceNo."""
    return wire.text(told, "partnerRefundNo") or wire.text(told, "partnerReferenceNo")


def _update(entry: Document, source: Source, claim: Claim, refund_id: str) -> RefundUpdate:
    failure = Failure(
        reason=FailureReason.REJECTED_BY_PROVIDER,
        message=MESSAGES[FailureReason.REJECTED_BY_PROVIDER],
        provider_code=wire.text(entry, "refundStatus"),
        retryable=True,
    )
    return RefundUpdate(
        source=source,
        claim=claim,
        refund_id=refund_id,
        success_time=wire.time(entry, "refundDate") if claim is Claim.SUCCEEDED else None,
        failure=failure if claim is Claim.FAILED else None,
        detail="in refundHistory" if entry else "not in refundHistory",
    )


def _misfit(told: Document, refund_id: str, refund: Refund) -> str:
    if refund_id not in {"", refund.refund_id}:
        return "another refund than ours"
    try:
        amount = wire.amount(told, "refundAmount")
    except AmountFormatError:
        return "a refund whose amount can't be read"
    if amount not in {None, refund.amount}:
        return f"a refund of {amount} where {refund.amount} was asked for"
    return ""


def _partial(document: Document) -> str:
    """Says why a payment that is told to be refunded is not, or not in whole."""
    try:
        paid = wire.amount(document, "transAmount") or wire.amount(document, "amount")
        amounts = [
            wire.amount(entry, "refundAmount")
            for entry in wire.objects(document, "refundHistory")
            if REFUND_STATUSES.get(wire.text(entry, "refundStatus")) is not Claim.FAILED
        ]
    except AmountFormatError:
        return "a refund whose amount can't be read"
    total_rupiah = sum(amount.rupiah for amount in amounts if amount is not None)
    if paid is not None and None not in amounts and total_rupiah != paid.rupiah:
        return f"refunds of {total_rupiah} of a payment of {paid.rupiah}"
    return ""
