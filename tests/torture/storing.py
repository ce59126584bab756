"""The service's own store with its writer on the loop: the same grouping and SQL, no thread."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Concatenate, Final, ParamSpec, TypeVar

from ovo_payments.domain.errors import StoreUnavailableError
from ovo_payments.domain.payment import Payment
from ovo_payments.domain.ports import InboxEntry, PaymentChange
from ovo_payments.storage.rows import Parameters, Row
from ovo_payments.storage.sqlite.writer import _Outcome, _tell, _Unit
from ovo_payments.storage.statements import payments as payment_sql
from ovo_payments.storage.transaction import Transaction
from tests.torture.databases import Database
from tests.torture.loop import Node, VirtualLoop
from tests.torture.observed import Commit, Recorder

P = ParamSpec("P")
T = TypeVar("T")

_RECORD: Final = "payments.record"


class StoreFaults:
    """What goes wrong with the store, drawn for each transaction and each read."""

    def draw_commit(self) -> str:
        """`` (nothing), `unavailable`, `done_untold` or `lost`."""
        return ""

    def draw_duration_s(self) -> float:
        """How long a transaction takes."""
        return 0.0

    def read_fails(self) -> bool:
        """Whether the store can't be read now."""
        return False


@dataclass(frozen=True, slots=True, kw_only=True)
class Disk:
    """A database that outlives the nodes that use it, and what is wrong with it."""

    database: Database
    faults: StoreFaults
    touched: set[str] = field(default_factory=set)
    """The kinds of rows that were written since somebody emptied it."""


class SimulatedReader:
    """Reads, unless the store is away."""

    def __init__(self, disk: Disk) -> None:
        self._execute = disk.database.execute
        self._faults = disk.faults

    async def rows(self, sql: str, parameters: Parameters) -> list[Row]:
        """Reads all rows."""
        if self._faults.read_fails():
            raise StoreUnavailableError
        return self._execute(sql, parameters).fetchall()

    async def row(self, sql: str, parameters: Parameters) -> Row | None:
        """Reads the first row, if there is one."""
        return next(iter(await self.rows(sql, parameters)), None)

    async def close(self) -> None:
        """Leaves the database to the next incarnation."""


class InlineWriter:
    """Commits what waits in one transaction, a while later; what comes meanwhile is the next."""

    def __init__(
        self,
        disk: Disk,
        *,
        loop: VirtualLoop,
        node: Node,
        recorder: Recorder,
        crash_point: Callable[[str], bool],
    ) -> None:
        self._database = disk.database
        self._touched = disk.touched
        self._loop = loop
        self._node = node
        self._faults = disk.faults
        self._recorder = recorder
        self._crash_point = crash_point
        self._waiting: list[tuple[_Unit[Any], Commit]] = []
        self._taken_up_at = 0.0
        self._closed = False

    async def submit(
        self,
        work: Callable[Concatenate[Transaction, P], T],
        /,
        *arguments: P.args,
        **named: P.kwargs,
    ) -> T:
        """Queues a unit and waits until it is committed."""
        if self._closed:
            raise StoreUnavailableError
        commit = Commit(
            order=0,
            at=self._loop.time(),
            node=self._node.name,
            operation=f"{work.__module__.rpartition('.')[2]}.{work.__name__}",
            subject_id=_subject(arguments),
            outcome="",
            ends_send=_ends_send(arguments),
            word=_word(arguments),
        )

        def unit(transaction: Transaction) -> T:
            if commit.operation == _RECORD:
                return _audited(
                    transaction, arguments, commit, lambda: work(transaction, *arguments, **named)
                )
            return work(transaction, *arguments, **named)

        future = self._loop.create_future()
        self._waiting.append((_Unit(unit, future), commit))
        if len(self._waiting) == 1:
            self._take_up()
        result: T = await future
        return result

    async def close(self) -> None:
        """Takes no more."""
        self._closed = True

    def _take_up(self) -> None:
        self._taken_up_at = self._loop.time()
        self._loop.call_later(self._faults.draw_duration_s(), self._commit_waiting)

    def _commit_waiting(self) -> None:
        # As the thread does, which takes what waits when it begins.
        count = sum(commit.at <= self._taken_up_at for _, commit in self._waiting)
        waiting, self._waiting = self._waiting[:count], self._waiting[count:]
        if self._waiting:
            self._take_up()
        names = waiting[0][1].operation
        if self._crash_point(f"before_commit:{names}"):
            return
        fault = self._faults.draw_commit()
        units = [unit for unit, _ in waiting]
        if fault in {"unavailable", "lost"}:
            outcomes = [_Outcome(unit, error=StoreUnavailableError()) for unit in units]
        else:
            outcomes = list(self._database.commit(units))
            self._touched.update(commit.operation.partition(".")[0] for _, commit in waiting)
        for (_, commit), outcome in zip(waiting, outcomes, strict=True):
            self._note(commit, outcome, fault)
        if fault == "done_untold":
            outcomes = [_Outcome(unit, error=StoreUnavailableError()) for unit in units]
        if self._crash_point(f"after_commit:{names}"):
            return
        _tell(outcomes)

    def _note(self, commit: Commit, outcome: _Outcome, fault: str) -> None:
        recorder = self._recorder
        commit.order = recorder.next()
        commit.at = recorder.now
        commit.told = fault != "done_untold"
        if outcome.error is None:
            # What was used up already is no second commit.
            repeated = outcome.result is not None and commit.operation.startswith(
                ("payments.create", "bindings.create")
            )
            commit.outcome = "repeated" if repeated else "done"
        elif isinstance(outcome.error, StoreUnavailableError):
            commit.outcome = "lost"
        else:
            commit.outcome = f"refused: {type(outcome.error).__name__}"
        if commit.operation.endswith("claim_due") and not outcome.result:
            return
        recorder.observed.commits.append(commit)
        recorder.tell(
            commit.node, "commit", commit.operation, commit.subject_id, commit.outcome, fault
        )


def _subject(arguments: tuple[Any, ...]) -> str:
    first = arguments[0] if arguments else None
    if isinstance(first, Payment):
        return first.payment_id
    if isinstance(first, PaymentChange):
        return f"{first.after.payment_id}@{first.after.version}"
    if isinstance(first, InboxEntry):
        return first.inbox_id
    binding_id = getattr(first, "binding_id", "")
    if binding_id:
        return str(binding_id)
    return first if isinstance(first, str) else ""


def _word(arguments: tuple[Any, ...]) -> str:
    first = arguments[0] if arguments else None
    if not isinstance(first, PaymentChange) or not first.evidence:
        return ""
    learnt = first.evidence[-1]
    return f"{learnt.source.value} {learnt.claim.value} {learnt.provider_code}"


def _ends_send(arguments: tuple[Any, ...]) -> bool:
    first = arguments[0] if arguments else None
    if not isinstance(first, PaymentChange):
        return False
    ends = first.before.checks.sending and not first.after.checks.sending
    # Of a refund that the provider told of, nobody needs the answer any more.
    refund = first.after.refund
    return ends and first.after.open and not (refund is not None and refund.acknowledged)


def _audited(
    transaction: Transaction,
    arguments: tuple[Any, ...],
    commit: Commit,
    write: Callable[[], T],
) -> T:
    """Looks at the lease by itself: what is written under another's must be refused."""
    change: PaymentChange = arguments[0]
    row = transaction.execute(
        payment_sql.FIND_LEASE, {"payment_id": change.after.payment_id}
    ).fetchone()
    result = write()
    commit.lease_broken = bool(change.lease) and (row is None or row[0] != change.lease)
    return result
