"""Where a reader stands among all changes of its scope, as a text that says nothing to it."""

import hashlib
import re
from base64 import urlsafe_b64decode, urlsafe_b64encode
from dataclasses import dataclass
from typing import Final

# Of form 1: the database's name, a mark of the scope, the position.
_CURSOR: Final = re.compile(r"1\.([0-9a-f]{16})\.([0-9a-f]{8})\.(0|[1-9][0-9]{0,17})", re.ASCII)


class CursorMalformedError(ValueError):
    """A text is no cursor."""


@dataclass(frozen=True, slots=True)
class Places:
    """The places of one scope in one database."""

    database: str
    scope: str

    def cursor(self, position: int) -> str:
        """Writes a place."""
        text = f"1.{self.database}.{self._mark}.{position}"
        return urlsafe_b64encode(text.encode()).decode().rstrip("=")

    def position(self, cursor: str) -> int | None:
        """Reads a place; None where it is one of another scope or database.

        Raises CursorMalformedError.
        """
        try:
            padded = cursor.encode("ascii") + b"=" * (-len(cursor) % 4)
            found = _CURSOR.fullmatch(urlsafe_b64decode(padded).decode("ascii"))
        except ValueError as error:
            raise CursorMalformedError from error
        if found is None:
            raise CursorMalformedError
        database, mark, position = found.groups()
        return int(position) if (database, mark) == (self.database, self._mark) else None

    @property
    def _mark(self) -> str:
        return hashlib.sha256(self.scope.encode()).hexdigest()[:8]
