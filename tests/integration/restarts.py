"""What tests do around a service that they stop, kill and start again."""

import asyncio
import itertools
from collections.abc import AsyncIterator, Iterable, Iterator
from contextlib import asynccontextmanager
from typing import Any, Final

import grpc
import pytest

from ovo_payments_client import (
    Binding,
    NoAnswerError,
    OvoPaymentsClient,
    Payment,
    PaymentResult,
    PaymentState,
)
from tests.apart import Apart
from tests.stack import WITHIN_S, eventually

AMOUNT: Final = 15_000
PAID_S: Final = 4.0
"""When a payer has surely answered a push."""
HELD_S: Final = 600.0
"""How long the provider keeps a call by its own clock, unless that is moved."""
_LEASES_OVER_S: Final = 100.0
_DENIED_S: Final = (166.0, 11.0, 11.0)
"""After which times three denials of a push that never was are proof."""

_numbers: Iterator[int] = itertools.count(1)


@asynccontextmanager
async def calling(apart: Apart) -> AsyncIterator[OvoPaymentsClient]:
    """A caller that repeats no call by itself."""
    options = [("grpc.enable_retries", 0)]
    async with grpc.aio.insecure_channel(apart.service.grpc, options=options) as channel:
        yield OvoPaymentsClient(channel)


def new_order() -> str:
    """Names an order."""
    return f"order-{next(_numbers)}"


def new_phone() -> str:
    """Names a phone."""
    return f"0813{next(_numbers):08d}"


async def charge(client: OvoPaymentsClient, order_id: str = "") -> Payment:
    """Pushes a payment to a new phone."""
    result = await client.charge(
        order_id=order_id or new_order(), phone_number=new_phone(), amount=AMOUNT
    )
    return result.payment


async def pay(client: OvoPaymentsClient, binding: Binding, order_id: str) -> PaymentResult:
    """Debits a linked wallet; the request's id is the order's."""
    return await client.pay(
        order_id=order_id,
        binding_id=binding.binding_id,
        amount=AMOUNT,
        merchant_initiated=True,
        request_id=order_id,
    )


async def held_charge(apart: Apart, client: OvoPaymentsClient) -> "asyncio.Task[Payment]":
    """Pushes a payment, and returns once the provider has the call; it answers in HELD_S.

    The task's name is the order's.
    """
    await apart.switch(midtrans_processing_delay_s=HELD_S)
    order_id = new_order()
    charging = asyncio.create_task(charge(client, order_id), name=order_id)

    async def arrived() -> bool:
        assert not charging.done(), charging.result()
        timers: list[dict[str, str]] = (await apart.control("GET", "/sandbox/state"))["timers"]
        return any(timer["name"].startswith("sleep:") for timer in timers)

    await eventually(arrived, "the provider has the call")
    return charging


async def versions(client: OvoPaymentsClient, payment_id: str) -> list[Payment]:
    """Watches a payment from its first version to its last."""
    async with asyncio.timeout(WITHIN_S):
        return [version async for version in client.watch(payment_id, after_version=0)]


async def money(apart: Apart, payment_id: str) -> list[tuple[str, int]]:
    """What moved at the provider."""
    return [(entry["kind"], entry["amount_rupiah"]) for entry in await apart.ledger(payment_id)]


async def ends_of(
    apart: Apart, client: OvoPaymentsClient, payments: Iterable[Payment]
) -> list[Payment]:
    """Asks about payments until all are final; where the provider denies one, time must pass."""
    ends = list(payments)
    for seconds in (0.0, *_DENIED_S):
        await apart.pass_time(seconds)
        ends = [await client.get_status(end.payment_id, refresh=True) for end in ends]
    return ends


async def started_again(apart: Apart) -> None:
    """Starts the service again, and lets it take up what its predecessor had in hand.

    On a database that several nodes may share, that is so once the leases of the dead are over.
    """
    await apart.service.start()
    if apart.service.shares_its_database:
        await apart.pass_time(_LEASES_OVER_S)


async def taken_up(apart: Apart, order_id: str) -> None:
    """Starts the service again, and sees a held charge go through, once."""
    await started_again(apart)
    async with calling(apart) as client:

        async def in_doubt() -> bool:
            payment = await client.get_status(order_id=order_id)
            return payment.state is PaymentState.IN_DOUBT

        await eventually(in_doubt, "the charge is given up as lost")
        await apart.advance(HELD_S)
        await apart.advance(PAID_S)
        payment_id = (await client.get_status(order_id=order_id)).payment_id
        told = await versions(client, payment_id)
    assert told[-1].state is PaymentState.SUCCEEDED
    assert await money(apart, payment_id) == [("debit", AMOUNT)]


async def unanswered(call: "asyncio.Task[Any]") -> None:
    """Waits for the end of a call whose service was killed."""
    with pytest.raises(NoAnswerError):
        await call
