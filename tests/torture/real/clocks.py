"""When versions were decided, by a clock of the service that was wrong at times."""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from typing import Final

from ovo_payments.domain.payment import Payment
from tests.torture.observed import Observed

# Callers write down that a call leaves a little before or after it does.
_ROOM_S: Final = 1.0


def event_times(observed: Observed, began: datetime) -> Iterator[tuple[tuple[str, int], float]]:
    """Gives the time of each payment's versions, in seconds since the run `began`."""
    wrong = _wrong_spans(observed.clock_jumps)
    first_calls: dict[tuple[str, str], float] = {}
    for operation in observed.operations:
        if operation.order_id:
            key = (operation.scope, operation.order_id)
            first_calls[key] = min(first_calls.get(key, operation.invoked_at), operation.invoked_at)
    for payment_id, versions in observed.events.items():
        earliest = 0.0
        for version in versions:
            order = (version.scope, version.order_id)
            earliest = max(earliest, first_calls.get(order, 0.0) - _ROOM_S)
            earliest = _decided_at(version, began, wrong, earliest)
            yield (payment_id, version.version), earliest


def _decided_at(
    version: Payment,
    began: datetime,
    wrong: Sequence[tuple[float, float, float]],
    earliest: float,
) -> float:
    """Takes off what the clock was wrong by, where the version can have been decided then.

    One stamp may stand for two moments: one while the clock was wrong, and one when it was right
    again. Nothing was decided before its payment was asked for, or before its last version.
    """
    shown = (version.update_time - began) / timedelta(seconds=1)
    for began_at, ended_at, jump_s in wrong:
        if began_at <= shown - jump_s <= ended_at and shown - jump_s >= earliest:
            return shown - jump_s
    return shown


def _wrong_spans(
    jumps: Sequence[tuple[float, float]],
) -> Sequence[tuple[float, float, float]]:
    """Gives when the clock was wrong, from when until when and by how much."""
    return [
        (began_at, ended_at, jump_s)
        for (began_at, jump_s), (ended_at, _) in zip(jumps[::2], jumps[1::2], strict=True)
    ]
