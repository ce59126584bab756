"""Wakes the watchers of all nodes of one database.

A change is told to the other nodes by NOTIFY, after its commit and outside of its transaction:
inside, it would hold a lock of the whole server until the commit is on the disk. What is told so
may be lost, so each node also looks every second at how far each scope has come.
"""

import asyncio
import json
import secrets
from collections.abc import Awaitable, Callable, Iterable, Iterator
from contextlib import suppress
from typing import Final

import psycopg
import structlog
from psycopg.rows import TupleRow

from ovo_payments.domain.payment import Payment
from ovo_payments.storage.feed import LocalFeed
from ovo_payments.storage.postgres.connection import keywords, means_unavailable, unavailable

_CHANNEL: Final = "ovo_payments"
_LOOK_EVERY_S: Final = 1.0
_RETRY_S: Final = 0.5
_STATEMENT_TIMEOUT_S: Final = 5.0
# A notification takes less than 8,000 bytes, its end included.
_NOTIFICATION_BYTES_MAX: Final = 7_000
_EVENTS_AT_ONCE: Final = 5_000

_NOTIFY: Final = "SELECT pg_notify(%s, said) FROM unnest(%s::text[]) AS said"
_POSITIONS: Final = "SELECT scope, position FROM positions"
_EVENTS: Final = """
SELECT payment_id, version, position FROM payment_events
WHERE scope = %s AND position > %s ORDER BY position LIMIT %s
"""

_Connection = psycopg.AsyncConnection[TupleRow]
_Change = tuple[str, int, str]
_Way = Callable[[_Connection], Awaitable[None]]

_log = structlog.get_logger(__name__)


class NotifiedFeed(LocalFeed):
    """Tells other nodes what changed here, and wakes watchers here of what changed there."""

    def __init__(self, url: str) -> None:
        """Takes a PostgreSQL database's URL; made where the event loop runs."""
        super().__init__()
        self._url = url
        self._node = secrets.token_hex(8)
        self._to_tell: list[_Change] = []
        self._something_to_tell = asyncio.Event()
        self._seen: dict[str, int] = {}
        # What was woken already, since the last look and since the one before.
        self._woken: tuple[set[tuple[str, int]], set[tuple[str, int]]] = (set(), set())
        self._tasks: list[asyncio.Task[None]] = []

    async def start(self) -> None:
        """Begins to listen and to look, before anybody watches.

        Raises StoreUnavailableError where the database can't be reached.
        """
        try:
            async with await self._connect() as connection:
                # What changed before is read by whoever begins to watch.
                self._seen = await _positions(connection)
        except psycopg.Error as error:
            raise unavailable(error) from error
        ways = {"feed.listens": self._listen, "feed.tells": self._tell_and_look}
        self._tasks = [asyncio.create_task(self._kept_up(name, way)) for name, way in ways.items()]

    async def close(self) -> None:
        """Ends both, and drops what is not told yet: the other nodes look for themselves."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def wake(self, payment: Payment) -> None:
        """Wakes the watchers here at once, and tells the other nodes."""
        super().wake(payment)
        self._woken[0].add((payment.payment_id, payment.version))
        self._to_tell.append((payment.payment_id, payment.version, payment.scope))
        self._something_to_tell.set()

    async def _kept_up(self, name: str, way: _Way) -> None:
        """Goes one way over a connection of its own, and again over another when it is lost."""
        lost = False
        while True:
            try:
                async with await self._connect() as connection:
                    if lost:
                        _log.info("feed.connected", way=name)
                    lost = False
                    await way(connection)
            except psycopg.Error as error:
                if not means_unavailable(error):
                    raise
                if not lost:
                    _log.warning("feed.connection_lost", way=name, cause=repr(error))
                lost = True
            await asyncio.sleep(_RETRY_S)

    async def _connect(self) -> _Connection:
        timeouts = {
            "lock_timeout_s": _STATEMENT_TIMEOUT_S,
            "statement_timeout_s": _STATEMENT_TIMEOUT_S,
        }
        return await psycopg.AsyncConnection.connect(
            self._url, autocommit=True, **keywords(**timeouts)
        )

    async def _listen(self, connection: _Connection) -> None:
        await connection.execute(f"LISTEN {_CHANNEL}")
        async for notification in connection.notifies():
            node, changes = json.loads(notification.payload)
            if node != self._node:
                for payment_id, version, scope in changes:
                    self._woken[0].add((payment_id, version))
                    self._wake(payment_id, scope)

    async def _tell_and_look(self, connection: _Connection) -> None:
        loop = asyncio.get_running_loop()
        look_at = loop.time()
        while True:
            if self._to_tell:
                changes, self._to_tell = self._to_tell, []
                await connection.execute(
                    _NOTIFY, (_CHANNEL, list(_notifications(self._node, changes)))
                )
            self._something_to_tell.clear()
            if loop.time() >= look_at:
                await self._look(connection)
                look_at = loop.time() + _LOOK_EVERY_S
            with suppress(TimeoutError):
                async with asyncio.timeout_at(look_at):
                    await self._something_to_tell.wait()

    async def _look(self, connection: _Connection) -> None:
        """Wakes the watchers of what changed since the last look and was not told."""
        positions = await _positions(connection)
        for scope, position in positions.items():
            while self._seen.get(scope, 0) < position:
                parameters = (scope, self._seen.get(scope, 0), _EVENTS_AT_ONCE)
                events = await (await connection.execute(_EVENTS, parameters)).fetchall()
                for payment_id, version, _ in events:
                    if not any((payment_id, version) in woken for woken in self._woken):
                        self._wake(payment_id, scope)
                self._seen[scope] = events[-1][2]
        self._woken = (set(), self._woken[0])


async def _positions(connection: _Connection) -> dict[str, int]:
    return dict(await (await connection.execute(_POSITIONS)).fetchall())


def _notifications(node: str, changes: Iterable[_Change]) -> Iterator[str]:
    """Writes what changed in as few notifications as will hold it."""
    said: list[_Change] = []
    size = 0
    for change in changes:
        length = len(json.dumps(change).encode()) + 2
        if said and size + length > _NOTIFICATION_BYTES_MAX:
            yield json.dumps((node, said))
            said, size = [], 0
        said.append(change)
        size += length
    if said:
        yield json.dumps((node, said))
