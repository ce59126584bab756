"""For several nodes: PostgreSQL, with a few writing threads and a pool of reading connections."""

from ovo_payments.storage.postgres.connection import DatabaseNotDurableError
from ovo_payments.storage.postgres.migrate import migrate
from ovo_payments.storage.postgres.notified_feed import NotifiedFeed
from ovo_payments.storage.postgres.store import PostgresStore

__all__ = [
    "DatabaseNotDurableError",
    "NotifiedFeed",
    "PostgresStore",
    "migrate",
]
