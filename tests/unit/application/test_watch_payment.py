"""WatchPayment: every version, in order, once, closed when it is over."""

import asyncio
from collections.abc import AsyncIterator

import pytest

from ovo_payments.application.call import Heartbeat, WatchPaymentRequest
from ovo_payments.domain.errors import (
    InvalidRequestError,
    PaymentNotFoundError,
    StoreUnavailableError,
    StreamInterruptedError,
    VersionOutOfRangeError,
)
from ovo_payments.domain.payment import Payment, PaymentState
from ovo_payments.domain.ports import PaymentChange
from ovo_payments.domain.update import Claim
from tests.unit.application.bench import CALL, STRANGER, Bench
from tests.unit.domain.makers import told, told_of_refund


async def versions(stream: AsyncIterator[Payment | Heartbeat]) -> list[int]:
    """Reads a stream to its end, without heartbeats."""
    async with asyncio.timeout(5):
        return [event.version async for event in stream if isinstance(event, Payment)]


async def following(stream: AsyncIterator[Payment | Heartbeat]) -> Payment | Heartbeat:
    """Reads the next event."""
    async with asyncio.timeout(5):
        return await anext(stream)


async def test_a_settled_payment_is_a_snapshot_and_the_end(bench: Bench) -> None:
    """One message, then OK."""
    payment = await bench.paid()
    assert await versions(bench.watch(payment)) == [payment.version]


async def test_a_watcher_that_waits_is_woken_by_a_change(bench: Bench) -> None:
    """Long before the next heartbeat."""
    payment = await bench.charge()
    stream = bench.watch(payment, heartbeat_interval_s=60.0)
    await following(stream)
    waiting = asyncio.ensure_future(anext(stream))
    for _ in range(10):
        await asyncio.sleep(0)
    assert not waiting.done()
    bench.provider.told = told(Claim.SUCCEEDED)
    await bench.refreshed(payment)
    async with asyncio.timeout(5):
        changed = await waiting
    assert isinstance(changed, Payment)
    assert changed.state is PaymentState.SUCCEEDED


async def test_the_whole_history_is_above_version_0(bench: Bench) -> None:
    """From the first version to the last."""
    payment = await bench.paid()
    assert await versions(bench.watch(payment, after_version=0)) == [1, 2, 3]


async def test_only_what_is_above_the_version_seen_follows(bench: Bench) -> None:
    """A caller that reconnects sees nothing twice."""
    payment = await bench.paid()
    assert await versions(bench.watch(payment, after_version=2)) == [3]
    assert await versions(bench.watch(payment, after_version=3)) == []


async def test_changes_follow_the_snapshot_as_they_come(bench: Bench) -> None:
    """The final one last, then the end."""
    payment = await bench.charge()
    stream = bench.watch(payment)
    first = await following(stream)
    assert isinstance(first, Payment)
    assert first.state is PaymentState.PENDING
    bench.provider.told = told(Claim.SUCCEEDED)
    await bench.refreshed(payment)
    second = await following(stream)
    assert isinstance(second, Payment)
    assert second.state is PaymentState.SUCCEEDED
    assert await versions(stream) == []


async def test_a_pending_refund_keeps_the_stream_open(bench: Bench) -> None:
    """Until the money went back."""
    payment = await bench.refund(await bench.paid())
    stream = bench.watch(payment)
    await following(stream)
    refunded = told_of_refund(Claim.SUCCEEDED)
    bench.provider.told = told(Claim.SUCCEEDED, refund=refunded)
    await bench.refreshed(payment)
    last = await following(stream)
    assert isinstance(last, Payment)
    assert last.state is PaymentState.REFUNDED
    assert await versions(stream) == []


async def test_a_version_beyond_the_latest_is_out_of_range(bench: Bench) -> None:
    """The refusal names the latest."""
    payment = await bench.charge()
    with pytest.raises(VersionOutOfRangeError) as caught:
        await following(bench.watch(payment, after_version=99))
    assert caught.value.latest_version == payment.version


async def test_a_quiet_stream_beats(bench: Bench) -> None:
    """With the version that the caller has."""
    payment = await bench.charge()
    stream = bench.watch(payment, heartbeat_interval_s=1.0)
    await following(stream)
    beat = await following(stream)
    assert beat == Heartbeat(version=payment.version, time=bench.clock.now())


async def test_an_interrupted_stream_names_the_last_version(bench: Bench) -> None:
    """The caller goes on with it elsewhere."""
    payment = await bench.charge()
    stream = bench.watch(payment)
    await following(stream)
    waiting = asyncio.ensure_future(following(stream))
    await asyncio.sleep(0)
    bench.use_cases.watch_payment.interrupt()
    with pytest.raises(StreamInterruptedError) as caught:
        await waiting
    assert caught.value.last_version == payment.version


async def test_a_stream_that_is_closed_leaves_nothing_behind(bench: Bench) -> None:
    """Nor does it change the payment."""
    payment = await bench.charge()
    stream = bench.watch(payment)
    await following(stream)
    assert bench.feed.watchers == 1
    await stream.aclose()  # type: ignore[attr-defined]
    assert bench.feed.watchers == 0
    assert await bench.stored(payment) == payment


async def test_no_change_falls_between_reading_and_waiting(bench: Bench) -> None:
    """Hundreds of watchers that come while the payment changes all see its end."""
    payment = await bench.charge()
    bench.provider.told = told(Claim.SUCCEEDED)
    watching = [asyncio.create_task(versions(bench.watch(payment))) for _ in range(100)]
    await bench.refreshed(payment)
    late = [asyncio.create_task(versions(bench.watch(payment))) for _ in range(100)]
    for seen in await asyncio.gather(*watching, *late):
        assert seen in ([2, 3], [3])


async def test_a_change_whose_commit_was_not_told_reaches_watchers(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The store lost its voice, not the change: nobody waits for the next wake-up."""
    payment = await bench.charge()
    stream = bench.watch(payment)
    await following(stream)
    record = bench.store.record_payment

    async def recorded_and_untold(change: PaymentChange) -> None:
        await record(change)
        raise StoreUnavailableError

    monkeypatch.setattr(bench.store, "record_payment", recorded_and_untold)
    bench.provider.told = told(Claim.SUCCEEDED)
    with pytest.raises(StoreUnavailableError):
        await bench.refreshed(payment)
    last = await following(stream)
    assert isinstance(last, Payment)
    assert last.state is PaymentState.SUCCEEDED


async def test_an_order_is_watched_by_its_latest_payment(bench: Bench) -> None:
    """Under the merchant's own name."""
    payment = await bench.paid()
    request = WatchPaymentRequest(order_id=payment.order_id)
    assert await versions(bench.use_cases.watch_payment(CALL, request)) == [3]


async def test_bad_watches_are_refused(bench: Bench) -> None:
    """Each with its field; another's payment is unknown."""
    payment = await bench.charge()
    for fields in (
        {"heartbeat_interval_s": 0.5},
        {"heartbeat_interval_s": 61.0},
        {"after_version": -1},
    ):
        with pytest.raises(InvalidRequestError):
            await following(bench.watch(payment, **fields))
    with pytest.raises(InvalidRequestError):
        await following(bench.use_cases.watch_payment(CALL, WatchPaymentRequest()))
    with pytest.raises(PaymentNotFoundError):
        await following(
            bench.use_cases.watch_payment(
                STRANGER, WatchPaymentRequest(payment_id=payment.payment_id)
            )
        )
