"""A transaction as a unit of work sees it, whatever the database."""

from typing import Any, Protocol

from ovo_payments.storage.rows import Parameters
from ovo_payments.storage.sealing import Sealer


class Rows(Protocol):
    """What a statement gave."""

    @property
    def rowcount(self) -> int:
        """How many rows the statement wrote."""

    def fetchone(self) -> Any:  # noqa: ANN401 - sqlite3's own cursor gives no better
        """Gives the first row, or None."""

    def fetchall(self) -> list[Any]:
        """Gives all rows."""


class Transaction(Protocol):
    """Takes the common SQL, with parameters written `:name`."""

    @property
    def sealer(self) -> Sealer:
        """Seals and opens what stands in this database."""

    def execute(self, sql: str, parameters: Parameters = ..., /) -> Rows:
        """Runs one statement."""
