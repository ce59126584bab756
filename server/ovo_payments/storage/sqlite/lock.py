"""One process at a time serves from a database.

A process that starts takes up what the last one left in its hands. Beside a process that is still
at work that would be a mistake: what it has in its hands is not left.
"""

import fcntl
import os

from ovo_payments.storage.sqlite.connection import unavailable
from ovo_payments.storage.sqlite.location import database_path
from ovo_payments.storage.unusable import DatabaseUnusableError


class DatabaseInUseError(DatabaseUnusableError):
    """Another process serves from the database."""


class DatabaseLock:
    """The right to serve from a database; the system takes it back from a process that dies."""

    def __init__(self, file: int) -> None:
        """Takes over an open file that is locked; `take` is the usual way."""
        self._file: int | None = file

    @classmethod
    def take(cls, url: str) -> "DatabaseLock":
        """Locks a file beside the database.

        Not the database itself: closing any other handle of that would end SQLite's own locks.
        Raises DatabaseUrlError, DatabaseInUseError, and StoreUnavailableError where the file can't
        be made.
        """
        database = database_path(url)
        path = database.with_name(f"{database.name}-lock")
        try:
            file = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
        except OSError as error:
            raise unavailable(error) from error
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            os.close(file)
            raise DatabaseInUseError(f"another process serves from {database}") from error
        return cls(file)

    def release(self) -> None:
        """Lets others serve; releasing twice changes nothing."""
        if self._file is not None:
            os.close(self._file)
            self._file = None
