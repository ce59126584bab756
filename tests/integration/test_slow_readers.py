"""Readers who take nothing: they are left after a while, told why, and cost nobody anything."""

import asyncio
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Final

import grpc
import pytest

from ovo.payments.v1 import ovo_payments_pb2 as messages
from ovo.payments.v1 import ovo_payments_pb2_grpc
from ovo_payments.domain.payment import Payment
from ovo_payments.transport.grpc.server import GrpcLimits
from tests.contract.store.databases import Database
from tests.integration.running_grpc import SHOP, SOON_S, reason_of
from tests.integration.test_watch_ends import facts_of
from tests.integration.watching import (
    Stream,
    Watching,
    address,
    next_version,
    versions_to_the_end,
    versions_until_interrupted,
    watch_request,
    watching,
)
from tests.stack import eventually
from tests.torture.real.link import Link

LARGE: Final = {f"key-{number}": "x" * 500 for number in range(20)}
"""Metadata that makes each version more than 10 kB, so that few of them fill a window."""
MIB: Final = 1024 * 1024
WINDOW_BYTES: Final = 64 * 1024
QUICK: Final = GrpcLimits(slow_reader_timeout_s=0.5)
PATIENT: Final = GrpcLimits(slow_reader_timeout_s=300)


async def large_payment(served: Watching, versions: int) -> Payment:
    """Makes a payment with a long history of large versions."""
    return await served.change(await served.charge(metadata=LARGE), times=versions - 2)


@asynccontextmanager
async def small_window(target: str) -> AsyncIterator["ovo_payments_pb2_grpc.OvoPaymentsAsyncStub"]:
    """A client whose windows never grow."""
    options = [("grpc.http2.bdp_probe", 0), ("grpc.use_local_subchannel_pool", 1)]
    async with grpc.aio.insecure_channel(target, options=options) as channel:
        yield ovo_payments_pb2_grpc.OvoPaymentsStub(channel)


def unread(stub: "ovo_payments_pb2_grpc.OvoPaymentsAsyncStub", payment: Payment) -> Stream:
    """Asks for the whole history, and reads nothing of it."""
    return stub.WatchPayment(watch_request(payment, after_version=0), metadata=SHOP)


async def stuck(served: Watching, streams: int) -> None:
    """Waits until so many streams wait for their readers: they write no more."""

    async def all_wait() -> bool:
        before = served.sent_messages()
        await asyncio.sleep(0.2)
        return served.feed.watchers == streams and served.sent_messages() == before

    await eventually(all_wait, "the streams wait for their readers")


async def left(served: Watching, streams: int = 1) -> None:
    """Waits until so many streams have ended for the server."""

    async def seen() -> bool:
        labels = {"method": "WatchPayment", "code": "UNAVAILABLE"}
        ended = served.registry.get_sample_value("ovo_rpc_streams_finished_total", labels)
        return ended == streams

    await eventually(seen, "the readers are left")
