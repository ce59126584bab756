"""A process of callers: `python -m tests.torture.real.swarm`, with its plan as JSON on its input.

The lines after the plan say how many orders it may begin by now. It writes a line for each order
that it begins, and ends when all are through.
"""

import asyncio
import json
import sys
from collections.abc import Iterator
from contextlib import AsyncExitStack
from dataclasses import asdict, dataclass
from pathlib import Path
from random import Random
from typing import Final

import grpc
import uvloop

from tests.torture.real.calling import Caller
from tests.torture.real.history import HistoryWriter
from tests.torture.real.shopper import MANNERS, MANNERS_TO_SEVERAL_NODES, Shopper

_CHANNEL_OPTIONS: Final = (
    # A cut connection shall not be waited for: it is made again at once.
    ("grpc.initial_reconnect_backoff_ms", 50),
    ("grpc.min_reconnect_backoff_ms", 50),
    ("grpc.max_reconnect_backoff_ms", 500),
    ("grpc.enable_retries", 0),
    # Each caller has a connection of its own, as callers in different processes do.
    ("grpc.use_local_subchannel_pool", 1),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What one process of callers does."""

    seed: int
    index: int
    targets: list[str]
    history: str
    orders: int
    side_by_side: int
    scope: str
    token: str
    other_scope: str
    other_token: str
    bindings: list[str]
    spare_bindings: list[str]

    def encoded(self) -> str:
        """As the process reads it."""
        return json.dumps(asdict(self))


class _Gate:
    """Holds orders back until they are allowed, so that troubles meet them and not their end."""

    def __init__(self) -> None:
        self._allowed = 0
        self._changed = asyncio.Event()

    async def listen(self, lines: asyncio.StreamReader) -> None:
        """Hears how many orders may be begun."""
        async for line in lines:
            self._allowed = int(line)
            self._changed.set()

    async def passed(self, order: int) -> None:
        """Waits until this order may be begun."""
        while order >= self._allowed:
            self._changed.clear()
            await self._changed.wait()


async def main() -> None:
    """Reads the plan and places all orders."""
    lines = asyncio.StreamReader()
    await asyncio.get_running_loop().connect_read_pipe(
        lambda: asyncio.StreamReaderProtocol(lines), sys.stdin
    )
    plan, gate = Plan(**json.loads(await lines.readline())), _Gate()
    listening = asyncio.create_task(gate.listen(lines))
    await _run(plan, gate)
    listening.cancel()


async def _run(plan: Plan, gate: _Gate) -> None:
    async with AsyncExitStack() as stack:
        opened = Path(plan.history).open("w", encoding="utf-8")  # noqa: ASYNC230, SIM115 - a local file, closed by the stack
        history = HistoryWriter(stack.enter_context(opened), str(plan.index))
        callers = []
        for scope, token in ((plan.scope, plan.token), (plan.other_scope, plan.other_token)):
            channels = [
                await stack.enter_async_context(
                    grpc.aio.insecure_channel(target, options=_CHANNEL_OPTIONS)
                )
                for target in plan.targets
            ]
            callers.append(Caller(channels, scope=scope, token=token, history=history))
        manners = MANNERS if len(plan.targets) == 1 else MANNERS_TO_SEVERAL_NODES
        shopper = Shopper(callers[0], callers[1], plan.bindings, plan.spare_bindings, manners)
        orders = iter(range(plan.orders))
        async with asyncio.TaskGroup() as group:
            for _ in range(plan.side_by_side):
                group.create_task(_shop_on(plan, shopper, orders, gate))


async def _shop_on(plan: Plan, shopper: Shopper, orders: Iterator[int], gate: _Gate) -> None:
    for order in orders:
        await gate.passed(order)
        sys.stdout.write(f"{order}\n")
        sys.stdout.flush()
        # The name says nothing of the merchant: two merchants use the same ones.
        name = f"{plan.seed}-{plan.index // 2}-{order}"
        random = Random(f"{plan.seed}:{plan.index}:{order}")  # noqa: S311 - repeatable, no secret
        await shopper.shop(random, name)


if __name__ == "__main__":
    uvloop.run(main())
