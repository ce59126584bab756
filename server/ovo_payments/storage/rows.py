"""What the domain holds as the parameters and columns of the common SQL."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, TypeAlias

from ovo_payments.domain.binding import Binding
from ovo_payments.domain.evidence import Evidence
from ovo_payments.domain.payment import Checks, Payment
from ovo_payments.domain.ports import InboxEntry, InboxState, Leased, RequestRecord
from ovo_payments.domain.refund import Refund
from ovo_payments.domain.update import Claim, Source
from ovo_payments.storage import documents
from ovo_payments.storage.times import (
    from_microseconds,
    from_optional_microseconds,
    to_microseconds,
    to_optional_microseconds,
)

Parameters: TypeAlias = Mapping[str, str | int | bytes | None]
Row: TypeAlias = Sequence[Any]


def of_request(request: RequestRecord) -> Parameters:
    """Gives a request record's columns."""
    return {
        "scope": request.scope,
        "method": request.method,
        "request_id": request.request_id,
        "digests": documents.encode_texts(request.digests),
        "subject_id": request.subject_id,
    }


def to_request(row: Row) -> RequestRecord:
    """Reads a request record."""
    scope, method, request_id, digests, subject_id = row
    return RequestRecord(
        scope=scope,
        method=method,
        request_id=request_id,
        digests=documents.decode_texts(digests),
        subject_id=subject_id,
    )


def of_payment(payment: Payment) -> Parameters:
    """Gives a payment's columns."""
    return {
        "payment_id": payment.payment_id,
        "scope": payment.scope,
        "order_id": payment.order_id,
        "provider": payment.provider,
        "method": payment.method.value,
        "amount_rupiah": payment.amount.rupiah,
        "currency": payment.amount.currency,
        "binding_id": payment.binding_id or None,
        "state": payment.state.value,
        "version": payment.version,
        "open": int(payment.open),
        "document": documents.encode_payment(payment),
        **of_checks(payment.payment_id, payment.checks),
    }


def of_checks(payment_id: str, checks: Checks) -> Parameters:
    """Gives the columns of how far the asking is."""
    return {
        "payment_id": payment_id,
        "next_check_time_us": to_optional_microseconds(checks.next_check_time),
        "sending": int(checks.sending),
        "not_found_count": checks.not_found_count,
        "not_found_time_us": to_optional_microseconds(checks.not_found_time),
    }


def of_payment_as_read(payment: Payment) -> Parameters:
    """Gives what the row must still be, for a writer who read this payment."""
    checks = payment.checks
    return {
        "before_version": payment.version,
        "before_next_check_time_us": to_optional_microseconds(checks.next_check_time) or 0,
        "before_sending": int(checks.sending),
        "before_not_found_count": checks.not_found_count,
        "before_not_found_time_us": to_optional_microseconds(checks.not_found_time) or 0,
    }


def to_payment(row: Row) -> Payment:
    """Reads a payment from its row."""
    document, next_check_time_us, sending, not_found_count, not_found_time_us = row
    checks = Checks(
        next_check_time=from_optional_microseconds(next_check_time_us),
        sending=bool(sending),
        not_found_count=not_found_count,
        not_found_time=from_optional_microseconds(not_found_time_us),
    )
    return documents.decode_payment(document, checks)


def of_refund(payment_id: str, refund: Refund) -> Parameters:
    """Gives a refund's columns."""
    return {
        "payment_id": payment_id,
        "refund_id": refund.refund_id,
        "state": refund.state.value,
        "amount_rupiah": refund.amount.rupiah,
        "document": documents.encode_refund(refund),
    }


def of_evidence(evidence: Evidence) -> Parameters:
    """Gives the columns of one thing that was learnt."""
    return {
        "payment_id": evidence.payment_id,
        "refund_id": evidence.refund_id,
        "observe_time_us": to_microseconds(evidence.observe_time),
        "source": evidence.source.value,
        "claim": evidence.claim.value,
        "provider_code": evidence.provider_code,
        "detail": evidence.detail,
        "version": evidence.version,
    }


def to_evidence(row: Row) -> Evidence:
    """Reads one thing that was learnt."""
    payment_id, refund_id, observe_time_us, source, claim, provider_code, detail, version = row
    return Evidence(
        payment_id=payment_id,
        refund_id=refund_id,
        observe_time=from_microseconds(observe_time_us),
        source=Source(source),
        claim=Claim(claim),
        provider_code=provider_code,
        detail=detail,
        version=version,
    )


def of_binding(binding: Binding) -> Parameters:
    """Gives a binding's columns."""
    return {
        "binding_id": binding.binding_id,
        "scope": binding.scope,
        "provider": binding.provider,
        "external_reference": binding.external_reference,
        "state": binding.state.value,
        "version": binding.version,
        "unbind_requested": int(binding.unbind_requested),
        "next_check_time_us": to_optional_microseconds(binding.next_check_time),
        "sending": int(binding.sending),
        "document": documents.encode_binding(binding),
    }


def of_binding_as_read(binding: Binding) -> Parameters:
    """Gives what the row must still be, for a writer who read this binding."""
    return {
        "before_version": binding.version,
        "before_next_check_time_us": to_optional_microseconds(binding.next_check_time) or 0,
        "before_sending": int(binding.sending),
    }


def to_binding(row: Row) -> Binding:
    """Reads a binding from its row."""
    document, next_check_time_us, sending = row
    return replace(
        documents.decode_binding(document),
        next_check_time=from_optional_microseconds(next_check_time_us),
        sending=bool(sending),
    )


def of_webhook(entry: InboxEntry) -> Parameters:
    """Gives a webhook's columns."""
    return {
        "inbox_id": entry.inbox_id,
        "provider": entry.provider,
        "kind": entry.kind,
        "target": entry.target,
        "headers": documents.encode_texts(entry.headers),
        "body": entry.body,
        "receive_time_us": to_microseconds(entry.receive_time),
        "state": entry.state.value,
        "attempt_count": entry.attempt_count,
        "next_attempt_time_us": to_optional_microseconds(entry.next_attempt_time),
        "note": entry.note,
    }


def to_webhook(row: Row) -> InboxEntry:
    """Reads a webhook."""
    inbox_id, provider, kind, target, headers, body, receive_time_us, *rest = row
    state, attempt_count, next_attempt_time_us, note = rest
    return InboxEntry(
        inbox_id=inbox_id,
        provider=provider,
        kind=kind,
        target=target,
        headers=documents.decode_texts(headers),
        body=body,
        receive_time=from_microseconds(receive_time_us),
        state=InboxState(state),
        attempt_count=attempt_count,
        next_attempt_time=from_optional_microseconds(next_attempt_time_us),
        note=note,
    )


def with_lease(lease: Leased) -> Parameters:
    """Makes a write lease its row, whoever held it before."""
    return {
        "lease_before": "",
        "lease_kept": 0,
        "lease_after": lease.lease,
        "lease_until_us": to_microseconds(lease.until),
    }


def under_lease(lease: str) -> Parameters:
    """Makes a write ask for its writer's lease and end it; without one, leave the row's alone."""
    return {
        "lease_before": lease,
        "lease_kept": int(not lease),
        "lease_after": None,
        "lease_until_us": None,
    }
