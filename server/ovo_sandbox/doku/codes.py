"""SNAP's response codes as DOKU answers them: HTTP status, service and case in seven digits.

Source: apidevportal.aspi-indonesia.or.id, response-code table, and dashboard.doku.com/docs/docs/
technical-references/error-response. The rule: the HTTP status equals the first three digits.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum


class Service(StrEnum):
    """The service codes that OVO's calls use."""

    ACCOUNT_BINDING = "07"
    ACCOUNT_UNBINDING = "09"
    BALANCE_INQUIRY = "11"
    PAYMENT = "54"
    PAYMENT_STATUS = "55"
    REFUND = "58"
    MERCHANT_ACCESS = "73"
    CUSTOMER_ACCESS = "74"


@dataclass(frozen=True, slots=True)
class Case:
    """One row of SNAP's table: the HTTP status, the case within it, and its message."""

    http_status: int
    number: str
    message: str


SUCCESSFUL = Case(200, "00", "Successful")
BAD_REQUEST = Case(400, "00", "Bad Request")
INVALID_FIELD_FORMAT = Case(400, "01", "Invalid Field Format {detail}")
INVALID_MANDATORY_FIELD = Case(400, "02", "Invalid Mandatory Field {detail}")
UNAUTHORIZED = Case(401, "00", "Unauthorized. [{detail}]")
INVALID_TOKEN = Case(401, "01", "Invalid Token (B2B)")
INVALID_CUSTOMER_TOKEN = Case(401, "02", "Invalid Customer Token")
TOKEN_NOT_FOUND = Case(401, "03", "Token Not Found (B2B)")
EXCEEDS_AMOUNT_LIMIT = Case(403, "02", "Exceeds Transaction Amount Limit")
INSUFFICIENT_FUNDS = Case(403, "14", "Insufficient Funds")
TRANSACTION_NOT_PERMITTED = Case(403, "15", "Transaction Not Permitted. {detail}")
INACTIVE_ACCOUNT = Case(403, "18", "Inactive Card/Account/Customer")
INVALID_TRANSACTION_STATUS = Case(404, "00", "Invalid Transaction Status")
TRANSACTION_NOT_FOUND = Case(404, "01", "Transaction Not Found")
INVALID_AMOUNT = Case(404, "13", "Invalid Amount")
INCONSISTENT_REQUEST = Case(404, "18", "Inconsistent Request")
OPERATION_NOT_ALLOWED = Case(405, "01", "Requested Operation Is Not Allowed")
CONFLICT = Case(409, "00", "Conflict")
DUPLICATE_REFERENCE = Case(409, "01", "Duplicate partnerReferenceNo")
GENERAL_ERROR = Case(500, "00", "General Error")
TIMEOUT = Case(504, "00", "Timeout")


class Refused(Exception):
    """A call that DOKU answers with another code than success.

    Attributes:
        case: the row of SNAP's table.
        detail: what fills the row's message: the field, or the reason.
        extra: fields that the body carries beside code and message.

    """

    def __init__(
        self, case: Case, detail: str = "", extra: Mapping[str, object] | None = None
    ) -> None:
        super().__init__(f"{case.http_status}/{case.number} {detail}")
        self.case = case
        self.detail = detail
        self.extra = dict(extra or {})


def response_code(case: Case, service: Service) -> str:
    """Returns the seven digits of a case at a service."""
    return f"{case.http_status}{service}{case.number}"


def response_head(case: Case, service: Service, detail: str = "") -> dict[str, object]:
    """Returns the two fields that every body starts with."""
    return {
        "responseCode": response_code(case, service),
        "responseMessage": case.message.format(detail=detail).strip(),
    }
