"""Charge: recorded before it is sent, sent once, answered with what is known."""

import asyncio
from dataclasses import replace

import pytest

from ovo_payments.application.call import Call, Caller, GetStatusRequest
from ovo_payments.domain.errors import (
    DeadlineTooShortError,
    NotSupportedByProviderError,
    OrderAlreadyPaidError,
    PaymentNotFoundError,
    ProviderUnavailableError,
    RequestIdReusedError,
    StoreUnavailableError,
)
from ovo_payments.domain.payment import Payment, PaymentState
from ovo_payments.domain.ports import Leased, RequestRecord
from ovo_payments.domain.update import Claim, Source
from tests.unit.application.bench import CALL, CHARGE, STRANGER, Bench, rupiah, until
from tests.unit.application.scripted import NOT_SENT, REFUSED, UNKNOWN
from tests.unit.domain.makers import told


async def test_an_accepted_push_is_pending(bench: Bench) -> None:
    """The customer has to act."""
    payment = await bench.charge()
    assert payment.state is PaymentState.PENDING
    assert payment.acknowledged
    assert bench.provider.calls == [f"charge {payment.payment_id}"]


async def test_the_intent_is_stored_before_the_provider_is_asked(bench: Bench) -> None:
    """A crash in between leaves a payment that will be asked for."""
    bench.provider.gate = asyncio.Event()
    charging = asyncio.create_task(bench.charge())
    await until(charging, bench.provider, 1)
    payment = await bench.store.find_latest_payment("shop", "order-1")
    assert payment is not None
    assert payment.checks.sending
    assert payment.checks.next_check_time is not None
    bench.provider.gate.set()
    await charging


async def test_the_same_request_is_the_same_payment(bench: Bench) -> None:
    """Nothing is sent again, and the answer tells that it is a repeat."""
    first = await bench.use_cases.charge(CALL, CHARGE)
    again = await bench.use_cases.charge(CALL, replace(CHARGE, phone_number="+62 811-1111-1111"))
    assert again.payment.payment_id == first.payment.payment_id
    assert (first.replayed, again.replayed) == (False, True)
    assert bench.provider.sends("charge") == 1


async def test_many_equal_requests_at_once_are_sent_once(bench: Bench) -> None:
    """All get the same payment."""
    results = await asyncio.gather(*(bench.use_cases.charge(CALL, CHARGE) for _ in range(20)))
    assert len({result.payment.payment_id for result in results}) == 1
    assert sum(not result.replayed for result in results) == 1
    assert bench.provider.sends("charge") == 1


async def test_a_used_request_id_with_other_content_is_refused(bench: Bench) -> None:
    """The refusal names the payment and the fields, and nothing is sent."""
    payment = await bench.charge()
    with pytest.raises(RequestIdReusedError) as caught:
        await bench.charge(amount=rupiah(16_000), order_id="order-2")
    assert caught.value.payment_id == payment.payment_id
    assert caught.value.differing_fields == ("amount", "order_id")
    assert bench.provider.sends("charge") == 1


async def test_request_ids_of_two_callers_never_meet(bench: Bench) -> None:
    """Nor do their orders."""
    first = await bench.use_cases.charge(CALL, CHARGE)
    second = await bench.use_cases.charge(STRANGER, CHARGE)
    assert first.payment.payment_id != second.payment.payment_id
    with pytest.raises(PaymentNotFoundError):
        await bench.use_cases.get_status(
            STRANGER, GetStatusRequest(payment_id=first.payment.payment_id)
        )


async def test_an_order_that_is_open_takes_no_other_payment(bench: Bench) -> None:
    """The customer who clicks twice pays once."""
    payment = await bench.charge()
    with pytest.raises(OrderAlreadyPaidError) as caught:
        await bench.charge(request_id="request-2")
    assert caught.value.payment_id == payment.payment_id
    assert bench.provider.sends("charge") == 1


async def test_an_order_that_is_paid_takes_no_other_payment(bench: Bench) -> None:
    """However long ago that was."""
    await bench.paid()
    with pytest.raises(OrderAlreadyPaidError):
        await bench.charge(request_id="request-2")


async def test_an_order_whose_payment_failed_takes_another(bench: Bench) -> None:
    """No money moved."""
    bench.provider.answer = REFUSED
    assert (await bench.charge()).state is PaymentState.FAILED
    bench.provider.answer = told(Claim.PENDING, Source.ANSWER)
    assert (await bench.charge(request_id="request-2")).state is PaymentState.PENDING


async def test_a_lost_answer_is_a_doubt_and_no_failure(bench: Bench) -> None:
    """The answer is OK, and the service asks at once."""
    bench.provider.answer = UNKNOWN
    payment = await bench.charge()
    assert payment.state is PaymentState.IN_DOUBT
    assert payment.checks.next_check_time == bench.clock.now()


async def test_a_send_that_breaks_in_this_service_is_a_doubt(bench: Bench) -> None:
    """The bytes may have left before the bug struck."""

    async def broken(*_: object) -> None:
        message = "a bug"
        raise KeyError(message)

    bench.provider.charge = broken  # type: ignore[method-assign, assignment]
    assert (await bench.charge()).state is PaymentState.IN_DOUBT


async def test_proof_of_not_sent_frees_the_order_and_the_call_may_be_repeated(
    bench: Bench,
) -> None:
    """The payment failed with that evidence; a repeat of the request never acts again."""
    bench.provider.answer = NOT_SENT
    with pytest.raises(ProviderUnavailableError) as caught:
        await bench.charge()
    payment = await bench.store.find_payment(caught.value.payment_id)
    assert payment is not None
    assert payment.state is PaymentState.FAILED
    assert (await bench.use_cases.charge(CALL, CHARGE)).replayed
    bench.provider.answer = told(Claim.PENDING, Source.ANSWER)
    assert (await bench.charge(request_id="request-2")).state is PaymentState.PENDING


async def test_an_open_breaker_answers_before_anything_is_written(bench: Bench) -> None:
    """The request id is not used up."""
    bench.provider.available_in_s = 7.0
    with pytest.raises(ProviderUnavailableError) as caught:
        await bench.charge()
    assert caught.value.retry_after_s == 7.0
    bench.provider.available_in_s = 0.0
    assert not (await bench.use_cases.charge(CALL, CHARGE)).replayed


async def test_too_little_time_sends_nothing(bench: Bench) -> None:
    """The request id is not used up."""
    hurried = Call(caller=Caller(name="shop", scope="shop"), remaining_s=0.5)
    with pytest.raises(DeadlineTooShortError):
        await bench.use_cases.charge(hurried, CHARGE)
    assert bench.provider.calls == []
    assert not (await bench.use_cases.charge(CALL, CHARGE)).replayed


async def test_a_caller_whose_time_runs_out_gets_what_is_known(bench: Bench) -> None:
    """The send goes on without it, and its answer is stored."""
    bench.provider.gate = asyncio.Event()
    hurried = Call(caller=Caller(name="shop", scope="shop"), remaining_s=1.0)
    result = await bench.use_cases.charge(hurried, CHARGE)
    assert result.payment.state is PaymentState.PENDING
    assert result.payment.checks.sending
    bench.provider.gate.set()
    assert await bench.application.sends.drain(5.0) == 0
    assert (await bench.stored(result.payment)).acknowledged


async def test_a_caller_that_goes_away_never_stops_the_send(bench: Bench) -> None:
    """Its answer is stored all the same."""
    bench.provider.gate = asyncio.Event()
    charging = asyncio.create_task(bench.charge())
    await until(charging, bench.provider, 1)
    charging.cancel()
    with pytest.raises(asyncio.CancelledError):
        await charging
    bench.provider.gate.set()
    assert await bench.application.sends.drain(5.0) == 0
    payment = await bench.store.find_latest_payment("shop", "order-1")
    assert payment is not None
    assert payment.acknowledged


async def test_a_caller_that_goes_away_while_the_intent_is_written_loses_nothing(
    bench: Bench,
) -> None:
    """What is written is sent: no payment waits for a sender that never was."""
    create = bench.store.create_payment
    writing = asyncio.Event()
    let_go = asyncio.Event()

    async def slowly(
        payment: Payment, request: RequestRecord, lease: Leased
    ) -> RequestRecord | None:
        writing.set()
        await let_go.wait()
        return await create(payment, request, lease)

    bench.store.create_payment = slowly  # type: ignore[method-assign]
    charging = asyncio.create_task(bench.charge())
    await writing.wait()
    charging.cancel()
    with pytest.raises(asyncio.CancelledError):
        await charging
    let_go.set()
    assert await bench.application.sends.drain(5.0) == 0
    payment = await bench.store.find_latest_payment("shop", "order-1")
    assert payment is not None
    assert payment.acknowledged


async def test_nothing_is_told_of_an_intent_that_is_not_stored_yet(bench: Bench) -> None:
    """Even where the caller's time runs out: an OK that names a payment is durable."""
    create = bench.store.create_payment
    let_go = asyncio.Event()

    async def slowly(
        payment: Payment, request: RequestRecord, lease: Leased
    ) -> RequestRecord | None:
        await let_go.wait()
        return await create(payment, request, lease)

    bench.store.create_payment = slowly  # type: ignore[method-assign]
    hurried = Call(caller=Caller(name="shop", scope="shop"), remaining_s=1.0)
    charging = asyncio.create_task(bench.use_cases.charge(hurried, CHARGE))
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(asyncio.shield(charging), 1.2)
    let_go.set()
    result = await charging
    assert await bench.stored(result.payment) is not None


@pytest.mark.parametrize("committed", [True, False])
async def test_a_commit_whose_outcome_is_unknown_is_settled_by_reading_again(
    bench: Bench,
    committed: bool,  # noqa: FBT001 - a case of two
) -> None:
    """What is there is sent; what is not is refused, with nothing sent."""
    create = bench.store.create_payment

    async def unsure(
        payment: Payment, request: RequestRecord, lease: Leased
    ) -> RequestRecord | None:
        if committed:
            await create(payment, request, lease)
        raise StoreUnavailableError

    bench.store.create_payment = unsure  # type: ignore[method-assign]
    if committed:
        assert (await bench.charge()).acknowledged
        assert bench.provider.sends("charge") == 1
    else:
        with pytest.raises(StoreUnavailableError):
            await bench.charge()
        assert bench.provider.sends("charge") == 0


async def test_a_provider_that_cannot_push_says_so(bench: Bench) -> None:
    """UNIMPLEMENTED, with the name of what is missing."""
    bench.provider.capabilities = frozenset()
    with pytest.raises(NotSupportedByProviderError) as caught:
        await bench.charge(provider="scripted")
    assert caught.value.capability == "push_to_phone"


async def test_what_was_learnt_is_kept_as_evidence(bench: Bench) -> None:
    """One row for each thing, in order."""
    payment = await bench.paid()
    evidence = await bench.store.read_evidence(payment.payment_id)
    assert [(row.source, row.claim) for row in evidence] == [
        (Source.ANSWER, Claim.PENDING),
        (Source.QUERY, Claim.SUCCEEDED),
    ]


@pytest.mark.parametrize("taken_over", [False, True])
async def test_a_process_that_stood_still_sends_nothing_under_a_lease_that_ran_out(
    bench: Bench, *, taken_over: bool
) -> None:
    """Others may have given the send up by then, asked, and told that no money moved."""
    create = bench.store.create_payment

    async def slow(payment: Payment, request: RequestRecord, lease: Leased) -> RequestRecord | None:
        earlier = await create(payment, request, lease)
        bench.clock.advance(60)
        if taken_over:
            await bench.application.resolve.run_once()
        return earlier

    bench.store.create_payment = slow  # type: ignore[method-assign]
    with pytest.raises(ProviderUnavailableError) as caught:
        await bench.charge()
    payment = await bench.store.find_payment(caught.value.payment_id)
    assert payment is not None
    assert payment.state is PaymentState.FAILED
    assert bench.provider.sends("charge") == 0
