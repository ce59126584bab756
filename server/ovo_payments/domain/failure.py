"""Why a payment, refund or binding failed: facts about money, not about calls."""

from dataclasses import dataclass
from enum import StrEnum


class FailureReason(StrEnum):
    """The service's words for what went wrong, as in `ovo.payments.v1.FailureReason`."""

    INSUFFICIENT_FUNDS = "INSUFFICIENT_FUNDS"
    DECLINED_BY_CUSTOMER = "DECLINED_BY_CUSTOMER"
    ACCOUNT_NOT_FOUND = "ACCOUNT_NOT_FOUND"
    ACCOUNT_RESTRICTED = "ACCOUNT_RESTRICTED"
    LIMIT_EXCEEDED = "LIMIT_EXCEEDED"
    BINDING_REVOKED = "BINDING_REVOKED"
    ALREADY_BOUND = "ALREADY_BOUND"
    AUTHENTICATION_FAILED = "AUTHENTICATION_FAILED"
    SUSPECTED_FRAUD = "SUSPECTED_FRAUD"
    MERCHANT_NOT_ALLOWED = "MERCHANT_NOT_ALLOWED"
    REJECTED_BY_PROVIDER = "REJECTED_BY_PROVIDER"
    NOT_FOUND_AT_PROVIDER = "NOT_FOUND_AT_PROVIDER"
    REFUND_WINDOW_PASSED = "REFUND_WINDOW_PASSED"


@dataclass(frozen=True, slots=True, kw_only=True)
class Failure:
    """Why something failed, with the provider's own code."""

    reason: FailureReason
    message: str
    provider_code: str = ""
    retryable: bool = False
