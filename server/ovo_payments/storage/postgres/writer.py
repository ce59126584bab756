"""A few threads that write, each unit in a transaction of its own.

PostgreSQL lets them write side by side and puts their commits on the disk together. Units are not
grouped as on SQLite: a group would hold each row that it locks until its last unit is done, and
two groups of two nodes could wait for each other.
"""

import asyncio
import random
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from queue import SimpleQueue
from threading import Lock, Thread
from typing import Any, Concatenate, Final, Generic, ParamSpec, TypeVar

import psycopg
from psycopg.rows import TupleRow

from ovo_payments.domain.errors import StoreUnavailableError
from ovo_payments.storage.postgres.connection import (
    COLLISIONS,
    cleaned,
    means_unavailable,
    rewritten,
    unavailable,
)
from ovo_payments.storage.rows import Parameters
from ovo_payments.storage.sealing import Sealer
from ovo_payments.storage.transaction import Rows, Transaction

P = ParamSpec("P")
T = TypeVar("T")

Connect = Callable[[], psycopg.Connection[TupleRow]]

_ATTEMPTS: Final = 5
_PAUSE_MAX_S: Final = 0.02


@dataclass(frozen=True, slots=True, eq=False)
class _Unit(Generic[T]):
    """One caller's work: all of it or nothing."""

    work: Callable[[Transaction], T]
    future: asyncio.Future[T]


class _PostgresTransaction:
    """Takes the common SQL."""

    def __init__(self, connection: psycopg.Connection[TupleRow], sealer: Sealer) -> None:
        self._connection = connection
        self.sealer = sealer

    def execute(self, sql: str, parameters: Parameters | None = None, /) -> Rows:
        """Runs one statement."""
        given = None if parameters is None else cleaned(parameters)
        return self._connection.execute(rewritten(sql), given)


class Writer:
    """Runs units of work, a few side by side, in no promised order.

    Nobody is told before the commit. Where it can't be known whether the commit happened, its
    caller is told StoreUnavailableError, as on any store whose answer is lost. A caller that
    stops waiting stops nothing: what is queued is done.
    """

    def __init__(self, connect: Connect, threads: int, sealer: Sealer) -> None:
        """Opens a connection for each thread when it is needed; made where the loop runs."""
        self._connect = connect
        self._sealer = sealer
        self._loop = asyncio.get_running_loop()
        self._queue: SimpleQueue[_Unit[Any] | None] = SimpleQueue()
        self._closed = False
        self._commits = 0
        self._counting = Lock()
        # Daemons: a process that ends without closing has promised nothing that is still queued.
        self._threads = [
            Thread(target=self._run, name=f"ovo-payments-writer-{number}", daemon=True)
            for number in range(threads)
        ]
        for thread in self._threads:
            thread.start()

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
        """Takes no more, finishes what waits and closes the connections."""
        if not self._closed:
            self._closed = True
            for _ in self._threads:
                self._queue.put(None)
        for thread in self._threads:
            await asyncio.to_thread(thread.join)

    def _run(self) -> None:
        lane = _Lane(self._connect, self._sealer)
        while (unit := self._queue.get()) is not None:
            result: object = None
            error: Exception | None = None
            try:
                result = lane.commit(unit.work)
            except Exception as caught:  # noqa: BLE001 - nobody else could tell who waits.
                error = caught
            else:
                with self._counting:
                    self._commits += 1
            # Where the loop is gone, all who waited are gone with it.
            with suppress(RuntimeError):
                self._loop.call_soon_threadsafe(_tell, unit, result, error)
        lane.close()


class _Lane:
    """One thread's connection, opened again when it is lost."""

    def __init__(self, connect: Connect, sealer: Sealer) -> None:
        self._connect = connect
        self._sealer = sealer
        self._connection: psycopg.Connection[TupleRow] | None = None

    def commit(self, work: Callable[[Transaction], T]) -> T:
        """Runs a unit in a transaction; again where that is certain to be the first time."""
        attempt = 1
        while True:
            try:
                return self._attempt(work)
            except _UndoneError as undone:
                if attempt == _ATTEMPTS:
                    raise unavailable(undone.cause) from undone.cause
                attempt += 1
                time.sleep(random.uniform(0, _PAUSE_MAX_S))  # noqa: S311 - no secret

    def close(self) -> None:
        """Closes the connection."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def _attempt(self, work: Callable[[Transaction], T]) -> T:
        connection = self._connection
        known = connection is not None
        if connection is None:
            try:
                connection = self._connection = self._connect()
            except psycopg.Error as error:
                raise _told(error) from error
        try:
            connection.execute("BEGIN")
            result = work(_PostgresTransaction(connection, self._sealer))
        except COLLISIONS as error:
            self._undo(connection)
            raise _UndoneError(error) from error
        except Exception as error:
            alive = self._undo(connection)
            if known and not alive:
                # It died while nobody looked: nothing was committed, so it may be run again.
                raise _UndoneError(error) from error
            raise _told(error) from error
        try:
            connection.execute("COMMIT")
        except COLLISIONS as error:
            self._undo(connection)
            raise _UndoneError(error) from error
        except Exception as error:
            self._undo(connection)
            raise _told(error) from error
        return result

    def _undo(self, connection: psycopg.Connection[TupleRow]) -> bool:
        """Ends the transaction; False where the connection is lost, and the transaction with it."""
        try:
            connection.execute("ROLLBACK")
        except psycopg.Error:
            self.close()
            return False
        return True


class _UndoneError(Exception):
    """A unit was undone for sure, and may be run again."""

    def __init__(self, cause: Exception) -> None:
        super().__init__(cause)
        self.cause = cause


def _told(error: Exception) -> Exception:
    """What those hear whose unit is undone: a bug is not disguised as a missing store."""
    return unavailable(error) if means_unavailable(error) else error


def _tell(unit: _Unit[Any], result: object, error: Exception | None) -> None:
    if unit.future.done():  # Its caller stopped waiting.
        return
    if error is None:
        unit.future.set_result(result)
    else:
        unit.future.set_exception(error)
