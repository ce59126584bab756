"""Logs: dotted facts with fields, one line each, in JSON or for a person, never with a secret.

Everything is written by structlog, without the standard library's logging, which costs more
than the rest of a log line. What libraries write to that is taken over.
"""

import json
import logging
import re
import sys
from collections.abc import Callable, Mapping
from collections.abc import Set as AbstractSet
from datetime import UTC, datetime
from enum import Enum
from typing import Any, Final, TextIO, TypeAlias, cast

import structlog
from structlog.typing import EventDict, WrappedLogger

from ovo_payments.domain.money import Money
from ovo_payments.domain.phone import PhoneNumber
from ovo_payments.domain.secret import Secret

FORMATS: Final = ("json", "text")
LEVELS: Final = ("debug", "info", "warning", "error")

Safe: TypeAlias = "str | int | float | bool | list[Safe] | dict[str, Safe] | None"

_HIDDEN: Final = "***"
_SECRET_KEYS: Final = frozenset(
    {
        "authorization",
        "body",
        "headers",
        "otp",
        "password",
        "phone_number",
        "pin",
        "secret",
        "token",
    }
)
_PLAIN: Final = frozenset({int, float, bool, type(None)})
# Any text may hold a phone number, an error's message for one. The first pattern is cheap and
# finds all that the second can; most lines end there.
_MAYBE_PHONE: Final = re.compile(r"8[1-9][0-9]{6}", re.ASCII)
_PHONE: Final = re.compile(r"(?<![\w.])(?:\+?62|0)8[1-9][0-9]{2,6}(?=[0-9]{4}(?!\w))", re.ASCII)


def configure(log_format: str = "", level: str = "info", stream: TextIO | None = None) -> None:
    """Sets logging up for the process.

    `log_format` is one of FORMATS, or empty for text on a terminal and JSON elsewhere; `level`
    is one of LEVELS. Lines go to `stream`, by default standard error: standard output belongs
    to what commands print for programs.
    """
    out = stream or sys.stderr
    chosen = log_format or ("text" if out.isatty() else "json")
    level_number = logging.getLevelNamesMapping()[level.upper()]
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            _tidy,
            _as_json if chosen == "json" else _console_renderer(colors=out.isatty()),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(level_number),
        logger_factory=structlog.WriteLoggerFactory(file=cast("TextIO", _Unfailing(out))),
        cache_logger_on_first_use=True,
    )
    libraries_level = max(level_number, logging.WARNING)
    logging.basicConfig(handlers=[LibraryHandler()], level=libraries_level, force=True)


class LibraryHandler(logging.Handler):
    """Takes over what libraries log."""

    def emit(self, record: logging.LogRecord) -> None:
        """Writes a library's line as one of ours."""
        log = structlog.get_logger()
        told = {"library": record.name, "message": record.getMessage()}
        level = min(record.levelno // 10 * 10, logging.CRITICAL)
        log.log(level, "library.logged", **told, exc_info=record.exc_info)


class _Unfailing:
    """Loses a line that can't be written: a full disk under the log must stop no payment."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream

    def write(self, text: str) -> None:
        try:
            self._stream.write(text)
            self._stream.flush()
        except OSError:
            return

    def flush(self) -> None:
        """Does nothing: a line is flushed as it is written."""


def safe(value: object) -> Safe:
    """Gives what a log may show of a value: of an object of ours only what kind it is.

    A payment's own text names a person and holds the caller's data.
    """
    kind = type(value)
    if kind is str:
        return _without_phone_numbers(str(value))
    if kind in _PLAIN:
        return value  # type: ignore[return-value]  # one of _PLAIN
    for known, shown in _SHOWN:
        if isinstance(value, known):
            return shown(value)
    return f"<{kind.__name__}>"


def _by_key(key: str, value: object) -> Safe:
    if key in _SECRET_KEYS and not isinstance(value, PhoneNumber):
        return _HIDDEN
    return safe(value)


def _without_phone_numbers(text: str) -> str:
    if _MAYBE_PHONE.search(text) is None:
        return text
    return _PHONE.sub(lambda match: "*" * len(match[0]), text)


_SHOWN: Final[tuple[tuple[type, Callable[[Any], Safe]], ...]] = (
    (Enum, lambda value: safe(value.value)),
    (str, _without_phone_numbers),
    # These three show no more than they may.
    (Secret, str),
    (PhoneNumber, str),
    (Money, str),
    (datetime, datetime.isoformat),
    (Mapping, lambda value: {str(key): _by_key(str(key), of) for key, of in value.items()}),
    (list, lambda value: [safe(entry) for entry in value]),
    (tuple, lambda value: [safe(entry) for entry in value]),
    (AbstractSet, lambda value: [safe(entry) for entry in value]),
    (BaseException, lambda value: _without_phone_numbers(f"{type(value).__name__}: {value}")),
)


def _tidy(_logger: WrappedLogger, level: str, event: EventDict) -> EventDict:
    """Puts time, level and event first, and lets nothing through that is not safe."""
    now = datetime.now(UTC).isoformat(timespec="milliseconds")
    tidy: EventDict = {"timestamp": now, "level": level, "event": event.pop("event")}
    if "exc_info" in event:
        # Tracebacks hold lines of code and no values of variables.
        event = structlog.processors.format_exc_info(_logger, level, event)
    for key, value in event.items():
        kind = type(value)
        # What most values are is let through without a call.
        plain = kind in _PLAIN or (kind is str and _MAYBE_PHONE.search(value) is None)
        tidy[key] = value if plain and key not in _SECRET_KEYS else _by_key(key, value)
    return tidy


_encode_json: Final = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode


def _as_json(_logger: WrappedLogger, _level: str, event: EventDict) -> str:
    return _encode_json(event)


def _console_renderer(*, colors: bool) -> structlog.dev.ConsoleRenderer:
    return structlog.dev.ConsoleRenderer(
        colors=colors,
        sort_keys=False,
        # The default prints the values of variables too.
        exception_formatter=structlog.dev.plain_traceback,
    )
