"""Where a PostgreSQL database is."""

from typing import Final

import psycopg
from psycopg.conninfo import conninfo_to_dict

_SCHEMES: Final = ("postgresql://", "postgres://")


class DatabaseUrlError(ValueError):
    """A text names no PostgreSQL database."""


def is_postgres(url: str) -> bool:
    """Whether a URL is meant to name a PostgreSQL database."""
    return url.startswith(_SCHEMES)


def check(url: str) -> str:
    """Gives the URL. Raises DatabaseUrlError where libpq could not read it.

    https://www.postgresql.org/docs/current/libpq-connect.html#LIBPQ-CONNSTRING
    """
    try:
        conninfo_to_dict(url)
    except psycopg.ProgrammingError as error:
        # Not the text itself, nor what libpq says of it: it may hold a password.
        raise DatabaseUrlError(
            "not a PostgreSQL database: write postgresql://user@host:5432/database"
        ) from error
    return url
