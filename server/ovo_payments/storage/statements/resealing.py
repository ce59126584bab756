"""SQL that reads and writes sealed values, whatever their table; written once for each column."""

from functools import cache
from typing import Protocol


class Sealed(Protocol):
    """A column of sealed values."""

    @property
    def table(self) -> str:
        """Its table."""

    @property
    def column(self) -> str:
        """Its name."""

    @property
    def key(self) -> tuple[str, ...]:
        """The columns that name a row."""


@cache
def find(of: Sealed, *, begins: bool) -> str:
    """Reads the next rows that another key sealed, with what names them; `begins` with the first.

    A value that was destroyed is NULL, and stays so.
    """
    wanted = f"{of.column} IS NOT NULL AND substr({of.column}, 1, :prefix_bytes) <> :prefix"
    if not begins:
        after = ", ".join(f":after_{number}" for number in range(len(of.key)))
        wanted += f" AND ({', '.join(of.key)}) > ({after})"
    ordered = f" ORDER BY {', '.join(of.key)} LIMIT :limit" if of.key else ""
    columns = ", ".join((*of.key, of.column))
    return f"SELECT {columns} FROM {of.table} WHERE {wanted}{ordered}"  # noqa: S608 - names of ours


@cache
def update(of: Sealed) -> str:
    """Writes a value where it still is what was read."""
    conditions = [f"{name} = :key_{number}" for number, name in enumerate(of.key)]
    conditions.append(f"{of.column} = :before")
    where = " AND ".join(conditions)
    return f"UPDATE {of.table} SET {of.column} = :after WHERE {where}"  # noqa: S608 - names of ours
