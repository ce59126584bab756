"""Amounts and times as a person reads them."""

from datetime import UTC, datetime, timedelta, timezone

import pytest

from ovo_payments_client.terminal.words import clock, relative, rupiah, span

NOON = datetime(2026, 3, 1, 12, 0, 0, tzinfo=timezone(timedelta(hours=7)))


@pytest.mark.parametrize(
    ("amount", "words"),
    [
        (0, "Rp0"),
        (999, "Rp999"),
        (15_000, "Rp15.000"),
        (20_000_000, "Rp20.000.000"),
        (-500, "-Rp500"),
    ],
)
def test_amounts_have_indonesian_dots(amount: int, words: str) -> None:
    """Thousands are parted by dots, and a discount has its sign in front."""
    assert rupiah(amount) == words


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (-5, "0 s"),
        (0.4, "0 s"),
        (119, "119 s"),
        (120, "2 min 0 s"),
        (3_599, "59 min 59 s"),
        (3_600, "1 h 0 min"),
        (86_399, "23 h 59 min"),
        (90_000, "1 d 1 h"),
    ],
)
def test_lengths_of_time_have_two_units(seconds: float, words: str) -> None:
    """Seconds alone up to two minutes, for that is what one waits."""
    assert span(timedelta(seconds=seconds)) == words


@pytest.mark.parametrize(
    ("seconds", "words"), [(0.5, "now"), (-0.5, "now"), (5, "in 5 s"), (-125, "2 min 5 s ago")]
)
def test_times_are_told_by_their_distance(seconds: float, words: str) -> None:
    """Before, after, or now."""
    assert relative(NOON + timedelta(seconds=seconds), NOON) == words


def test_times_are_told_on_the_readers_clock() -> None:
    """With the date where it is not today's."""
    assert clock(datetime(2026, 3, 1, 5, 0, 7, tzinfo=UTC), NOON) == "12:00:07"
    assert clock(datetime(2026, 3, 1, 17, 0, 0, tzinfo=UTC), NOON) == "2026-03-02 00:00:00"
