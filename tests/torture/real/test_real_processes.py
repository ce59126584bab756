"""The torture with real processes, in the size that every run of the tests can bear.

Long runs are made by hand: `make torture MODE=real PAYMENTS=100000 ARGS="--kills 300 --cuts 100"`.
"""

from pathlib import Path
from typing import Final

import pytest

from tests.torture.real.command import round_lines
from tests.torture.real.round import Plan, Result, run_round

_SQLITE: Final = Plan(seed=1, payments=1200, kills=5, cuts=5, others=10)
_ONE_NODE: Final = Plan(seed=1, payments=200, kills=2, cuts=2, others=3, database="postgres")
_TWO_NODES: Final = Plan(
    seed=2, payments=200, kills=2, cuts=2, others=3, database="postgres", nodes=2
)


@pytest.mark.timeout(400)
async def test_nothing_is_lost_doubled_or_invented_whatever_is_killed_and_cut(
    tmp_path: Path,
) -> None:
    """A thousand payments and more, while the service is killed and its links are cut."""
    result = await _held(_SQLITE, tmp_path)
    # Callers give some orders up while the service is away.
    assert len(result.observed.payments) >= 1000


@pytest.mark.timeout(300)
async def test_nothing_is_lost_doubled_or_invented_on_postgresql(tmp_path: Path) -> None:
    """Also where its answer to a commit is lost, and where somebody holds a lock."""
    result = await _held(_ONE_NODE, tmp_path)
    assert len(result.observed.payments) >= 100
    assert result.struck["lost answer to a commit"]


@pytest.mark.timeout(300)
async def test_nothing_is_lost_doubled_or_invented_by_two_nodes(tmp_path: Path) -> None:
    """One is killed after the other, and every watcher goes on elsewhere and misses nothing."""
    result = await _held(_TWO_NODES, tmp_path)
    observed = result.observed
    assert len(observed.payments) >= 100
    assert {life.node for life in observed.lives} >= {"service-a-2", "service-b-2"}
    for heard in (observed.calls, observed.deliveries):
        assert {one.node.rpartition("-")[0] for one in heard} == {"service-a", "service-b"}
    streams = next(sheet for sheet in result.sheets if sheet.invariant == "I-28")
    assert streams.also["of them served by several nodes"]


async def _held(plan: Plan, directory: Path) -> Result:
    """Runs a round that must hold, and strike as it was told."""
    result = await run_round(plan, directory)
    findings = [
        f"{sheet.invariant} {subject}: {finding}"
        for sheet in result.sheets
        for subject, finding in sheet.findings
    ]
    assert not findings, "\n".join([*round_lines(result), *findings, plan.command])
    assert result.drained, "something is still open"
    assert result.exit_status == 0
    assert result.struck["kill"] == plan.kills
    assert result.struck["cut"] == plan.cuts
    assert len(result.observed.ledger) > 0
    return result
