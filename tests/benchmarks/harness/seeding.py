"""Payments written straight into a database, as the service would have left them."""

import hashlib
import json
from collections.abc import Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import MappingProxyType
from typing import Final, TypeAlias

from ovo_payments.domain.evidence import Evidence
from ovo_payments.domain.money import Money
from ovo_payments.domain.payment import Checks, Method, Payment, PaymentState
from ovo_payments.domain.phone import PhoneNumber
from ovo_payments.domain.ports import RequestRecord
from ovo_payments.domain.update import Claim, Source
from ovo_payments.storage import documents, rows, sqlite
from ovo_payments.storage.rows import Parameters
from ovo_payments.storage.sealing import Place, Sealer
from ovo_payments.storage.sqlite.connection import connect
from ovo_payments.storage.statements import payments as payment_sql
from ovo_payments.storage.statements import requests as request_sql
from tests.benchmarks.harness.generator import MARKER, numbered
from tests.sealing import a_sealer

SERVER_KEY: Final = "SB-Mid-server-benchmark"
AMOUNT_RUPIAH: Final = 15_000
PHONE_NUMBER: Final = "081234567890"
PAYMENT_ID: Final = f"pay00000000000000{MARKER}"
"""As long as the service's own."""
_SCOPE: Final = "anonymous"
_PROVIDER: Final = "midtrans"
_BATCH: Final = 10_000
# Questions on schedule would find out what the notifications are to tell.
_NEXT_CHECK: Final = timedelta(hours=1)
_LAST_POSITION: Final = "INSERT INTO positions (scope, position) VALUES (:scope, :position)"
_NOT_LEASED: Final = {"lease_after": None, "lease_until_us": None}


@dataclass(frozen=True, slots=True)
class _ToSeal:
    """What is sealed for each payment anew, since each has its own place."""

    plain: bytes
    place: Place

    def sealed(self, sealer: Sealer, number: int) -> bytes:
        """Seals it for one payment."""
        table, column, *row = self.place
        of = (numbered(part, number) if isinstance(part, str) else part for part in row)
        return sealer.seal(self.plain, (table, column, *of))


_Pattern: TypeAlias = Mapping[str, str | int | bytes | _ToSeal | None]


def database_url(file: Path) -> str:
    """Names a database as settings do."""
    return f"sqlite:///{file}"


def seed(file: Path, count: int, *, succeeded: bool) -> None:
    """Makes a database of so many payments, each of two versions: settled, or still to be."""
    sqlite.migrate(database_url(file))
    position = 0
    with closing(connect(file, busy_timeout_s=1.0)) as connection:
        for first in range(0, count, _BATCH):
            numbers = range(first, min(first + _BATCH, count))
            connection.execute("BEGIN IMMEDIATE")
            for statement, parameters in _statements(succeeded=succeeded).items():
                connection.executemany(statement, _each(parameters, numbers, position))
                if statement.startswith(payment_sql.INSERT_EVENT):
                    position += len(numbers)
            connection.execute("COMMIT")
        connection.execute(_LAST_POSITION, {"scope": _SCOPE, "position": position})


def notification(number: int) -> bytes:
    """Writes the signed notification that a payment is settled.

    Fields: docs.midtrans.com/reference/ewallet-ovo (updated 2026-04-01); the signature:
    docs.midtrans.com/docs/https-notification-webhooks (updated 2026-04-28).
    """
    payment_id, gross_amount = numbered(PAYMENT_ID, number), f"{AMOUNT_RUPIAH}.00"
    signed = f"{payment_id}200{gross_amount}{SERVER_KEY}"
    fields = {
        "status_code": "200",
        "status_message": "midtrans payment notification",
        "transaction_id": f"bench-{payment_id}",
        "order_id": payment_id,
        "merchant_id": "G141532850",
        "gross_amount": gross_amount,
        "currency": "IDR",
        "payment_type": "ovo",
        "transaction_time": "2026-01-01 12:00:00",
        "transaction_status": "settlement",
        "settlement_time": "2026-01-01 12:00:05",
        "fraud_status": "accept",
        "signature_key": hashlib.sha512(signed.encode()).hexdigest(),
    }
    return json.dumps(fields).encode()


def write_notifications(file: Path, count: int) -> None:
    """Writes the notifications of the first `count` payments, one a line."""
    file.write_bytes(b"".join(notification(number) + b"\n" for number in range(count)))


def pattern_payment(version: int, state: PaymentState) -> Payment:
    """A pushed payment with MARKER in its names, at a version."""
    now = datetime.now(UTC)
    return Payment(
        payment_id=PAYMENT_ID,
        scope=_SCOPE,
        order_id=f"order-{MARKER}",
        state=state,
        version=version,
        method=Method.PUSH_TO_PHONE,
        provider=_PROVIDER,
        amount=Money(AMOUNT_RUPIAH),
        phone_number=PhoneNumber.parse(PHONE_NUMBER),
        metadata=MappingProxyType({}),
        create_time=now,
        update_time=now,
        provider_reference="" if version == 1 else f"bench-{PAYMENT_ID}",
        acknowledged=version > 1,
        expire_time=None if version == 1 else now + timedelta(seconds=65),
        success_time=now if state is PaymentState.SUCCEEDED else None,
        checks=Checks(next_check_time=now + _NEXT_CHECK if state.open else None),
    )


def pattern_request(payment: Payment) -> RequestRecord:
    """The used-up request id of a payment with MARKER in its names."""
    return RequestRecord(
        scope=payment.scope,
        method="Charge",
        request_id=f"request-{MARKER}",
        digests={"order_id": "0" * 64, "phone_number": "0" * 64, "amount": "0" * 64},
        subject_id=payment.payment_id,
    )


def _of_payment(payment: Payment) -> _Pattern:
    private = documents.encode_payment(payment).private
    payment_id, version = payment.payment_id, payment.version
    return {
        **rows.of_payment(payment, a_sealer()),
        "sealed": _ToSeal(private, rows.place_of_payment(payment_id)),
        "sealed_event": _ToSeal(private, rows.place_of_event(payment_id, version)),
    }


def _of_request(request: RequestRecord) -> _Pattern:
    digests = documents.encode_texts(request.digests).encode()
    place = rows.place_of_request(request.scope, request.method, request.request_id)
    return {**rows.of_request(request, a_sealer()), "sealed": _ToSeal(digests, place)}


def _statements(*, succeeded: bool) -> dict[str, _Pattern]:
    created = pattern_payment(1, PaymentState.PENDING)
    answered = pattern_payment(2, PaymentState.SUCCEEDED if succeeded else PaymentState.PENDING)
    evidence = Evidence(
        payment_id=answered.payment_id,
        refund_id="",
        observe_time=answered.update_time,
        source=Source.ANSWER,
        claim=Claim.SUCCEEDED if succeeded else Claim.PENDING,
        provider_code="200 settlement" if succeeded else "201 pending",
        detail="fraud_status accept",
        version=answered.version,
    )
    events = payment_sql.INSERT_EVENT
    return {
        request_sql.INSERT: _of_request(pattern_request(created)),
        payment_sql.INSERT: {**_of_payment(answered), **_NOT_LEASED},
        events: _of_payment(created),
        # The same statement once more, for the second version: a dict has each key once.
        f"{events} ": _of_payment(answered),
        payment_sql.INSERT_EVIDENCE: rows.of_evidence(evidence),
        payment_sql.CLAIM_ORDER: _of_payment(answered),
    }


def _each(pattern: _Pattern, numbers: range, position: int) -> Iterator[Parameters]:
    sealer = a_sealer()
    for number in numbers:
        position += 1
        yield {
            "position": position,
            **{name: _of_number(value, number, sealer) for name, value in pattern.items()},
        }


def _of_number(
    value: str | int | bytes | _ToSeal | None, number: int, sealer: Sealer
) -> str | int | bytes | None:
    if isinstance(value, _ToSeal):
        return value.sealed(sealer, number)
    return numbered(value, number) if isinstance(value, str) and MARKER in value else value
