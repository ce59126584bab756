"""When the service asks the provider about what is open, and when asking is evidence.

Time is never evidence: nothing here ends a payment. The schedules are counted from the moment
of the request, so that a restart neither forgets nor repeats a question.
"""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import chain
from typing import Final

from ovo_payments.domain.binding import Binding, BindingState
from ovo_payments.domain.payment import NOT_SENT, Method, Payment, PaymentState

_MINUTE_S: Final = 60
_HOUR_S: Final = 3600
_DAY_S: Final = 86400

_PUSH_S: Final = (2, 5, 10, 20, 40)
_PUSH_AFTER_EXPIRY_S: Final = (10, 30, 100, 180)
_PUSH_LATE_S: Final = (5 * _MINUTE_S, 15 * _MINUTE_S, _HOUR_S, 6 * _HOUR_S, _DAY_S)
_DEBIT_S: Final = (
    *(3, 10, 30, 60, 120, 5 * _MINUTE_S, 15 * _MINUTE_S),
    *(_HOUR_S, 6 * _HOUR_S, 12 * _HOUR_S, _DAY_S),
)
# A bank may confirm a refund on the next working day, so its schedule goes on for a week.
_REFUND_S: Final = (*_DEBIT_S, 2 * _DAY_S, 3 * _DAY_S, 5 * _DAY_S, 7 * _DAY_S)
# A provider's final no is not its last word where it debits all the same and its notification is
# lost: it is asked twice more, lest that debit be found by nobody.
_AFTER_A_NO_S: Final = (_HOUR_S, _DAY_S)
_TOLD_WITHOUT_MONEY: Final = frozenset({PaymentState.FAILED, PaymentState.EXPIRED})
_BINDING_S: Final = (5, 15, 30, 60, 120, 5 * _MINUTE_S, 10 * _MINUTE_S, 20 * _MINUTE_S)
_BINDING_AFTER_EXPIRY_S: Final = (10, 60, 5 * _MINUTE_S, 15 * _MINUTE_S, _HOUR_S, _DAY_S)

NOT_FOUND_COUNT: Final = 3
NOT_FOUND_SPACING_S: Final = 10.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Patience:
    """How long a provider's silence means nothing, in seconds."""

    push_window_s: float
    """The customer's time for a push where the provider told no deadline."""
    settling_s: float
    """For how long after the end (a push) or the request (a debit) a 404 says nothing."""
    not_found_is_final: bool
    """Whether the provider's repeated 404 after that time proves that no money moved."""


def next_check_time(payment: Payment, now: datetime, patience: Patience) -> datetime | None:
    """Says when to ask next about a payment: None where nothing is left to ask.

    What ended without money, but for what was never sent, is asked about twice more: the answer
    changes nothing, or is a late success.
    """
    if not payment.open:
        if payment.state not in _TOLD_WITHOUT_MONEY or payment.failure == NOT_SENT:
            return None
        return _first_after(now, payment.update_time, _AFTER_A_NO_S)
    scheduled = _next_scheduled(payment, now, patience)
    denied = payment.checks.not_found_time
    if denied is None or not_found_often_enough(payment):
        return scheduled
    # A 404 that counts is asked for again soon: else the later ones would be hours apart, and
    # where the service was away for longer than the schedule, there would be none.
    again = denied + timedelta(seconds=NOT_FOUND_SPACING_S)
    if again <= now:
        return scheduled
    return again if scheduled is None else min(again, scheduled)


def _next_scheduled(payment: Payment, now: datetime, patience: Patience) -> datetime | None:
    if payment.refund is not None and payment.refund.state.open:
        return _first_after(now, payment.refund.create_time, _REFUND_S)
    if payment.method is Method.LINKED_ACCOUNT:
        return _first_after(now, payment.create_time, _DEBIT_S)
    times = chain(
        _times(payment.create_time, _PUSH_S),
        _times(_push_end(payment, patience), _PUSH_AFTER_EXPIRY_S),
        _times(payment.create_time, _PUSH_LATE_S),
    )
    return min((time for time in times if time > now), default=None)


def next_binding_check_time(binding: Binding, now: datetime) -> datetime | None:
    """Says when to ask next about a binding: None where nothing is left to ask."""
    if not binding.open:
        return None
    if binding.state is BindingState.ACTIVE:
        return _first_after(now, binding.update_time, _DEBIT_S)
    times = chain(
        _times(binding.create_time, _BINDING_S),
        _times(binding.expire_time, _BINDING_AFTER_EXPIRY_S),
    )
    return min((time for time in times if time > now), default=None)


def count_not_found(payment: Payment, now: datetime, patience: Patience) -> Payment:
    """Counts a 404 of the status query, if enough time has passed for it to mean anything."""
    checks = payment.checks
    if now < _settled_after(payment, patience):
        return payment
    if checks.not_found_time is not None:
        spacing_s = (now - checks.not_found_time).total_seconds()
        if spacing_s < NOT_FOUND_SPACING_S:
            return payment
    counted = replace(checks, not_found_count=checks.not_found_count + 1, not_found_time=now)
    return replace(payment, checks=counted)


def not_found_often_enough(payment: Payment) -> bool:
    """Whether the provider said 404 often enough, late enough and far enough apart."""
    return payment.checks.not_found_count >= NOT_FOUND_COUNT


def _settled_after(payment: Payment, patience: Patience) -> datetime:
    start = payment.create_time
    if payment.refund is not None and payment.refund.state.open:
        start = payment.refund.create_time
    elif payment.method is Method.PUSH_TO_PHONE:
        start = _push_end(payment, patience)
    return start + timedelta(seconds=patience.settling_s)


def _push_end(payment: Payment, patience: Patience) -> datetime:
    """When the customer's time is over; a deadline beyond the last question is not believed."""
    told = payment.expire_time or payment.create_time + timedelta(seconds=patience.push_window_s)
    return min(told, payment.create_time + timedelta(seconds=_DAY_S))


def _times(start: datetime, offsets_s: tuple[int, ...]) -> list[datetime]:
    return [start + timedelta(seconds=offset_s) for offset_s in offsets_s]


def _first_after(now: datetime, start: datetime, offsets_s: tuple[int, ...]) -> datetime | None:
    return next((time for time in _times(start, offsets_s) if time > now), None)
