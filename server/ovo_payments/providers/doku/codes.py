"""Every response code of SNAP as DOKU uses it, and what each says of the request it answers.

A code has seven digits: the HTTP status, the service that was asked, and the case. Sources:
apidevportal.aspi-indonesia.or.id (response codes) and dashboard.doku.com/docs/docs/
technical-references/error-response; cases 400/03, 400/04 and 500/13 are in DOKU's Java library
alone.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from ovo_payments.domain.failure import FailureReason


class Service(StrEnum):
    """The services that we ask, and those under which DOKU notifies."""

    ACCOUNT_BINDING = "07"
    ACCOUNT_UNBINDING = "09"
    BALANCE = "11"
    PAYMENT = "54"
    STATUS = "55"
    NOTIFICATION = "56"
    REFUND = "58"
    MERCHANT_TOKEN = "73"
    CUSTOMER_TOKEN = "74"


class Verdict(StrEnum):
    """What a code says of a request that moves money or changes a link."""

    ACCEPTED = "ACCEPTED"
    IN_PROGRESS = "IN_PROGRESS"
    REFUSED = "REFUSED"
    """Nothing was done, and nothing will be."""
    EXISTS = "EXISTS"
    """DOKU may already hold something under our reference: ask what. With a reason, nothing was
    done for it unless asking shows otherwise."""
    NOT_FOUND = "NOT_FOUND"
    MERCHANT_TOKEN_STALE = "MERCHANT_TOKEN_STALE"
    CUSTOMER_TOKEN_STALE = "CUSTOMER_TOKEN_STALE"
    MISCONFIGURED = "MISCONFIGURED"
    """Our key, secret or clock is wrong: nothing was done, and every call will end so."""
    THROTTLED = "THROTTLED"
    """Nothing was done; later it may be."""
    NOT_SENT = "NOT_SENT"
    """No code at all: the request never left us."""
    UNKNOWN = "UNKNOWN"
    """The request may have left, and nothing usable came back."""


@dataclass(frozen=True, slots=True)
class Case:
    """One row of the table: DOKU's message, what it says, and why in our words."""

    message: str
    verdict: Verdict
    reason: FailureReason | None = None
    retryable: bool = False


@dataclass(frozen=True, slots=True)
class ResponseCode:
    """A `responseCode`, taken apart."""

    http_status: int
    service: str
    number: str

    @classmethod
    def parse(cls, text: str) -> "ResponseCode | None":
        """Reads seven digits; None for anything else, such as the eight of one printed sample."""
        match = _CODE.fullmatch(text)
        return cls(int(match["http_status"]), match["service"], match["number"]) if match else None

    def __str__(self) -> str:
        """Writes the seven digits."""
        return f"{self.http_status}{self.service}{self.number}"


_CODE: Final = re.compile(
    r"(?P<http_status>[1-5][0-9]{2})(?P<service>[0-9]{2})(?P<number>[0-9]{2})", re.ASCII
)
_UNAUTHORIZED: Final = 401

_R = FailureReason


def _refused(message: str, reason: FailureReason, *, retryable: bool = False) -> Case:
    return Case(message, Verdict.REFUSED, reason, retryable)


CASES: Final[Mapping[tuple[int, str], Case]] = {
    (200, "00"): Case("Successful", Verdict.ACCEPTED),
    (202, "00"): Case("Request In Progress", Verdict.IN_PROGRESS),
    (400, "00"): _refused("Bad Request", _R.REJECTED_BY_PROVIDER),
    (400, "01"): _refused("Invalid Field Format", _R.REJECTED_BY_PROVIDER),
    (400, "02"): _refused("Invalid Mandatory Field", _R.REJECTED_BY_PROVIDER),
    (400, "03"): Case("Transaction Already Success", Verdict.EXISTS),
    (400, "04"): _refused("Invalid Parameter", _R.REJECTED_BY_PROVIDER),
    (401, "00"): Case("Unauthorized", Verdict.MISCONFIGURED),
    (401, "01"): Case("Invalid Token (B2B)", Verdict.MERCHANT_TOKEN_STALE),
    (401, "02"): Case("Invalid Customer Token", Verdict.CUSTOMER_TOKEN_STALE, _R.BINDING_REVOKED),
    (401, "03"): Case("Token Not Found (B2B)", Verdict.MERCHANT_TOKEN_STALE),
    (401, "04"): Case("Customer Token Not Found", Verdict.CUSTOMER_TOKEN_STALE, _R.BINDING_REVOKED),
    (403, "00"): _refused("Transaction Expired", _R.REJECTED_BY_PROVIDER, retryable=True),
    (403, "01"): _refused("Feature Not Allowed", _R.MERCHANT_NOT_ALLOWED),
    (403, "02"): _refused("Exceeds Transaction Amount Limit", _R.LIMIT_EXCEEDED),
    (403, "03"): _refused("Suspected Fraud", _R.SUSPECTED_FRAUD),
    (403, "04"): _refused("Activity Count Limit Exceeded", _R.LIMIT_EXCEEDED, retryable=True),
    (403, "05"): _refused("Do Not Honor", _R.ACCOUNT_RESTRICTED),
    (403, "06"): _refused(
        "Feature Not Allowed At This Time", _R.MERCHANT_NOT_ALLOWED, retryable=True
    ),
    (403, "07"): _refused("Card Blocked", _R.ACCOUNT_RESTRICTED),
    (403, "08"): _refused("Card Expired", _R.ACCOUNT_RESTRICTED),
    (403, "09"): _refused("Dormant Account", _R.ACCOUNT_RESTRICTED),
    (403, "10"): _refused("Need To Set Token Limit", _R.LIMIT_EXCEEDED),
    (403, "11"): _refused("OTP Blocked", _R.AUTHENTICATION_FAILED, retryable=True),
    (403, "12"): _refused("OTP Lifetime Expired", _R.AUTHENTICATION_FAILED, retryable=True),
    # Not an end: the customer may still type the code.
    (403, "13"): Case("OTP Sent To Cardholder", Verdict.EXISTS),
    (403, "14"): _refused("Insufficient Funds", _R.INSUFFICIENT_FUNDS, retryable=True),
    (403, "15"): _refused("Transaction Not Permitted", _R.ACCOUNT_RESTRICTED),
    # Suspended is not told to be over.
    (403, "16"): Case("Suspend Transaction", Verdict.EXISTS),
    (403, "17"): _refused("Token Limit Exceeded", _R.LIMIT_EXCEEDED),
    (403, "18"): _refused("Inactive Card/Account/Customer", _R.ACCOUNT_RESTRICTED),
    (403, "19"): _refused("Merchant Blacklisted", _R.MERCHANT_NOT_ALLOWED),
    (403, "20"): _refused("Merchant Limit Exceed", _R.LIMIT_EXCEEDED, retryable=True),
    (403, "21"): _refused("Set Limit Not Allowed", _R.LIMIT_EXCEEDED),
    (403, "22"): _refused("Token Limit Invalid", _R.LIMIT_EXCEEDED),
    (403, "23"): _refused("Account Limit Exceed", _R.LIMIT_EXCEEDED, retryable=True),
    # Of a transaction that is there, in a state that does not allow what was asked.
    (404, "00"): Case("Invalid Transaction Status", Verdict.EXISTS),
    (404, "01"): Case("Transaction Not Found", Verdict.NOT_FOUND, _R.NOT_FOUND_AT_PROVIDER),
    (404, "02"): _refused("Invalid Routing", _R.REJECTED_BY_PROVIDER),
    (404, "03"): _refused("Bank Not Supported By Switch", _R.REJECTED_BY_PROVIDER),
    (404, "04"): _refused("Transaction Cancelled", _R.DECLINED_BY_CUSTOMER, retryable=True),
    (404, "05"): _refused(
        "Merchant Is Not Registered For Card Registration Services", _R.MERCHANT_NOT_ALLOWED
    ),
    (404, "06"): _refused("Need To Request OTP", _R.AUTHENTICATION_FAILED, retryable=True),
    (404, "07"): _refused("Journey Not Found", _R.REJECTED_BY_PROVIDER),
    (404, "08"): _refused("Invalid Merchant", _R.MERCHANT_NOT_ALLOWED),
    (404, "09"): _refused("No Issuer", _R.REJECTED_BY_PROVIDER),
    (404, "10"): _refused("Invalid API Transition", _R.REJECTED_BY_PROVIDER),
    (404, "11"): _refused("Invalid Card/Account/Customer", _R.ACCOUNT_NOT_FOUND),
    (404, "12"): _refused("Invalid Bill/Virtual Account", _R.REJECTED_BY_PROVIDER),
    (404, "13"): _refused("Invalid Amount", _R.REJECTED_BY_PROVIDER),
    (404, "14"): Case("Paid Bill", Verdict.EXISTS),
    (404, "15"): _refused("Invalid OTP", _R.AUTHENTICATION_FAILED, retryable=True),
    (404, "16"): _refused("Partner Not Found", _R.MERCHANT_NOT_ALLOWED),
    (404, "17"): _refused("Invalid Terminal", _R.MERCHANT_NOT_ALLOWED),
    (404, "18"): _refused("Inconsistent Request", _R.REJECTED_BY_PROVIDER),
    (404, "19"): _refused("Invalid Bill/Virtual Account (expired)", _R.REJECTED_BY_PROVIDER),
    (405, "00"): _refused("Requested Function Is Not Supported", _R.MERCHANT_NOT_ALLOWED),
    (405, "01"): _refused("Requested Operation Is Not Allowed", _R.MERCHANT_NOT_ALLOWED),
    (409, "00"): Case("Conflict", Verdict.EXISTS),
    (409, "01"): Case("Duplicate partnerReferenceNo", Verdict.EXISTS),
    (429, "00"): Case("Too Many Requests", Verdict.THROTTLED),
    (500, "00"): Case("General Error", Verdict.UNKNOWN),
    (500, "01"): Case("Internal Server Error", Verdict.UNKNOWN),
    (500, "02"): Case("External Server Error", Verdict.UNKNOWN),
    (500, "13"): Case("Internal Server Error", Verdict.UNKNOWN),
    (504, "00"): Case("Timeout", Verdict.UNKNOWN),
}
"""The cases that mean the same at every service."""

CASES_OF_SERVICE: Final[Mapping[tuple[Service, int, str], Case]] = {
    # Refunded already, by an earlier try or by somebody else, or not refundable.
    (Service.REFUND, 404, "00"): Case(
        "Invalid Transaction Status", Verdict.EXISTS, _R.REJECTED_BY_PROVIDER
    ),
    (Service.REFUND, 403, "00"): _refused("Transaction Expired", _R.REFUND_WINDOW_PASSED),
    # How production hears that the customer unlinked in the OVO app. A wrong signature has the
    # same code: `reply` tells the two apart.
    (Service.CUSTOMER_TOKEN, 401, "00"): Case("Unauthorized", Verdict.REFUSED, _R.BINDING_REVOKED),
}
"""The cases that mean something else at one service."""

UNDOCUMENTED: Final = Case("not in the table", Verdict.UNKNOWN)


def case_of(code: ResponseCode, service: Service) -> Case:
    """Looks a code up as an answer of the service that was asked.

    A code of another service than the one asked proves nothing, except a 401: DOKU's gateway
    may refuse a token before it knows the service, or in the name of the service that gave it.
    """
    key = (code.http_status, code.number)
    if code.service == service:
        return CASES_OF_SERVICE.get((service, *key)) or CASES.get(key, UNDOCUMENTED)
    if code.http_status != _UNAUTHORIZED:
        return UNDOCUMENTED
    if code.service == Service.CUSTOMER_TOKEN:
        return CASES[_UNAUTHORIZED, "02"]
    return CASES.get(key, UNDOCUMENTED)
