"""Writes the page that tells what caught each bug."""

import platform
from collections.abc import Iterator, Mapping
from typing import Final

from tests.torture.planted.bug import Bug
from tests.torture.planted.catalogue import BUGS
from tests.torture.planted.judging import Search, Verdict

_NOT_CAUGHT: Final = "**not caught**"

_OPENING: Final = """\
# Planted bugs

A checker that finds nothing proves something only if it would have found it. So each mistake below
is planted into a copy of the service, as an edit of one to four places in its source, and the
simulation runs on that copy, seed by seed, until the checker tells of a violation. What a
simulation can't see by nature is left to the test that is named.

Written by `python -m tests.torture.planted --write`; `--only NAME` plants one bug, and
`--seeds N` says after how many seeds to give up. The bugs are data in
`tests/torture/planted/bugs/`; a test holds each of them against the present source, and this page
against the list.
"""


def lines(
    clean: Verdict, verdicts: Mapping[str, Verdict], search: Search, elapsed_s: float
) -> Iterator[str]:
    """Gives the page's lines."""
    yield _OPENING
    caught = sum(verdict.caught for verdict in verdicts.values())
    simulated = sum(bool(verdict.catch.by) for verdict in verdicts.values())
    yield f"- {caught} of {len(verdicts)} were caught, {simulated} of them by simulation."
    yield (
        f"- Without a bug, the same copy: {clean.found} in {clean.catch.seeds} seeds,"
        f" {clean.catch.payments} payments."
    )
    yield (
        f"- Seeds from {search.seed} on, {search.payments_per_seed} orders each; a bug is given up"
        f" after {search.seeds} seeds."
    )
    yield (
        f"- {elapsed_s:.0f} s in two processes on {platform.machine()}, Python"
        f" {platform.python_version()}."
    )
    yield ""
    yield "| Bug | What the mistaken service does | Aimed at | Caught by | Seeds | Payments |"
    yield "|---|---|---|---|--:|--:|"
    for name, verdict in verdicts.items():
        yield _row(BUGS[name], verdict)
    yield ""
    yield "## What the checker told first"
    yield ""
    yield "```text"
    for name, verdict in verdicts.items():
        if verdict.catch.findings:
            yield f"{name}: {verdict.catch.findings[0]}"
    yield "```"


def _row(bug: Bug, verdict: Verdict) -> str:
    catch = verdict.catch
    cells = (f"`{bug.name}`", bug.what, bug.breaks, _how(bug, verdict))
    if bug.test:
        return f"| {' | '.join(cells)} | — | — |"
    return f"| {' | '.join(cells)} | {catch.seeds} | {catch.payments} |"


def _how(bug: Bug, verdict: Verdict) -> str:
    if verdict.tests:
        return f"`{bug.test}`, `{verdict.tests[0]}`: {bug.unseen_because}"
    if verdict.catch.broke:
        return f"the run itself: `{verdict.catch.broke[:80]}`"
    return ", ".join(verdict.catch.by) or _NOT_CAUGHT
