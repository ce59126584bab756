"""What an attack is, and the ways in which most are made."""

import asyncio
from collections.abc import Callable, Coroutine
from dataclasses import dataclass

from tests.attacks.outcome import Fate, Outcome
from tests.attacks.wire import Door, Hear

Attack = Callable[[Door], Coroutine[None, None, Outcome]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """One attack at one door."""

    name: str
    """What the attacker does, in words."""
    attack: Attack
    fate: Fate


@dataclass(frozen=True, slots=True)
class Ways:
    """Ways to attack by bytes, at a door whose answers are heard in one way."""

    hear: Hear

    def sent(self, data: bytes | str, *, half_closed: bool = False) -> Attack:
        """Sends all at once; where wanted, and then the word that no more comes."""
        return self.slowly(data, b"", half_closed=half_closed)

    def slowly(self, first: bytes | str, late: bytes | str, *, half_closed: bool = False) -> Attack:
        """Sends something at once, and then bytes of which each is late."""

        async def attack(door: Door) -> Outcome:
            async with door.connected() as raw:
                await raw.send(_bytes(first))
                await raw.trickle(_bytes(late), door.patience_s)
                if half_closed:
                    raw.writer.write_eof()
                return await door.heard(raw, self.hear)

        return attack

    def crowd(self, data: bytes | str, number: int) -> Attack:
        """Sends the same on many connections, which are open at once."""
        one = self.sent(data)

        async def attack(door: Door) -> Outcome:
            return (await asyncio.gather(*(one(door) for _ in range(number))))[0]

        return attack

    def leaving(self, data: bytes | str, number: int) -> Attack:
        """Sends the same on many connections, and resets them at once."""

        async def attack(door: Door) -> Outcome:
            for _ in range(number):
                async with door.connected() as raw:
                    await raw.send(_bytes(data))
                    raw.reset()
            return Outcome(closed=True)

        return attack

    def deaf(self, data: bytes | str) -> Attack:
        """Asks for much and reads nothing of it."""

        async def attack(door: Door) -> Outcome:
            async with door.connected() as raw:
                raw.writer.transport.pause_reading()  # type: ignore[attr-defined]
                await raw.send(_bytes(data), door.patience_s)
                await asyncio.sleep(door.patience_s)
            return Outcome(closed=False)

        return attack


def _bytes(data: bytes | str) -> bytes:
    return data.encode() if isinstance(data, str) else data
