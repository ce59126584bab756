"""Amounts, times and states as a person reads them."""

from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from ovo_payments_client.binding import BindingState
from ovo_payments_client.payment import PaymentState, RefundState

STATE_STYLES: Final[dict[StrEnum, str]] = {
    PaymentState.PENDING: "yellow",
    PaymentState.IN_DOUBT: "bold magenta",
    PaymentState.SUCCEEDED: "bold green",
    PaymentState.FAILED: "bold red",
    PaymentState.EXPIRED: "red",
    PaymentState.REFUNDED: "bold cyan",
    BindingState.ACTIVE: "bold green",
    BindingState.UNBOUND: "bright_black",
}
"""Colours by state; words that payments, refunds and bindings share have one colour."""

MINUTE: Final = 60
HOUR: Final = 60 * MINUTE
DAY: Final = 24 * HOUR


def rupiah(amount: int) -> str:
    """Writes an amount as Indonesians do: Rp15.000."""
    sign = "-" if amount < 0 else ""
    return f"{sign}Rp{abs(amount):,}".replace(",", ".")


def state_style(state: PaymentState | RefundState | BindingState) -> str:
    """Gives the colour of a state."""
    return STATE_STYLES.get(state, "yellow")


def span(length: timedelta) -> str:
    """Writes a length of time with its two largest units."""
    seconds = max(round(length.total_seconds()), 0)
    if seconds < 2 * MINUTE:
        return f"{seconds} s"
    if seconds < HOUR:
        return f"{seconds // MINUTE} min {seconds % MINUTE} s"
    if seconds < DAY:
        return f"{seconds // HOUR} h {seconds % HOUR // MINUTE} min"
    return f"{seconds // DAY} d {seconds % DAY // HOUR} h"


def relative(moment: datetime, now: datetime) -> str:
    """Writes a time by its distance from now."""
    if abs(moment - now) < timedelta(seconds=1):
        return "now"
    return f"in {span(moment - now)}" if moment > now else f"{span(now - moment)} ago"


def clock(moment: datetime, now: datetime) -> str:
    """Writes a time on the clock of whoever reads it, with the date where it is another day."""
    local = moment.astimezone(now.tzinfo)
    time_of_day = f"{local:%H:%M:%S}"
    return time_of_day if local.date() == now.date() else f"{local:%Y-%m-%d} {time_of_day}"


def clock_and_distance(moment: datetime, now: datetime) -> str:
    """Writes a time both ways."""
    return f"{clock(moment, now)} ({relative(moment, now)})"
