"""An open stream ends once its caller may not have it any more."""

import asyncio

import pytest

from ovo_payments.domain.errors import PermissionDeniedError, UnauthenticatedError
from ovo_payments.transport.grpc.standing import Standing


class Admission:
    """Admits until it is told not to."""

    def __init__(self) -> None:
        self.refusal: Exception | None = None

    def __call__(self) -> None:
        """Raises what was set."""
        if self.refusal is not None:
            raise self.refusal


async def test_a_stream_ends_with_what_admits_it_no_more() -> None:
    """Its neighbour, who is still admitted, goes on."""
    standing, revoked, good = Standing(), Admission(), Admission()
    leave = asyncio.Event()

    async def stream(admission: Admission) -> str:
        async with standing.held(admission):
            await leave.wait()
        return "done"

    streams = [asyncio.create_task(stream(admission)) for admission in (revoked, good)]
    await asyncio.sleep(0)
    standing.look_again()
    await asyncio.sleep(0)
    assert not any(task.done() for task in streams)

    revoked.refusal = UnauthenticatedError()
    standing.look_again()
    revoked.refusal = PermissionDeniedError(method="WatchPayment")
    standing.look_again()

    async with asyncio.timeout(5):
        with pytest.raises(UnauthenticatedError):
            await streams[0]
    leave.set()
    assert await streams[1] == "done"
    standing.look_again()


async def test_a_timeout_of_the_streams_own_stays_one() -> None:
    """What runs out inside has nothing to do with who may stay."""
    with pytest.raises(TimeoutError):
        async with Standing().held(Admission()):
            raise TimeoutError


async def test_a_stream_whose_caller_leaves_is_cancelled() -> None:
    """As without."""
    standing = Standing()

    async def stream() -> None:
        async with standing.held(Admission()):
            await asyncio.Event().wait()

    task = asyncio.create_task(stream())
    await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
