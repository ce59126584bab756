"""A call ends as what it is, also where its caller is gone."""

import asyncio
from typing import cast

import grpc
import pytest
from prometheus_client import CollectorRegistry

from ovo_payments.application.call import Call
from ovo_payments.transport.grpc.allowances import Allowances, Gate
from ovo_payments.transport.grpc.authentication import Callers
from ovo_payments.transport.grpc.calls import Answer, Context, Rpc, Surroundings
from ovo_payments.transport.grpc.metrics import RpcMetrics


class GoneContext:
    """The context of a call that is over, of which grpc.aio has not told yet."""

    def __init__(self, left_s: float) -> None:
        self._left_s = left_s

    def invocation_metadata(self) -> tuple[tuple[str, str], ...]:
        """Gives none."""
        return ()

    def set_trailing_metadata(self, _: object) -> None:
        """Takes some."""

    async def send_initial_metadata(self, _: object) -> None:
        """Still works."""

    def time_remaining(self) -> float:
        """What is left of the deadline."""
        return self._left_s

    async def write(self, _: bytes) -> None:
        """Fails as grpc.aio does."""
        raise grpc.aio.InternalError('Failed "execute_batch"')


async def _stream(_call: Call, body: bytes, context: Context) -> Answer:
    await context.write(body)
    return None, {}


@pytest.mark.parametrize(("left_s", "code"), [(0.0, "DEADLINE_EXCEEDED"), (5.0, "CANCELLED")])
async def test_a_message_to_a_watcher_that_has_just_gone_is_no_bug_of_ours(
    left_s: float, code: str
) -> None:
    """Whether its time was up or it had enough; its place is free again."""
    registry, gate = CollectorRegistry(), Gate(1)
    surroundings = Surroundings(
        callers=Callers(allow_anonymous=True),
        metrics=RpcMetrics(registry),
        allowances=Allowances(calls_per_second_max=1, calls_at_once_max=1, watches_at_once_max=1),
        unary_gate=gate,
        stream_gate=gate,
        metadata_bytes_max=1000,
    )
    rpc = Rpc("WatchPayment", surroundings, _stream, streams=True)
    with pytest.raises(asyncio.CancelledError):
        await rpc.answer(b"", cast("Context", GoneContext(left_s)))
    labels = {"method": "WatchPayment", "code": code}
    assert registry.get_sample_value("ovo_rpc_streams_finished_total", labels) == 1
    assert gate.inside == 0
