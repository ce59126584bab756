"""Numbered changes of the schema, forward only: one folder of SQL for each database.

A file that was released is never edited: its checksum is recorded where it was applied, and a
database that was made by another text of it is refused.
"""

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from importlib.resources import files
from typing import Final

from ovo_payments.storage.unusable import DatabaseUnusableError

SEALED_SINCE: Final = 5
"""The migration from which on nothing of a customer stands in the clear."""
KEPT_IN_THE_CLEAR: Final = """
SELECT EXISTS (SELECT 1 FROM requests) OR EXISTS (SELECT 1 FROM payments)
  OR EXISTS (SELECT 1 FROM inbox)
"""
"""Whether a database that lacks it holds anything."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Migration:
    """One numbered file."""

    number: int
    name: str
    sql: str

    @property
    def checksum(self) -> str:
        """Names the file's exact text."""
        return hashlib.sha256(self.sql.encode()).hexdigest()


@dataclass(frozen=True, slots=True, kw_only=True)
class Applied:
    """One migration as a database recorded it."""

    number: int
    name: str
    checksum: str


class SchemaError(DatabaseUnusableError):
    """The database's schema is not one that this code may use."""


class KeptInTheClearError(SchemaError):
    """The database holds what a version before sealing wrote, which no release ever was."""

    def __init__(self) -> None:
        super().__init__(
            "the database holds phone numbers in the clear, from a version that was never"
            " released: begin with a new database"
        )


class DatabaseNewerError(SchemaError):
    """The database was migrated by newer code, which this code would damage."""

    def __init__(self, found: Applied, known_number: int) -> None:
        super().__init__(
            f"the database holds migration {found.name}, and this version of the service knows"
            f" {known_number:04d} as the last: run a version at least as new as the database"
        )
        self.found = found
        self.known_number = known_number


class MigrationChangedError(SchemaError):
    """A migration was applied with another text than the one that this code has."""

    def __init__(self, found: Applied) -> None:
        super().__init__(
            f"migration {found.name} was applied to the database with another text than this"
            " version of the service has"
        )
        self.found = found


def load(database: str) -> Sequence[Migration]:
    """Reads the migrations for a kind of database, in order."""
    folder = files(__name__) / database
    names = sorted(entry.name for entry in folder.iterdir() if entry.name.endswith(".sql"))
    return [
        Migration(
            number=int(name.partition("_")[0]),
            name=name.removesuffix(".sql"),
            sql=(folder / name).read_text(encoding="utf-8"),
        )
        for name in names
    ]


def missing(known: Sequence[Migration], applied: Iterable[Applied]) -> Sequence[Migration]:
    """Gives what a database lacks.

    Raises DatabaseNewerError and MigrationChangedError where the code doesn't fit the database.
    """
    by_number = {migration.number: migration for migration in known}
    done = set[int]()
    for found in applied:
        migration = by_number.get(found.number)
        if migration is None:
            raise DatabaseNewerError(found, max(by_number, default=0))
        if migration.checksum != found.checksum:
            raise MigrationChangedError(found)
        done.add(found.number)
    return [migration for migration in known if migration.number not in done]
