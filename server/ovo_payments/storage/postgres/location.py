"""Where a PostgreSQL database is."""

import psycopg
from psycopg.conninfo import conninfo_to_dict

from ovo_payments.storage.unusable import DatabaseUrlError


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
