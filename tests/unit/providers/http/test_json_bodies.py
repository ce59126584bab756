"""JSON bodies: what everybody reads alike, and what is refused."""

from decimal import Decimal

import pytest

from ovo_payments.providers.http import JsonBodyError, read_object


def test_numbers_keep_their_digits() -> None:
    """An amount never passes through a float."""
    found = read_object(b'{"a": 15000.00, "b": 0.1, "c": 9007199254740993, "d": 1e4}')
    assert found == {
        "a": Decimal("15000.00"),
        "b": Decimal("0.1"),
        "c": 9007199254740993,
        "d": Decimal(10000),
    }
    assert str(found["a"]) == "15000.00"


def test_a_character_may_be_escaped_as_a_pair() -> None:
    """Both halves together are one character."""
    assert read_object(rb'{"a": "\ud83d\ude00"}') == {"a": "😀"}


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"null",
        b"1",
        b"[]",
        b'"text"',
        b"{",
        b"{}x",
        b"{'a': 1}",
        b'{"a": NaN}',
        b'{"a": -Infinity}',
        b'{"a": 1, "a": 1}',
        b'{"outer": {"a": 1, "a": 2}}',
        b'{"a": "\xff"}',
        b'\xef\xbb\xbf{"a": 1}',
        b'{"a": ' + b"9" * 10_000 + b"}",
        b'{"a":' * 100_000,
        b'{"a": 1e9999999999999999999}',
        rb'{"a": "\ud800"}',
        rb'{"\udfff": 1}',
        rb'{"a": [["\ud83d"]]}',
    ],
    ids=lambda body: repr(body[:24]),
)
def test_what_two_readers_could_read_differently_is_refused(body: bytes) -> None:
    """One error for all of it, and none of the body in its text."""
    with pytest.raises(JsonBodyError) as refused:
        read_object(body)
    assert len(str(refused.value)) < 60
