"""Request ids: the same content is the same request, other content is refused."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import MISSING, Field, asdict, fields, is_dataclass
from typing import Final

from ovo_payments.application.call import (
    BindRequest,
    Call,
    ChargeRequest,
    PayRequest,
    RefundRequest,
)
from ovo_payments.domain.errors import RequestIdReusedError
from ovo_payments.domain.ports import RequestRecord

_DIGEST_LENGTH: Final = 32


def record_of(
    method: str,
    call: Call,
    request: BindRequest | ChargeRequest | PayRequest | RefundRequest,
    *,
    subject_id: str,
    **normalised: str,
) -> RequestRecord:
    """Makes the record of a request; `normalised` replaces fields that have several spellings.

    Only digests are kept, so that neither phone numbers nor names are stored twice. What the
    caller left out is no content: a field that a later version adds makes no old request another.
    """
    content = {
        field.name: value
        for field in fields(request)
        if (value := getattr(request, field.name)) != _default(field)
    }
    content.update(normalised)
    content.pop("request_id", None)
    return RequestRecord(
        scope=call.caller.scope,
        method=method,
        request_id=request.request_id,
        digests={field: _digest(value) for field, value in content.items()},
        subject_id=subject_id,
        caller=call.caller.name,
    )


def require_same(earlier: RequestRecord, record: RequestRecord, **subject: str) -> None:
    """Raises RequestIdReusedError where the request id was used with other content."""
    names = sorted({*earlier.digests, *record.digests})
    differing = tuple(
        name for name in names if earlier.digests.get(name) != record.digests.get(name)
    )
    if differing:
        raise RequestIdReusedError(differing_fields=differing, **subject)


def _default(field: Field[object]) -> object:
    if field.default_factory is not MISSING:
        return field.default_factory()
    return field.default


def _digest(value: object) -> str:
    text = json.dumps(value, sort_keys=True, default=_plain)
    return hashlib.sha256(text.encode()).hexdigest()[:_DIGEST_LENGTH]


def _plain(value: object) -> object:
    if is_dataclass(value) and not isinstance(value, type):
        return asdict(value)
    if isinstance(value, Mapping):
        return dict(value)
    message = f"no plain form of {type(value).__name__}"
    raise TypeError(message)
