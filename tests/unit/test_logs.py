"""Logs are one line a fact, in JSON or for a person, and hold no secret."""

import io
import json
import logging
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any

import pytest
import structlog

from ovo_payments import logs
from ovo_payments.domain.money import Money
from ovo_payments.domain.phone import PhoneNumber
from ovo_payments.domain.secret import Secret
from tests.unit.transport.samples import FULL_PAYMENT

PHONE = PhoneNumber("6281234567890")


class Stream(io.StringIO):
    """A stream that is a terminal or is not, and whose disk may be full."""

    def __init__(self, *, terminal: bool = False, full: bool = False) -> None:
        """Empty."""
        super().__init__()
        self._terminal = terminal
        self._full = full

    def isatty(self) -> bool:
        """Tells what it was told to be."""
        return self._terminal

    def write(self, text: str, /) -> int:
        """Fails where the disk is full."""
        if self._full:
            raise OSError("no space left on device")
        return super().write(text)

    def lines(self) -> list[dict[str, Any]]:
        """Reads what was logged in JSON."""
        return [json.loads(line) for line in self.getvalue().splitlines()]


@pytest.fixture(autouse=True)
def _as_it_was() -> Iterator[None]:
    """Leaves logging as it was found."""
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    yield
    structlog.reset_defaults()
    structlog.contextvars.clear_contextvars()
    root.handlers[:] = handlers
    root.setLevel(level)


def logged(**fields: object) -> dict[str, Any]:
    """Gives a line as it was written, without what every line has."""
    stream = Stream()
    logs.configure("json", "info", stream)
    structlog.get_logger().info("thing.happened", **fields)
    (line,) = stream.lines()
    for key in ("timestamp", "level", "event"):
        del line[key]
    return line


def test_a_line_is_one_fact_in_json() -> None:
    """Time, level and event come first, then the fields, then what the call is bound to."""
    stream = Stream()
    logs.configure("json", "info", stream)
    structlog.contextvars.bind_contextvars(request_id="r-1")

    structlog.get_logger().warning("payment.late", payment_id="pay_1", count=3)

    (line,) = stream.lines()
    assert list(line)[:3] == ["timestamp", "level", "event"]
    moment = datetime.fromisoformat(line.pop("timestamp"))
    assert moment.tzinfo == UTC
    assert line == {
        "level": "warning",
        "event": "payment.late",
        "payment_id": "pay_1",
        "count": 3,
        "request_id": "r-1",
    }


@pytest.mark.parametrize(
    ("terminal", "wanted", "is_json"),
    [(False, "", True), (True, "", False), (True, "json", True), (False, "text", False)],
)
def test_a_terminal_gets_text_and_everything_else_json(
    terminal: bool,  # noqa: FBT001 - a row of the table
    wanted: str,
    is_json: bool,  # noqa: FBT001 - a row of the table
) -> None:
    """Unless a format is wanted."""
    stream = Stream(terminal=terminal)
    logs.configure(wanted, "info", stream)
    structlog.get_logger().info("thing.happened")
    assert stream.getvalue().startswith("{") == is_json


def test_what_is_below_the_level_is_not_written() -> None:
    """Debug is off by default."""
    stream = Stream()
    logs.configure("json", "warning", stream)
    log = structlog.get_logger()
    log.debug("a.b")
    log.info("a.b")
    log.log(logging.INFO, "a.b")
    log.error("c.d")
    assert [line["event"] for line in stream.lines()] == ["c.d"]


@pytest.mark.parametrize("log_format", logs.FORMATS)
@pytest.mark.parametrize(
    "fields",
    [
        {"told": PHONE},
        {"told": [PHONE, (PHONE,), {PHONE}]},
        {"told": {"of": {"customer": PHONE}}},
        {"told": "call 081234567890"},
        {"told": "call +6281234567890, now"},
        {"told": ["6281234567890"]},
        {"told": ValueError("081234567890 is blocked")},
        {"exc_info": ValueError("081234567890 is blocked")},
        {"told": FULL_PAYMENT},
        {"phone_number": "0812-3456-7890"},
    ],
)
def test_no_line_holds_a_whole_phone_number(log_format: str, fields: Mapping[str, object]) -> None:
    """Wherever it hides; four digits at most are left."""
    stream = Stream(terminal=True)
    logs.configure(log_format, "info", stream)
    structlog.get_logger().info("thing.happened", **fields)
    written = stream.getvalue()
    assert "thing.happened" in written
    assert "123456" not in written
    assert "3456" not in written


@pytest.mark.parametrize("log_format", logs.FORMATS)
@pytest.mark.parametrize(
    "fields",
    [
        {"told": Secret("s3cr3t")},
        {"told": {"deep": [Secret("s3cr3t")]}},
        {"authorization": "Bearer s3cr3t"},
        {"token": "s3cr3t"},
        {"headers": {"x": "s3cr3t"}},
        {"told": {"password": "s3cr3t"}},
        {"body": b"s3cr3t"},
        {"told": b"s3cr3t"},
    ],
)
def test_no_line_holds_a_secret(log_format: str, fields: Mapping[str, object]) -> None:
    """By its type, or by the name that it is logged under."""
    stream = Stream(terminal=True)
    logs.configure(log_format, "info", stream)
    structlog.get_logger().info("thing.happened", **fields)
    assert "s3cr3t" not in stream.getvalue()


def test_numbers_that_are_no_phone_numbers_stay() -> None:
    """Amounts, ids and times are what an operator reads the log for."""
    fields = {
        "reference": "12345678901234567890123456789012",
        "payment_id": "pay_081234567890",
        "seconds": "0.81234567890",
        "count": 81234567890,
    }
    assert logged(**fields) == fields


class Colour(StrEnum):
    """Something of ours."""

    RED = "red"


@dataclass
class Person:
    """Something of ours with a name in it."""

    name: str


def test_values_are_told_in_plain_words() -> None:
    """Of what is not plain, only what kind it is: its own text might name a person."""
    told = logged(
        colour=Colour.RED,
        amount=Money(15_000),
        at=datetime(2025, 11, 20, tzinfo=UTC),
        person=Person("Budi"),
        nothing=None,
        error=KeyError("x"),
    )
    assert told == {
        "colour": "red",
        "amount": "Rp15.000",
        "at": "2025-11-20T00:00:00+00:00",
        "person": "<Person>",
        "nothing": None,
        "error": "KeyError: 'x'",
    }


@pytest.mark.parametrize("log_format", logs.FORMATS)
def test_a_traceback_shows_code_and_no_values(log_format: str) -> None:
    """Variables hold tokens."""
    stream = Stream(terminal=True)
    logs.configure(log_format, "info", stream)

    def fail() -> None:
        token = "s3cr3" + "t"
        raise ValueError(len(token))

    try:
        fail()
    except ValueError:
        structlog.get_logger().exception("thing.broke")

    assert "ValueError: 6" in stream.getvalue()
    assert "in fail" in stream.getvalue()
    assert "s3cr3t" not in stream.getvalue()


@pytest.mark.parametrize("log_format", logs.FORMATS)
def test_a_line_break_in_a_value_begins_no_line(log_format: str) -> None:
    """What a stranger sends forges no entry, nor does it reach a terminal as anything but text."""
    stream = Stream()
    logs.configure(log_format, "info", stream)
    forged = '\n{"event":"payment.changed"}\r\x1b[31m'
    structlog.get_logger().info("thing.happened", told=forged, listed=[forged])
    (line,) = stream.getvalue().splitlines()
    assert "\x1b" not in line


def test_what_libraries_log_is_taken_over() -> None:
    """From warnings on, also at levels that only the library knows."""
    stream = Stream()
    logs.configure("json", "info", stream)
    library = logging.getLogger("some.library")
    library.info("chatter")
    library.warning("cache of %s is %s", "081234567890", "cold")
    library.log(35, "odd")

    first, second = stream.lines()
    assert first["event"] == "library.logged"
    assert first["library"] == "some.library"
    assert first["message"] == "cache of ********7890 is cold"
    assert (second["level"], second["message"]) == ("warning", "odd")


def test_a_full_disk_under_the_log_stops_nothing() -> None:
    """The line is lost, the payment is not."""
    logs.configure("json", "info", Stream(full=True))
    structlog.get_logger().info("thing.happened")
