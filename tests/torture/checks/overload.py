"""I-37 to I-39: overload."""

from typing import Final

from tests.torture.checks.facts import Facts, Sheet

_REPEATED_SHARE_MAX: Final = 0.10
_FIRST_REPEATS: Final = 3
_SAFE_CLIENTS: Final = 4


def nothing_is_multiplied(facts: Facts, sheet: Sheet) -> None:
    """I-37."""
    for (operation, reference), sends in facts.sends.items():
        if operation == "refund":
            continue
        effective = [one for one in sends if one.status != 401]
        sheet.hold(
            true=len(effective) <= 1,
            subject=reference,
            otherwise=f"{operation} was sent {len(effective)} times",
        )
    counted = facts.observed.attempts
    first = counted.get("query", 0) + counted.get("token", 0)
    again = counted.get("query.repeated", 0) + counted.get("token.repeated", 0)
    # Each client of each life begins with a few repetitions that it did not earn.
    allowed = _REPEATED_SHARE_MAX * first + (
        _FIRST_REPEATS * _SAFE_CLIENTS * max(1, len(facts.observed.lives))
    )
    sheet.hold(
        true=again <= allowed,
        subject="",
        otherwise=f"{first} safe calls were repeated {again} times",
    )
    sheet.also = {"safe calls": first, "repetitions of them": again}


def one_provider_hangs_alone(facts: Facts, sheet: Sheet) -> None:
    """I-38."""
    sheet.unobservable = f"{facts.observed.mode}: shares of a real machine's time"


def open_breakers_send_nothing(facts: Facts, sheet: Sheet) -> None:
    """I-39."""
    for call in facts.observed.calls:
        if call.moves_money and call.left >= 0:
            sheet.hold(
                true=call.breaker in {"CLOSED", ""},
                subject=facts.payment_of_refund.get(call.reference, call.reference),
                otherwise=f"{call.operation} was sent while the breaker was {call.breaker}",
            )
