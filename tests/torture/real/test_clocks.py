"""What the clock showed while it was wrong is told from what it showed before and after."""

from dataclasses import replace
from datetime import timedelta

import pytest

from tests.contract.store.samples import a_payment
from tests.torture.observed import Observed, Operation
from tests.torture.real.clocks import event_times

_JUMP_S = 30.0


def _times(*shown_s: float, asked_at: float = 0.0) -> list[float]:
    """The times of a payment's versions, with a clock that was fast from second 80 to 82."""
    first = a_payment()
    began = first.update_time
    observed = Observed(
        mode="real",
        seed=1,
        command="",
        clock_jumps=[(80.0, _JUMP_S), (82.0, -_JUMP_S)],
        operations=[
            Operation(
                order=1,
                scope=first.scope,
                method="Charge",
                order_id=first.order_id,
                invoked_at=asked_at,
            )
        ],
        events={
            first.payment_id: [
                replace(first, version=number, update_time=began + timedelta(seconds=shown))
                for number, shown in enumerate(shown_s, 1)
            ]
        },
    )
    return list(dict(event_times(observed, began)).values())


def test_what_was_decided_while_the_clock_was_wrong_is_put_right() -> None:
    """Only that."""
    assert _times(79.0, 111.0, 83.0) == [79.0, 81.0, 83.0]


@pytest.mark.parametrize("asked_at", [0.0, 105.0])
def test_no_version_is_moved_before_the_one_it_follows(asked_at: float) -> None:
    """The clock shows second 111 twice: while it was wrong, and half a minute after."""
    assert _times(109.0, 111.0, asked_at=asked_at) == [109.0, 111.0]


def test_no_payment_is_moved_before_it_was_asked_for() -> None:
    """The first version follows none."""
    assert _times(111.0, asked_at=110.9) == [111.0]
    assert _times(111.0, asked_at=80.5) == [81.0]
