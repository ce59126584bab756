"""What a database lacks is told by number and text; what this code can't use is refused."""

import pytest

from ovo_payments.storage import migrations
from ovo_payments.storage.migrations import (
    Applied,
    DatabaseNewerError,
    Migration,
    MigrationChangedError,
)

KNOWN = [
    Migration(number=number, name=f"{number:04d}_step", sql=f"SELECT {number};")
    for number in (1, 2, 3)
]


def applied(number: int, sql: str | None = None) -> Applied:
    """Makes the record of a migration."""
    text = f"SELECT {number};" if sql is None else sql
    migration = Migration(number=number, name=f"{number:04d}_step", sql=text)
    return Applied(number=number, name=migration.name, checksum=migration.checksum)


def test_the_files_are_numbered_without_a_gap() -> None:
    """From 1 up, each number once."""
    numbers = [migration.number for migration in migrations.load("sqlite")]

    assert numbers == list(range(1, len(numbers) + 1))


def test_a_new_database_lacks_all() -> None:
    """In order."""
    assert migrations.missing(KNOWN, []) == KNOWN


def test_a_database_lacks_what_came_since() -> None:
    """What was applied is not applied again."""
    assert migrations.missing(KNOWN, [applied(1), applied(2)]) == KNOWN[2:]
    assert migrations.missing(KNOWN, map(applied, (1, 2, 3))) == []


def test_a_newer_database_is_refused() -> None:
    """The error names the migration and the last one that this code knows."""
    with pytest.raises(DatabaseNewerError, match=r"0004_step.*0003") as refused:
        migrations.missing(KNOWN, [applied(1), applied(4)])

    assert refused.value.known_number == 3


def test_a_migration_with_another_text_is_refused() -> None:
    """A released file is never edited."""
    with pytest.raises(MigrationChangedError, match="0002_step"):
        migrations.missing(KNOWN, [applied(1), applied(2, "SELECT 'edited';")])
