"""How an answer is judged: HTTP status and body together, and what they can't agree on."""

import json

import pytest

from ovo_payments.domain.failure import FailureReason
from ovo_payments.domain.update import Source
from ovo_payments.providers.doku.codes import Service, Verdict
from ovo_payments.providers.doku.reply import read_answer, read_outcome, refuses_us
from ovo_payments.providers.http import Answered, Lost, NotSent, Phase


def body_of(code: str, message: str = "Told") -> bytes:
    """Writes a body with a code."""
    return json.dumps({"responseCode": code, "responseMessage": message}).encode()


@pytest.mark.parametrize(
    ("http_status", "code", "verdict"),
    [
        (200, "2005400", Verdict.ACCEPTED),
        (201, "2005400", Verdict.ACCEPTED),
        (202, "2025400", Verdict.IN_PROGRESS),
        (200, "4035414", Verdict.REFUSED),
        (200, "4015401", Verdict.MERCHANT_TOKEN_STALE),
        (200, "5005400", Verdict.UNKNOWN),
        (403, "4035414", Verdict.REFUSED),
        (409, "4095401", Verdict.EXISTS),
        (409, "2005400", Verdict.EXISTS),
        (409, "4035414", Verdict.EXISTS),
        (429, "4295400", Verdict.THROTTLED),
        # What HTTP and the body can't both mean.
        (500, "2005400", Verdict.UNKNOWN),
        (500, "4035414", Verdict.UNKNOWN),
        (403, "2005400", Verdict.UNKNOWN),
        (429, "2005400", Verdict.UNKNOWN),
        (302, "2005400", Verdict.UNKNOWN),
    ],
)
def test_the_body_decides_where_http_says_success_or_the_same(
    http_status: int, code: str, verdict: Verdict
) -> None:
    """A refusal under HTTP 200 is a refusal; a contradiction is no answer at all."""
    assert read_answer(http_status, body_of(code), Service.PAYMENT).verdict is verdict


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"<html>Bad Gateway</html>",
        b"[]",
        b'{"responseCode":2005400}',
        b'{"responseCode":"20054000"}',
        b'{"responseCode":"4035414","responseCode":"2005400"}',
        b'{"responseCode":"2005400"',
        b"\xff\xfe",
        b"[" * 100_000,
    ],
)
@pytest.mark.parametrize("http_status", [200, 401, 403, 404, 500, 502])
def test_an_answer_without_a_readable_code_says_nothing(http_status: int, body: bytes) -> None:
    """Whatever HTTP says, a body that nobody can read is no evidence."""
    reply = read_answer(http_status, body, Service.PAYMENT)
    assert reply.verdict is Verdict.UNKNOWN
    assert reply.code == f"HTTP {http_status}"


def test_http_429_needs_no_body() -> None:
    """A gateway that turns calls away does so before DOKU sees them."""
    assert read_answer(429, b"slow down", Service.PAYMENT).verdict is Verdict.THROTTLED


@pytest.mark.parametrize(
    ("message", "verdict"),
    [
        ("Unauthorized. [Invalid authCode]", Verdict.REFUSED),
        ("Unauthorized", Verdict.REFUSED),
        ("Unauthorized. [Signature]", Verdict.MISCONFIGURED),
        ("Unauthorized.Invalid Signature", Verdict.MISCONFIGURED),
        ("Unauthorized. [Unknown client]", Verdict.MISCONFIGURED),
        ("Unauthorized. [X-TIMESTAMP]", Verdict.MISCONFIGURED),
    ],
)
def test_a_revoked_link_is_told_from_a_wrong_key(message: str, verdict: Verdict) -> None:
    """Both are 4017400; a wrong key of ours must not unlink every customer."""
    reply = read_answer(401, body_of("4017400", message), Service.CUSTOMER_TOKEN)
    assert reply.verdict is verdict
    assert (reply.reason is FailureReason.BINDING_REVOKED) is (verdict is Verdict.REFUSED)


def test_what_never_left_is_not_sent() -> None:
    """Proof of not sent stays proof."""
    reply = read_outcome(NotSent(phase=Phase.CONNECT, cause="refused"), Service.PAYMENT)
    assert (reply.verdict, reply.source) == (Verdict.NOT_SENT, Source.TRANSPORT)


def test_a_lost_answer_is_unknown() -> None:
    """Silence proves nothing."""
    reply = read_outcome(Lost(phase=Phase.READ, cause="out of time"), Service.PAYMENT)
    assert (reply.verdict, reply.source) == (Verdict.UNKNOWN, Source.TRANSPORT)


def test_a_reply_shows_nothing_that_doku_wrote() -> None:
    """Logs and evidence get the code and our words, never the body."""
    body = b'{"responseCode":"2007400","responseMessage":"Told","accessToken":"SECRET"}'
    reply = read_answer(200, body, Service.CUSTOMER_TOKEN)
    assert "SECRET" not in repr(reply)
    assert "SECRET" not in reply.detail


@pytest.mark.parametrize(
    ("http_status", "code", "message", "refused"),
    [
        (401, "4015400", "Unauthorized. [Signature]", True),
        (401, "4017300", "Unauthorized. [Unknown client]", True),
        (401, "4017400", "Unauthorized. [Signature]", True),
        (401, "4017400", "Unauthorized. [Invalid authCode]", False),
        (401, "4015401", "Invalid Token (B2B)", False),
        (403, "4035414", "Insufficient Funds", False),
        (200, "2005400", "Successful", False),
    ],
)
def test_only_a_refusal_of_our_own_key_counts_against_doku(
    http_status: int, code: str, message: str, *, refused: bool
) -> None:
    """A customer who unlinked, or who has no money, says nothing of DOKU's health."""
    answered = Answered(status=http_status, headers={}, body=body_of(code, message), elapsed_s=0.0)
    assert refuses_us(answered) is refused
