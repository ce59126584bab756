"""Reads a request body field by field, as DOKU judges it.

DOKU's libraries send `null` for what they leave out, so null counts as absent. A missing mandatory
field (400xx02) goes before a malformed one (400xx01), wherever the two stand in the body.
"""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Mapping
from typing import Final

from ovo_sandbox.doku.codes import (
    BAD_REQUEST,
    INVALID_AMOUNT,
    INVALID_FIELD_FORMAT,
    INVALID_MANDATORY_FIELD,
    Refused,
)

CHANNEL: Final = "EMONEY_OVO_SNAP"
_AMOUNT = re.compile(r"[0-9]{1,16}\.[0-9]{2}")
_URL = re.compile(r"https?://[^\s\"'<>\\]{1,2000}", re.IGNORECASE)
_NOTHING: Final[Mapping[str, object]] = {}


def read_object(body: bytes) -> Mapping[str, object]:
    """Returns the body's JSON object; anything else is a bad request."""
    document = _parsed(body)
    if document is None:
        raise Refused(BAD_REQUEST)
    return document


def glance_at_object(body: bytes) -> Mapping[str, object]:
    """Returns the body's JSON object, or an empty one where there is none."""
    return _parsed(body) or _NOTHING


class Fields:
    """Reads the fields of one JSON object and remembers what was wrong until `check` is called."""

    def __init__(
        self, document: Mapping[str, object], path: str = "", problems: _Problems | None = None
    ) -> None:
        self._document = document
        self._path = path
        self._problems = problems or _Problems()

    def text(
        self,
        name: str,
        *,
        required: bool = True,
        shortest: int = 1,
        longest: int = 255,
        pattern: re.Pattern[str] | None = None,
        choices: Collection[str] = (),
    ) -> str:
        """Returns a string field, or the empty string where it is absent."""
        value = self._document.get(name)
        if value is None or value == "":
            if required:
                self._problems.missing.append(self._path + name)
            return ""
        fits = (
            isinstance(value, str)
            and shortest <= len(value) <= longest
            and (pattern is None or pattern.fullmatch(value) is not None)
            and (not choices or value in choices)
        )
        if not fits:
            self._problems.malformed.append(self._path + name)
            return ""
        return str(value)

    def url(self, name: str) -> str:
        """Returns a mandatory http or https address, to which a page may send the browser."""
        return self.text(name, longest=2048, pattern=_URL)

    def channel(self) -> str:
        """Returns the channel, which can only be OVO's here."""
        return self.text("channel", choices=(CHANNEL,))

    def part(self, name: str) -> Fields:
        """Returns the reader of a nested object; its own fields say whether its absence matters."""
        value = self._document.get(name)
        if value is not None and not isinstance(value, dict):
            self._problems.malformed.append(self._path + name)
            value = None
        return Fields(value or _NOTHING, f"{self._path}{name}.", self._problems)

    def parts(self, name: str, *, required: bool = True) -> list[Fields]:
        """Returns the readers of a list of objects; an empty list counts as absent."""
        value = self._document.get(name)
        if value is None or value == []:
            if required:
                self._problems.missing.append(self._path + name)
            return []
        if not isinstance(value, list) or not all(isinstance(item, dict) for item in value):
            self._problems.malformed.append(self._path + name)
            return []
        return [
            Fields(item, f"{self._path}{name}[{index}].", self._problems)
            for index, item in enumerate(value)
        ]

    def amount(self, name: str, *, required: bool = True) -> int:
        """Returns an amount in whole rupiah; a fraction is malformed, for OVO holds none.

        DOKU writes it as `{"value":"10000.00","currency":"IDR"}`.
        """
        if not required and self._document.get(name) is None:
            return 0
        part = self.part(name)
        value = part.text("value", shortest=4, longest=19, pattern=_AMOUNT)
        part.text("currency", choices=("IDR",))
        rupiah, _, fraction = value.partition(".")
        if fraction.strip("0"):
            self._problems.malformed.append(f"{self._path}{name}.value")
        return int(rupiah or 0)

    def check(self) -> None:
        """Refuses the request for its first missing field, or else for its first malformed one."""
        if self._problems.missing:
            raise Refused(INVALID_MANDATORY_FIELD, self._problems.missing[0])
        if self._problems.malformed:
            raise Refused(INVALID_FIELD_FORMAT, self._problems.malformed[0])


class _Problems:
    """What one body has wrong, gathered over its nested objects."""

    def __init__(self) -> None:
        self.missing: list[str] = []
        self.malformed: list[str] = []


def refuse_zero(amount: int) -> None:
    """Refuses an amount of nothing."""
    if amount == 0:
        raise Refused(INVALID_AMOUNT)


def _parsed(body: bytes) -> Mapping[str, object] | None:
    try:
        document = json.loads(body)
        # A lone surrogate is no text: it can be neither stored nor sent on.
        json.dumps(document, ensure_ascii=False).encode()
    except (ValueError, RecursionError):
        return None
    return document if isinstance(document, dict) else None
