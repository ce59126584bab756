"""The seams to the outside beside the providers: the store, the feed and the clock."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Protocol

from ovo_payments.domain.binding import Binding
from ovo_payments.domain.evidence import Evidence
from ovo_payments.domain.payment import Payment


class Clock(Protocol):
    """Time, passed in so that tests can move it."""

    def now(self) -> datetime:
        """The time of day, aware and in UTC."""

    async def sleep(self, duration_s: float) -> None:
        """Waits."""


class Identifiers(Protocol):
    """Randomness, passed in so that tests can repeat it."""

    def payment_id(self) -> str:
        """A new name, at most 32 letters and digits, that sorts by time."""

    def refund_id(self) -> str:
        """The same, for a refund."""

    def binding_id(self) -> str:
        """The same, for a binding."""

    def external_reference(self) -> str:
        """A new name of 32 digits."""

    def lease(self) -> str:
        """A new name of a lease."""


class Subscription(Protocol):
    """One watcher's place at the feed: a mailbox of one wake-up."""

    async def wait(self, timeout_s: float) -> bool:
        """Waits for a wake-up; False where none came in time."""

    def wake(self) -> None:
        """Wakes this watcher alone, whatever changed."""

    def close(self) -> None:
        """Gives the place up."""


class Feed(Protocol):
    """Wakes watchers. Carries no data: watchers read the event log."""

    def subscribe(self, payment_id: str) -> Subscription:
        """Takes a place before the log is read, so that no change falls between."""

    def subscribe_scope(self, scope: str) -> Subscription:
        """Takes a place for all payments of a scope, before their changes are read."""

    def wake(self, payment: Payment) -> None:
        """Wakes everybody who watches a payment or its scope, after its change is committed.

        On every node; where a node is not reached, its watchers look within a second.
        """


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestRecord:
    """A request id that was used up: by whom, for what content, and what it made."""

    scope: str
    method: str
    request_id: str
    digests: Mapping[str, str] = field(repr=False)
    """A digest of each field of the content, so that differing fields can be named."""
    subject_id: str
    """The payment, binding or (for a refund) payment that it made or acted on."""
    caller: str = field(default="", compare=False)
    """Who asked; told to the audit, and not kept with the request."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Leased:
    """Something that was claimed for one worker until `until`; `lease` fences its write."""

    lease: str
    until: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class PaymentChange:
    """A change of a payment, committed as one: row, event, evidence, refund, order's claim."""

    before: Payment
    after: Payment
    evidence: tuple[Evidence, ...] = ()
    lease: str = ""
    """The lease under which the writer works; empty for writers that hold none."""


class InboxState(StrEnum):
    """What became of a webhook."""

    RECEIVED = "RECEIVED"
    APPLIED = "APPLIED"
    IGNORED = "IGNORED"
    """Understood, and it changed nothing."""
    WAITING = "WAITING"
    """Its payment is not known yet, or the provider could not be asked; tried again later."""
    QUARANTINED = "QUARANTINED"
    """It does not fit its payment; a person must look."""
    PARKED = "PARKED"
    """It was tried for a day and never worked."""


@dataclass(frozen=True, slots=True, kw_only=True)
class InboxEntry:
    """A webhook as it came, verified before it was stored."""

    inbox_id: str
    provider: str
    kind: str
    target: str
    headers: Mapping[str, str] = field(repr=False)
    body: bytes = field(repr=False)
    receive_time: datetime
    state: InboxState = InboxState.RECEIVED
    attempt_count: int = 0
    next_attempt_time: datetime | None = None
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class PositionedPayment:
    """A version of a payment, and its place among all changes of its scope, which begin with 1."""

    position: int
    payment: Payment


class VersionConflictError(Exception):
    """Somebody else changed the row first; read it again and decide anew."""


class LeaseLostError(Exception):
    """The lease ran out and another worker may have taken over; nothing was written."""


class Store(Protocol):
    """Keeps everything. Every method is one transaction; every write is durable on return.

    Each raises StoreUnavailableError where the store can't be read or written, and then
    nothing was written.
    """

    # Requests and creation

    async def find_request(self, scope: str, method: str, request_id: str) -> RequestRecord | None:
        """Reads what a request id was used for."""

    async def create_payment(
        self, payment: Payment, request: RequestRecord, lease: Leased
    ) -> RequestRecord | None:
        """Writes a payment with its request id, first event, order's claim and sender's lease.

        Gives the earlier record, and writes nothing, where the request id is used up.
        Raises OrderAlreadyPaidError where the order is claimed, BindingNotActiveError where
        `payment.binding_id` is no longer usable.
        """

    async def create_refund(
        self, change: PaymentChange, request: RequestRecord, lease: Leased
    ) -> RequestRecord | None:
        """Writes the change that adds `after.refund` to a payment, with its request id and lease.

        Gives the earlier record, and writes nothing, where the request id is used up. Raises
        VersionConflictError where the payment moved on, NotRefundableError where the refunds
        would exceed the payment.
        """

    async def create_binding(
        self, binding: Binding, request: RequestRecord, lease: Leased
    ) -> RequestRecord | None:
        """Writes a binding with its request id and the sender's lease; as `create_payment`."""

    # Payments

    async def find_payment(self, payment_id: str) -> Payment | None:
        """Reads a payment."""

    async def find_own_payment(self, scope: str, payment_id: str) -> Payment | None:
        """Reads a payment of a scope; another's is not told from none, nor by the time it takes."""

    async def find_latest_payment(self, scope: str, order_id: str) -> Payment | None:
        """Reads the latest payment of an order."""

    async def find_open_payment_of_binding(self, binding_id: str) -> Payment | None:
        """Reads any payment that is not settled and uses a binding."""

    async def read_events(
        self, payment_id: str, after_version: int, limit: int
    ) -> Sequence[Payment]:
        """Reads the versions above one, in order."""

    async def read_changes(
        self, scope: str, after_position: int, limit: int
    ) -> Sequence[PositionedPayment]:
        """Reads the changes of a scope above a position, in their one order and without a gap."""

    async def find_position(self, scope: str) -> int:
        """Gives the position of a scope's latest change; 0 where there is none."""

    async def name(self) -> str:
        """Gives the database's own name: positions mean nothing in another."""

    async def record_payment(self, change: PaymentChange) -> None:
        """Writes a change, its event (where the version rose) and its evidence; ends the lease.

        A writer without a lease leaves another's lease alone. Raises VersionConflictError
        where the row is not `before.version` any more, LeaseLostError where `change.lease`
        is not the row's.
        """

    async def claim_due_payments(
        self, now: datetime, limit: int, lease: Leased, provider: str = ""
    ) -> Sequence[Payment]:
        """Leases payments that are due and that nobody holds; of one provider where it is named."""

    async def release_payment(self, payment_id: str, lease: str, retry_time: datetime) -> None:
        """Ends a lease without a change; the payment is due again at `retry_time`."""

    async def read_evidence(self, payment_id: str) -> Sequence[Evidence]:
        """Reads what was learnt of a payment, oldest first."""

    # Bindings

    async def find_binding(self, binding_id: str) -> Binding | None:
        """Reads a binding."""

    async def find_own_binding(self, scope: str, binding_id: str) -> Binding | None:
        """Reads a binding of a scope; another's as `find_own_payment`."""

    async def find_binding_by_reference(self, provider: str, reference: str) -> Binding | None:
        """Reads a binding by its external reference."""

    async def record_binding(
        self, before: Binding, after: Binding, lease: str = "", *, actor: str = ""
    ) -> None:
        """Writes a binding; as `record_payment`. `actor` is whose word it was, for the audit."""

    async def request_unbind(
        self, before: Binding, after: Binding, lease: Leased, *, caller: str = ""
    ) -> None:
        """Writes that an unlinking begins, asked for by `caller`; leases the binding to its sender.

        Raises PaymentInFlightError where an open payment uses the binding, in the same
        transaction, and VersionConflictError as `record_binding`.
        """

    async def claim_due_bindings(
        self, now: datetime, limit: int, lease: Leased, provider: str = ""
    ) -> Sequence[Binding]:
        """Leases bindings that are due and that nobody holds; of one provider where it is named."""

    async def release_binding(self, binding_id: str, lease: str, retry_time: datetime) -> None:
        """Ends a lease without a change; the binding is due again at `retry_time`."""

    # Inbox

    async def append_webhook(self, entry: InboxEntry) -> None:
        """Stores a verified webhook."""

    async def claim_due_webhooks(
        self, now: datetime, limit: int, lease: Leased, provider: str = ""
    ) -> Sequence[InboxEntry]:
        """Leases webhooks that wait and that nobody holds; of one provider if named."""

    async def settle_webhook(self, entry: InboxEntry, lease: str) -> None:
        """Writes `state`, `attempt_count`, `next_attempt_time` and `note`, and ends the lease."""

    # Life

    async def recover(self, now: datetime) -> int:
        """Ends every lease that a stopped process of this store held; gives how many.

        Only for a store that no other process uses.
        """

    async def asked_of(self) -> Sequence[str]:
        """Names the providers of whom something is still to be asked, in alphabetical order."""

    async def ping(self) -> None:
        """Raises StoreUnavailableError where the store can't be written."""

    async def close(self) -> None:
        """Finishes what waits and closes the store."""
