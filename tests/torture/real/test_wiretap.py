"""Who reads along on a link sees whole messages, however they were cut into pieces."""

import pytest

from tests.torture.real.wiretap import Message, MessageReader, operation_of

_CHARGE = (
    b"POST /v2/charge HTTP/1.1\r\nHost: x\r\nIdempotency-Key: charge-pay01\r\n"
    b"Content-Length: 2\r\n\r\n{}"
)
_STATUS = b"GET /v2/pay01/status HTTP/1.1\r\nHost: x\r\n\r\n"
_CHUNKED = b"HTTP/1.1 504 X\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n"


@pytest.mark.parametrize("size", [1, 2, 7, 1000])
def test_messages_are_told_apart_in_pieces_of_any_size(size: int) -> None:
    """Bodies with a length, without one, and in chunks."""
    stream, reader, found = _CHARGE + _STATUS + _CHARGE, MessageReader(), list[Message]()
    for place in range(0, len(stream), size):
        found += reader.read(stream[place : place + size])
    assert [message.body for message in found] == [b"{}", b"", b"{}"]
    answers = MessageReader().read(_CHUNKED)
    assert [answer.status for answer in answers] == [504]


def test_a_request_says_what_it_asks_for() -> None:
    """By the names that the invariants know."""
    charge, status = MessageReader().read(_CHARGE + _STATUS)
    assert operation_of(charge) == ("charge", "pay01")
    assert operation_of(status) == ("status", "pay01")


@pytest.mark.parametrize(
    ("path", "body", "expected"),
    [
        (
            "/direct-debit/core/v1/debit/payment-host-to-host",
            b'{"partnerReferenceNo":"pay01"}',
            ("pay", "pay01"),
        ),
        (
            "/direct-debit/core/v1/debit/refund",
            b'{"originalPartnerReferenceNo":"pay01","partnerRefundNo":"rfd01"}',
            ("refund", "rfd01"),
        ),
        (
            "/orders/v1.0/debit/status",
            b'{"originalPartnerReferenceNo":"pay01"}',
            ("status", "pay01"),
        ),
        ("/authorization/v1/access-token/b2b", b"{}", ("token_b2b", "")),
    ],
)
def test_a_request_to_doku_says_what_it_asks_for(
    path: str, body: bytes, expected: tuple[str, str]
) -> None:
    """The refund by its own reference."""
    assert operation_of(Message(f"POST {path} HTTP/1.1".encode(), body)) == expected
