"""Turns what came of a call, or a notification, into updates, by the tables."""

from dataclasses import dataclass, replace
from typing import Final

from ovo_payments.domain.failure import Failure
from ovo_payments.domain.money import RUPIAH, AmountFormatError, Money
from ovo_payments.domain.payment import Payment
from ovo_payments.domain.phone import PhoneNumber, PhoneNumberFormatError
from ovo_payments.domain.refund import Refund
from ovo_payments.domain.update import Claim, PaymentUpdate, RefundUpdate, Source
from ovo_payments.providers.http import Answered, JsonBodyError, Lost, NotSent, Outcome
from ovo_payments.providers.midtrans import tables
from ovo_payments.providers.midtrans.config import MidtransConfig, RefundConfirmation
from ovo_payments.providers.midtrans.tables import Meaning
from ovo_payments.providers.midtrans.wire import Answer, RefundEntry, read_answer

_UNKNOWN: Final = Meaning(claim=Claim.UNKNOWN)
_PAYMENT_TYPE: Final = "ovo"
_REFUNDED: Final = frozenset({"refund", "partial_refund"})
_PAID: Final = frozenset({"settlement", "capture"})
_HTTP_OK: Final = frozenset({200, 201})
_HTTP_IN_PROCESS: Final = 202
_HTTP_REFUSED: Final = frozenset({401, 429})
# What a refusal may carry as HTTP status beside its code in the body.
_HTTP_TOLD_IN_BODY: Final = frozenset({*_HTTP_OK, *range(400, 500)} - {408})
_SUCCESS_CODES: Final = frozenset({"200", "201", "202", "407"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """What came of a call: the word to look up, and the answer where one could be read."""

    code: str
    source: Source
    answer: Answer | None = None
    detail: str = ""

    @property
    def key_refused(self) -> bool:
        """Whether Midtrans refused our server key, which every call will meet."""
        return self.code == "401"


def told_by(outcome: Outcome, source: Source) -> Told:
    """Finds the word that an outcome is looked up by.

    The body's status code is the result; Midtrans answers nearly everything under HTTP 200.
    Only where the HTTP status contradicts it, or stands alone, does the HTTP status count.
    """
    match outcome:
        case NotSent(phase=phase, cause=cause):
            detail = f"nothing was sent ({phase.name.lower()}): {cause}"
            return Told(code=tables.NOT_SENT, source=Source.TRANSPORT, detail=detail)
        case Lost(phase=phase, cause=cause):
            detail = f"no answer came ({phase.name.lower()}): {cause}"
            return Told(code=tables.LOST, source=Source.TRANSPORT, detail=detail)
        case Answered(status=status) if status in _HTTP_REFUSED:
            return Told(code=str(status), source=source, detail=f"HTTP {status}")
        case Answered(status=status) if status == _HTTP_IN_PROCESS:
            return Told(code=tables.IN_PROCESS, source=source, detail=f"HTTP {status}")
        case Answered(status=status, body=body):
            return _told_in_body(status, body, source)


def _told_in_body(status: int, body: bytes, source: Source) -> Told:
    unreadable = Told(code=tables.UNREADABLE, source=source, detail=f"HTTP {status}")
    if status not in _HTTP_TOLD_IN_BODY:
        return unreadable
    try:
        answer = read_answer(body)
    except JsonBodyError as error:
        return replace(unreadable, detail=f"HTTP {status}, {error}")
    contradicts = answer.status_code in _SUCCESS_CODES and status not in _HTTP_OK
    if contradicts or not answer.status_code:
        return replace(unreadable, detail=f"HTTP {status}, code {answer.status_code or 'missing'}")
    return Told(code=answer.status_code, source=source, answer=answer)


def charge_meaning(told: Told) -> Meaning:
    """Says what the answer to a charge means, where it carries no transaction."""
    return tables.CHARGE.get(told.code, _UNKNOWN)


def refund_meaning(told: Told) -> Meaning:
    """Says what the answer to a refund means, where it is not approved."""
    return tables.REFUND.get(told.code, _UNKNOWN)


def status_meaning(told: Told) -> Meaning:
    """Says what the answer to a status query means, where it carries no transaction."""
    return tables.STATUS.get(told.code, _UNKNOWN)


def payment_update(
    told: Told, otherwise: Meaning, config: MidtransConfig, payment: Payment | None = None
) -> PaymentUpdate:
    """Makes the update of a payment.

    `otherwise` holds where no transaction is told. `payment` is what the answer should be
    about; a notification is translated without it.
    """
    answer = told.answer
    if answer is None or not answer.transaction_status:
        return PaymentUpdate(
            source=told.source,
            claim=otherwise.claim,
            failure=_failure(otherwise, told.code),
            provider_code=told.code,
            detail=told.detail,
        )
    update = _transaction(answer, told.source, config)
    if payment is not None and _of_another_transaction(payment, answer):
        update = replace(update, misfit="another transaction than the one that was created")
    refund = None
    if update.claim is Claim.SUCCEEDED:
        refund = _refund_told(answer, told.source, payment.refund if payment else None, config)
    if refund is None:
        return update
    if refund.amount is not None and refund.amount != update.amount:
        update = replace(update, misfit="a refund of another amount than the payment's")
    refunded = refund.claim is Claim.SUCCEEDED
    return replace(update, refund=refund, claim=Claim.REFUNDED if refunded else Claim.SUCCEEDED)


def refund_update(
    told: Told, payment: Payment, refund: Refund, config: MidtransConfig
) -> RefundUpdate:
    """Makes the update of a refund from the answer to its request."""
    answer = told.answer
    meaning = refund_meaning(told)
    if answer is None or answer.transaction_status not in _REFUNDED or told.code != "200":
        return RefundUpdate(
            source=told.source,
            claim=meaning.claim,
            refund_id=refund.refund_id,
            failure=_failure(meaning, told.code),
            provider_code=told.code,
            detail=told.detail,
        )
    fits = (
        answer.refund_key in {"", refund.refund_id}
        and answer.order_id in {"", payment.payment_id}
        and _fits(answer.refund_amount, refund.amount)
    )
    claim = Claim.PENDING if fits else Claim.UNKNOWN
    if fits and config.refund_confirmation is RefundConfirmation.APPROVED:
        claim = Claim.SUCCEEDED
    return RefundUpdate(
        source=told.source,
        claim=claim,
        refund_id=refund.refund_id,
        amount=refund.amount if fits else None,
        provider_code=f"200 {answer.transaction_status}",
        detail="" if fits else "the answer is about another refund",
    )


def _transaction(answer: Answer, source: Source, config: MidtransConfig) -> PaymentUpdate:
    meaning = _meaning_of_state(answer)
    code = f"{answer.status_code} {answer.transaction_status}"
    if answer.channel_response_code:
        code = f"{code} {answer.channel_response_code}"
    amount, misfit = _amount(answer, meaning.claim, config)
    return PaymentUpdate(
        source=source,
        claim=meaning.claim,
        amount=amount,
        phone_number=_phone_number(answer.payer_phone_number),
        reference=answer.order_id,
        provider_reference=answer.transaction_id,
        expire_time=answer.expiry_time,
        success_time=answer.settlement_time if meaning.claim is Claim.SUCCEEDED else None,
        failure=_failure(meaning, code),
        provider_code=code,
        detail=f"fraud_status {answer.fraud_status}" if answer.fraud_status else "",
        misfit=misfit,
    )


def _meaning_of_state(answer: Answer) -> Meaning:
    state = tables.STATES.get(answer.transaction_status)
    if state is None or answer.status_code not in state.codes or not answer.order_id:
        return _UNKNOWN
    meaning = state.by_fraud_status.get(answer.fraud_status, _UNKNOWN)
    if answer.transaction_status == "deny" and answer.fraud_status in {"", "accept"}:
        return tables.DENIALS.get(answer.channel_response_code, meaning)
    return meaning


def _amount(answer: Answer, claim: Claim, config: MidtransConfig) -> tuple[Money | None, str]:
    """Reads the amount, and says why the answer can't be about a payment of ours."""
    if answer.payment_type not in {"", _PAYMENT_TYPE}:
        return None, "another way of payment than OVO"
    if config.merchant_id and answer.merchant_id not in {"", config.merchant_id}:
        return None, "another merchant than ours"
    if not answer.gross_amount and claim is not Claim.SUCCEEDED:
        return None, ""
    try:
        return Money.from_decimal_text(answer.gross_amount, answer.currency or RUPIAH), ""
    except AmountFormatError:
        return None, "an amount that can't be read"


def _refund_told(
    answer: Answer, source: Source, refund: Refund | None, config: MidtransConfig
) -> RefundUpdate | None:
    entry = _entry_of(answer, refund)
    if entry is None and answer.transaction_status in _PAID:
        if refund is None or not refund.state.open:
            return None
        return RefundUpdate(
            source=source,
            claim=Claim.NOT_FOUND,
            refund_id=refund.refund_id,
            provider_code=f"{answer.status_code} {answer.transaction_status}",
            detail="the payment is not refunded, and lists no such refund",
        )
    confirmed = entry is not None and entry.bank_confirmed_at is not None
    approved_is_enough = config.refund_confirmation is RefundConfirmation.APPROVED
    return RefundUpdate(
        source=source,
        claim=Claim.SUCCEEDED if confirmed or approved_is_enough else Claim.PENDING,
        refund_id=entry.refund_key if entry else (refund.refund_id if refund else ""),
        amount=_money(entry.amount) if entry else None,
        success_time=(entry.bank_confirmed_at or entry.created_at) if entry else None,
        provider_code=f"{answer.status_code} {answer.transaction_status}",
        detail="confirmed by the bank" if confirmed else "approved, not yet confirmed by the bank",
    )


def _entry_of(answer: Answer, refund: Refund | None) -> RefundEntry | None:
    """Finds our refund; of a refunded payment otherwise the one that is furthest."""
    for entry in answer.refunds:
        if refund is not None and entry.refund_key == refund.refund_id:
            return entry
    if answer.transaction_status in _PAID:
        return None
    confirmed = [entry for entry in answer.refunds if entry.bank_confirmed_at is not None]
    return next(iter(confirmed or answer.refunds), None)


def _of_another_transaction(payment: Payment, answer: Answer) -> bool:
    known = payment.provider_reference
    return bool(known and answer.transaction_id and known != answer.transaction_id)


def _fits(refund_amount: str, asked: Money) -> bool:
    return not refund_amount or _money(refund_amount) == asked


def _money(text: str) -> Money | None:
    try:
        return Money.from_decimal_text(text)
    except AmountFormatError:
        return None


def _phone_number(text: str) -> PhoneNumber | None:
    """Reads the payer's number; what can't be read is not compared."""
    try:
        return PhoneNumber.parse(text)
    except PhoneNumberFormatError:
        return None


def _failure(meaning: Meaning, provider_code: str) -> Failure | None:
    if meaning.reason is None:
        return None
    return Failure(
        reason=meaning.reason,
        message=meaning.message,
        provider_code=provider_code,
        retryable=meaning.retryable,
    )
