"""Times at rest are exact."""

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ovo_payments.storage.times import from_microseconds, to_microseconds


@given(st.datetimes(timezones=st.just(UTC)))
def test_a_time_reads_back_exactly(time: datetime) -> None:
    """To the microsecond, from the year 1 to the year 9999."""
    assert from_microseconds(to_microseconds(time)) == time


@given(st.datetimes(timezones=st.just(UTC)), st.datetimes(timezones=st.just(UTC)))
def test_times_sort_at_rest_as_they_do_in_life(one: datetime, other: datetime) -> None:
    """So that an index finds what is due."""
    assert (one < other) == (to_microseconds(one) < to_microseconds(other))


def test_a_zone_is_no_part_of_an_instant() -> None:
    """16:30 in Jakarta is 09:30 in UTC."""
    jakarta = datetime(2025, 6, 1, 16, 30, tzinfo=timezone(timedelta(hours=7)))

    assert from_microseconds(to_microseconds(jakarta)) == datetime(2025, 6, 1, 9, 30, tzinfo=UTC)


def test_a_time_without_a_zone_is_refused() -> None:
    """Nobody knows when that was."""
    with pytest.raises(TypeError):
        to_microseconds(datetime(2025, 6, 1))  # noqa: DTZ001 - the mistake that is refused
