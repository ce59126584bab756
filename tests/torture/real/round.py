"""One round: troubles while the callers shop, then healing, draining, stopping and judging."""

import asyncio
import time
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from random import Random

import structlog

from tests.torture.checks.facts import Sheet
from tests.torture.observed import Observed
from tests.torture.real.arena import Arena, Kind, running_arena
from tests.torture.real.callers import Callers
from tests.torture.real.collecting import collect, collect_ledger
from tests.torture.real.draining import drain
from tests.torture.real.judging import judge
from tests.torture.real.nemesis import Nemesis, orders_kept_back

_log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """How large a round is, and how much goes wrong in it."""

    seed: int
    payments: int
    kills: int
    cuts: int
    others: int
    processes: int = 2
    database: Kind = "sqlite"
    nodes: int = 1

    def __post_init__(self) -> None:
        """Refuses nodes that could not share their database."""
        if self.nodes > 1 and self.database == "sqlite":
            raise ValueError("several nodes need a database that is no file: postgres")

    @property
    def command(self) -> str:
        """What runs this round again."""
        where = "" if self.database == "sqlite" else f" --database {self.database}"
        where += "" if self.nodes == 1 else f" --nodes {self.nodes}"
        return (
            f"python -m tests.torture real{where} --seed {self.seed}"
            f" --payments {self.payments} --kills {self.kills} --cuts {self.cuts}"
            f" --others {self.others} --processes {self.processes}"
        )


@dataclass(kw_only=True)
class Result:
    """What came of a round."""

    plan: Plan
    observed: Observed
    sheets: list[Sheet]
    struck: Mapping[str, int]
    bytes_passed: Mapping[str, tuple[int, int]]
    drained: bool
    exit_status: int
    seconds: dict[str, float] = field(default_factory=dict)

    @property
    def holds(self) -> bool:
        """Whether nothing was found."""
        return self.drained and self.exit_status == 0 and not any(s.findings for s in self.sheets)


async def run_round(plan: Plan, directory: Path) -> Result:
    """Runs one round with its files in `directory`."""
    observed = Observed(mode="real", seed=plan.seed, command=plan.command)
    random = Random(f"{plan.seed}:nemesis")  # noqa: S311 - repeatable troubles, no secret
    started = time.monotonic()
    own_disk = bool(plan.seed % 2)
    async with running_arena(
        directory,
        observed,
        payments=plan.payments,
        own_disk=own_disk,
        kind=plan.database,
        nodes=plan.nodes,
    ) as arena:
        seconds = {"start": time.monotonic() - started}
        nemesis = Nemesis(arena, random)
        callers = Callers(arena, seed=plan.seed, orders=plan.payments, processes=plan.processes)
        began = time.monotonic()
        await _trouble(plan, arena, nemesis, callers)
        seconds["shop"] = time.monotonic() - began
        began = time.monotonic()
        drained = await drain(arena)
        observed.drained_at = arena.recorder.now
        seconds["drain"] = time.monotonic() - began
        await collect_ledger(arena)
        exit_status = await arena.stop()
        began = time.monotonic()
        arena.witness.catch_up()
        collect(arena, callers.histories)
        if any(callers.statuses):
            observed.failures.append(f"callers ended with {callers.statuses}")
        sheets = judge(arena)
        seconds["judge"] = time.monotonic() - began
    cuts = {
        f"cut of {link.name} {direction.value}": count
        for link in arena.links
        for direction, count in link.cuts.items()
    }
    struck = {**nemesis.struck, **cuts}
    return Result(
        plan=plan,
        observed=observed,
        sheets=sheets,
        struck=struck,
        bytes_passed={link.name: tuple(link.passed.values()) for link in arena.links},  # type: ignore[misc] # two of them
        drained=drained,
        exit_status=exit_status,
        seconds=seconds,
    )


async def _trouble(plan: Plan, arena: Arena, nemesis: Nemesis, callers: Callers) -> None:
    """Lets the callers shop while the nemesis strikes; ends all troubles and lets them finish."""
    shopping = asyncio.create_task(callers.run())
    try:
        await nemesis.weather()
        strikes = nemesis.plan(plan.payments, plan.kills, plan.cuts, plan.others)
        # Each one meets orders that begin while it goes on, however long the last one took.
        fresh = orders_kept_back(plan.payments) // max(len(strikes), 1)
        for order, kind in strikes:
            callers.allow(max(order, callers.begun) + fresh)
            await callers.reach(order)
            await nemesis.strike(kind)
        callers.allow(plan.payments)
        await nemesis.heal()
        arena.observed.healed_at = arena.recorder.now
        await shopping
    finally:
        if not shopping.done():
            shopping.cancel()
            with suppress(asyncio.CancelledError):
                await shopping
