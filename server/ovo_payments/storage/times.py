"""Times at rest: whole microseconds since 1970 in UTC.

Integers are exact (a datetime knows microseconds and no less), sort as they are, cost eight bytes
in an index, and mean the same to every database. Text would be nicer to read and has five
spellings of one instant.
"""

from datetime import UTC, datetime, timedelta
from typing import Final

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND: Final = timedelta(microseconds=1)


def to_microseconds(time: datetime) -> int:
    """Writes an instant. Raises TypeError for a time without a zone."""
    return (time - _EPOCH) // _MICROSECOND


def from_microseconds(time_us: int) -> datetime:
    """Reads an instant, in UTC."""
    return _EPOCH + timedelta(microseconds=time_us)


def to_optional_microseconds(time: datetime | None) -> int | None:
    """Writes an instant, or that there is none."""
    return None if time is None else to_microseconds(time)


def from_optional_microseconds(time_us: int | None) -> datetime | None:
    """Reads an instant, or that there is none."""
    return None if time_us is None else from_microseconds(time_us)
