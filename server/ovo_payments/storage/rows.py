"""What the domain holds as the parameters and columns of the common SQL.

What names or empowers a customer stands in the column `sealed` of its row, and nowhere else.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, Final, TypeAlias

from ovo_payments.domain.binding import Binding
from ovo_payments.domain.evidence import Evidence
from ovo_payments.domain.payment import Checks, Payment
from ovo_payments.domain.ports import InboxEntry, InboxState, Leased, RequestRecord
from ovo_payments.domain.refund import Refund
from ovo_payments.domain.update import Claim, Source
from ovo_payments.storage import documents
from ovo_payments.storage.sealing import Place, Sealer
from ovo_payments.storage.times import (
    from_microseconds,
    from_optional_microseconds,
    to_microseconds,
    to_optional_microseconds,
)

Parameters: TypeAlias = Mapping[str, str | int | bytes | None]
Row: TypeAlias = Sequence[Any]


_SEALED: Final = "sealed"


def place_of_request(scope: str, method: str, request_id: str) -> Place:
    """Where a request's digests are sealed: there are too few phone numbers to hide in a digest."""
    return "requests", _SEALED, scope, method, request_id


def place_of_payment(payment_id: str) -> Place:
    """Where the private part of a payment is sealed."""
    return "payments", _SEALED, payment_id


def place_of_event(payment_id: str, version: int) -> Place:
    """Where the private part of a version of a payment is sealed."""
    return "payment_events", _SEALED, payment_id, version


def place_of_refund(payment_id: str, refund_id: str) -> Place:
    """Where the private part of a refund is sealed."""
    return "refunds", _SEALED, payment_id, refund_id


def place_of_binding(binding_id: str) -> Place:
    """Where the private part of a binding is sealed."""
    return "bindings", _SEALED, binding_id


def place_of_webhook(inbox_id: str) -> Place:
    """Where a webhook's body is sealed."""
    return "inbox", _SEALED, inbox_id


def of_request(request: RequestRecord, sealer: Sealer) -> Parameters:
    """Gives a request record's columns."""
    scope, method, request_id = request.scope, request.method, request.request_id
    digests = documents.encode_texts(request.digests).encode()
    return {
        "scope": scope,
        "method": method,
        "request_id": request_id,
        "sealed": sealer.seal(digests, place_of_request(scope, method, request_id)),
        "subject_id": request.subject_id,
    }


def to_request(row: Row, sealer: Sealer) -> RequestRecord:
    """Reads a request record."""
    scope, method, request_id, sealed, subject_id = row
    digests = sealer.open(sealed, place_of_request(scope, method, request_id))
    return RequestRecord(
        scope=scope,
        method=method,
        request_id=request_id,
        digests=documents.decode_texts(digests),
        subject_id=subject_id,
    )


def of_payment(payment: Payment, sealer: Sealer) -> Parameters:
    """Gives the columns of a payment and of the event of its version."""
    document = documents.encode_payment(payment)
    payment_id, version = payment.payment_id, payment.version
    phone_number = payment.phone_number
    return {
        "payment_id": payment_id,
        "scope": payment.scope,
        "order_id": payment.order_id,
        "provider": payment.provider,
        "method": payment.method.value,
        "amount_rupiah": payment.amount.rupiah,
        "currency": payment.amount.currency,
        "binding_id": payment.binding_id or None,
        "state": payment.state.value,
        "version": version,
        "open": int(payment.open),
        "document": document.text,
        "sealed": sealer.seal(document.private, place_of_payment(payment_id)),
        "sealed_event": sealer.seal(document.private, place_of_event(payment_id, version)),
        "phone_hash": None if phone_number is None else sealer.phone_hash(phone_number),
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


def to_payment(row: Row, sealer: Sealer) -> Payment:
    """Reads a payment from its row."""
    payment_id, document, sealed, next_check_time_us, sending, *not_found = row
    not_found_count, not_found_time_us = not_found
    checks = Checks(
        next_check_time=from_optional_microseconds(next_check_time_us),
        sending=bool(sending),
        not_found_count=not_found_count,
        not_found_time=from_optional_microseconds(not_found_time_us),
    )
    private = sealer.open(sealed, place_of_payment(payment_id))
    return documents.decode_payment(document, private, checks)


def to_event(row: Row, sealer: Sealer) -> Payment:
    """Reads a payment as it was at a version."""
    payment_id, version, document, sealed = row
    private = sealer.open(sealed, place_of_event(payment_id, version))
    return documents.decode_payment(document, private)


def of_refund(payment_id: str, refund: Refund, sealer: Sealer) -> Parameters:
    """Gives a refund's columns."""
    document = documents.encode_refund(refund)
    return {
        "payment_id": payment_id,
        "refund_id": refund.refund_id,
        "state": refund.state.value,
        "amount_rupiah": refund.amount.rupiah,
        "document": document.text,
        "sealed": sealer.seal(document.private, place_of_refund(payment_id, refund.refund_id)),
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


def of_binding(binding: Binding, sealer: Sealer) -> Parameters:
    """Gives a binding's columns."""
    document = documents.encode_binding(binding)
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
        "document": document.text,
        "sealed": sealer.seal(document.private, place_of_binding(binding.binding_id)),
        "phone_hash": sealer.phone_hash(binding.phone_number),
    }


def of_binding_as_read(binding: Binding) -> Parameters:
    """Gives what the row must still be, for a writer who read this binding."""
    return {
        "before_version": binding.version,
        "before_next_check_time_us": to_optional_microseconds(binding.next_check_time) or 0,
        "before_sending": int(binding.sending),
    }


def to_binding(row: Row, sealer: Sealer) -> Binding:
    """Reads a binding from its row."""
    binding_id, document, sealed, next_check_time_us, sending = row
    private = sealer.open(sealed, place_of_binding(binding_id))
    return replace(
        documents.decode_binding(document, private),
        next_check_time=from_optional_microseconds(next_check_time_us),
        sending=bool(sending),
    )


def of_webhook(entry: InboxEntry, sealer: Sealer) -> Parameters:
    """Gives a webhook's columns."""
    return {
        **of_settled_webhook(entry),
        "provider": entry.provider,
        "kind": entry.kind,
        "target": entry.target,
        "headers": documents.encode_texts(entry.headers),
        "sealed": sealer.seal(entry.body, place_of_webhook(entry.inbox_id)),
        "receive_time_us": to_microseconds(entry.receive_time),
    }


def of_settled_webhook(entry: InboxEntry) -> Parameters:
    """Gives the columns that say what became of a webhook."""
    return {
        "inbox_id": entry.inbox_id,
        "state": entry.state.value,
        "attempt_count": entry.attempt_count,
        "next_attempt_time_us": to_optional_microseconds(entry.next_attempt_time),
        "note": entry.note,
    }


def to_webhook(row: Row, sealer: Sealer) -> InboxEntry:
    """Reads a webhook."""
    inbox_id, provider, kind, target, headers, sealed, receive_time_us, *rest = row
    state, attempt_count, next_attempt_time_us, note = rest
    return InboxEntry(
        inbox_id=inbox_id,
        provider=provider,
        kind=kind,
        target=target,
        headers=documents.decode_texts(headers),
        body=b"" if sealed is None else sealer.open(sealed, place_of_webhook(inbox_id)),
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
