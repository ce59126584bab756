"""When the service asks."""

from datetime import UTC, datetime, timedelta

import pytest

from ovo_payments.domain import schedule
from ovo_payments.domain.payment import NOT_SENT, Method, Payment, PaymentState
from ovo_payments.domain.refund import RefundState
from tests.unit.domain.makers import NOW, PATIENCE, binding, payment, refund


def offsets_s(subject: Payment) -> list[float]:
    """Lists every time of asking, in seconds from the request."""
    times: list[float] = []
    now: datetime | None = NOW
    while now is not None:
        now = schedule.next_check_time(subject, now, PATIENCE)
        if now is not None:
            times.append((now - NOW).total_seconds())
    return times


def test_a_push_is_asked_for_around_its_deadline() -> None:
    """At 2, 5, 10, 20, 40 s, then after the provider's own deadline, then ever more rarely."""
    push = payment(expire_time=NOW + timedelta(seconds=65))
    after_the_deadline = [75, 95, 165, 245]
    late = [300, 900, 3600, 6 * 3600, 86400]
    assert offsets_s(push) == [2, 5, 10, 20, 40, *after_the_deadline, *late]


def test_a_push_without_a_deadline_is_asked_for_around_the_usual_one() -> None:
    """Its answer was lost, and the deadline with it."""
    assert 65 + 10 in offsets_s(payment())


def test_a_deadline_in_another_age_is_not_believed() -> None:
    """A push without a usable deadline still comes to its last question."""
    endless = payment(expire_time=datetime.max.replace(tzinfo=UTC))
    assert offsets_s(endless)[-1] == 86400 + 180
    counted = schedule.count_not_found(endless, NOW + timedelta(days=2), PATIENCE)
    assert counted.checks.not_found_count == 1
    ancient = payment(expire_time=datetime.min.replace(tzinfo=UTC))
    assert offsets_s(ancient) == [2, 5, 10, 20, 40, 300, 900, 3600, 6 * 3600, 86400]


def test_a_debit_is_asked_for_during_a_day() -> None:
    """From 3 s to 24 h."""
    debit = payment(method=Method.LINKED_ACCOUNT)
    expected = [3, 10, 30, 60, 120, 300, 900, 3600, 6 * 3600, 12 * 3600, 86400]
    assert offsets_s(debit) == expected


def test_an_open_refund_is_asked_for_during_a_week() -> None:
    """A bank may confirm it days later."""
    times = offsets_s(payment(state=PaymentState.SUCCEEDED, refund=refund()))
    assert times[0] == 3
    assert times[-1] == 7 * 86400


@pytest.mark.parametrize("state", [PaymentState.FAILED, PaymentState.EXPIRED])
def test_a_final_no_is_asked_about_twice_more(state: PaymentState) -> None:
    """A provider that debits all the same, and whose notification is lost, is found out."""
    ended = payment(state=state, update_time=NOW + timedelta(minutes=1))
    assert offsets_s(ended) == [60 + 3600, 60 + 86400]


def test_what_is_settled_is_not_asked_for() -> None:
    """Money that moved, and what was never sent, cost nothing."""
    assert offsets_s(payment(state=PaymentState.SUCCEEDED)) == []
    assert offsets_s(payment(state=PaymentState.FAILED, failure=NOT_SENT)) == []
    refused = refund(state=RefundState.FAILED)
    assert offsets_s(payment(state=PaymentState.SUCCEEDED, refund=refused)) == []


def test_a_404_means_nothing_before_the_settling_time() -> None:
    """For a push that is its deadline and 100 s."""
    push = payment(expire_time=NOW + timedelta(seconds=65))
    early = schedule.count_not_found(push, NOW + timedelta(seconds=164), PATIENCE)
    assert early.checks.not_found_count == 0
    late = schedule.count_not_found(push, NOW + timedelta(seconds=165), PATIENCE)
    assert late.checks.not_found_count == 1


def test_404s_close_together_count_once() -> None:
    """Three of them within a second prove no more than one."""
    push = payment()
    for offset_s in (200, 201, 209):
        push = schedule.count_not_found(push, NOW + timedelta(seconds=offset_s), PATIENCE)
    assert push.checks.not_found_count == 1
    for offset_s in (210, 220):
        push = schedule.count_not_found(push, NOW + timedelta(seconds=offset_s), PATIENCE)
    assert schedule.not_found_often_enough(push)


def test_a_404_that_counts_is_asked_for_again_soon() -> None:
    """After an hour of trouble the three denials are half a minute apart, and no day."""
    now = NOW + timedelta(hours=1)
    denied = schedule.count_not_found(payment(), now, PATIENCE)
    assert schedule.next_check_time(denied, now, PATIENCE) == now + timedelta(seconds=10)
    for offset_s in (10, 20):
        denied = schedule.count_not_found(denied, now + timedelta(seconds=offset_s), PATIENCE)
    assert schedule.not_found_often_enough(denied)


def test_a_404_after_the_last_question_is_asked_for_again() -> None:
    """The service was away for days: one denial is no proof, and no reason to call a person yet."""
    now = NOW + timedelta(days=3)
    denied = schedule.count_not_found(payment(), now, PATIENCE)
    assert schedule.next_check_time(denied, now, PATIENCE) == now + timedelta(seconds=10)
    unanswered = now + timedelta(seconds=10)
    assert schedule.next_check_time(denied, unanswered, PATIENCE) is None


def test_a_404_of_long_ago_hurries_nobody() -> None:
    """Its second question was asked, and came to nothing: the schedule goes on."""
    now = NOW + timedelta(hours=1)
    denied = schedule.count_not_found(payment(), now, PATIENCE)
    later = now + timedelta(seconds=11)
    assert schedule.next_check_time(denied, later, PATIENCE) == NOW + timedelta(hours=6)


def test_a_pending_binding_is_asked_for_until_after_its_window() -> None:
    """The last questions come after it, since only then is NOT_LINKED an end."""
    asked = schedule.next_binding_check_time(binding(), NOW + timedelta(minutes=30))
    assert asked == NOW + timedelta(minutes=30, seconds=10)
