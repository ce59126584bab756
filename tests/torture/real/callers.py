"""The processes of callers of one run, seen from outside."""

import asyncio
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from tests.stack import CHECKOUT
from tests.torture.real.arena import SCOPES, Arena, token_of
from tests.torture.real.swarm import Plan

_SIDE_BY_SIDE: Final = 64


class Callers:
    """All processes of callers, and how far they are."""

    def __init__(self, arena: Arena, *, seed: int, orders: int, processes: int) -> None:
        """Shares the orders out."""
        self.begun = 0
        self.histories: list[Path] = []
        self._changed = asyncio.Event()
        self._plans = [
            self._plan(arena, seed, index, orders // processes + (index < orders % processes))
            for index in range(processes)
        ]
        self._arena = arena
        self._allowed = 0
        self._inputs: list[asyncio.StreamWriter] = []
        self.statuses: list[int] = []

    async def run(self) -> None:
        """Starts all and waits for their end."""
        await asyncio.gather(*(self._run(plan) for plan in self._plans))

    def allow(self, order: int) -> None:
        """Lets the callers go on up to this order; without it they begin none."""
        self._allowed = max(order, self._allowed)
        for one in self._inputs:
            self._tell(one)

    async def reach(self, order: int) -> None:
        """Waits until so many orders have been begun, or nobody is there any more."""
        while self.begun < order and len(self.statuses) < len(self._plans):
            self._changed.clear()
            await self._changed.wait()

    def _plan(self, arena: Arena, seed: int, index: int, orders: int) -> Plan:
        history = arena.directory / f"history-{index}.jsonl"
        self.histories.append(history)
        own, other = _pair(SCOPES, index)
        return Plan(
            seed=seed,
            index=index,
            targets=[node.callers.address for node in arena.nodes],
            history=str(history),
            orders=orders,
            side_by_side=_SIDE_BY_SIDE,
            scope=own,
            token=token_of(own),
            other_scope=other,
            other_token=token_of(other),
            bindings=arena.bindings[own],
            # Two processes of one merchant do not unlink the same ones.
            spare_bindings=arena.spare_bindings[own] if index < len(SCOPES) else [],
        )

    async def _run(self, plan: Plan) -> None:
        log = (self._arena.directory / f"callers-{plan.index}.log").open("ab")
        with log:
            process = await asyncio.create_subprocess_exec(
                *(sys.executable, "-m", "tests.torture.real.swarm"),
                stdin=asyncio.subprocess.PIPE,
                stdout=asyncio.subprocess.PIPE,
                stderr=log,
                cwd=CHECKOUT,
            )
        assert process.stdin is not None
        assert process.stdout is not None
        try:
            process.stdin.write(f"{plan.encoded()}\n".encode())
            self._inputs.append(process.stdin)
            self._tell(process.stdin)
            async for _ in process.stdout:
                self.begun += 1
                self._changed.set()
            self._inputs.remove(process.stdin)
            self.statuses.append(await process.wait())
            if self.statuses[-1]:
                # Nobody waits for the orders of one that broke down; its status tells.
                self.allow(sum(plan.orders for plan in self._plans))
        finally:
            if process.returncode is None:
                process.kill()
                await process.wait()
            self._changed.set()

    def _tell(self, process: asyncio.StreamWriter) -> None:
        """Tells a process its share of what is allowed."""
        process.write(f"{-(-self._allowed // len(self._plans))}\n".encode())


def _pair(scopes: Sequence[str], index: int) -> tuple[str, str]:
    own = scopes[index % len(scopes)]
    return own, next(scope for scope in scopes if scope != own)
