"""Why a database can't be used, in one class for every kind of database."""


class DatabaseUnusableError(Exception):
    """A database can't be used until an operator mends what the message says."""


class DatabaseUrlError(DatabaseUnusableError, ValueError):
    """A text names no database."""
