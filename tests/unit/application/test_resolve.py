"""Resolving: every payment is finished without any webhook, and webhooks prove nothing alone."""

import asyncio

import pytest

from ovo_payments.domain.errors import ProviderUnavailableError, StoreUnavailableError
from ovo_payments.domain.evidence import Evidence
from ovo_payments.domain.payment import Payment, PaymentState
from ovo_payments.domain.ports import InboxEntry, InboxState, PaymentChange
from ovo_payments.domain.provider import InboundRequest
from ovo_payments.domain.update import Claim, PaymentUpdate, Source
from tests.unit.application.bench import Bench
from tests.unit.application.scripted import NOT_SENT, UNKNOWN
from tests.unit.domain.makers import DECLINED, told


async def test_a_payment_is_finished_by_asking_alone(bench: Bench) -> None:
    """No webhook ever comes."""
    payment = await bench.charge()
    bench.provider.told = told(Claim.SUCCEEDED)
    bench.clock.advance(1)
    await bench.application.resolve.run_once()
    assert (await bench.stored(payment)).state is PaymentState.PENDING, "nothing was due yet"
    bench.clock.advance(1)
    await bench.application.resolve.run_once()
    assert (await bench.stored(payment)).state is PaymentState.SUCCEEDED


async def test_a_lost_answer_is_found_by_asking(bench: Bench) -> None:
    """At once, and nothing is sent again."""
    bench.provider.answer = UNKNOWN
    payment = await bench.charge()
    bench.provider.told = told(Claim.SUCCEEDED)
    await bench.application.resolve.run_once()
    assert (await bench.stored(payment)).state is PaymentState.SUCCEEDED
    assert bench.provider.sends("charge") == 1


async def test_a_provider_that_can_not_be_asked_is_asked_by_the_schedule(bench: Bench) -> None:
    """No question reaches it: that is no lost answer, and nobody asks every second."""
    payment = await bench.charge()
    bench.provider.told = UNKNOWN
    for _ in range(60):
        bench.clock.advance(1)
        await bench.application.resolve.run_once()
    assert bench.provider.sends("query") == 5
    assert (await bench.stored(payment)).state is PaymentState.PENDING


async def test_a_debit_that_never_arrived_fails_after_three_late_404s(bench: Bench) -> None:
    """The provider's own word, often enough, and never a timer."""
    bench.provider.answer = UNKNOWN
    payment = await bench.charge()
    bench.provider.told = told(Claim.NOT_FOUND)
    states = []
    for _ in range(100):
        bench.clock.advance(10)
        await bench.application.resolve.run_once()
        states.append((await bench.stored(payment)).state)
    assert states[-1] is PaymentState.FAILED
    evidence = await bench.store.read_evidence(payment.payment_id)
    assert evidence[-1].claim is Claim.NOT_FOUND


async def test_time_alone_never_ends_a_payment(bench: Bench) -> None:
    """Two days of unanswered questions call for a person."""
    payment = await bench.charge()
    bench.provider.told = told(Claim.UNKNOWN)
    for _ in range(48):
        bench.clock.advance(3600)
        await bench.application.resolve.run_once()
    after = await bench.stored(payment)
    assert after.state is PaymentState.PENDING
    assert after.needs_review
    assert after.checks.next_check_time is None


async def test_a_payment_whose_sender_vanished_is_in_doubt_and_asked_for(bench: Bench) -> None:
    """As after SIGKILL: the intent is stored, its answer never was."""
    async with bench.sending() as payment:
        bench.provider.told = told(Claim.SUCCEEDED)
        bench.clock.advance(3600)
        await bench.application.resolve.run_once()
        assert (await bench.stored(payment)).state is PaymentState.IN_DOUBT
        await bench.application.resolve.run_once()
        assert (await bench.stored(payment)).state is PaymentState.SUCCEEDED
    after = await bench.stored(payment)
    assert after.state is PaymentState.SUCCEEDED, "the answer that came at last changes nothing"
    assert bench.provider.sends("charge") == 1


async def test_a_payment_that_was_settled_after_its_sender_vanished_rests(bench: Bench) -> None:
    """A webhook was faster than the next start: nobody takes it up again and again."""
    bench.provider.webhook_proves_state = True
    async with bench.sending() as payment:
        await bench.webhook(reference=payment.payment_id, claim="SUCCEEDED")
        await bench.store.recover(bench.clock.now())
        await bench.application.resolve.run_once()
        after = await bench.stored(payment)
        assert after.state is PaymentState.SUCCEEDED
        assert not after.checks.sending
        assert after.checks.next_check_time is None


async def test_a_payment_that_is_being_sent_is_not_asked_for(bench: Bench) -> None:
    """Its lease belongs to the sender."""
    async with bench.sending() as payment:
        await bench.refreshed(payment)
        bench.clock.advance(10)
        await bench.application.resolve.run_once()
        assert bench.provider.sends("query") == 0


@pytest.mark.parametrize("claim", [Claim.SUCCEEDED, Claim.EXPIRED, Claim.FAILED, Claim.REFUNDED])
async def test_a_webhook_alone_proves_nothing_where_its_signature_covers_no_state(
    bench: Bench, claim: Claim
) -> None:
    """The status query decides, here that nothing has changed."""
    payment = await bench.charge()
    answer = await bench.webhook(reference=payment.payment_id, claim=claim.value)
    assert answer.status == 200
    assert (await bench.stored(payment)).state is PaymentState.PENDING
    assert bench.provider.sends("query") == 1


async def test_a_corroborated_webhook_ends_the_payment(bench: Bench) -> None:
    """Without waiting for the schedule."""
    payment = await bench.charge()
    bench.provider.told = told(Claim.SUCCEEDED)
    await bench.webhook(reference=payment.payment_id, claim="SUCCEEDED")
    assert (await bench.stored(payment)).state is PaymentState.SUCCEEDED


async def test_a_repeated_webhook_changes_nothing(bench: Bench) -> None:
    """Nor does it ask again."""
    payment = await bench.charge()
    bench.provider.told = told(Claim.SUCCEEDED)
    for _ in range(5):
        await bench.webhook(reference=payment.payment_id, claim="SUCCEEDED")
    assert (await bench.stored(payment)).version == 3
    assert bench.provider.sends("query") == 1


async def test_a_webhook_that_proves_its_state_needs_no_query(bench: Bench) -> None:
    """Unless it contradicts what is final: then the query decides."""
    bench.provider.webhook_proves_state = True
    payment = await bench.charge()
    await bench.webhook(reference=payment.payment_id, claim="FAILED")
    assert (await bench.stored(payment)).state is PaymentState.FAILED
    assert bench.provider.sends("query") == 0
    bench.provider.told = told(Claim.FAILED, failure=DECLINED)
    await bench.webhook(reference=payment.payment_id, claim="SUCCEEDED")
    assert (await bench.stored(payment)).state is PaymentState.FAILED
    assert bench.provider.sends("query") == 1


async def test_a_webhook_with_another_amount_is_quarantined(bench: Bench) -> None:
    """It moves nothing and asks nothing."""
    payment = await bench.charge()
    await bench.webhook(reference=payment.payment_id, claim="SUCCEEDED", amount=1)
    assert (await bench.stored(payment)).state is PaymentState.PENDING
    assert bench.provider.sends("query") == 0


async def test_a_forged_webhook_leaves_no_trace(bench: Bench) -> None:
    """One refusal, no row, no question."""
    request = InboundRequest(target="/webhooks/scripted", headers={"signature": "bad"}, body=b"{}")
    answer = await bench.use_cases.receive_webhook("/webhooks/scripted", request)
    assert (answer.status, answer.body) == (401, b"no")
    assert await bench.application.resolve.run_once() == 0
    assert bench.provider.calls == []


async def test_a_webhook_for_an_unknown_payment_waits_and_is_parked(bench: Bench) -> None:
    """For a day, then a person must look."""
    settled: list[InboxEntry] = []
    settle = bench.store.settle_webhook

    async def noted(entry: InboxEntry, lease: str) -> None:
        settled.append(entry)
        await settle(entry, lease)

    bench.store.settle_webhook = noted  # type: ignore[method-assign]
    await bench.webhook(reference="unknown", claim="SUCCEEDED")
    for _ in range(200):
        bench.clock.advance(900)
        await bench.application.resolve.run_once()
    assert [entry.state for entry in settled[:-1]] == [InboxState.WAITING] * (len(settled) - 1)
    assert settled[-1].state is InboxState.PARKED


async def test_a_webhook_that_breaks_its_reader_stops_nothing_behind_it(bench: Bench) -> None:
    """Poison waits by itself."""
    payment = await bench.charge()
    bench.provider.told = told(Claim.SUCCEEDED)
    await bench.webhook(reference=payment.payment_id, claim="NO SUCH CLAIM")
    await bench.webhook(reference=payment.payment_id, claim="SUCCEEDED")
    assert (await bench.stored(payment)).state is PaymentState.SUCCEEDED


async def test_a_webhook_waits_while_the_store_is_away(bench: Bench) -> None:
    """It is not broken: it says so nowhere, and is worked on again soon."""
    settled: list[InboxEntry] = []
    settle, record = bench.store.settle_webhook, bench.store.record_payment

    async def noted(entry: InboxEntry, lease: str) -> None:
        settled.append(entry)
        await settle(entry, lease)

    async def away(change: PaymentChange) -> None:
        del change
        raise StoreUnavailableError

    payment = await bench.charge()
    bench.provider.told = told(Claim.SUCCEEDED)
    bench.store.settle_webhook = noted  # type: ignore[method-assign]
    bench.store.record_payment = away  # type: ignore[method-assign]
    await bench.webhook(reference=payment.payment_id, claim="SUCCEEDED")
    bench.store.record_payment = record  # type: ignore[method-assign]
    bench.clock.advance(2)
    await bench.application.resolve.run_once()
    assert settled[0].note == "put off: StoreUnavailableError"
    assert [entry.state for entry in settled] == [InboxState.WAITING, InboxState.APPLIED]
    assert (await bench.stored(payment)).state is PaymentState.SUCCEEDED


async def test_a_late_success_is_accepted_and_marked(bench: Bench) -> None:
    """Settlement after EXPIRED."""
    payment = await bench.charge()
    bench.provider.told = told(Claim.EXPIRED)
    await bench.refreshed(payment)
    bench.provider.told = told(Claim.SUCCEEDED)
    await bench.webhook(reference=payment.payment_id, claim="SUCCEEDED")
    after = await bench.stored(payment)
    assert after.state is PaymentState.SUCCEEDED
    assert after.late_success


async def test_a_debit_that_nobody_tells_of_is_found_after_a_final_no(bench: Bench) -> None:
    """The provider said EXPIRED, debited all the same, and its notification was lost."""
    payment = await bench.charge()
    bench.provider.told = told(Claim.EXPIRED)
    await bench.refreshed(payment)
    bench.provider.told = told(Claim.SUCCEEDED)
    bench.clock.advance(3599)
    await bench.application.resolve.run_once()
    assert (await bench.stored(payment)).state is PaymentState.EXPIRED
    bench.clock.advance(1)
    await bench.application.resolve.run_once()
    after = await bench.stored(payment)
    assert after.state is PaymentState.SUCCEEDED
    assert after.late_success
    assert after.checks.next_check_time is None


async def test_a_final_no_that_stands_is_asked_about_twice_and_stays(bench: Bench) -> None:
    """No version, no watcher: the answers change nothing."""
    payment = await bench.charge()
    bench.provider.told = told(Claim.EXPIRED)
    expired = await bench.refreshed(payment)
    asked = bench.provider.sends("query")
    for _ in range(48):
        bench.clock.advance(3600)
        await bench.application.resolve.run_once()
    assert bench.provider.sends("query") == asked + 2
    assert await bench.stored(payment) == expired


@pytest.mark.parametrize("claim", [Claim.NOT_FOUND, Claim.PENDING, Claim.EXPIRED])
async def test_a_late_success_waits_for_an_answer_that_lags_behind(
    bench: Bench, claim: Claim
) -> None:
    """The webhook is the only trace of that money: nobody asks soon about what has expired."""
    payment = await bench.charge()
    bench.provider.told = told(Claim.EXPIRED)
    await bench.refreshed(payment)
    bench.provider.told = told(claim)
    await bench.webhook(reference=payment.payment_id, claim="SUCCEEDED")
    assert (await bench.stored(payment)).state is PaymentState.EXPIRED
    bench.provider.told = told(Claim.SUCCEEDED)
    bench.clock.advance(5)
    await bench.application.resolve.run_once()
    after = await bench.stored(payment)
    assert after.state is PaymentState.SUCCEEDED
    assert after.late_success


async def test_a_webhook_that_denies_what_was_paid_is_asked_about_once(bench: Bench) -> None:
    """Whoever repeats an altered one makes us ask once for each, and not for a day."""
    paid = await bench.paid()
    asked = bench.provider.sends("query")
    await bench.webhook(reference=paid.payment_id, claim="FAILED")
    for _ in range(30):
        bench.clock.advance(3600)
        await bench.application.resolve.run_once()
    assert bench.provider.sends("query") == asked + 1
    assert await bench.stored(paid) == paid


async def test_every_final_state_has_its_evidence(bench: Bench) -> None:
    """FAILED and EXPIRED cite the provider's own answer or proof of not sent."""
    expired = await bench.charge()
    bench.provider.told = told(Claim.EXPIRED)
    await bench.refreshed(expired)
    rows: list[Evidence] = list(await bench.store.read_evidence(expired.payment_id))
    assert (rows[-1].source, rows[-1].claim) == (Source.QUERY, Claim.EXPIRED)
    bench.provider.answer = NOT_SENT
    with pytest.raises(ProviderUnavailableError) as caught:
        await bench.charge(request_id="request-2")
    rows = list(await bench.store.read_evidence(caught.value.payment_id))
    assert (rows[-1].source, rows[-1].claim) == (Source.TRANSPORT, Claim.NOT_SENT)


async def test_an_order_that_was_paid_twice_calls_for_a_person(bench: Bench) -> None:
    """The first payment succeeds late, after another was made for its order."""
    first = await bench.charge()
    bench.provider.told = told(Claim.EXPIRED)
    await bench.refreshed(first)
    second = await bench.paid(request_id="request-2")
    assert second.state is PaymentState.SUCCEEDED
    assert not second.needs_review
    await bench.webhook(reference=first.payment_id, claim="SUCCEEDED")
    late = await bench.stored(first)
    assert late.state is PaymentState.SUCCEEDED
    assert late.late_success
    assert late.needs_review


async def test_a_late_success_alone_calls_nobody(bench: Bench) -> None:
    """It is the order's only payment."""
    payment = await bench.charge()
    bench.provider.told = told(Claim.EXPIRED)
    await bench.refreshed(payment)
    bench.provider.told = told(Claim.SUCCEEDED)
    await bench.webhook(reference=payment.payment_id, claim="SUCCEEDED")
    assert not (await bench.stored(payment)).needs_review


async def test_callers_who_refresh_at_once_share_one_question(bench: Bench) -> None:
    """However many they are, the provider is asked once."""
    payment = await bench.charge()
    answered = asyncio.Event()
    query = bench.provider.query

    async def slowly(payment: Payment) -> PaymentUpdate:
        await answered.wait()
        return await query(payment)

    bench.provider.query = slowly  # type: ignore[method-assign]
    refreshing = [asyncio.create_task(bench.refreshed(payment)) for _ in range(50)]
    await asyncio.sleep(0)
    answered.set()
    assert {found.state for found in await asyncio.gather(*refreshing)} == {PaymentState.PENDING}
    assert bench.provider.sends("query") == 1
