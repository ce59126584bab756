"""Writes the page that tells what saw each planted fault."""

from collections.abc import Iterator, Mapping
from typing import Final

from tests.attacks.planted.faults import FAULTS
from tests.torture.planted.judging import Verdict

_OPENING: Final = """\
# Planted faults

An attack that everything survives proves something only if a weaker service had not survived it.
So each mistake below is planted into a copy of the service, as an edit of its source, and the
attack or the test that is to see it runs on that copy: it must fail there. On a copy without a
mistake all of them pass.

The mistakes that cost money instead are [planted bugs](planted-bugs.md), and looked for by
simulation.

Written by `python -m tests.attacks.planted --write`; `--only NAME` plants one. The faults are data
in `tests/attacks/planted/faults.py`; a test holds each against the present source, and this page
against the list.
"""


def lines(clean: Verdict, verdicts: Mapping[str, Verdict]) -> Iterator[str]:
    """Gives the page's lines."""
    yield _OPENING
    caught = sum(verdict.caught for verdict in verdicts.values())
    without = "no verdict" if clean.trouble else clean.found
    yield f"{caught} of {len(verdicts)} were seen. Without a fault: {without}."
    yield ""
    yield "| Fault | What the mistaken service does | Aimed at | Seen by |"
    yield "|---|---|---|---|"
    for fault in FAULTS:
        if fault.name in verdicts:
            seen = _seen_by(verdicts[fault.name], fault.test)
            yield f"| `{fault.name}` | {fault.what} | {fault.breaks} | {seen} |"


def _seen_by(verdict: Verdict, test: str) -> str:
    if not verdict.caught:
        return "**not seen**"
    name = verdict.tests[0]
    attack = test.partition("[")[2].removesuffix("]")
    return f"`{name}`, {attack}" if attack else f"`{name}`"
