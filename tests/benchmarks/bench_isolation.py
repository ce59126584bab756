"""One provider hangs, the other must not feel it: `python -m tests.benchmarks.bench_isolation`.

I-38. The service and the sandbox run as processes. A paced load of Midtrans Charges, GetStatus and
watches is measured in turns, always beside the same paced debits by DOKU: while DOKU answers them,
which is the yardstick, and while it answers nothing, so that they pile up.
"""

import asyncio
import statistics
import tempfile
import time
import uuid
from collections import defaultdict
from collections.abc import Awaitable, Callable
from contextlib import suppress
from pathlib import Path
from typing import Final

from ovo_payments_client import OvoPaymentsClient, OvoPaymentsError, connect
from tests.customer import link
from tests.stack import Stack, running_stack

_TURNS: Final = 6
_PER_TURN: Final = 150
_EVERY_S: Final = 0.05
_DEBIT_EVERY_S: Final = 0.1
_PILE_UP_S: Final = 3.0
_RECOVER_S: Final = 10.0
_PHONE: Final = "081234567890"
_LINKED_PHONE: Final = "081298765432"

Measured = dict[str, list[float]]


async def _timed(name: str, call: Callable[[], Awaitable[object]], measured: Measured) -> None:
    began = time.perf_counter()
    await call()
    measured[name].append(time.perf_counter() - began)


async def _shop(client: OvoPaymentsClient, measured: Measured) -> None:
    order_id = f"order-{uuid.uuid4()}"
    payment_id = ""

    async def charge() -> None:
        nonlocal payment_id
        charged = await client.charge(order_id=order_id, phone_number=_PHONE, amount=15_000)
        payment_id = charged.payment.payment_id

    async def look() -> None:
        await client.get_status(payment_id=payment_id)

    async def watch() -> None:
        async for _ in client.watch(payment_id):
            return

    await _timed("Charge", charge, measured)
    await _timed("GetStatus", look, measured)
    await _timed("WatchPayment, first message", watch, measured)


async def _turn(client: OvoPaymentsClient) -> Measured:
    measured: Measured = defaultdict(list)
    async with asyncio.TaskGroup() as group:
        for _ in range(_PER_TURN):
            group.create_task(_shop(client, measured))
            await asyncio.sleep(_EVERY_S)
    return measured


async def _debit(client: OvoPaymentsClient, binding_id: str) -> None:
    # While DOKU hangs it is IN_DOUBT at its deadline, or refused where the breaker has opened.
    with suppress(OvoPaymentsError):
        await client.pay(
            order_id=f"order-{uuid.uuid4()}",
            binding_id=binding_id,
            amount=1_000,
            merchant_initiated=True,
        )


async def _debits(client: OvoPaymentsClient, binding_id: str) -> None:
    """Debits by DOKU for ever, whether it answers or not."""
    async with asyncio.TaskGroup() as group:
        while True:
            group.create_task(_debit(client, binding_id))
            await asyncio.sleep(_DEBIT_EVERY_S)


async def _measure(stack: Stack) -> tuple[list[Measured], list[Measured]]:
    well: list[Measured] = []
    hanging: list[Measured] = []
    async with connect(stack.grpc) as client:
        binding = await link(client, stack.client, _LINKED_PHONE)
        debits = asyncio.create_task(_debits(client, binding.binding_id))
        await _turn(client)
        for _ in range(_TURNS):
            well.append(await _turn(client))
            await stack.arm("hang_before", provider="doku", count=None, seconds=300)
            await asyncio.sleep(_PILE_UP_S)
            hanging.append(await _turn(client))
            await stack.disarm()
            await asyncio.sleep(_RECOVER_S)
        debits.cancel()
        with suppress(asyncio.CancelledError):
            await debits
    return well, hanging


def _p99_ms(turns: list[Measured], name: str) -> float:
    """The median over the turns of each turn's p99."""
    return statistics.median(
        sorted(turn[name])[int(0.99 * len(turn[name]))] * 1000 for turn in turns
    )


async def main() -> None:
    """Prints both p99 and their ratio for each call."""
    with tempfile.TemporaryDirectory() as directory:
        async with running_stack(Path(directory)) as stack:
            well, hanging = await _measure(stack)
    for name in well[0]:
        yardstick_ms, measured_ms = _p99_ms(well, name), _p99_ms(hanging, name)
        print(  # noqa: T201 - what it is for
            f"{name:28} p99 {measured_ms:7.1f} ms while DOKU hangs,"
            f" {yardstick_ms:7.1f} ms while it answers:"
            f" × {measured_ms / yardstick_ms:.2f}"
        )


if __name__ == "__main__":
    asyncio.run(main())
