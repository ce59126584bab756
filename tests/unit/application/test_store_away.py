"""The store goes away after a request was sent: the caller is not told that nothing was."""

from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import Any

import pytest

from ovo_payments.application.call import Call, Caller
from ovo_payments.domain.binding import Binding, BindingState
from ovo_payments.domain.errors import StoreUnavailableError
from ovo_payments.domain.payment import Payment, PaymentState
from ovo_payments.domain.ports import Leased, RequestRecord
from ovo_payments.domain.update import Claim
from tests.unit.application.bench import BIND, CALL, CHARGE, Bench
from tests.unit.application.scripted import NOT_SENT, ManualClock
from tests.unit.domain.makers import told


async def away(*_: object, **_named: object) -> None:
    """Does what a store does that is not there."""
    raise StoreUnavailableError


def away_for(calls: int, work: Callable[..., Awaitable[Any]]) -> Callable[..., Awaitable[Any]]:
    """Is away for some calls, and then there."""
    left = [calls]

    async def called(*arguments: object, **named: object) -> object:
        left[0] -= 1
        if left[0] >= 0:
            raise StoreUnavailableError
        return await work(*arguments, **named)

    return called


@pytest.mark.parametrize("answer", [told(Claim.SUCCEEDED), NOT_SENT])
async def test_a_payment_whose_answer_cannot_be_stored_is_told_as_it_was_written(
    bench: Bench,
    answer: Any,  # noqa: ANN401 - an update
) -> None:
    """It is asked for like one whose answer was lost, once the store is there again."""
    record = bench.store.record_payment
    bench.store.record_payment = away  # type: ignore[method-assign]
    bench.provider.answer = answer
    payment = await bench.charge()
    assert payment.state is PaymentState.PENDING
    assert payment.version == 1
    bench.store.record_payment = record  # type: ignore[method-assign]
    bench.provider.told = told(Claim.SUCCEEDED)
    bench.clock.advance(60)
    for _ in range(2):
        await bench.application.resolve.run_once()
    assert (await bench.stored(payment)).state is PaymentState.SUCCEEDED
    assert bench.provider.sends("charge") == 1


async def test_a_caller_whose_time_runs_out_while_the_store_cannot_be_read_is_told_no_less(
    bench: Bench,
) -> None:
    """What was written is what is known."""
    hurried = Call(caller=Caller(name="shop", scope="shop"), remaining_s=1.0)
    find = bench.store.find_payment
    async with bench.sending():
        bench.store.find_payment = away  # type: ignore[method-assign]
        other = replace(CHARGE, request_id="request-2", order_id="order-2")
        result = await bench.use_cases.charge(hurried, other)
        bench.store.find_payment = find  # type: ignore[method-assign]
    assert result.payment.state is PaymentState.PENDING


async def test_the_page_of_a_link_is_held_while_the_store_is_away(bench: Bench) -> None:
    """Without it the customer could not finish."""
    bench.store.record_binding = away_for(2, bench.store.record_binding)  # type: ignore[method-assign, assignment]
    binding = (await bench.use_cases.bind(CALL, BIND)).binding
    assert binding.redirect_url == "https://page.example"


async def test_a_link_whose_answer_cannot_be_stored_is_told_as_it_was_written(
    bench: Bench,
) -> None:
    """Pending without a page, like one whose answer was lost."""
    bench.store.record_binding = away  # type: ignore[method-assign]
    binding = (await bench.use_cases.bind(CALL, BIND)).binding
    assert binding.state is BindingState.PENDING
    assert not binding.redirect_url


async def test_an_unlinking_whose_answer_cannot_be_stored_goes_on(bench: Bench) -> None:
    """The link takes no payments meanwhile, and the service finishes it."""
    binding = await bench.linked()
    record = bench.store.record_binding
    bench.store.record_binding = away  # type: ignore[method-assign]
    asked = await bench.use_cases.unbind(CALL, binding.binding_id)
    assert asked.state is BindingState.ACTIVE
    assert asked.unbind_requested
    bench.store.record_binding = record  # type: ignore[method-assign]
    bench.clock.advance(120)
    await bench.application.resolve.run_once()
    found = await bench.store.find_binding(binding.binding_id)
    assert isinstance(found, Binding)
    assert found.state is BindingState.UNBOUND


async def test_an_intent_that_is_seen_and_not_durable_is_not_sent(bench: Bench) -> None:
    """As where the database's files were deleted under the commit: nobody would ever read it."""
    create = bench.store.create_payment

    async def lost(payment: Payment, request: RequestRecord, lease: Leased) -> RequestRecord | None:
        await create(payment, request, lease)
        raise StoreUnavailableError

    bench.store.create_payment = lost  # type: ignore[method-assign]
    bench.store.ping = away  # type: ignore[method-assign]
    with pytest.raises(StoreUnavailableError):
        await bench.charge()
    assert bench.provider.calls == []


async def test_holding_on_to_an_answer_ends(bench: Bench) -> None:
    """Within the sender's lease and a half: a caller without a deadline is not kept for ever."""
    clock: ManualClock = bench.clock
    began = clock.now()
    bench.store.record_payment = away  # type: ignore[method-assign]
    await bench.charge()
    assert (clock.now() - began).total_seconds() < 60
