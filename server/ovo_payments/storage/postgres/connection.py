"""Connections, and which of PostgreSQL's errors mean that the store is not there."""

import re
from collections.abc import Mapping
from functools import cache
from typing import Any, Final

import psycopg
from psycopg import errors
from psycopg.rows import TupleRow

from ovo_payments.domain.errors import StoreUnavailableError
from ovo_payments.storage.rows import Parameters
from ovo_payments.storage.unusable import DatabaseUnusableError

CONNECT_TIMEOUT_S: Final = 5

# Finds a peer that is gone without a word within half a minute, in seconds and probes.
_KEEPALIVES: Final = {
    "keepalives": 1,
    "keepalives_idle": 10,
    "keepalives_interval": 5,
    "keepalives_count": 3,
    "tcp_user_timeout": 20_000,
}
_PARAMETER: Final = re.compile(r":(\w+)")
_ROW_LOCK: Final = re.compile(r"/\* (FOR [A-Z ]+) \*/")

# https://www.postgresql.org/docs/current/errcodes-appendix.html: what another transaction, the
# network, the server's state or its resources caused. All others (SQL that is wrong, a
# constraint) say something of the code that asked.
_UNAVAILABLE: Final = (
    psycopg.OperationalError,
    psycopg.InterfaceError,
    errors.ReadOnlySqlTransaction,
)
# Two transactions stood in each other's way, and this one was undone: it may be run again.
COLLISIONS: Final = (errors.DeadlockDetected, errors.SerializationFailure)


class DatabaseNotDurableError(DatabaseUnusableError):
    """The server does not wait for its disk: what it calls committed may be lost."""


def keywords(*, lock_timeout_s: float, statement_timeout_s: float) -> Mapping[str, Any]:
    """Gives what every connection is opened with beside its URL."""
    timeouts = {
        "lock_timeout": lock_timeout_s,
        "statement_timeout": statement_timeout_s,
        # A process that is stopped in the middle holds its locks no longer than this.
        "idle_in_transaction_session_timeout": statement_timeout_s,
    }
    options = " ".join(f"-c {name}={int(value * 1000)}" for name, value in timeouts.items())
    return {
        "application_name": "ovo-payments",
        "connect_timeout": CONNECT_TIMEOUT_S,
        "options": options,
        **_KEEPALIVES,
    }


def connect(
    url: str, *, lock_timeout_s: float, statement_timeout_s: float
) -> psycopg.Connection[TupleRow]:
    """Opens a connection whose transactions are begun and ended by name."""
    connection = psycopg.connect(
        url,
        autocommit=True,
        **keywords(lock_timeout_s=lock_timeout_s, statement_timeout_s=statement_timeout_s),
    )
    try:
        _require_durability(connection)
    except BaseException:
        connection.close()
        raise
    return connection


def _require_durability(connection: psycopg.Connection[TupleRow]) -> None:
    """Raises DatabaseNotDurableError where a commit does not mean that it is on the disk."""
    shown = connection.execute(
        "SELECT current_setting('fsync'), current_setting('synchronous_commit')"
    ).fetchone()
    assert shown is not None  # noqa: S101 - a SELECT without FROM gives one row
    fsync, synchronous_commit = shown
    if fsync == "off":
        raise DatabaseNotDurableError("the server runs with fsync = off: set it to on")
    if synchronous_commit == "off":
        connection.execute("SET synchronous_commit = on")


@cache
def rewritten(sql: str) -> str:
    """Writes the common SQL as psycopg and PostgreSQL understand it."""
    return _PARAMETER.sub(r"%(\1)s", _ROW_LOCK.sub(r"\1", sql))


def cleaned(parameters: Parameters) -> Parameters:
    """Takes out the one character that PostgreSQL's text can't hold, and a provider may send."""
    if not any(isinstance(value, str) and "\x00" in value for value in parameters.values()):
        return parameters
    return {
        name: value.replace("\x00", "\N{REPLACEMENT CHARACTER}")
        if isinstance(value, str)
        else value
        for name, value in parameters.items()
    }


def means_unavailable(error: BaseException) -> bool:
    """Whether an error says that the store can't be read or written now."""
    return isinstance(error, _UNAVAILABLE)


def unavailable(cause: Exception) -> StoreUnavailableError:
    """Makes the error that callers see, with its cause chained."""
    error = StoreUnavailableError()
    error.__cause__ = cause
    return error
