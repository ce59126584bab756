"""The table of response codes: all of SNAP's rows are there, and each says what it must."""

import re
from typing import Final

import pytest

from ovo_payments.domain.failure import FailureReason
from ovo_payments.providers.doku.codes import (
    CASES,
    UNDOCUMENTED,
    ResponseCode,
    Service,
    Verdict,
    case_of,
)
from ovo_payments.providers.doku.tables import (
    CLAIMS_OF_BINDING,
    CLAIMS_OF_DEBIT,
    CLAIMS_OF_REFUND,
    CLAIMS_OF_UNBINDING,
    MESSAGES,
)

# As SNAP prints them, with what DOKU's Java library adds.
DOCUMENTED: Final = """
200/00 Successful
202/00 Request In Progress
400/00 Bad Request
400/01 Invalid Field Format
400/02 Invalid Mandatory Field
400/03 Transaction Already Success
400/04 Invalid Parameter
401/00 Unauthorized
401/01 Invalid Token (B2B)
401/02 Invalid Customer Token
401/03 Token Not Found (B2B)
401/04 Customer Token Not Found
403/00 Transaction Expired
403/01 Feature Not Allowed
403/02 Exceeds Transaction Amount Limit
403/03 Suspected Fraud
403/04 Activity Count Limit Exceeded
403/05 Do Not Honor
403/06 Feature Not Allowed At This Time
403/07 Card Blocked
403/08 Card Expired
403/09 Dormant Account
403/10 Need To Set Token Limit
403/11 OTP Blocked
403/12 OTP Lifetime Expired
403/13 OTP Sent To Cardholder
403/14 Insufficient Funds
403/15 Transaction Not Permitted
403/16 Suspend Transaction
403/17 Token Limit Exceeded
403/18 Inactive Card/Account/Customer
403/19 Merchant Blacklisted
403/20 Merchant Limit Exceed
403/21 Set Limit Not Allowed
403/22 Token Limit Invalid
403/23 Account Limit Exceed
404/00 Invalid Transaction Status
404/01 Transaction Not Found
404/02 Invalid Routing
404/03 Bank Not Supported By Switch
404/04 Transaction Cancelled
404/05 Merchant Is Not Registered For Card Registration Services
404/06 Need To Request OTP
404/07 Journey Not Found
404/08 Invalid Merchant
404/09 No Issuer
404/10 Invalid API Transition
404/11 Invalid Card/Account/Customer
404/12 Invalid Bill/Virtual Account
404/13 Invalid Amount
404/14 Paid Bill
404/15 Invalid OTP
404/16 Partner Not Found
404/17 Invalid Terminal
404/18 Inconsistent Request
404/19 Invalid Bill/Virtual Account (expired)
405/00 Requested Function Is Not Supported
405/01 Requested Operation Is Not Allowed
409/00 Conflict
409/01 Duplicate partnerReferenceNo
429/00 Too Many Requests
500/00 General Error
500/01 Internal Server Error
500/02 External Server Error
500/13 Internal Server Error
504/00 Timeout
"""
_ROW: Final = re.compile(r"(\d{3})/(\d{2}) (.+)")
ROWS: Final = {
    (int(status), number): message for status, number, message in _ROW.findall(DOCUMENTED)
}
NOT_AN_END: Final = {(400, "03"), (403, "13"), (403, "16"), (404, "00"), (404, "01"), (404, "14")}


def of(code: str, service: Service = Service.PAYMENT) -> tuple[Verdict, FailureReason | None, bool]:
    """Looks a code up."""
    parsed = ResponseCode.parse(code)
    assert parsed is not None
    case = case_of(parsed, service)
    return case.verdict, case.reason, case.retryable


def test_every_documented_code_has_its_row_and_no_other_has() -> None:
    """The table is SNAP's, whole, with its messages."""
    assert {key: case.message for key, case in CASES.items()} == ROWS


@pytest.mark.parametrize("key", sorted(CASES))
def test_a_row_says_refused_exactly_where_nothing_can_come_of_it(key: tuple[int, str]) -> None:
    """400, 403, 404 and 405 are refusals, but for those that speak of something that is there."""
    case, (http_status, _) = CASES[key], key
    refusal = http_status in {400, 403, 404, 405} and key not in NOT_AN_END
    assert (case.verdict is Verdict.REFUSED) is refusal
    assert (case.reason is not None) is (
        refusal or case.verdict in {Verdict.CUSTOMER_TOKEN_STALE, Verdict.NOT_FOUND}
    )


def test_every_verdict_says_something_of_everything() -> None:
    """No verdict falls through a table, and no reason lacks its sentence."""
    for table in (CLAIMS_OF_DEBIT, CLAIMS_OF_REFUND, CLAIMS_OF_BINDING, CLAIMS_OF_UNBINDING):
        assert set(table) == set(Verdict)
    assert set(MESSAGES) == set(FailureReason)


@pytest.mark.parametrize(
    ("code", "verdict", "reason", "retryable"),
    [
        ("2005400", Verdict.ACCEPTED, None, False),
        ("2025400", Verdict.IN_PROGRESS, None, False),
        ("4005401", Verdict.REFUSED, FailureReason.REJECTED_BY_PROVIDER, False),
        ("4005403", Verdict.EXISTS, None, False),
        ("4015400", Verdict.MISCONFIGURED, None, False),
        ("4015401", Verdict.MERCHANT_TOKEN_STALE, None, False),
        ("4015402", Verdict.CUSTOMER_TOKEN_STALE, FailureReason.BINDING_REVOKED, False),
        ("4015403", Verdict.MERCHANT_TOKEN_STALE, None, False),
        ("4015404", Verdict.CUSTOMER_TOKEN_STALE, FailureReason.BINDING_REVOKED, False),
        ("4035402", Verdict.REFUSED, FailureReason.LIMIT_EXCEEDED, False),
        ("4035403", Verdict.REFUSED, FailureReason.SUSPECTED_FRAUD, False),
        ("4035405", Verdict.REFUSED, FailureReason.ACCOUNT_RESTRICTED, False),
        ("4035414", Verdict.REFUSED, FailureReason.INSUFFICIENT_FUNDS, True),
        ("4035419", Verdict.REFUSED, FailureReason.MERCHANT_NOT_ALLOWED, False),
        ("4045411", Verdict.REFUSED, FailureReason.ACCOUNT_NOT_FOUND, False),
        ("4045414", Verdict.EXISTS, None, False),
        ("4045418", Verdict.REFUSED, FailureReason.REJECTED_BY_PROVIDER, False),
        ("4095400", Verdict.EXISTS, None, False),
        ("4095401", Verdict.EXISTS, None, False),
        ("4295400", Verdict.THROTTLED, None, False),
        ("5005400", Verdict.UNKNOWN, None, False),
        ("5045400", Verdict.UNKNOWN, None, False),
    ],
)
def test_the_codes_that_matter_most_say_what_they_must(
    code: str, verdict: Verdict, reason: FailureReason | None, *, retryable: bool
) -> None:
    """The rows on which money depends, one by one."""
    assert of(code) == (verdict, reason, retryable)


def test_an_undocumented_case_is_unknown() -> None:
    """What is in no table is no evidence of anything."""
    parsed = ResponseCode(403, "54", "99")
    assert case_of(parsed, Service.PAYMENT) is UNDOCUMENTED
    assert UNDOCUMENTED.verdict is Verdict.UNKNOWN


@pytest.mark.parametrize("code", ["2000700", "4035814", "5005800"])
def test_a_code_of_another_service_proves_nothing(code: str) -> None:
    """Success or refusal of something else says nothing of a debit."""
    assert of(code)[0] is Verdict.UNKNOWN


@pytest.mark.parametrize(
    ("code", "verdict"),
    [
        ("4017301", Verdict.MERCHANT_TOKEN_STALE),
        ("4017300", Verdict.MISCONFIGURED),
        ("4017400", Verdict.CUSTOMER_TOKEN_STALE),
    ],
)
def test_a_401_counts_in_the_name_of_whatever_service(code: str, verdict: Verdict) -> None:
    """A gateway may refuse a token before it knows what was asked: nothing was processed."""
    assert of(code)[0] is verdict


def test_the_exchange_says_by_401_that_the_link_is_gone() -> None:
    """4017400 is how a revoked link is heard of; from anybody else, 401/00 is our own fault."""
    revoked = (Verdict.REFUSED, FailureReason.BINDING_REVOKED, False)
    assert of("4017400", Service.CUSTOMER_TOKEN) == revoked
    assert of("4015400", Service.CUSTOMER_TOKEN)[0] is Verdict.MISCONFIGURED


def test_a_refund_has_meanings_of_its_own() -> None:
    """What expired is the refund's window; what is in a wrong state may be refunded already."""
    assert of("4035800", Service.REFUND)[1] is FailureReason.REFUND_WINDOW_PASSED
    assert of("4045800", Service.REFUND)[0] is Verdict.EXISTS


@pytest.mark.parametrize("text", ["", "200540", "20054000", "2005 00", "200540a", "٢٠٠٥٤٠٠"])
def test_a_code_has_seven_digits(text: str) -> None:
    """Anything else, such as the eight digits of a printed sample, is no code."""
    assert ResponseCode.parse(text) is None


def test_a_code_is_written_as_it_was_read() -> None:
    """Taking a code apart loses nothing."""
    assert str(ResponseCode.parse("4035414")) == "4035414"
