"""Amounts are exact or they are refused."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ovo_payments.domain.money import AmountFormatError, Money


@pytest.mark.parametrize(
    ("text", "rupiah"), [("15000.00", 15_000), ("15000", 15_000), ("1.0", 1), ("0.00", 0)]
)
def test_whole_rupiah_are_read_exactly(text: str, rupiah: int) -> None:
    """Providers write whole amounts with no, one or two zero decimals."""
    assert Money.from_decimal_text(text) == Money(rupiah)


@pytest.mark.parametrize(
    "text",
    [
        "15000.50",
        "15000.001",
        "1e4",
        "NaN",
        "inf",
        "-1",
        "+1",
        "",
        " 1",
        "1 ",
        "1,000",
        "0x1",
        "\u0661",
    ],
)
def test_anything_else_is_refused(text: str) -> None:
    """No fraction, exponent, sign, space or foreign digit is taken for an amount."""
    with pytest.raises(AmountFormatError):
        Money.from_decimal_text(text)


def test_another_currency_is_refused() -> None:
    """A provider that answers in another currency does not speak of our payment."""
    with pytest.raises(AmountFormatError):
        Money.from_decimal_text("15000.00", "USD")


@given(st.integers(min_value=0, max_value=10**16 - 1))
def test_what_is_written_is_read_back(rupiah: int) -> None:
    """Every amount survives the way to a provider and back."""
    assert Money.from_decimal_text(Money(rupiah).to_decimal_text()) == Money(rupiah)


def test_people_read_amounts_as_indonesians_write_them() -> None:
    """Dots separate thousands."""
    assert str(Money(1_500_000)) == "Rp1.500.000"
