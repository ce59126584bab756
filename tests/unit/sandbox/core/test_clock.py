"""The clock tells one time to all, and timers fire when it gets there."""

import asyncio
from datetime import UTC, datetime, timedelta

import pytest

from ovo_sandbox.clock import Action, Clock, Scheduler

NOON = datetime(2026, 1, 2, 12, 0, tzinfo=UTC)


class Diary:
    """Writes down what fired."""

    def __init__(self) -> None:
        self.lines: list[str] = []

    def writes(self, line: str) -> Action:
        """Makes an action that writes a line."""

        async def write() -> None:
            self.lines.append(line)

        return write


def test_a_standing_clock_moves_only_when_told() -> None:
    """Tests and simulations own the time."""
    clock = Clock.standing_at(NOON)
    clock.advance(65)
    assert (clock.now(), clock.wall_now()) == (NOON + timedelta(seconds=65), NOON)


def test_a_reset_clock_is_back_at_the_wall() -> None:
    """A tester can undo every move."""
    clock = Clock.standing_at(NOON)
    clock.advance(65)
    clock.reset()
    assert clock.now() == NOON


def test_the_clock_is_aware_and_in_utc() -> None:
    """No moment of the sandbox is naive."""
    assert Clock().now().utcoffset() == timedelta()


async def test_a_timer_waits_for_its_time() -> None:
    """Nothing fires early."""
    clock, diary = Clock.standing_at(NOON), Diary()
    scheduler = Scheduler(clock)
    scheduler.call_in(10, "tea", diary.writes("tea"))
    clock.advance(9)
    await scheduler.idle()
    assert diary.lines == []
    clock.advance(1)
    await scheduler.idle()
    assert diary.lines == ["tea"]


async def test_timers_passed_in_one_move_fire_in_the_order_of_their_times() -> None:
    """A jump over many timers looks like the time in between."""
    clock, diary = Clock.standing_at(NOON), Diary()
    scheduler = Scheduler(clock)
    for seconds in (30, 10, 20):
        scheduler.call_in(seconds, f"{seconds}", diary.writes(f"{seconds}"))
    clock.advance(60)
    await scheduler.idle()
    assert diary.lines == ["10", "20", "30"]


async def test_a_timer_whose_time_has_passed_fires_at_once() -> None:
    """What a restart finds overdue happens then."""
    clock, diary = Clock.standing_at(NOON), Diary()
    scheduler = Scheduler(clock)
    scheduler.call_at(NOON - timedelta(days=1), "late", diary.writes("late"))
    await scheduler.idle()
    assert diary.lines == ["late"]


async def test_a_timer_that_sets_another_one_in_the_past_is_followed_up() -> None:
    """One move of the clock runs a whole chain."""
    clock, diary = Clock.standing_at(NOON), Diary()
    scheduler = Scheduler(clock)

    async def first() -> None:
        scheduler.call_at(NOON + timedelta(seconds=20), "second", diary.writes("second"))

    scheduler.call_in(10, "first", first)
    clock.advance(60)
    await scheduler.run_due()
    assert diary.lines == ["second"]


async def test_a_name_has_one_timer() -> None:
    """Setting a timer again moves it."""
    clock, diary = Clock.standing_at(NOON), Diary()
    scheduler = Scheduler(clock)
    scheduler.call_in(10, "tea", diary.writes("green"))
    scheduler.call_in(20, "tea", diary.writes("black"))
    clock.advance(60)
    await scheduler.idle()
    assert diary.lines == ["black"]


async def test_a_cancelled_timer_never_fires() -> None:
    """Cancelling tells whether there was anything to cancel."""
    clock, diary = Clock.standing_at(NOON), Diary()
    scheduler = Scheduler(clock)
    scheduler.call_in(10, "tea", diary.writes("tea"))
    assert (scheduler.cancel("tea"), scheduler.cancel("tea")) == (True, False)
    clock.advance(60)
    await scheduler.idle()
    assert (diary.lines, scheduler.timers()) == ([], [])


async def test_a_ticking_clock_fires_by_itself() -> None:
    """A real sandbox needs nobody to move it."""
    fired = asyncio.Event()
    scheduler = Scheduler(Clock())

    async def fire() -> None:
        fired.set()

    scheduler.call_in(0.01, "soon", fire)
    await asyncio.wait_for(fired.wait(), timeout=5)


async def test_moving_a_ticking_clock_fires_what_became_due() -> None:
    """An hour passes in no time."""
    fired = asyncio.Event()
    clock = Clock()
    scheduler = Scheduler(clock)

    async def fire() -> None:
        fired.set()

    scheduler.call_in(3600, "later", fire)
    clock.advance(3600)
    await asyncio.wait_for(fired.wait(), timeout=5)


async def test_a_sleeper_wakes_when_the_clock_is_moved() -> None:
    """Hangs and drips are over as soon as their time is."""
    clock = Clock.standing_at(NOON)
    scheduler = Scheduler(clock)
    sleeping = asyncio.ensure_future(scheduler.sleep(300))
    await asyncio.sleep(0)
    clock.advance(300)
    await asyncio.wait_for(sleeping, timeout=5)
    assert scheduler.timers() == []


async def test_idle_raises_what_an_action_raised() -> None:
    """No failure of a timer goes unseen in a test."""
    scheduler = Scheduler(Clock.standing_at(NOON))
    asyncio.get_running_loop().set_exception_handler(lambda _loop, _context: None)

    async def fail() -> None:
        raise ZeroDivisionError

    scheduler.call_in(0, "bad", fail)
    with pytest.raises(ZeroDivisionError):
        await scheduler.idle()


async def test_a_closed_scheduler_stops_what_runs() -> None:
    """A stopped sandbox leaves no task behind."""
    scheduler = Scheduler(Clock.standing_at(NOON))
    stopped = asyncio.Event()

    async def hang() -> None:
        try:
            await asyncio.Event().wait()
        finally:
            stopped.set()

    scheduler.call_in(0, "hang", hang)
    await scheduler.run_due()
    await scheduler.close()
    assert stopped.is_set()
