"""The embedded default: SQLite, with one writer thread and readers apart."""

from ovo_payments.storage.sqlite.connection import SqliteTooOldError
from ovo_payments.storage.sqlite.location import database_path
from ovo_payments.storage.sqlite.lock import DatabaseInUseError, DatabaseLock
from ovo_payments.storage.sqlite.migrate import migrate
from ovo_payments.storage.sqlite.store import SqliteStore

__all__ = [
    "DatabaseInUseError",
    "DatabaseLock",
    "SqliteStore",
    "SqliteTooOldError",
    "database_path",
    "migrate",
]
