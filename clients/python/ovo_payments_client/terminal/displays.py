"""How a watch is shown while it runs: drawn live, line by line, or as JSON lines."""

from collections.abc import Callable
from datetime import datetime
from typing import Protocol

import typer
from rich.console import Console
from rich.live import Live
from rich.text import Text

from ovo_payments_client.payment import Heartbeat, Payment, PaymentResult
from ovo_payments_client.terminal import documents, panels
from ovo_payments_client.terminal.live import LiveView
from ovo_payments_client.terminal.timeline import one_line
from ovo_payments_client.terminal.words import clock
from ovo_payments_client.watch import Interruption

Clock = Callable[[], datetime]


class WatchDisplay(Protocol):
    """Shows what a watch brings."""

    def begin(self, result: PaymentResult) -> None:
        """Takes the answer to the call that the watch goes on from."""

    def event(self, event: Payment | Heartbeat) -> None:
        """Takes a version or a heartbeat."""

    def interruption(self, interruption: Interruption) -> None:
        """Takes a connection that broke."""

    def close(self) -> None:
        """Ends the display."""


def tell_interruption(notes: Console, interruption: Interruption) -> None:
    """Writes why nothing may come for a while."""
    notes.print(
        Text(f"{interruption.error}; connecting again in {interruption.delay_seconds:.1f} s"),
        soft_wrap=True,
    )


class JsonLines:
    """Writes a document for each event; what is not the payment's goes to standard error."""

    def __init__(self, *, heartbeats: bool) -> None:
        self._heartbeats = heartbeats

    def begin(self, result: PaymentResult) -> None:
        """Writes the answer like any other result."""
        typer.echo(documents.encode(documents.of_result(result)))

    def event(self, event: Payment | Heartbeat) -> None:
        """Writes a version, and a heartbeat where they were asked for."""
        if self._heartbeats or isinstance(event, Payment):
            typer.echo(documents.encode(documents.of_event(event)))

    def interruption(self, interruption: Interruption) -> None:
        """Tells programs that read standard error."""
        typer.echo(documents.encode(documents.of_interruption(interruption)), err=True)

    def close(self) -> None:
        """Has nothing to end."""


class Lines:
    """Writes a line for each version."""

    def __init__(self, output: Console, notes: Console, now: Clock, *, heartbeats: bool) -> None:
        self._output = output
        self._notes = notes
        self._now = now
        self._heartbeats = heartbeats
        self._latest: Payment | None = None

    def begin(self, result: PaymentResult) -> None:
        """Writes the answer like any other result."""
        self._output.print(panels.of_result(result, self._now()), crop=False)
        self._latest = result.payment

    def event(self, event: Payment | Heartbeat) -> None:
        """Writes a version, and a heartbeat where they were asked for."""
        now = self._now()
        if isinstance(event, Payment):
            self._output.print(one_line(self._latest, event, now), soft_wrap=True)
            self._latest = event
        elif self._heartbeats:
            self._output.print(Text(f"{clock(event.time or now, now)}  ♥"), soft_wrap=True)

    def interruption(self, interruption: Interruption) -> None:
        """Tells why nothing may come for a while."""
        tell_interruption(self._notes, interruption)

    def close(self) -> None:
        """Has nothing to end."""


class LiveDisplay:
    """Draws the view anew four times a second, and leaves the last drawing on the screen."""

    def __init__(self, output: Console, view: LiveView, now: Clock) -> None:
        self._view = view
        self._now = now
        self._page: str | None = None
        self._live = Live(
            console=output,
            get_renderable=lambda: view.render(now()),
            refresh_per_second=4,
        )
        self._live.start()

    def begin(self, result: PaymentResult) -> None:
        """Draws the answer as the first thing seen."""
        self._view.request_id = result.request_id
        self.event(result.payment)

    def event(self, event: Payment | Heartbeat) -> None:
        """Draws a version or a heartbeat at once; a page's address stands above, unbroken."""
        payment = event if isinstance(event, Payment) else None
        if payment is not None and payment.redirect_url not in {None, self._page}:
            self._page = payment.redirect_url
            self._live.console.print(*panels.address(self._page), soft_wrap=True)
        self._view.hear(payment, self._now())
        self._live.refresh()

    def interruption(self, interruption: Interruption) -> None:
        """Draws that the connection is made again."""
        self._view.break_off(interruption, self._now())
        self._live.refresh()

    def close(self) -> None:
        """Leaves the last drawing."""
        self._view.ended = self._now()
        self._live.stop()
