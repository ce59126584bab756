"""Writes the page that tells what each attack came to."""

import platform
from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from tests.attacks.neighbour import Beside

_OPENING: Final = """\
# Attacks

Malformed and abusive HTTP/2 and HTTP/1.1, sent by raw sockets to one running service. Beside each
a caller who does no harm makes a payment, asks for one without a pause, and watches all; a probe
asks `/readyz` without a pause.
[test_an_attack_costs_its_own_connection_and_nobody_else_anything](../tests/attacks/test_attacks.py)
fails where any of these gets an error, where the stream breaks or misses the payment, and where the
attacker fares better than expected.

`cut`: the service closed the connection. `refused`: what came was answered with an error. `borne`:
neither was seen while the attacker listened; the connection lasts until
[its time](limits.md) is over or its sender leaves.

The p99 is of calls and probes while the attack lasts: of few of them it is the slowest. What an
attack leaves to be done may show in the next row. It is told, not
bounded. Attacker, caller, service, sandbox and database share the machine.

Written by `python -m tests.attacks --write`.
"""


def lines(found: Mapping[str, Sequence[Beside]], elapsed_s: float) -> Iterator[str]:
    """Gives the page's lines."""
    yield _OPENING
    number = sum(len(besides) for besides in found.values())
    yield (
        f"{number} attacks in {elapsed_s:.0f} s on {platform.machine()}, Python"
        f" {platform.python_version()}. No call, payment, watch or probe beside them failed."
    )
    for door, besides in found.items():
        yield ""
        yield f"## At the {door}"
        yield ""
        yield "| Attack | Fate | Heard | Calls | p99 of calls | Probes | p99 of probes |"
        yield "|---|---|---|--:|--:|--:|--:|"
        for beside in besides:
            yield _row(beside)


def _row(beside: Beside) -> str:
    cells = (
        beside.case.name,
        beside.outcome.fate,
        str(beside.outcome),
        str(beside.calls),
        f"{beside.call_p99_ms:.0f} ms",
        str(beside.probes),
        f"{beside.probe_p99_ms:.0f} ms",
    )
    return f"| {' | '.join(cells)} |"
