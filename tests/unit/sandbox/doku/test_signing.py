"""The signatures that DOKU's own libraries make are the ones that the sandbox accepts."""

import json
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.serialization import load_pem_public_key
from hypothesis import given
from hypothesis import strategies as st

from ovo_sandbox.doku.signing import (
    minify,
    sign_transaction,
    token_signature_holds,
    token_string_to_sign,
    transaction_signature_holds,
    transaction_string_to_sign,
)

SAMPLES = Path(__file__).parents[3] / "samples" / "doku-vectors.json"
DOCUMENT = json.loads(SAMPLES.read_text())
ASYMMETRIC, SYMMETRIC = DOCUMENT["vectors"]

json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
)


def merchant_key() -> RSAPublicKey:
    """The public key of the known answers."""
    key = load_pem_public_key(DOCUMENT["keys"]["merchant_public_pem"].encode())
    assert isinstance(key, RSAPublicKey)
    return key


def string_to_sign(body: str, **changes: str) -> str:
    """The string to sign of the known answer, with another body or more."""
    known: dict[str, Any] = {
        "method": SYMMETRIC["method"],
        "endpoint": SYMMETRIC["endpoint_url"],
        "access_token": SYMMETRIC["access_token_without_bearer"],
        "timestamp": SYMMETRIC["x_timestamp"],
    }
    return transaction_string_to_sign(**{**known, **changes}, body=body.encode())


def test_the_known_token_signature_holds() -> None:
    """Client id, a bar and the timestamp's own text are what it covers."""
    text = token_string_to_sign(
        client_id=ASYMMETRIC["client_id"], timestamp=ASYMMETRIC["x_timestamp"]
    )
    assert text == ASYMMETRIC["string_to_sign"]
    assert token_signature_holds(
        public_key=merchant_key(), string_to_sign=text, signature=ASYMMETRIC["signature_base64"]
    )


@pytest.mark.parametrize("wrong", ASYMMETRIC["must_fail"], ids=lambda wrong: wrong["why"])
def test_a_token_signature_of_another_text_does_not_hold(wrong: dict[str, str]) -> None:
    """Neither another second nor another separator passes."""
    assert not token_signature_holds(
        public_key=merchant_key(),
        string_to_sign=wrong["string_to_sign"],
        signature=ASYMMETRIC["signature_base64"],
    )


@pytest.mark.parametrize("signature", ["", "!!!", "AAAA", "Ünicode", "iQvc57LIRotC"])
def test_garbage_is_no_token_signature(signature: str) -> None:
    """It is refused without an error of its own."""
    assert not token_signature_holds(
        public_key=merchant_key(),
        string_to_sign=ASYMMETRIC["string_to_sign"],
        signature=signature,
    )


@pytest.mark.parametrize("field", ["body_minified", "body_as_python_sdk_sends_it_on_the_wire"])
def test_the_known_signature_holds_for_both_forms_of_the_body(field: str) -> None:
    """DOKU's Python library signs the minified body and sends it with spaces."""
    text = string_to_sign(SYMMETRIC[field])
    assert text == SYMMETRIC["string_to_sign"]
    assert transaction_signature_holds(
        secret=SYMMETRIC["client_secret"],
        string_to_sign=text,
        signature=SYMMETRIC["signature_base64"],
    )


def test_white_space_inside_a_string_is_signed() -> None:
    """A minifier that drops it would let another order through."""
    changed = SYMMETRIC["body_minified"].replace("Red  T-Shirt", "Red T-Shirt")
    assert string_to_sign(changed) != SYMMETRIC["string_to_sign"]


@pytest.mark.parametrize(
    ("part", "value"),
    [
        ("endpoint", "/direct-debit/core/v1/payment"),
        ("access_token", "Bearer eyJhbGciOiJSUzI1NiJ9.b2I.c2ln"),
        ("timestamp", "2026-01-02T03:04:05Z"),
        ("method", "GET"),
    ],
)
def test_every_part_is_signed(part: str, value: str) -> None:
    """The same moment in another zone is another text."""
    assert not transaction_signature_holds(
        secret=SYMMETRIC["client_secret"],
        string_to_sign=string_to_sign(SYMMETRIC["body_minified"], **{part: value}),
        signature=SYMMETRIC["signature_base64"],
    )


def test_a_signature_is_compared_with_its_case() -> None:
    """Two of DOKU's libraries compare without, which halves nothing but care."""
    assert not transaction_signature_holds(
        secret=SYMMETRIC["client_secret"],
        string_to_sign=SYMMETRIC["string_to_sign"],
        signature=SYMMETRIC["signature_base64"].swapcase(),
    )


def test_a_signature_is_base64_of_sixty_four_bytes() -> None:
    """Whatever the sample on DOKU's page looks like."""
    made = sign_transaction(
        secret=SYMMETRIC["client_secret"], string_to_sign=SYMMETRIC["string_to_sign"]
    )
    assert made == SYMMETRIC["signature_base64"]
    assert len(made) == 88


@given(value=json_values, indent=st.sampled_from([None, 0, 2, "\t"]), ascii_only=st.booleans())
def test_minify_undoes_any_layout(
    *, value: object, indent: int | str | None, ascii_only: bool
) -> None:
    """However a body is laid out, its compact form is signed."""
    laid_out = json.dumps(value, indent=indent, ensure_ascii=ascii_only)
    compact = json.dumps(value, separators=(",", ":"), ensure_ascii=ascii_only)
    assert minify(laid_out.encode()) == compact.encode()
