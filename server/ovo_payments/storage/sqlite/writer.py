"""The one thread that writes, and groups whatever waits into one durable transaction."""

import asyncio
import sqlite3
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from queue import Empty, SimpleQueue
from threading import Thread
from typing import Any, Concatenate, Final, Generic, ParamSpec, TypeVar

from ovo_payments.domain.errors import StoreUnavailableError
from ovo_payments.storage.rows import Parameters
from ovo_payments.storage.sealing import Sealer
from ovo_payments.storage.sqlite.connection import means_unavailable, unavailable
from ovo_payments.storage.sqlite.location import DatabaseFiles
from ovo_payments.storage.transaction import Transaction

P = ParamSpec("P")
T = TypeVar("T")

GROUP_UNITS_MAX: Final = 256


@dataclass(frozen=True, slots=True, eq=False)
class _Unit(Generic[T]):
    """One caller's work: all of it or nothing."""

    work: Callable[[Transaction], T]
    future: asyncio.Future[T]


@dataclass(frozen=True, slots=True)
class _Outcome:
    """What came of a unit: a result or an error."""

    unit: _Unit[Any]
    result: object = None
    error: Exception | None = None


class SqliteTransaction:
    """Takes the common SQL."""

    def __init__(self, connection: sqlite3.Connection, sealer: Sealer) -> None:
        self._connection = connection
        self.sealer = sealer

    def execute(self, sql: str, parameters: Parameters | None = None, /) -> sqlite3.Cursor:
        """Runs one statement."""
        return self._connection.execute(sql, {} if parameters is None else parameters)


class Writer:
    """Runs units of work in the order in which they came, several to a transaction.

    A unit that raises is undone alone; its neighbours are committed. Nobody is told before the
    commit, and where it fails everybody is told StoreUnavailableError. A caller that stops
    waiting stops nothing: what is queued is done.
    """

    def __init__(
        self, connection: sqlite3.Connection, files: DatabaseFiles, sealer: Sealer
    ) -> None:
        """Takes over a connection; must be made where the event loop runs."""
        self._connection = connection
        self._transaction = SqliteTransaction(connection, sealer)
        self._files = files
        self._loop = asyncio.get_running_loop()
        self._queue: SimpleQueue[_Unit[Any] | None] = SimpleQueue()
        self._closed = False
        self._commits = 0
        # A daemon: a process that ends without closing has promised nothing that is still queued.
        self._thread = Thread(target=self._run, name="ovo-payments-writer", daemon=True)
        self._thread.start()

    @property
    def commits(self) -> int:
        """How many transactions were committed."""
        return self._commits

    async def submit(
        self,
        work: Callable[Concatenate[Transaction, P], T],
        /,
        *arguments: P.args,
        **named: P.kwargs,
    ) -> T:
        """Queues a unit, a function of the transaction, and waits until it is durable."""
        if self._closed:
            raise StoreUnavailableError
        future: asyncio.Future[T] = self._loop.create_future()
        self._queue.put(_Unit(lambda transaction: work(transaction, *arguments, **named), future))
        return await future

    async def close(self) -> None:
        """Takes no more, finishes what waits and closes the connection."""
        if not self._closed:
            self._closed = True
            self._queue.put(None)
        await asyncio.to_thread(self._thread.join)

    def _run(self) -> None:
        stopping = False
        while not stopping:
            group, stopping = self._next_group()
            if group:
                outcomes = self._commit(group)
                # Where the loop is gone, all who waited are gone with it.
                with suppress(RuntimeError):
                    self._loop.call_soon_threadsafe(_tell, outcomes)
        self._connection.close()

    def _next_group(self) -> tuple[Sequence[_Unit[Any]], bool]:
        """Waits for a unit and takes what else is there; True where nothing comes after it."""
        group: list[_Unit[Any]] = []
        unit = self._queue.get()
        while unit is not None:
            group.append(unit)
            if len(group) == GROUP_UNITS_MAX:
                return group, False
            try:
                unit = self._queue.get_nowait()
            except Empty:
                return group, False
        return group, True

    def _commit(self, group: Sequence[_Unit[Any]]) -> Sequence[_Outcome]:
        connection = self._connection
        try:
            self._files.check()
            connection.execute("BEGIN IMMEDIATE")
            outcomes = [self._attempt(unit) for unit in group]
            connection.execute("COMMIT")
            # Deleted meanwhile: committed to files that nobody will ever open again.
            self._files.check()
        except Exception as error:  # noqa: BLE001 - nobody else could tell those who wait.
            self._roll_back()
            return [_Outcome(unit, error=_told(error)) for unit in group]
        self._commits += 1
        return outcomes

    def _attempt(self, unit: _Unit[Any]) -> _Outcome:
        """Runs one unit; raises where not only the unit but the whole transaction is lost."""
        self._connection.execute("SAVEPOINT unit")
        try:
            outcome = _Outcome(unit, result=unit.work(self._transaction))
        except Exception as error:  # Whatever it is, it is for the unit's caller.
            if means_unavailable(error):
                raise
            self._connection.execute("ROLLBACK TO unit")
            outcome = _Outcome(unit, error=error)
        self._connection.execute("RELEASE unit")
        return outcome

    def _roll_back(self) -> None:
        # Some errors, such as a full disk, end the transaction by themselves. Where even this
        # fails, the next group's BEGIN fails too, and tells so.
        with suppress(sqlite3.Error):
            if self._connection.in_transaction:
                self._connection.execute("ROLLBACK")


def _told(error: Exception) -> Exception:
    """What those hear whose transaction is lost: a bug is not disguised as a missing store."""
    return unavailable(error) if isinstance(error, OSError | sqlite3.Error) else error


def _tell(outcomes: Sequence[_Outcome]) -> None:
    for outcome in outcomes:
        future = outcome.unit.future
        if future.done():  # Its caller stopped waiting.
            continue
        if outcome.error is None:
            future.set_result(outcome.result)
        else:
            future.set_exception(outcome.error)
