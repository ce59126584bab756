"""What came of one call, whatever way it ended, in a form that the tables can translate."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Final

from ovo_payments.domain.failure import Failure, FailureReason
from ovo_payments.domain.update import Source
from ovo_payments.providers.doku import wire
from ovo_payments.providers.doku.codes import (
    CASES,
    UNDOCUMENTED,
    Case,
    ResponseCode,
    Service,
    Verdict,
    case_of,
)
from ovo_payments.providers.doku.tables import MESSAGES
from ovo_payments.providers.http import (
    Answered,
    JsonBodyError,
    Lost,
    NotSent,
    Outcome,
    read_object,
)

_SUCCESS: Final = range(200, 300)
_UNAUTHORIZED: Final = 401
_CONFLICT: Final = 409
_TOO_MANY: Final = 429
_OUR_FAULT: Final = re.compile(r"signature|unknown client|timestamp", re.IGNORECASE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """What came of one call."""

    verdict: Verdict
    source: Source = Source.ANSWER
    reason: FailureReason | None = None
    retryable: bool = False
    code: str = ""
    """DOKU's response code; the HTTP status where there was none."""
    detail: str
    """A sentence for operators; holds nothing that DOKU wrote but the code."""
    document: Mapping[str, object] = field(default_factory=lambda: MappingProxyType({}), repr=False)

    def failure(self) -> Failure:
        """Says why what was asked for failed."""
        reason = self.reason or FailureReason.REJECTED_BY_PROVIDER
        return Failure(
            reason=reason,
            message=MESSAGES[reason],
            provider_code=self.code,
            retryable=self.retryable,
        )


def read_outcome(outcome: Outcome, service: Service) -> Reply:
    """Says what the end of a call to a service means."""
    match outcome:
        case NotSent():
            return not_sent(f"not sent, {outcome.phase.name}: {outcome.cause}")
        case Lost():
            return Reply(
                verdict=Verdict.UNKNOWN,
                source=Source.TRANSPORT,
                detail=f"no answer, {outcome.phase.name}: {outcome.cause}",
            )
        case Answered():
            return read_answer(outcome.status, outcome.body, service)


def not_sent(detail: str, code: str = "") -> Reply:
    """What is known of a request that never left; `code` is of the call before it that failed."""
    return Reply(verdict=Verdict.NOT_SENT, source=Source.TRANSPORT, code=code, detail=detail)


def read_answer(http_status: int, body: bytes, service: Service) -> Reply:
    """Says what an answer of a service means; the body decides where HTTP says success.

    DOKU answers 200 with a code of 4xxxxxx in its body, and 409 with the body of the success
    that it repeats (developers.doku.com, idempotency-request). Every other contradiction between
    the two is no usable answer.
    """
    try:
        document = read_object(body)
    except JsonBodyError:
        document = {}
    code = ResponseCode.parse(wire.text(document, "responseCode"))
    case = _judge(http_status, code, service)
    if _revokes(case, code) and _OUR_FAULT.search(wire.text(document, "responseMessage")):
        # The one code whose text must be read: taken for a revoked link, a wrong key or clock
        # of ours would unlink every customer.
        case = CASES[_UNAUTHORIZED, "00"]
    told = str(code) if code is not None else f"HTTP {http_status}"
    return Reply(
        verdict=case.verdict,
        reason=case.reason,
        retryable=case.retryable,
        code=told,
        detail=f"DOKU answered {told} ({case.message}) with HTTP {http_status}",
        document=document,
    )


def refuses_us(answered: Answered) -> bool:
    """Whether DOKU says that our key, secret or clock is wrong, whatever was asked."""
    if answered.status != _UNAUTHORIZED:
        return False
    return read_answer(answered.status, answered.body, Service.CUSTOMER_TOKEN).verdict is (
        Verdict.MISCONFIGURED
    )


def _judge(http_status: int, code: ResponseCode | None, service: Service) -> Case:
    if http_status == _CONFLICT:
        return Case("Conflict", Verdict.EXISTS)
    if code is None:
        if http_status == _TOO_MANY:
            return Case("Too Many Requests", Verdict.THROTTLED)
        return Case("no response code", Verdict.UNKNOWN)
    if http_status in _SUCCESS or http_status == code.http_status:
        return case_of(code, service)
    return UNDOCUMENTED


def _revokes(case: Case, code: ResponseCode | None) -> bool:
    return case.reason is FailureReason.BINDING_REVOKED and code is not None and code.number == "00"
