"""Seals with the newest key what another one sealed, table by table and a few rows at a time."""

from dataclasses import dataclass
from typing import Final, TypeAlias

from ovo_payments.storage.rows import Parameters
from ovo_payments.storage.sealing import Place
from ovo_payments.storage.statements import resealing as sql
from ovo_payments.storage.transaction import Transaction

_ROWS_AT_ONCE: Final = 200

Key: TypeAlias = tuple[str | int, ...]


@dataclass(frozen=True, slots=True)
class SealedColumn:
    """A column that holds sealed values, and what names the rows of its table."""

    table: str
    key: tuple[str, ...]
    column: str = "sealed"

    def place(self, key: Key) -> Place:
        """Where the value of a row is sealed."""
        return (self.table, self.column, *key)


COLUMNS: Final = (
    SealedColumn("requests", ("scope", "method", "request_id")),
    SealedColumn("bindings", ("binding_id",)),
    SealedColumn("payments", ("payment_id",)),
    SealedColumn("payment_events", ("payment_id", "version")),
    SealedColumn("refunds", ("payment_id", "refund_id")),
    SealedColumn("inbox", ("inbox_id",)),
    # Last: it tells which keys a database needs, and needs the old one until all else is done.
    SealedColumn("own_secret", ()),
)
"""All of them."""


def reseal(
    transaction: Transaction, column: SealedColumn, after: Key | None
) -> tuple[int, Key | None]:
    """Seals the next rows anew; gives how many, and the last one's key where more may follow."""
    sealer, width = transaction.sealer, len(column.key)
    prefix = sealer.newest_prefix
    parameters: dict[str, str | int | bytes | None] = {
        "prefix": prefix,
        "prefix_bytes": len(prefix),
        "limit": _ROWS_AT_ONCE,
        **_named("after", after or ()),
    }
    found = transaction.execute(sql.find(column, begins=after is None), parameters).fetchall()
    for *key, sealed in found:
        plain = sealer.open(sealed, column.place(tuple(key)))
        written: Parameters = {
            **_named("key", tuple(key)),
            "before": sealed,
            "after": sealer.seal(plain, column.place(tuple(key))),
        }
        # What somebody else wrote meanwhile is sealed with whatever key that one has.
        transaction.execute(sql.update(column), written)
    if not width or len(found) < _ROWS_AT_ONCE:
        return len(found), None
    return len(found), tuple(found[-1][:width])


def _named(prefix: str, key: Key) -> dict[str, str | int | bytes | None]:
    return {f"{prefix}_{number}": part for number, part in enumerate(key)}
