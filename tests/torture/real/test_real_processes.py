"""The torture with real processes, in the size that every run of the tests can bear.

Long runs are made by hand: `make torture MODE=real PAYMENTS=100000 ARGS="--kills 300 --cuts 100"`.
"""

from pathlib import Path
from typing import Final

import pytest

from tests.torture.real.command import round_lines
from tests.torture.real.round import Plan, run_round

_PLAN: Final = Plan(seed=1, payments=1200, kills=5, cuts=5, others=10)


@pytest.mark.timeout(400)
async def test_nothing_is_lost_doubled_or_invented_whatever_is_killed_and_cut(
    tmp_path: Path,
) -> None:
    """A thousand payments and more, while the service is killed and its links are cut."""
    result = await run_round(_PLAN, tmp_path)
    findings = [
        f"{sheet.invariant} {subject}: {finding}"
        for sheet in result.sheets
        for subject, finding in sheet.findings
    ]
    assert not findings, "\n".join([*round_lines(result), *findings, _PLAN.command])
    assert result.drained, "something is still open"
    assert result.exit_status == 0
    assert result.struck["kill"] == _PLAN.kills
    assert result.struck["cut"] == _PLAN.cuts
    # Callers give some orders up while the service is away.
    assert len(result.observed.payments) >= 1000
    assert len(result.observed.ledger) > 0
