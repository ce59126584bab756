"""Sends attacks to the doors, and holds that nothing comes of them."""

import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from random import Random
from typing import Final, Protocol

from ovo_payments.application.receive_webhook import ReceiveWebhook
from ovo_payments.domain.provider import InboundAnswer
from tests.fuzz.arena import Arena
from tests.fuzz.attacks import TOKEN_PATH, Attack, DokuAttacks, MidtransAttacks

BATCH: Final = 500
"""So many attacks are worked off and looked at together."""
HUNG_S: Final = 5.0
"""Longer than anything takes on a machine with other work; what takes longer hangs."""
_NO_HTTP: Final = frozenset({400, 431})
"""The sidecar's answers to what is no request: they come from below the doors."""


class Doors(Protocol):
    """The way in: the use case itself, or the sidecar before it."""

    async def strike(self, attack: Attack) -> InboundAnswer:
        """Sends an attack, and gives the answer; headers of the answer are left out."""


@dataclass
class UseCase:
    """The doors as the sidecar sees them."""

    receive: ReceiveWebhook

    async def strike(self, attack: Attack) -> InboundAnswer:
        """Calls the use case."""
        way = self.receive.reply if attack.path == TOKEN_PATH else self.receive.__call__
        return replace(await way(attack.path, attack.request), headers={})


@dataclass
class Result:
    """What came of a siege."""

    refused: Counter[str] = field(default_factory=Counter)
    stored: Counter[str] = field(default_factory=Counter)
    question_count: int = 0
    slowest_s: float = 0.0
    elapsed_s: float = 0.0

    @property
    def count(self) -> int:
        """How many attacks there were."""
        return self.refused.total() + self.stored.total()

    @property
    def rate(self) -> float:
        """Attacks a second, the work on what was stored included."""
        return self.count / self.elapsed_s

    def kinds(self) -> dict[str, tuple[int, int]]:
        """How many of each kind were refused, and stored."""
        return {
            kind: (self.refused[kind], self.stored[kind]) for kind in self.refused + self.stored
        }


async def besiege(
    arena: Arena,
    count: int,
    seed: int,
    *,
    doors: Doors | None = None,
    tell: Callable[[Result], None] | None = None,
) -> Result:
    """Sends `count` attacks, the same ones for the same seed; raises AssertionError at a breach."""
    random = Random(seed)  # noqa: S311 - attacks that can be repeated
    sources = (MidtransAttacks(arena, random), DokuAttacks(arena, random))
    way = doors or UseCase(arena.application.use_cases.receive_webhook)
    result, began = Result(), time.perf_counter()
    states, questions = arena.states(), arena.truth.question_count
    for first in range(0, count, BATCH):
        for number in range(first, min(first + BATCH, count)):
            attack = random.choice(sources).next()
            try:
                await _strike(arena, way, attack, result)
            except Exception as error:
                told = f"seed {seed}, attack {number}: {attack}, {attack.request.body[:2_000]!r}"
                raise AssertionError(told) from error
        await arena.work_off()
        where = f"seed {seed}, attacks {first} to {first + BATCH - 1}"
        assert arena.states() == states, f"{where}: a payment or a link changed"
        assert not arena.alarms.broke, f"{where}: {arena.alarms.broke[0]}"
        result.question_count = arena.truth.question_count - questions
        result.elapsed_s = time.perf_counter() - began
        if tell is not None:
            tell(result)
    stored = sum(arena.inbox().values())
    assert stored == result.stored.total(), "what is authentic is stored once, and nothing else"
    return result


async def _strike(arena: Arena, way: Doors, attack: Attack, result: Result) -> None:
    writes, began = arena.writes(), time.perf_counter()
    answer = await way.strike(attack)
    took_s = time.perf_counter() - began
    result.slowest_s = max(result.slowest_s, took_s)
    assert took_s < HUNG_S, f"hung for {took_s:.1f} s"
    if answer == await _refusal(arena, attack) or answer.status in _NO_HTTP:
        assert not attack.genuine, "refused, though it is the provider's own"
        assert arena.writes() == writes, "something was written for a stranger"
        result.refused[attack.kind] += 1
    else:
        assert attack.authentic, f"believed, though it is not authentic: {answer}"
        result.stored[attack.kind] += 1


async def _refusal(arena: Arena, attack: Attack) -> InboundAnswer:
    """The one answer that every stranger gets."""
    receive = arena.application.use_cases.receive_webhook
    if attack.path != TOKEN_PATH:
        return replace(receive.refuse(attack.path), headers={})
    nothing = replace(attack.request, headers={}, body=b"")
    return replace(await receive.reply(attack.path, nothing), headers={})
