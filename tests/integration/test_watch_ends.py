"""How watches end that could go on: with a reason, and so that nothing is lost or repeated."""

import asyncio
from itertools import pairwise

import grpc
import pytest
from google.rpc.error_details_pb2 import ErrorInfo, RetryInfo

from ovo_payments.domain.payment import Payment
from ovo_payments.transport.grpc.server import GrpcLimits
from tests.contract.store.databases import Database
from tests.integration.running_grpc import SOON_S, detail_of
from tests.integration.watching import (
    Watching,
    next_version,
    versions_of,
    versions_to_the_end,
    versions_until_interrupted,
    watching,
)

AGING = GrpcLimits(connection_age_s=1, connection_age_grace_s=3, watch_age_s=1.5)
"""Connections and streams that age in seconds."""


def facts_of(error: grpc.aio.AioRpcError) -> dict[str, str]:
    """Reads what an interruption tells."""
    info = ErrorInfo()
    detail_of(error, info)
    return dict(info.metadata)


def retry_delay_s(error: grpc.aio.AioRpcError) -> float:
    """Reads when to come back."""
    retry = RetryInfo()
    detail_of(error, retry)
    return retry.retry_delay.ToTimedelta().total_seconds()


async def test_a_stop_ends_a_watch_with_its_reason_and_nothing_is_lost(database: Database) -> None:
    """The next process on the same database goes on from the last version."""
    async with watching(database) as served:
        payment = await served.change(await served.charge(), times=5)
        stream = served.stream(payment, after_version=0)
        seen = [await next_version(stream) for _ in range(payment.version)]

        async with asyncio.timeout(SOON_S):
            await served.server.stop(60)

        more, error = await versions_until_interrupted(stream)
        seen += more
        assert facts_of(error) == {"last_version": str(seen[-1]), "cause": "SERVER_STOPS"}
        assert retry_delay_s(error) == 1
        payment = await served.change(payment, times=3)

    async with watching(database) as served:
        stream = served.stream(payment, after_version=seen[-1])
        seen += [await next_version(stream) for _ in range(3)]
        payment = await served.succeed(payment)
        seen += await versions_to_the_end(stream)
    assert seen == list(range(1, payment.version + 1))


async def test_a_stop_tells_first_what_is_committed(database: Database) -> None:
    """A version that is committed in the moment of the stop still comes before the end."""
    async with watching(database) as served:
        payment = await served.charge()
        stream = served.stream(payment)
        assert await next_version(stream) == payment.version

        payment = await served.change(payment, times=20)
        stopping = asyncio.create_task(served.server.stop(60))

        seen, error = await versions_until_interrupted(stream)
        assert seen == list(range(3, payment.version + 1))
        assert facts_of(error)["last_version"] == str(payment.version)
        await stopping


async def test_a_stream_ends_with_its_reason_before_its_connection_is_cut(
    database: Database,
) -> None:
    """Also one that began in the last moment in which its connection took new calls."""
    async with watching(database, limits=AGING) as served:
        payment = await served.charge()
        endings = []
        for _ in range(24):
            stream = served.stream(payment)
            endings.append(asyncio.create_task(versions_until_interrupted(stream)))
            # Through all of a connection's age, and beyond its end.
            await asyncio.sleep(0.1)
        errors = [error for _, error in await asyncio.gather(*endings)]

    assert [facts_of(error)["cause"] for error in errors] == ["STREAM_IS_OLD"] * len(errors)
    # The server is well, and takes the stream back at once.
    assert [retry_delay_s(error) for error in errors] == [0] * len(errors)


async def test_over_many_connections_every_version_comes_once(database: Database) -> None:
    """Readers who come back with their last version, while connections and streams age."""
    async with watching(database, limits=AGING) as served:
        payment = await served.charge()
        interruptions = [0] * 8
        readers = [
            asyncio.create_task(followed(served, payment, interruptions, reader))
            for reader in range(len(interruptions))
        ]
        while min(interruptions) < 2:
            payment = await served.change(payment)
            await asyncio.sleep(0.04)
        payment = await served.succeed(payment)
        async with asyncio.timeout(SOON_S):
            told = await asyncio.gather(*readers)

    for seen in told:
        assert seen == list(range(1, payment.version + 1))


async def followed(
    served: Watching, payment: Payment, interruptions: list[int], reader: int
) -> list[int]:
    """Reads a payment's history to its end, and counts how often it is interrupted."""
    seen = [0]
    while True:
        stream = served.stream(payment, after_version=seen[-1])
        try:
            async for version in versions_of(stream):
                seen.append(version)  # noqa: PERF401 - kept also where the stream breaks
        except grpc.aio.AioRpcError as error:
            # Whatever ends a stream here says why.
            facts_of(error)
            interruptions[reader] += 1
        else:
            return seen[1:]


async def test_streams_that_began_together_do_not_end_together(database: Database) -> None:
    """Their ends are spread over half of the age."""
    loop = asyncio.get_running_loop()
    async with watching(database, limits=AGING) as served:
        payment = await served.charge()
        began_s = loop.time()

        async def ended_after_s() -> float:
            await versions_until_interrupted(served.stream(payment))
            return loop.time() - began_s

        ends_s = sorted(await asyncio.gather(*(ended_after_s() for _ in range(40))))

    assert ends_s[0] > 0.7
    assert ends_s[-1] - ends_s[0] > 0.4
    assert max(later - earlier for earlier, later in pairwise(ends_s)) < 0.4


@pytest.mark.parametrize("watch_age_s", [60.0, 61.0])
def test_limits_by_which_grpc_would_cut_watches_are_refused(watch_age_s: float) -> None:
    """A stream that begins last must still end before the grace does."""
    with pytest.raises(ValueError, match="cut watches"):
        GrpcLimits(connection_age_grace_s=60, watch_age_s=watch_age_s)
