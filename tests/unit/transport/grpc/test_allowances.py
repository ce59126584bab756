"""What a caller may take up is its own, and comes back."""

import pytest

from ovo_payments.application.call import Caller
from ovo_payments.domain.errors import RateLimitedError
from ovo_payments.transport.grpc.allowances import Allowances, Gate, Pace

SHOP = Caller(name="shop", scope="shop")
REPORTS = Caller(name="reports", scope="shop")


class Watch:
    """A clock that stands until it is moved."""

    def __init__(self) -> None:
        self.now_s = 5_000.0

    def __call__(self) -> float:
        """Reads it."""
        return self.now_s


def steps(pace: Pace, wanted: int) -> int:
    """Counts how many of some calls are let through."""
    for passed in range(wanted):
        try:
            pace.step()
        except RateLimitedError:
            return passed
    return wanted


def test_a_second_after_a_pause_takes_as_many_calls_as_a_second_may() -> None:
    """And not one more, until time has passed."""
    watch = Watch()
    pace = Pace(10, watch)
    assert steps(pace, 100) == 10
    watch.now_s += 0.25
    assert steps(pace, 100) == 2
    watch.now_s += 3_600
    assert steps(pace, 100) == 10


def test_over_a_long_time_no_more_pass_than_the_pace_says() -> None:
    """Refused calls take nothing of it."""
    watch = Watch()
    pace = Pace(100, watch)
    passed = 0
    for _ in range(1_000):
        passed += steps(pace, 3)
        watch.now_s += 0.01
    assert passed == pytest.approx(1_000 + 100, abs=3)


def test_who_comes_too_soon_is_told_when() -> None:
    """Then it is let through."""
    watch = Watch()
    pace = Pace(2, watch)
    assert steps(pace, 3) == 2
    with pytest.raises(RateLimitedError) as refused:
        pace.step()
    assert refused.value.retry_after_s == pytest.approx(0.5)
    watch.now_s += refused.value.retry_after_s
    pace.step()


def test_nobody_is_asked_to_come_back_at_once() -> None:
    """A refusal costs something, too."""
    pace = Pace(10_000, Watch())
    assert steps(pace, 20_000) == 10_000
    with pytest.raises(RateLimitedError) as refused:
        pace.step()
    assert refused.value.retry_after_s == 0.1


def test_a_gate_is_free_again_once_somebody_left() -> None:
    """It counts who is inside."""
    gate = Gate(1)
    gate.enter()
    with pytest.raises(RateLimitedError):
        gate.enter()
    gate.leave()
    gate.enter()


def test_each_caller_has_an_allowance_of_its_own() -> None:
    """Also two of one scope: one that runs wild stops no other."""
    allowances = Allowances(
        calls_per_second_max=1, calls_at_once_max=1, watches_at_once_max=1, clock=Watch()
    )
    shop, reports = allowances.of(SHOP), allowances.of(REPORTS)
    assert allowances.of(SHOP) is shop
    shop.pace.step()
    shop.watches.enter()
    with pytest.raises(RateLimitedError):
        shop.pace.step()
    reports.pace.step()
    reports.watches.enter()
    shop.calls.enter()
