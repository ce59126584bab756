"""The live view of `ovo watch`: what a payment did, what it waits for, if the link lives."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

from rich.console import Group, RenderableType
from rich.panel import Panel
from rich.progress_bar import ProgressBar
from rich.table import Table
from rich.text import Text

from ovo_payments_client.payment import Payment, PaymentState
from ovo_payments_client.terminal import advice, panels
from ovo_payments_client.terminal.timeline import timeline
from ovo_payments_client.terminal.words import clock, relative, rupiah, span, state_style
from ovo_payments_client.watch import Interruption

WIDTH: Final = 76
BAR_WIDTH: Final = 36
ON_THE_PAGE_ABOVE: Final = "The customer confirms it on the page whose address stands above."
HURRY: Final = timedelta(seconds=15)


@dataclass(slots=True, kw_only=True)
class LiveView:
    """What a watch has seen so far, and how it is drawn."""

    subject: str
    server: str
    heartbeat_interval: timedelta
    started: datetime
    versions: list[Payment] = field(default_factory=list)
    heard: datetime | None = None
    interruption: Interruption | None = None
    interrupted: datetime | None = None
    ended: datetime | None = None
    request_id: str | None = None

    def hear(self, payment: Payment | None, now: datetime) -> None:
        """Takes a version, or None for a heartbeat."""
        if payment is not None:
            self.versions.append(payment)
        self.heard = now
        self.interruption = None

    def break_off(self, interruption: Interruption, now: datetime) -> None:
        """Takes a connection that broke."""
        self.interruption = interruption
        self.interrupted = now

    def render(self, now: datetime) -> RenderableType:
        """Draws everything as it stands now."""
        latest = self.versions[-1] if self.versions else None
        style = "bright_black" if latest is None else state_style(latest.state)
        return Panel(
            Group(*self._body(latest, now)),
            title=Text(
                panels.printable(latest.payment_id if latest else self.subject), style="bold"
            ),
            title_align="left",
            subtitle=self._pulse(now),
            subtitle_align="left",
            border_style=style.removeprefix("bold "),
            padding=(1, 2),
            width=WIDTH,
        )

    def _body(self, latest: Payment | None, now: datetime) -> Iterator[RenderableType]:
        """Gives the parts from top to bottom."""
        if latest is None:
            yield Text("Waiting for the first answer …", style="bright_black")
            return
        yield _headline(latest, self.request_id)
        yield Text("")
        yield timeline(self.versions, now)
        yield from _countdown(latest, now)
        at_a_page = latest.state is PaymentState.PENDING and latest.redirect_url is not None
        hint = ON_THE_PAGE_ABOVE if at_a_page else advice.after_payment(latest)
        if hint is not None:
            yield Text("")
            yield Text.assemble(("→ ", "bold cyan"), hint)

    def _pulse(self, now: datetime) -> Text:
        """Tells whether the link lives."""
        if self.ended is not None:
            return Text(f"watched for {span(self.ended - self.started)}", style="bright_black")
        if self.interruption is not None and self.interrupted is not None:
            return _reconnecting(self.interruption, self.interrupted, now)
        if self.heard is None:
            return Text(
                f"connecting to {self.server}, {span(now - self.started)}", style="bright_black"
            )
        silence = now - self.heard
        overdue = silence > 1.5 * self.heartbeat_interval
        return Text.assemble(
            ("♥", "yellow" if overdue else "green"),
            (f" heard {relative(self.heard, now)}, watching for ", "bright_black"),
            (f"{span(now - self.started)}", "bright_black"),
        )


def _headline(payment: Payment, request_id: str | None) -> RenderableType:
    """Draws the amount and the state large, and below them who carries the payment."""
    line = Table.grid(expand=True)
    line.add_column()
    line.add_column(justify="right")
    line.add_row(
        Text.assemble((rupiah(payment.amount), "bold"), "  ", panels.state_label(payment.state)),
        Text(f"version {payment.version}", style="bright_black"),
    )
    about = Text(f"order {panels.printable(payment.order_id)}", style="bright_black")
    for part in panels.carriers(payment):
        about.append(f" · {panels.printable(part)}")
    if request_id is not None:
        about.append(f"\nrequest id {panels.printable(request_id)}")
    return Group(line, about)


def _countdown(payment: Payment, now: datetime) -> Iterator[RenderableType]:
    """Draws the time that is left, while there is something to wait for."""
    if payment.state is PaymentState.IN_DOUBT and payment.next_check_time is not None:
        yield Text("")
        next_check = max(payment.next_check_time, now)
        yield Text(f"The provider is asked again {relative(next_check, now)}.")
    if payment.state is not PaymentState.PENDING or payment.expire_time is None:
        return
    yield Text("")
    left = payment.expire_time - now
    if left <= timedelta(0):
        yield Text(
            f"The time to act ended at {clock(payment.expire_time, now)}; "
            "the provider's word is awaited.",
            style="yellow",
        )
        return
    words = Text(f"{span(left)} left", style="bold yellow" if left < HURRY else "yellow")
    if payment.create_time is None:
        yield words
        return
    bar = Table.grid(padding=(0, 2))
    bar.add_row(
        ProgressBar(
            total=(payment.expire_time - payment.create_time).total_seconds(),
            completed=left.total_seconds(),
            width=BAR_WIDTH,
            complete_style="yellow",
            finished_style="yellow",
        ),
        words,
        Text(f"until {clock(payment.expire_time, now)}", style="bright_black"),
    )
    yield bar


def _reconnecting(interruption: Interruption, since: datetime, now: datetime) -> Text:
    """Tells that the connection broke, why, and when it is tried again."""
    error = interruption.error
    left_seconds = interruption.delay_seconds - (now - since).total_seconds()
    when = f"in {left_seconds:.0f} s" if left_seconds >= 1 else "now"
    return Text(
        f"⟳ {error.reason or error.status.name}, connecting again {when} "
        f"(attempt {interruption.attempt + 1})",
        style="yellow",
    )
