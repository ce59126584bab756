"""DOKU's signatures: the known answers of its own libraries, and what must not pass."""

import json
from pathlib import Path
from time import process_time
from typing import Any, Final

import pytest

from ovo_payments.domain.secret import Secret
from ovo_payments.providers.doku import read_public_key, wire
from ovo_payments.providers.doku.signing import (
    minify,
    sign_with_private_key,
    sign_with_secret,
    token_string_to_sign,
    transaction_string_to_sign,
    verify_with_public_key,
    verify_with_secret,
)
from tests.unit.providers.doku.merchant import merchant_key

SAMPLES: Final[dict[str, Any]] = json.loads(
    (Path(__file__).parents[3] / "samples/doku-vectors.json").read_text()
)
TOKEN_CALL, TRANSACTION = SAMPLES["vectors"]
MERCHANT_PUBLIC_KEY: Final = read_public_key(SAMPLES["keys"]["merchant_public_pem"])
SECRET: Final = Secret(TRANSACTION["client_secret"])


def string_to_sign(body: bytes, **changed: str) -> str:
    """Writes what the known transaction's signature covers, with some of it changed."""
    given: dict[str, str] = {
        "method": TRANSACTION["method"],
        "target": TRANSACTION["endpoint_url"],
        "access_token": TRANSACTION["access_token_without_bearer"],
        "timestamp": TRANSACTION["x_timestamp"],
    }
    return transaction_string_to_sign(minified_body=minify(body), **{**given, **changed})


def test_the_string_of_a_token_call_is_the_known_one() -> None:
    """Client id and time, with a bar between."""
    assert (
        token_string_to_sign(TOKEN_CALL["client_id"], TOKEN_CALL["x_timestamp"])
        == TOKEN_CALL["string_to_sign"]
    )


def test_the_known_signature_of_a_token_call_is_verified() -> None:
    """What DOKU's own library signed passes."""
    assert verify_with_public_key(
        MERCHANT_PUBLIC_KEY, TOKEN_CALL["string_to_sign"], TOKEN_CALL["signature_base64"]
    )


@pytest.mark.parametrize("changed", TOKEN_CALL["must_fail"], ids=lambda case: case["why"])
def test_a_signature_of_another_token_call_is_refused(changed: dict[str, str]) -> None:
    """A second later, or another separator, is another text."""
    assert not verify_with_public_key(
        MERCHANT_PUBLIC_KEY, changed["string_to_sign"], TOKEN_CALL["signature_base64"]
    )


@pytest.mark.parametrize("signature", ["", "AAAA", "not base64!", "é", "iQvc57LI\n"])
def test_what_is_no_signature_is_refused(signature: str) -> None:
    """Nonsense in the place of an RSA signature is no error, only wrong."""
    assert not verify_with_public_key(MERCHANT_PUBLIC_KEY, "text", signature)


def test_a_token_call_that_we_sign_is_verified_by_our_public_key() -> None:
    """What goes out can be verified by who has the public key."""
    signature = sign_with_private_key(merchant_key(), "client|time")
    assert verify_with_public_key(merchant_key().public_key(), "client|time", signature)


@pytest.mark.parametrize("form", ["body_minified", "body_as_python_sdk_sends_it_on_the_wire"])
def test_the_known_transaction_gives_the_known_signature(form: str) -> None:
    """Minified or with spaces on the wire, what is signed is the same."""
    text = string_to_sign(TRANSACTION[form].encode())
    assert text == TRANSACTION["string_to_sign"]
    assert sign_with_secret(SECRET, text) == TRANSACTION["signature_base64"]
    assert verify_with_secret(SECRET, text, TRANSACTION["signature_base64"])


def test_a_body_is_written_as_it_is_signed() -> None:
    """The body that we write is minified already: signed and sent are the same bytes."""
    body = wire.encode(TRANSACTION["body"])
    assert body.decode() == TRANSACTION["body_minified"]
    assert minify(body) == body


def test_spaces_inside_a_text_are_signed() -> None:
    """A name with one of its two spaces gone is another body."""
    body = TRANSACTION["body_minified"].replace("Red  T-Shirt", "Red T-Shirt")
    text = string_to_sign(body.encode())
    assert not verify_with_secret(SECRET, text, TRANSACTION["signature_base64"])


@pytest.mark.parametrize(
    "changed",
    [
        {"method": "PUT"},
        {"target": "/direct-debit/core/v1/debit/refund"},
        {"target": "/direct-debit/core/v1/debit/payment-host-to-host?a=1"},
        {"access_token": "another"},
        {"timestamp": "2026-01-02T10:04:06+07:00"},
    ],
)
def test_everything_around_the_body_is_signed(changed: dict[str, str]) -> None:
    """Another method, path, query, token or time is another signature."""
    text = string_to_sign(TRANSACTION["body_minified"].encode(), **changed)
    assert not verify_with_secret(SECRET, text, TRANSACTION["signature_base64"])


def test_the_letter_case_of_a_signature_counts() -> None:
    """Base64 in other letters is another signature, whatever some of DOKU's libraries think."""
    text = TRANSACTION["string_to_sign"]
    assert not verify_with_secret(SECRET, text, TRANSACTION["signature_base64"].lower())


def test_another_secret_gives_another_signature() -> None:
    """Who has another secret can't sign."""
    text = TRANSACTION["string_to_sign"]
    assert not verify_with_secret(Secret("another"), text, TRANSACTION["signature_base64"])


@pytest.mark.parametrize(
    ("body", "minified"),
    [
        (b"", b""),
        (b' { "a" : [ 1 , 2 ] }\r\n', b'{"a":[1,2]}'),
        (b'{"a b" :\t"c  d"}', b'{"a b":"c  d"}'),
        (rb'{"a": "quoted \" and { : } "}', rb'{"a":"quoted \" and { : } "}'),
        (rb'{"a": "ends in \\" , "b": 1}', rb'{"a":"ends in \\","b":1}'),
        ('{"a": "\u00e9 \u2003x"}'.encode(), '{"a":"\u00e9 \u2003x"}'.encode()),
        (b'{"a": "never  ends', b'{"a":"never  ends'),
    ],
)
def test_minifying_drops_white_space_outside_of_texts_alone(body: bytes, minified: bytes) -> None:
    """Texts, escapes and everything else stay as they are."""
    assert minify(body) == minified


def test_minifying_takes_time_in_proportion_to_the_body() -> None:
    """A body made to be slow to read is read as fast as any other of its length."""
    start = process_time()
    minify(b'{"' + b'\\"' * 500_000)
    assert process_time() - start < 1.0
