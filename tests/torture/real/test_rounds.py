"""Long runs with real processes are taken up again, and told as one."""

from pathlib import Path
from typing import Any

import pytest

from tests.torture.real.round import Plan
from tests.torture.real.rounds import Rounds

_PLAN = Plan(seed=3, payments=100, kills=1, cuts=1, others=0)


def told(plan: Plan, *, holds: bool = True) -> dict[str, Any]:
    """What a round's line could say."""
    counted = dict.fromkeys(("operations", "watches", "provider_calls", "webhooks", "refunds"), 1)
    return {
        "command": plan.command,
        "holds": holds,
        "payments": plan.payments,
        "debits": 60,
        **counted,
        "struck": {"kill": 1, "cut of doku up": 2},
        "seconds": {"shop": 5.0, "drain": 5.0},
        "checked": {"I-1": 60},
        "violated": {} if holds else {"I-1": 1},
        "unobservable": {},
        "also": {},
    }


def test_a_round_that_held_is_not_run_again(tmp_path: Path) -> None:
    """One that did not hold is, and so is one with other troubles."""
    file = tmp_path / "rounds.jsonl"
    Rounds(file).add(told(_PLAN))
    assert Rounds(file).has(_PLAN)
    assert not Rounds(file).has(Plan(seed=3, payments=100, kills=2, cuts=1, others=0))
    broken = Plan(seed=4, payments=100, kills=1, cuts=1, others=0)
    Rounds(file).add(told(broken, holds=False))
    assert not Rounds(file).has(broken)


def test_all_rounds_are_told_as_one(tmp_path: Path) -> None:
    """Those of an earlier run as well."""
    file = tmp_path / "rounds.jsonl"
    Rounds(file).add(told(_PLAN))
    rounds = Rounds(file)
    rounds.add(told(Plan(seed=4, payments=100, kills=1, cuts=1, others=0)))
    lines = "\n".join(rounds.lines())
    assert "I-1      ok  120 checked" in lines
    assert "2 rounds, all hold: 200 payments, compared with 120 debits and 2 refunds" in lines
    assert "4 × cut of doku up" in lines
    assert "20 s of real time, 10 payments/s" in lines


def test_one_broken_round_breaks_the_run(tmp_path: Path) -> None:
    """It is told with what was violated."""
    rounds = Rounds(tmp_path / "rounds.jsonl")
    rounds.add(told(_PLAN, holds=False))
    assert not rounds.hold
    assert "I-1      VIOLATED 1 times" in "\n".join(rounds.lines())


def test_a_plan_names_its_database_and_its_nodes_where_they_are_not_the_usual_ones() -> None:
    """Rounds that were run before there were others keep their name."""
    assert "--database" not in _PLAN.command
    assert "--nodes" not in _PLAN.command
    several = Plan(seed=3, payments=9, kills=1, cuts=0, others=0, database="postgres", nodes=2)
    assert " real --database postgres --nodes 2 --seed 3 " in several.command


def test_several_nodes_share_no_file() -> None:
    """SQLite serves one."""
    with pytest.raises(ValueError, match="postgres"):
        Plan(seed=3, payments=9, kills=1, cuts=0, others=0, nodes=2)
