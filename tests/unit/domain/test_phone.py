"""Phone numbers have one spelling inside and none outside."""

import pytest

from ovo_payments.domain.phone import PhoneNumber, PhoneNumberFormatError


@pytest.mark.parametrize(
    "text",
    [
        "081111111111",
        "6281111111111",
        "+6281111111111",
        "0811-1111-1111",
        "+62 811 1111 1111",
        "(0811) 1111.1111",
    ],
)
def test_every_usual_spelling_is_the_same_number(text: str) -> None:
    """Local, international, with and without separators."""
    number = PhoneNumber.parse(text)
    assert number.international == "6281111111111"
    assert number.local == "081111111111"


@pytest.mark.parametrize(
    "text",
    [
        "",
        "8111111111",
        "+6521111111111",
        "02112345678",
        "0811",
        "0811111111111111",
        "08o111111111",
        "+62+81111111111",
        "081111111111\n;",
        "٠٨١١١١١١١١١١",
    ],
)
def test_what_is_no_indonesian_mobile_is_refused(text: str) -> None:
    """Landlines, other countries, letters, foreign digits, too short and too long."""
    with pytest.raises(PhoneNumberFormatError):
        PhoneNumber.parse(text)


def test_a_number_prints_masked() -> None:
    """Neither str nor repr shows more than the last four digits."""
    number = PhoneNumber.parse("081234567890")
    assert number.masked == "*********7890"
    assert "1234" not in f"{number} {number!r}"
