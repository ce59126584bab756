"""The store on SQLite."""

import asyncio
import sqlite3
from collections.abc import Sequence
from contextlib import ExitStack, closing
from datetime import datetime
from pathlib import Path
from typing import Final

from ovo_payments.domain.binding import Binding
from ovo_payments.domain.evidence import Evidence
from ovo_payments.domain.payment import Payment
from ovo_payments.domain.ports import InboxEntry, Leased, PaymentChange, RequestRecord, Store
from ovo_payments.storage import documents, rows
from ovo_payments.storage.rows import Parameters
from ovo_payments.storage.sqlite import bindings, inbox, payments
from ovo_payments.storage.sqlite.connection import connect, means_unavailable, unavailable
from ovo_payments.storage.sqlite.location import DatabaseFiles, database_path
from ovo_payments.storage.sqlite.migrate import migrate_file
from ovo_payments.storage.sqlite.reader import Reader
from ovo_payments.storage.sqlite.writer import Writer
from ovo_payments.storage.statements import bindings as binding_sql
from ovo_payments.storage.statements import payments as payment_sql
from ovo_payments.storage.statements import requests as request_sql

BUSY_TIMEOUT_S: Final = 1.0
"""How long a write waits for another process's transaction."""

# Readers never wait for writers; a rare moment of recovery must not hold up the event loop.
_READER_BUSY_TIMEOUT_S: Final = 0.05


class SqliteStore(Store):
    """Keeps everything in one SQLite database; used on the event loop that opened it."""

    def __init__(self, reader: Reader, writer: Writer) -> None:
        """Takes over both; `open` is the usual way."""
        self._reader = reader
        self._writer = writer

    @classmethod
    async def open(cls, url: str, *, busy_timeout_s: float = BUSY_TIMEOUT_S) -> "SqliteStore":
        """Opens a database by its URL and brings it up to date, creating it where it is missing.

        Raises DatabaseUrlError, SchemaError where it is not a database for this code, and
        StoreUnavailableError where it can't be opened.
        """
        path = database_path(url)
        reading, writing, files = await asyncio.to_thread(_open, path, busy_timeout_s)
        return cls(Reader(reading), Writer(writing, files))

    @property
    def commits(self) -> int:
        """How many transactions were committed; several writes share one."""
        return self._writer.commits

    async def find_request(self, scope: str, method: str, request_id: str) -> RequestRecord | None:
        """Reads what a request id was used for."""
        parameters = {"scope": scope, "method": method, "request_id": request_id}
        row = self._reader.row(request_sql.FIND, parameters)
        return None if row is None else rows.to_request(row)

    async def create_payment(
        self, payment: Payment, request: RequestRecord, lease: Leased
    ) -> RequestRecord | None:
        """Writes a payment with all that belongs to its beginning.

        Raises BindingNotFoundError as well, where its binding is not of its scope and provider.
        """
        return await self._writer.submit(payments.create, payment, request, lease)

    async def create_refund(
        self, change: PaymentChange, request: RequestRecord, lease: Leased
    ) -> RequestRecord | None:
        """Writes the change that adds a refund to a payment."""
        return await self._writer.submit(payments.create_refund, change, request, lease)

    async def create_binding(
        self, binding: Binding, request: RequestRecord, lease: Leased
    ) -> RequestRecord | None:
        """Writes a binding with its request id."""
        return await self._writer.submit(bindings.create, binding, request, lease)

    async def find_payment(self, payment_id: str) -> Payment | None:
        """Reads a payment."""
        return self._find_payment(payment_sql.FIND, payment_id=payment_id)

    async def find_latest_payment(self, scope: str, order_id: str) -> Payment | None:
        """Reads the payment of an order that was created last."""
        return self._find_payment(payment_sql.FIND_LATEST, scope=scope, order_id=order_id)

    async def find_open_payment_of_binding(self, binding_id: str) -> Payment | None:
        """Reads the oldest payment that is not settled and uses a binding."""
        return self._find_payment(payment_sql.FIND_OPEN_OF_BINDING, binding_id=binding_id)

    async def read_events(
        self, payment_id: str, after_version: int, limit: int
    ) -> Sequence[Payment]:
        """Reads the versions above one, in order, each with its checks as they were."""
        parameters: Parameters = {
            "payment_id": payment_id,
            "after_version": after_version,
            "limit": limit,
        }
        found = self._reader.rows(payment_sql.READ_EVENTS, parameters)
        return [documents.decode_payment(row[0]) for row in found]

    async def record_payment(self, change: PaymentChange) -> None:
        """Writes a change where the row still is what was read: its version and its checks.

        Raises PaymentNotFoundError as well, where there is no such payment.
        """
        await self._writer.submit(payments.record, change)

    async def claim_due_payments(
        self, now: datetime, limit: int, lease: Leased, provider: str = ""
    ) -> Sequence[Payment]:
        """Leases payments that are due, longest due first."""
        return await self._writer.submit(payments.claim_due, now, limit, lease, provider)

    async def release_payment(self, payment_id: str, lease: str, retry_time: datetime) -> None:
        """Ends a lease; changes nothing where it is lost already."""
        await self._writer.submit(payments.release, payment_id, lease, retry_time)

    async def read_evidence(self, payment_id: str) -> Sequence[Evidence]:
        """Reads what was learnt of a payment, oldest first."""
        found = self._reader.rows(payment_sql.READ_EVIDENCE, {"payment_id": payment_id})
        return [rows.to_evidence(row) for row in found]

    async def find_binding(self, binding_id: str) -> Binding | None:
        """Reads a binding."""
        return self._find_binding(binding_sql.FIND, binding_id=binding_id)

    async def find_binding_by_reference(self, provider: str, reference: str) -> Binding | None:
        """Reads a binding by its external reference."""
        return self._find_binding(
            binding_sql.FIND_BY_REFERENCE, provider=provider, external_reference=reference
        )

    async def record_binding(self, before: Binding, after: Binding, lease: str = "") -> None:
        """Writes a binding where its row still is what was read.

        Raises BindingNotFoundError as well, where there is no such binding.
        """
        await self._writer.submit(bindings.record, before, after, lease)

    async def request_unbind(self, before: Binding, after: Binding, lease: Leased) -> None:
        """Writes that an unlinking begins, unless an open payment uses the binding."""
        await self._writer.submit(bindings.request_unbind, before, after, lease)

    async def claim_due_bindings(
        self, now: datetime, limit: int, lease: Leased, provider: str = ""
    ) -> Sequence[Binding]:
        """Leases bindings that are due, longest due first."""
        return await self._writer.submit(bindings.claim_due, now, limit, lease, provider)

    async def release_binding(self, binding_id: str, lease: str, retry_time: datetime) -> None:
        """Ends a lease; changes nothing where it is lost already."""
        await self._writer.submit(bindings.release, binding_id, lease, retry_time)

    async def append_webhook(self, entry: InboxEntry) -> None:
        """Stores a verified webhook."""
        await self._writer.submit(inbox.append, entry)

    async def claim_due_webhooks(
        self, now: datetime, limit: int, lease: Leased, provider: str = ""
    ) -> Sequence[InboxEntry]:
        """Leases webhooks that wait to be worked on, new ones first."""
        return await self._writer.submit(inbox.claim_due, now, limit, lease, provider)

    async def settle_webhook(self, entry: InboxEntry, lease: str) -> None:
        """Writes what became of a webhook; raises LeaseLostError where another worker has it."""
        await self._writer.submit(inbox.settle, entry, lease)

    async def recover(self, now: datetime) -> int:
        """Ends every lease, makes due at once what was under one, and gives how many there were."""
        return await self._writer.submit(_recover, now)

    async def asked_of(self) -> Sequence[str]:
        """Names the providers of whom something is still to be asked, in alphabetical order."""
        return [str(row[0]) for row in self._reader.rows(payment_sql.ASKED_OF, {})]

    async def ping(self) -> None:
        """Writes one row."""
        await self._writer.submit(inbox.beat)

    async def close(self) -> None:
        """Finishes what waits and closes the database; closing twice changes nothing."""
        await self._writer.close()
        self._reader.close()

    def _find_payment(self, sql: str, **key: str) -> Payment | None:
        row = self._reader.row(sql, key)
        return None if row is None else rows.to_payment(row)

    def _find_binding(self, sql: str, **key: str) -> Binding | None:
        row = self._reader.row(sql, key)
        return None if row is None else rows.to_binding(row)


def _recover(connection: sqlite3.Connection, now: datetime) -> int:
    return (
        payments.recover(connection, now)
        + bindings.recover(connection, now)
        + inbox.recover(connection)
    )


def _open(
    path: Path, busy_timeout_s: float
) -> tuple[sqlite3.Connection, sqlite3.Connection, DatabaseFiles]:
    """Opens one connection to read and one to write."""
    migrate_file(path)
    with ExitStack() as opened:
        try:
            reading = opened.enter_context(closing(connect(path, _READER_BUSY_TIMEOUT_S)))
            writing = opened.enter_context(closing(connect(path, busy_timeout_s)))
            reading.execute("PRAGMA query_only = ON")
            # The first read makes the log's file, which is then known.
            reading.execute(payment_sql.FIND, {"payment_id": ""}).fetchall()
            files = DatabaseFiles.of_open(path)
        except (OSError, sqlite3.Error) as error:
            if means_unavailable(error):
                raise unavailable(error) from error
            raise
        opened.pop_all()
    return reading, writing, files
