"""The store, for whatever database reads and writes the common SQL."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Concatenate, NamedTuple, ParamSpec, Protocol, TypeVar

from ovo_payments.domain.binding import Binding
from ovo_payments.domain.evidence import Evidence
from ovo_payments.domain.payment import Payment
from ovo_payments.domain.phone import PhoneNumber
from ovo_payments.domain.ports import (
    InboxEntry,
    Leased,
    PaymentChange,
    PositionedPayment,
    RequestRecord,
    Store,
)
from ovo_payments.storage import rows
from ovo_payments.storage.acts import Act
from ovo_payments.storage.keys import EncryptionKey
from ovo_payments.storage.rows import Parameters, Row
from ovo_payments.storage.sealing import Sealer
from ovo_payments.storage.statements import bindings as binding_sql
from ovo_payments.storage.statements import payments as payment_sql
from ovo_payments.storage.statements import requests as request_sql
from ovo_payments.storage.transaction import Transaction
from ovo_payments.storage.units import audit, bindings, inbox, payments, resealing, secret
from ovo_payments.storage.verifying import Known, Verdict, verify

P = ParamSpec("P")
T = TypeVar("T")


class Found(NamedTuple):
    """What was found by a phone number, without the number."""

    kind: str
    """`payment` or `binding`."""
    subject_id: str
    scope: str
    order_id: str
    state: str


class Reader(Protocol):
    """Reads what is committed. Raises StoreUnavailableError where it can't."""

    async def rows(self, sql: str, parameters: Parameters) -> Sequence[Row]:
        """Reads all rows."""

    async def row(self, sql: str, parameters: Parameters) -> Row | None:
        """Reads the first row, if there is one."""

    async def close(self) -> None:
        """Reads no more."""


class Writer(Protocol):
    """Runs units of work, each wholly or not at all."""

    async def submit(
        self,
        work: Callable[Concatenate[Transaction, P], T],
        /,
        *arguments: P.args,
        **named: P.kwargs,
    ) -> T:
        """Runs a unit, a function of its transaction, and waits until it is durable.

        Raises StoreUnavailableError where it can't be written, and whatever the unit raises.
        """

    async def close(self) -> None:
        """Takes no more and finishes what waits."""


class SqlStore(Store):
    """Keeps everything in one database; used on the event loop that opened it."""

    def __init__(self, reader: Reader, writer: Writer, sealer: Sealer) -> None:
        """Takes over reader and writer; `sealer` opens what is read."""
        self._reader = reader
        self._writer = writer
        self._sealer = sealer

    async def find_request(self, scope: str, method: str, request_id: str) -> RequestRecord | None:
        """Reads what a request id was used for."""
        parameters = {"scope": scope, "method": method, "request_id": request_id}
        row = await self._reader.row(request_sql.FIND, parameters)
        return None if row is None else rows.to_request(row, self._sealer)

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
        return await self._find_payment(payment_sql.FIND, payment_id=payment_id)

    async def find_own_payment(self, scope: str, payment_id: str) -> Payment | None:
        """Reads a payment of a scope; another's is not there, and costs what no payment costs."""
        return await self._find_payment(payment_sql.FIND_OWN, scope=scope, payment_id=payment_id)

    async def find_latest_payment(self, scope: str, order_id: str) -> Payment | None:
        """Reads the payment of an order that was created last."""
        return await self._find_payment(payment_sql.FIND_LATEST, scope=scope, order_id=order_id)

    async def find_open_payment_of_binding(self, binding_id: str) -> Payment | None:
        """Reads the oldest payment that is not settled and uses a binding."""
        return await self._find_payment(payment_sql.FIND_OPEN_OF_BINDING, binding_id=binding_id)

    async def read_events(
        self, payment_id: str, after_version: int, limit: int
    ) -> Sequence[Payment]:
        """Reads the versions above one, in order, each with its checks as they were."""
        parameters: Parameters = {
            "payment_id": payment_id,
            "after_version": after_version,
            "limit": limit,
        }
        found = await self._reader.rows(payment_sql.READ_EVENTS, parameters)
        return [rows.to_event(row, self._sealer) for row in found]

    async def read_changes(
        self, scope: str, after_position: int, limit: int
    ) -> Sequence[PositionedPayment]:
        """Reads the changes of a scope above a position, in order."""
        parameters: Parameters = {
            "scope": scope,
            "after_position": after_position,
            "limit": limit,
        }
        return [
            PositionedPayment(position=position, payment=rows.to_event(event, self._sealer))
            for position, *event in await self._reader.rows(payment_sql.READ_CHANGES, parameters)
        ]

    async def find_position(self, scope: str) -> int:
        """Reads how far a scope has come."""
        row = await self._reader.row(payment_sql.FIND_POSITION, {"scope": scope})
        return 0 if row is None else int(row[0])

    async def name(self) -> str:
        """Reads the database's own name."""
        row = await self._reader.row(payment_sql.IDENTITY, {})
        assert row is not None  # noqa: S101 - a migration wrote the one row
        return str(row[0])

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
        found = await self._reader.rows(payment_sql.READ_EVIDENCE, {"payment_id": payment_id})
        return [rows.to_evidence(row) for row in found]

    async def find_binding(self, binding_id: str) -> Binding | None:
        """Reads a binding."""
        return await self._find_binding(binding_sql.FIND, binding_id=binding_id)

    async def find_own_binding(self, scope: str, binding_id: str) -> Binding | None:
        """Reads a binding of a scope."""
        return await self._find_binding(binding_sql.FIND_OWN, scope=scope, binding_id=binding_id)

    async def find_binding_by_reference(self, provider: str, reference: str) -> Binding | None:
        """Reads a binding by its external reference."""
        return await self._find_binding(
            binding_sql.FIND_BY_REFERENCE, provider=provider, external_reference=reference
        )

    async def record_binding(
        self, before: Binding, after: Binding, lease: str = "", *, actor: str = ""
    ) -> None:
        """Writes a binding where its row still is what was read.

        Raises BindingNotFoundError as well, where there is no such binding.
        """
        await self._writer.submit(bindings.record, before, after, lease, actor)

    async def request_unbind(
        self, before: Binding, after: Binding, lease: Leased, *, caller: str = ""
    ) -> None:
        """Writes that an unlinking begins, unless an open payment uses the binding."""
        await self._writer.submit(bindings.request_unbind, before, after, lease, caller)

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
        return [str(row[0]) for row in await self._reader.rows(payment_sql.ASKED_OF, {})]

    async def unlock(self) -> None:
        """Takes up the database's own secret, which tells whether these are its keys.

        Raises EncryptionKeysError where they are not, with the database closed.
        """
        try:
            await self._writer.submit(secret.take_up)
        except BaseException:
            await self.close()
            raise

    def use_keys(self, keys: Sequence[EncryptionKey]) -> None:
        """Seals with other keys from now on, the newest first."""
        self._sealer.use(keys)

    @property
    def newest_key(self) -> str:
        """The name of the key that seals."""
        return self._sealer.newest_key

    def take_missing_keys(self) -> Sequence[str]:
        """Names the keys that were asked for in vain since somebody last wanted to know."""
        return self._sealer.take_missing()

    async def reseal(self) -> Mapping[str, int]:
        """Seals with the newest key what another one sealed; gives how many values of each table.

        A few rows at a time, so that whoever serves from the database meanwhile waits for none.
        """
        resealed = dict[str, int]()
        for column in resealing.COLUMNS:
            after: tuple[str | int, ...] | None = None
            while True:
                count, after = await self._writer.submit(resealing.reseal, column, after)
                resealed[column.table] = resealed.get(column.table, 0) + count
                if after is None:
                    break
        return resealed

    async def find_by_phone(self, phone_number: PhoneNumber) -> Sequence[Found]:
        """Names the payments and bindings of a phone number, the newest of each kind first."""
        key = {"phone_hash": self._sealer.phone_hash(phone_number)}
        return [Found(*row) for row in await self._reader.rows(payment_sql.FIND_BY_PHONE, key)]

    async def record_act(self, act: Act) -> None:
        """Writes an act that changes nothing else in the database."""
        await self._writer.submit(audit.append, act)

    async def verify_audit(self, known: Known) -> Verdict:
        """Checks the audit from its beginning; `known` are rows that must still be there."""
        return await verify(self._reader.rows, self._sealer.database_secret, known)

    async def ping(self) -> None:
        """Writes one row."""
        await self._writer.submit(inbox.beat)

    async def close(self) -> None:
        """Finishes what waits and closes the database; closing twice changes nothing."""
        await self._writer.close()
        await self._reader.close()

    async def _find_payment(self, sql: str, **key: str) -> Payment | None:
        row = await self._reader.row(sql, key)
        return None if row is None else rows.to_payment(row, self._sealer)

    async def _find_binding(self, sql: str, **key: str) -> Binding | None:
        row = await self._reader.row(sql, key)
        return None if row is None else rows.to_binding(row, self._sealer)


def _recover(transaction: Transaction, now: datetime) -> int:
    return (
        payments.recover(transaction, now)
        + bindings.recover(transaction, now)
        + inbox.recover(transaction)
    )
