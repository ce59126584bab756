"""Waits, on clocks that pass quickly, until nothing is left to be learnt."""

import asyncio
import sys
import time
from typing import Final

from ovo_payments.storage.times import to_microseconds
from tests.torture.real.arena import Arena

_NOTHING_HAPPENS_S: Final = 5.0
_NOTHING_HAPPENS_TO_LEASES_S: Final = 1.5
"""Where nodes share a database, what a dead one had leased waits for the clocks, and many have."""
_QUIET_LOOKS: Final = 3
_LOOK_EVERY_S: Final = 0.05
_STEPS_S: Final = (
    *(5.0, 10.0, 20.0, 40.0, 60.0, 60.0, 60.0, 60.0, 120.0, 120.0, 180.0, 180.0),
    *(900.0, 1800.0, 3600.0, 3600.0, 5 * 3600.0, 6 * 3600.0, 6 * 3600.0, 6 * 3600.0),
    *(86400.0, 86400.0, 2 * 86400.0, 2 * 86400.0, 86400.0),
)
"""How far to move the clocks while something is open: in small steps for a quarter of an hour."""

_LEFT: Final = (
    "SELECT (SELECT count(*) FROM payments WHERE next_check_time_us IS NOT NULL)"
    " + (SELECT count(*) FROM bindings WHERE next_check_time_us IS NOT NULL)"
    " + (SELECT count(*) FROM inbox WHERE state IN ('RECEIVED', 'WAITING'))"
)
_DUE: Final = (
    "SELECT (SELECT count(*) FROM payments WHERE next_check_time_us <= :now_us"
    "   OR (lease IS NOT NULL AND lease_until_us > :now_us))"
    " + (SELECT count(*) FROM bindings WHERE next_check_time_us <= :now_us"
    "   OR (lease IS NOT NULL AND lease_until_us > :now_us))"
    " + (SELECT count(*) FROM inbox WHERE state IN ('RECEIVED', 'WAITING')"
    "   AND coalesce(next_attempt_time_us, 0) <= :now_us)"
)


async def drain(arena: Arena) -> bool:
    """Moves the clocks until all is settled; tells whether it is."""
    for step_s in _STEPS_S:
        await _worked_off(arena)
        if await _left(arena) == 0:
            return True
        await arena.pass_time(step_s)
    await _worked_off(arena)
    return await _left(arena) == 0


async def _left(arena: Arena) -> int:
    """How much is still to be learnt, by the service or by the providers."""
    state = await arena.control.control("GET", "/sandbox/state")
    return _count(arena, _LEFT) + len(state["timers"])


async def _worked_off(arena: Arena) -> None:
    """Waits until the service has done what is due, or does no more of it.

    What a worker had to put off is leased until its time runs out, and only moving the clocks
    brings that.
    """
    fewest, since, quiet = sys.maxsize, time.monotonic(), 0
    shared = arena.postgres is not None
    patience_s = _NOTHING_HAPPENS_TO_LEASES_S if shared else _NOTHING_HAPPENS_S
    while time.monotonic() - since < patience_s:
        due = _count(arena, _DUE)
        quiet = quiet + 1 if due == 0 else 0
        # Notifications that are on their way become due a moment later.
        if quiet >= _QUIET_LOOKS:
            return
        if due < fewest:
            fewest, since = due, time.monotonic()
        await asyncio.sleep(_LOOK_EVERY_S)


def _count(arena: Arena, statement: str) -> int:
    values = {"now_us": to_microseconds(arena.now())}
    return int(arena.database.rows(statement, values)[0][0])
