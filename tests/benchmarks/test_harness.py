"""The benchmarks' own arithmetic: what is printed is what was measured."""

import json

import pytest

from ovo_payments.domain.payment import PaymentState
from tests.benchmarks.harness.generator import MARKER, Calls, Requests, calls_of, numbered
from tests.benchmarks.harness.goals import CHARGE_ADDED, READS_16, WEBHOOK_P50, Measured, result_of
from tests.benchmarks.harness.percentiles import percentile
from tests.benchmarks.harness.processes import parsed_cpu_s, parsed_resident_kib
from tests.benchmarks.harness.seeding import PAYMENT_ID, notification, pattern_payment
from tests.benchmarks.harness.table import BEGIN, END, NoPlaceError, placed, table

STAT = "4711 (a name (with) brackets) S 1 1 1 0 -1 4194560 900 0 0 0 250 50 0 0 20 0 9 0 123 4 5"
STATUS = "Name:\tpython\nVmHWM:\t  90000 kB\nVmRSS:\t   81920 kB\nThreads:\t9\n"


@pytest.mark.parametrize(
    ("share", "expected"), [(0.0, 1.0), (0.5, 50.0), (0.99, 99.0), (0.991, 100.0), (1.0, 100.0)]
)
def test_a_percentile_is_one_of_the_values(share: float, expected: float) -> None:
    """It is the smallest that the share does not exceed, however the values are ordered."""
    assert percentile([float(value) for value in range(100, 0, -1)], share) == expected


def test_there_is_no_percentile_of_nothing() -> None:
    """A measure without a value is no figure."""
    with pytest.raises(ValueError, match="nothing"):
        percentile([], 0.5)


def test_processor_time_is_user_and_system_time() -> None:
    """The fields are counted behind the name, whatever the name holds."""
    assert parsed_cpu_s(STAT) == pytest.approx(3.0)


def test_memory_is_what_is_resident_now() -> None:
    """Not what it once was."""
    assert parsed_resident_kib(STATUS) == 81_920


def test_the_ratio_is_the_median_of_the_ratios() -> None:
    """Service and yardstick of one repetition belong together."""
    repetitions = [
        Measured(goal=READS_16, service=900.0, yardstick=1_000.0),
        Measured(goal=READS_16, service=400.0, yardstick=500.0),
        Measured(goal=READS_16, service=700.0, yardstick=2_000.0),
    ]
    result = result_of(repetitions)
    assert (result.service, result.yardstick, result.value) == (700.0, 1_000.0, 0.8)
    assert result.reached


def test_what_is_added_is_a_difference() -> None:
    """The provider's own time is taken off."""
    assert Measured(goal=CHARGE_ADDED, service=3.5, yardstick=0.5).value == 3.0


def test_a_ratio_without_a_yardstick_is_refused() -> None:
    """Nobody takes a figure for a ratio."""
    with pytest.raises(ValueError, match="yardstick"):
        _ = Measured(goal=READS_16, service=900.0).value


def test_the_table_says_which_goals_are_missed() -> None:
    """A goal without a yardstick has a dash for it, and its figure is its result."""
    results = [
        result_of([Measured(goal=READS_16, service=1_500.4, yardstick=3_000.0)]),
        result_of([Measured(goal=WEBHOOK_P50, service=3.14159)]),
    ]
    assert table(results)[2:] == [
        f"| P1 | {READS_16.measure} | 1,500 calls/s | 3,000 calls/s | 0.50 × | ≥ 0.75 × | **no** |",
        f"| P6 | {WEBHOOK_P50.measure} | 3.14 ms | – |  | ≤ 5.00 ms | yes |",
    ]


def test_only_what_stands_between_the_marks_is_replaced() -> None:
    """Prose around the table stays."""
    page = f"before\n{BEGIN}\nold\n{END}\nafter\n"
    assert placed(page, ["new"]) == f"before\n{BEGIN}\n\nnew\n\n{END}\nafter\n"
    assert placed(placed(page, ["older"]), ["new"]) == placed(page, ["new"])


def test_a_page_without_marks_is_not_written() -> None:
    """A table without its place would be lost."""
    with pytest.raises(NoPlaceError):
        placed(f"before\n{END}\n{BEGIN}\n", ["new"])


def test_what_the_generator_tells_is_read() -> None:
    """Its names are the fields' names."""
    line = (
        '{"calls":10,"seconds":2,"p50_ms":1.5,"p99_ms":3,"max_ms":4,"cpu_s":0.25}'  # as it writes
    )
    calls = calls_of(json.loads(line))
    assert calls == Calls(calls=10, seconds=2, p50_ms=1.5, p99_ms=3, max_ms=4, cpu_s=0.25)
    assert calls.per_s == 5.0


def test_requests_are_written_for_the_generator() -> None:
    """Bytes go as base64."""
    flags = Requests(message=b"\n\x03abc", first=7, cycle=9, stride=2).flags
    assert flags == ["-request", "CgNhYmM=", "-first", "7", "-cycle", "9", "-stride", "2"]


def test_numbers_keep_the_length_of_a_message() -> None:
    """Or the lengths within the message would be wrong."""
    assert numbered(f"order-{MARKER}-x", 42) == "order-000000000042-x"
    assert len(numbered(PAYMENT_ID, 0)) == len(PAYMENT_ID) == 29


def test_notifications_are_about_stored_payments() -> None:
    """By the payment's own id and amount."""
    payment = pattern_payment(2, PaymentState.PENDING)
    told = json.loads(notification(12))
    assert told["order_id"] == numbered(payment.payment_id, 12)
    assert told["gross_amount"] == f"{payment.amount.rupiah}.00"
    assert told["transaction_id"] == numbered(payment.provider_reference, 12)
