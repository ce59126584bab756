"""Changes a whole sandbox: moves its clock, takes the clock up after a restart, resets it."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Final

from ovo_sandbox.sandbox import Provider, Sandbox

_CLOCK_KIND: Final = "clock"


def move_clock(sandbox: Sandbox, seconds: float | None) -> None:
    """Moves the sandbox's time on, or back to the wall's where no seconds are given.

    A restarted sandbox keeps the offset.
    """
    if seconds is None:
        sandbox.clock.reset()
    else:
        sandbox.clock.advance(seconds)
    offset_s = sandbox.clock.offset.total_seconds()
    sandbox.store.put(_CLOCK_KIND, "offset", {"seconds": offset_s})


def restore_clock(sandbox: Sandbox) -> None:
    """Takes the offset up again that an earlier run had."""
    document = sandbox.store.get(_CLOCK_KIND, "offset")
    if document is not None:
        sandbox.clock.set_offset(timedelta(seconds=document["seconds"]))


def reset(sandbox: Sandbox, providers: Sequence[Provider]) -> None:
    """Makes the sandbox as new: no state, no ledger, no faults, no switches set, wall time."""
    sandbox.scheduler.clear()
    sandbox.faults.clear()
    sandbox.store.clear()
    sandbox.switches.reload()
    sandbox.clock.reset()
    for provider in providers:
        provider.reset()
