"""Midtrans' signatures, by the vectors of its own fixtures."""

import pytest

from ovo_payments.domain.secret import Secret
from ovo_payments.providers.midtrans.signing import authorization, is_signed, signature_key
from tests.unit.providers.midtrans.orders import SERVER_KEY

VECTORS = [
    (
        ("ORDER-sandbox-0001", "200", "150000.00"),
        (
            "d65b4adf15335095fe1bfafe24964d48009dcc2989393e13570b0c9852ea60df"
            "0040b1a9646b9c9ef9433317f77acc8e387c59998dc20f5bd93fff93d23672e4"
        ),
    ),
    (
        ("ORDER-sandbox-0002", "201", "75000.00"),
        (
            "db70270f6c27da2b564d4fffd9df3eeae578a7afba22bf5e6071711c7914d7a3"
            "d22ccaa533e864cf53742ca73c9e63016b0cbc1f97ee253a77b24b7a410d876a"
        ),
    ),
    (
        ("ORDER-sandbox-0003", "202", "50000.00"),
        (
            "a51d1bd2aa8b1dca9228f3827cd641b6dadf52ebb9ed40fb45db6a06dbb33de7"
            "cde8e80caa93dfb5e6beeaaf44f698dc7f6f56edd46556eddaa2a774ff7692c6"
        ),
    ),
    (
        ("ovo-demo-0001", "200", "15000.00"),
        (
            "a3ae8a2a7d05f2cce0e523a837ff909671e0b98ac1887642c289b409a000faaa"
            "1323c43feadc5aae3e6fd993b100e05bbc063a695e1c9a5b908375f292fef628"
        ),
    ),
    (
        ("ovo-demo-0001", "201", "15000.00"),
        (
            "0775f081ad7cfe818434be679429f465bd6bfb1ebed8ec94d44ee284049addf9"
            "e9416b239614800609bbce6cc3e6c26e4d222d5f6f55cd13cc8a6fe0e012148f"
        ),
    ),
    (
        ("ovo-demo-0001", "202", "15000.00"),
        (
            "de3d9a21f93562b872e12f9ed00ddd38d2e5c778586e85e4318411d20e7849dd"
            "ff89169d42c6b8934fc71442d9720cba65a978c44f34cf7cebc0c1579b24d5d3"
        ),
    ),
    (
        ("ovo-demo-0001", "407", "15000.00"),
        (
            "e70126cd8c01705ea090a6b71f9aecbe29193863e902f69c674b8a233fea6e02"
            "703cacb89576883a55339d815ac7d13105019a5ad8d3ca719c7ae017602a1cbd"
        ),
    ),
]


@pytest.mark.parametrize(("texts", "expected"), VECTORS)
def test_signatures_are_those_of_midtrans(texts: tuple[str, str, str], expected: str) -> None:
    """The known answers come out."""
    assert signature_key(*texts, SERVER_KEY) == expected


@pytest.mark.parametrize("altered", ["order_id", "status_code", "gross_amount", "signature"])
def test_one_altered_character_breaks_a_signature(altered: str) -> None:
    """Whatever is covered can't be changed."""
    (order_id, status_code, gross_amount), signature = VECTORS[0]
    texts = {
        "order_id": order_id,
        "status_code": status_code,
        "gross_amount": gross_amount,
        "signature": signature,
    }
    assert is_signed(**texts, server_keys=[SERVER_KEY])
    texts[altered] = texts[altered][:-1] + "9"
    assert not is_signed(**texts, server_keys=[SERVER_KEY])


def test_an_amount_written_otherwise_is_another_signature() -> None:
    """The texts are signed as they came: 150000 and 150000.00 differ."""
    (order_id, status_code, _), signature = VECTORS[0]
    assert not is_signed(
        order_id=order_id,
        status_code=status_code,
        gross_amount="150000",
        signature=signature,
        server_keys=[SERVER_KEY],
    )


@pytest.mark.parametrize("signature", ["ü", "\ud800", "", "A" * 128])
def test_a_signature_of_strange_characters_is_only_wrong(signature: str) -> None:
    """Comparing never fails, whatever is compared."""
    assert not is_signed(
        order_id="a",
        status_code="200",
        gross_amount="1.00",
        signature=signature,
        server_keys=[SERVER_KEY],
    )


def test_the_key_is_the_user_name_without_a_password() -> None:
    """The example of docs.midtrans.com/docs/api-authorization-headers comes out, and hides."""
    made = authorization(Secret("SB-Mid-server-abc123cde456"))
    assert made.reveal() == "Basic U0ItTWlkLXNlcnZlci1hYmMxMjNjZGU0NTY6"
    assert str(made) == "***"
