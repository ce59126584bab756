"""What the live view shows at each moment of a payment's life."""

from dataclasses import replace
from datetime import datetime, timedelta, timezone

import pytest
from rich.console import Console

from ovo_payments_client import (
    ErrorReason,
    Failure,
    FailureReason,
    Interruption,
    Payment,
    PaymentMethod,
    PaymentState,
    Refund,
    RefundState,
    UnavailableError,
)
from ovo_payments_client.terminal.live import LiveView
from tests.unit.client.contract_messages import CREATED, pending_payment

JAKARTA = timezone(timedelta(hours=7))


def at(seconds: float) -> datetime:
    """Gives the time in Jakarta this long after the payment was made, at 12:00:00."""
    return (CREATED + timedelta(seconds=seconds)).astimezone(JAKARTA)


@pytest.fixture
def view() -> LiveView:
    """Begins to watch a second after the payment was made."""
    return LiveView(
        subject="order order-1",
        server="127.0.0.1:50051",
        heartbeat_interval=timedelta(seconds=15),
        started=at(1),
    )


def drawn(view: LiveView, now: datetime, width: int = 100) -> str:
    """Draws the view as text."""
    console = Console(width=width, color_system=None, _environ={})
    with console.capture() as capture:
        console.print(view.render(now))
    return capture.get()


def test_before_the_first_answer_it_says_that_it_waits(view: LiveView) -> None:
    """It names what is watched, and where."""
    text = drawn(view, at(4))

    assert "╭─ order order-1 ─" in text
    assert "Waiting for the first answer …" in text
    assert "connecting to 127.0.0.1:50051, 3 s" in text


def test_a_pending_push_counts_down(view: LiveView) -> None:
    """The time left, the time of day it ends, and who has to act."""
    view.hear(pending_payment(), at(1))

    text = drawn(view, at(17))

    assert "╭─ pay_1 ─" in text
    assert "Rp15.000  ● PENDING" in text
    assert "version 1" in text
    assert "order order-1 · push to phone · +*********7890 · midtrans" in text
    assert "v1  12:00:00  ● PENDING    reference ref-9" in text
    assert "48 s left  until 12:01:05" in text
    assert "→ The customer accepts it in the OVO app." in text
    assert "♥ heard 16 s ago, watching for 16 s" in text


def test_the_bar_shrinks_with_the_time_left(view: LiveView) -> None:
    """At the beginning it is full, at the end it is empty."""
    view.hear(pending_payment(), at(0))
    console = Console(width=100, force_terminal=True, color_system="truecolor", _environ={})

    filled = []
    for seconds in (0, 32.5, 64):
        with console.capture() as capture:
            console.print(view.render(at(seconds)))
        (line,) = [line for line in capture.get().splitlines() if " left" in line]
        before_the_rest = line.partition("\x1b[38;5;237m")[0]
        filled.append(before_the_rest.count("━"))

    assert filled == [36, 18, 0]


def test_after_the_window_it_waits_for_the_providers_word(view: LiveView) -> None:
    """Time alone ends no payment, so the view does not say that it expired."""
    view.hear(pending_payment(), at(1))

    text = drawn(view, at(70))

    assert "The time to act ended at 12:01:05; the provider's word is awaited." in text
    assert "left" not in text


def test_without_a_time_of_creation_there_is_no_bar(view: LiveView) -> None:
    """The seconds left are told all the same."""
    view.hear(replace(pending_payment(), create_time=None), at(1))

    text = drawn(view, at(17))

    assert "48 s left" in text
    assert "━" not in text


def test_each_version_has_its_line(view: LiveView) -> None:
    """With its time of day, the time since the one before, and what is new in it."""
    first = pending_payment()
    failure = Failure(
        reason=FailureReason.DECLINED_BY_CUSTOMER, message="Declined.", provider_code="202"
    )
    view.hear(first, at(1))
    view.hear(replace(first, version=2, update_time=at(3), provider_reference="ref-10"), at(3))
    view.hear(
        replace(
            first,
            version=3,
            state=PaymentState.FAILED,
            update_time=at(12),
            provider_reference="ref-10",
            failure=failure,
        ),
        at(12),
    )

    text = drawn(view, at(12))

    assert "v2  12:00:03  ● PENDING  +3 s  reference ref-10" in text
    assert "v3  12:00:12  ● FAILED   +9 s  DECLINED_BY_CUSTOMER: Declined." in text
    assert "→ The money has not moved." in text
    assert "left" not in text


def test_a_refund_and_remarks_are_news(view: LiveView) -> None:
    """A refund is told once for each of its states; what is unusual is told each time."""
    refund = Refund(refund_id="refund_1", state=RefundState.IN_DOUBT, amount=5_000)
    paid = replace(pending_payment(), version=2, state=PaymentState.SUCCEEDED, late_success=True)
    declined = Failure(reason=FailureReason.REFUND_WINDOW_PASSED, message="")
    view.hear(paid, at(2))
    view.hear(replace(paid, version=3, refund=refund), at(3))
    view.hear(replace(paid, version=4, refund=refund), at(4))
    failed = replace(refund, state=RefundState.FAILED, failure=declined)
    view.hear(replace(paid, version=5, refund=failed), at(5))

    text = drawn(view, at(5))

    assert "late success" in text
    assert text.count("refund of Rp5.000 in doubt") == 1
    assert "refund of Rp5.000 failed" in text
    assert "REFUND_WINDOW_PASSED" in text


def test_only_the_latest_versions_are_drawn(view: LiveView) -> None:
    """A payment with many versions does not push itself off the screen."""
    for number in range(1, 13):
        view.hear(replace(pending_payment(), version=number), at(number))

    text = drawn(view, at(12))

    assert "…  4 earlier" in text
    assert "v4  " not in text
    assert "v5  " in text
    assert "v12  " in text


def test_doubt_tells_when_the_provider_is_asked_again(view: LiveView) -> None:
    """And that no other payment should be started."""
    doubtful = replace(
        pending_payment(), version=2, state=PaymentState.IN_DOUBT, next_check_time=at(24)
    )
    view.hear(doubtful, at(2))

    before, after = drawn(view, at(17)), drawn(view, at(30))

    assert "The provider is asked again in 7 s." in before
    assert "The provider is asked again now." in after
    assert "Start no other payment for this order." in " ".join(before.replace("│", " ").split())


def test_a_payment_for_a_person_says_so(view: LiveView) -> None:
    """The service gave up resolving it by itself."""
    view.hear(replace(pending_payment(), needs_review=True), at(2))

    text = drawn(view, at(3))

    assert "needs review" in text
    assert "a person must look at it" in text


@pytest.mark.parametrize(
    ("payment", "words"),
    [
        (
            replace(pending_payment(), redirect_url="https://pages.example/1"),
            "The customer confirms it on the page whose address stands above.",
        ),
        (replace(pending_payment(), state=PaymentState.SUCCEEDED), "The money has moved."),
        (
            replace(pending_payment(), state=PaymentState.REFUNDED),
            "The money went back to the customer.",
        ),
        (
            replace(pending_payment(), state=PaymentState.EXPIRED),
            "The customer let the time pass.",
        ),
    ],
)
def test_each_state_tells_what_it_means(view: LiveView, payment: Payment, words: str) -> None:
    """A sentence for who does not know the words of the contract."""
    view.hear(payment, at(2))

    assert f"→ {words}" in drawn(view, at(3))


@pytest.mark.parametrize(
    "payment",
    [
        replace(pending_payment(), method=PaymentMethod.LINKED_ACCOUNT),
        replace(pending_payment(), state=PaymentState.UNKNOWN),
    ],
)
def test_where_there_is_nothing_to_say_nothing_is_said(view: LiveView, payment: Payment) -> None:
    """A recurring debit on its way needs nobody; a new state has no sentence yet."""
    view.hear(payment, at(2))

    assert "→" not in drawn(view, at(3))


def test_a_lost_connection_is_told_with_its_reason_and_the_next_attempt(view: LiveView) -> None:
    """Until something is heard again."""
    error = UnavailableError("stopping", reason=ErrorReason.STREAM_INTERRUPTED)
    view.hear(pending_payment(), at(1))
    view.break_off(Interruption(error=error, attempt=1, delay_seconds=4.2), at(10))

    waiting, trying = drawn(view, at(11)), drawn(view, at(15))
    view.hear(None, at(16))
    heard = drawn(view, at(18))

    assert "⟳ STREAM_INTERRUPTED, connecting again in 3 s (attempt 2)" in waiting
    assert "⟳ STREAM_INTERRUPTED, connecting again now (attempt 2)" in trying
    assert "♥ heard 2 s ago" in heard


def test_the_end_tells_how_long_was_watched(view: LiveView) -> None:
    """The last drawing has no pulse any more."""
    view.hear(replace(pending_payment(), state=PaymentState.SUCCEEDED), at(17))
    view.ended = at(18)

    text = drawn(view, at(500))

    assert "watched for 17 s" in text
    assert "♥" not in text


def test_it_fits_a_narrow_terminal(view: LiveView) -> None:
    """No line is wider than the terminal."""
    view.hear(pending_payment(), at(1))

    assert max(len(line) for line in drawn(view, at(17), width=50).splitlines()) <= 50
