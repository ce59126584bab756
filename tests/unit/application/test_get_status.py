"""GetStatus with `refresh`: asks the provider, within the caller's time."""

import asyncio

import pytest

from ovo_payments.application.call import Call, Caller, GetStatusRequest
from ovo_payments.domain.binding import Binding
from ovo_payments.domain.payment import Payment, PaymentState
from ovo_payments.domain.update import BindingUpdate, Claim, PaymentUpdate
from tests.unit.application.bench import CALL, Bench
from tests.unit.domain.makers import told

HURRIED = Call(caller=Caller(name="shop", scope="shop"), remaining_s=0.3)


def hang(bench: Bench, asked: asyncio.Event | None = None) -> asyncio.Event:
    """Makes the provider answer no question until the event is set; the first sets `asked`."""
    answer = asyncio.Event()

    async def query(_: Payment) -> PaymentUpdate:
        if asked is not None:
            asked.set()
        await answer.wait()
        return told(Claim.SUCCEEDED)

    async def query_binding(_: Binding) -> BindingUpdate:
        await answer.wait()
        return bench.provider.binding_told

    bench.provider.query = query  # type: ignore[method-assign, assignment]
    bench.provider.query_binding = query_binding  # type: ignore[method-assign, assignment]
    return answer


async def test_a_caller_whose_time_runs_out_gets_what_is_known(bench: Bench) -> None:
    """A provider that hangs does not hide the state that is stored."""
    payment, binding = await bench.charge(), await bench.linked()
    answer = hang(bench)
    for request in (
        GetStatusRequest(payment_id=payment.payment_id, refresh=True),
        GetStatusRequest(binding_id=binding.binding_id, refresh=True),
    ):
        found = await bench.use_cases.get_status(HURRIED, request)
        assert found in (payment, binding)
    answer.set()
    assert await bench.application.sends.drain(5.0) == 0
    assert (await bench.stored(payment)).state is PaymentState.SUCCEEDED


async def test_an_answer_whose_asker_is_gone_reaches_those_who_watch(bench: Bench) -> None:
    """It is stored, so it is told."""
    payment = await bench.charge()
    stream = bench.watch(payment)
    await anext(stream)
    waiting = asyncio.ensure_future(anext(stream))
    asked = asyncio.Event()
    answer = hang(bench, asked)
    asking = asyncio.create_task(
        bench.use_cases.get_status(
            CALL, GetStatusRequest(payment_id=payment.payment_id, refresh=True)
        )
    )
    await asked.wait()
    asking.cancel()
    with pytest.raises(asyncio.CancelledError):
        await asking
    answer.set()
    async with asyncio.timeout(5):
        changed = await waiting
    assert isinstance(changed, Payment)
    assert changed.state is PaymentState.SUCCEEDED
