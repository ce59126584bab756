"""A worker: claims what is due on leases, works on it side by side, and never stops on poison."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime, timedelta
from typing import Final, Generic, TypeVar

import structlog

from ovo_payments.domain.errors import RepeatableError
from ovo_payments.domain.ports import Clock, Identifiers, Leased, LeaseLostError

_LEASE_S: Final = 90.0
"""Longer than any query with its repeats."""
_IDLE_S: Final = 1.0
_STORE_AWAY_S: Final = 2.0
_IN_FLIGHT_MAX: Final = 64

_log = structlog.get_logger(__name__)

_Item = TypeVar("_Item")

Claim = Callable[[datetime, int, Leased, str], Awaitable[Sequence[_Item]]]
Work = Callable[[_Item, Leased], Awaitable[None]]


class Worker(Generic[_Item]):
    """Works off one kind of due items of one provider.

    Providers share no worker: one that hangs holds up nothing of another's. Any number of
    nodes may run the same worker on one store.
    """

    def __init__(
        self,
        name: str,
        provider: str,
        claim: Claim[_Item],
        work: Work[_Item],
        clock: Clock,
        identifiers: Identifiers,
    ) -> None:
        """Claims by `claim`, works by `work`; `name` is for the log."""
        self._name = name
        self._provider = provider
        self._claim = claim
        self._work = work
        self._clock = clock
        self._identifiers = identifiers
        self._wake = asyncio.Event()
        self._stopping = False
        self._tasks: set[asyncio.Task[None]] = set()

    def wake(self) -> None:
        """Makes the worker look at once: something has just become due."""
        self._wake.set()

    def stop(self) -> None:
        """Claims nothing more; `run` ends when what was claimed is done."""
        self._stopping = True
        self._wake.set()

    async def run(self) -> None:
        """Works until `stop`."""
        while not self._stopping:
            self._wake.clear()
            try:
                await self._claim_some()
                idle_s = _IDLE_S
            except RepeatableError as error:
                _log.warning(
                    "worker.waits_for_store",
                    worker=self._name,
                    provider=self._provider,
                    cause=repr(error),
                )
                idle_s = _STORE_AWAY_S
            if not self._stopping:
                await self._idle(idle_s)
        if self._tasks:
            await asyncio.wait(self._tasks)

    async def run_once(self) -> int:
        """Works off what is due now, to its end; gives how many items that were."""
        count = await self._claim_some()
        if self._tasks:
            await asyncio.wait(self._tasks)
        return count

    async def _claim_some(self) -> int:
        room = _IN_FLIGHT_MAX - len(self._tasks)
        if room <= 0:
            return 0
        now = self._clock.now()
        lease = Leased(lease=self._identifiers.lease(), until=now + timedelta(seconds=_LEASE_S))
        items = await self._claim(now, room, lease, self._provider)
        for item in items:
            task = asyncio.ensure_future(self._guarded(item, lease))
            self._tasks.add(task)
            task.add_done_callback(self._done)
        return len(items)

    async def _guarded(self, item: _Item, lease: Leased) -> None:
        try:
            await self._work(item, lease)
        except LeaseLostError:
            _log.info("worker.lease_lost", worker=self._name, provider=self._provider)
        except RepeatableError as error:
            # The lease runs out by itself, and the item is due again.
            _log.warning(
                "worker.put_off", worker=self._name, provider=self._provider, cause=repr(error)
            )
        except Exception:  # noqa: BLE001 - one broken item must not stop the others
            _log.exception("worker.item_broke", worker=self._name, provider=self._provider)

    def _done(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        if len(self._tasks) == _IN_FLIGHT_MAX - 1:
            self._wake.set()

    async def _idle(self, idle_s: float) -> None:
        try:
            async with asyncio.timeout(idle_s):
                await self._wake.wait()
        except TimeoutError:
            return
