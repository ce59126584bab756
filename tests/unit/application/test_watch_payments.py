"""WatchPayments: every change of every payment of a caller, in one order, each once."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from typing import Any

import pytest

from ovo_payments.application.call import StreamEvent
from ovo_payments.domain.errors import (
    CursorGoneError,
    InvalidRequestError,
    StreamInterruptedError,
)
from ovo_payments.domain.payment import Payment
from ovo_payments.domain.ports import PositionedPayment
from ovo_payments.domain.update import Claim
from tests.unit.application.bench import CALL, STRANGER, Bench
from tests.unit.domain.makers import told


async def taken(stream: AsyncIterator[StreamEvent], count: int) -> list[StreamEvent]:
    """Reads so many messages."""
    async with asyncio.timeout(5):
        return [await anext(stream) for _ in range(count)]


def changes(events: Sequence[StreamEvent]) -> list[tuple[str, int]]:
    """Gives the orders and versions that were told of."""
    payments = [event.payment for event in events if event.payment is not None]
    return [(payment.order_id, payment.version) for payment in payments]


async def three_paid(bench: Bench) -> list[tuple[str, int]]:
    """Pays three orders, and gives what happened to them in its order."""
    for number in (1, 2, 3):
        await bench.paid(order_id=f"order-{number}", request_id=f"request-{number}")
        bench.provider.told = told(Claim.PENDING)
    return [(f"order-{number}", version) for number in (1, 2, 3) for version in (1, 2, 3)]


async def test_the_whole_history_comes_first_in_its_order(bench: Bench) -> None:
    """Every version of every payment, as it was."""
    expected = await three_paid(bench)
    events = await taken(bench.watch_all(), len(expected))
    assert changes(events) == expected


async def test_a_change_is_told_as_it_comes(bench: Bench) -> None:
    """Long before the next heartbeat."""
    payment = await bench.charge()
    stream = bench.watch_all(heartbeat_interval_s=60.0)
    await taken(stream, payment.version)
    waiting = asyncio.ensure_future(anext(stream))
    await asyncio.sleep(0.05)
    assert not waiting.done()
    bench.provider.told = told(Claim.SUCCEEDED)
    settled = await bench.refreshed(payment)
    async with asyncio.timeout(5):
        assert (await waiting).payment == settled


async def test_whoever_comes_back_with_a_cursor_loses_and_repeats_nothing(bench: Bench) -> None:
    """At every place where a stream can break."""
    expected = await three_paid(bench)
    events = await taken(bench.watch_all(), len(expected))
    for place, event in enumerate(events[:-1], 1):
        rest = await taken(bench.watch_all(cursor=event.cursor), len(expected) - place)
        assert changes(rest) == expected[place:]


async def test_from_now_leaves_the_past_out(bench: Bench) -> None:
    """The first change is the next one."""
    await three_paid(bench)
    stream = bench.watch_all(from_now=True, heartbeat_interval_s=1.0)
    [alive] = await taken(stream, 1)
    assert alive.payment is None
    await bench.charge(order_id="new", request_id="new")
    assert changes(await taken(stream, 2)) == [("new", 1), ("new", 2)]


async def test_only_what_was_asked_for_is_told(bench: Bench) -> None:
    """By state, by provider, and by both."""
    await three_paid(bench)
    name = bench.provider.name
    succeeded = bench.watch_all(states=("SUCCEEDED",), providers=(name,))
    expected = [("order-1", 3), ("order-2", 3), ("order-3", 3)]
    assert changes(await taken(succeeded, 3)) == expected
    nothing = bench.watch_all(states=("EXPIRED",), heartbeat_interval_s=1.0)
    assert changes(await taken(nothing, 1)) == []


async def test_a_heartbeat_carries_the_place_past_what_was_not_asked_for(bench: Bench) -> None:
    """Whoever comes back with it does not read all that again."""
    await three_paid(bench)
    [alive] = await taken(bench.watch_all(states=("EXPIRED",), heartbeat_interval_s=1.0), 1)
    assert alive.time == bench.clock.now()
    stream = bench.watch_all(cursor=alive.cursor, heartbeat_interval_s=1.0)
    assert changes(await taken(stream, 1)) == []


async def test_another_caller_sees_nothing_of_it(bench: Bench) -> None:
    """Payments belong to a scope."""
    await three_paid(bench)
    [alive] = await taken(bench.watch_all(STRANGER, heartbeat_interval_s=1.0), 1)
    assert alive.payment is None


async def test_a_place_that_is_not_here_is_an_error_of_its_own(bench: Bench) -> None:
    """Of another caller, of another database, and beyond the last change."""
    await three_paid(bench)
    events = await taken(bench.watch_all(), 9)
    with pytest.raises(CursorGoneError):
        await anext(bench.watch_all(STRANGER, cursor=events[0].cursor))

    async def elsewhere() -> str:
        return "f" * 16

    async def restored(_scope: str) -> int:
        return 8

    for replaced, answer in (("name", elsewhere), ("find_position", restored)):
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(bench.store, replaced, answer)
            with pytest.raises(CursorGoneError):
                await anext(bench.watch_all(CALL, cursor=events[8].cursor))


@pytest.mark.parametrize(
    ("field", "wrong"),
    [
        ("cursor", {"cursor": "nonsense"}),
        ("cursor", {"cursor": "\N{SNOWMAN}"}),
        ("cursor", {"cursor": "MS5hLmIuYw"}),
        ("from_now", {"cursor": "MS5mZmZmZmZmZmZmZmZmZmZmLmZmZmZmZmZmLjE", "from_now": True}),
        ("states[0]", {"states": ("UNSPECIFIED",)}),
        ("providers[1]", {"providers": ("scripted", "nobody")}),
        ("heartbeat_interval", {"heartbeat_interval_s": 0.5}),
        ("heartbeat_interval", {"heartbeat_interval_s": float("nan")}),
    ],
)
async def test_a_wrong_field_is_named(bench: Bench, field: str, wrong: dict[str, Any]) -> None:
    """With what would be right."""
    with pytest.raises(InvalidRequestError) as refused:
        await anext(bench.watch_all(**wrong))
    assert [violation.field for violation in refused.value.violations] == [field]


async def test_a_server_that_stops_ends_the_stream_with_its_place(bench: Bench) -> None:
    """Nothing is lost: what comes next is read from there."""
    payment = await bench.charge()
    stream = bench.watch_all(heartbeat_interval_s=60.0)
    events = await taken(stream, payment.version)
    waiting = asyncio.ensure_future(anext(stream))
    await asyncio.sleep(0)
    bench.use_cases.watch_payments.interrupt()
    with pytest.raises(StreamInterruptedError) as ended:
        await waiting
    assert ended.value.cursor == events[-1].cursor


async def test_a_change_between_reading_and_waiting_is_not_missed(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    """I-29: it is committed after the log was read, and before the stream waits."""
    payment = await bench.charge()
    bench.provider.told = told(Claim.SUCCEEDED)
    read = bench.store.read_changes
    settled: list[Payment] = []

    async def and_then_it_changes(
        scope: str, after_position: int, limit: int
    ) -> Sequence[PositionedPayment]:
        found = await read(scope, after_position, limit)
        if not found and not settled:
            settled.append(await bench.refreshed(payment))
        return found

    monkeypatch.setattr(bench.store, "read_changes", and_then_it_changes)
    events = await taken(bench.watch_all(heartbeat_interval_s=60.0), 3)
    assert [event.payment for event in events][-1] == settled[0]
