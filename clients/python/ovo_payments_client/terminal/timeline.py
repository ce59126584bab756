"""A payment's versions, one line for each: when, what, and how long after the one before."""

from collections.abc import Iterator
from datetime import datetime
from typing import Final

from rich.table import Table
from rich.text import Text

from ovo_payments_client.payment import Payment
from ovo_payments_client.terminal.panels import failure_words, printable, remarks, state_label
from ovo_payments_client.terminal.words import clock, rupiah, span

ROWS_MAX: Final = 8


def timeline(versions: list[Payment], now: datetime) -> Table:
    """Draws the latest versions, the newest last."""
    grid = Table.grid(padding=(0, 2))
    grid.add_column(justify="right", style="bright_black", no_wrap=True)
    grid.add_column(no_wrap=True)
    grid.add_column(no_wrap=True)
    grid.add_column(justify="right", style="bright_black", no_wrap=True)
    grid.add_column(overflow="fold")
    earlier = len(versions) - ROWS_MAX
    if earlier > 0:
        grid.add_row("…", Text(f"{earlier} earlier", style="bright_black"))
    for before, version in list(zip([None, *versions], versions, strict=False))[-ROWS_MAX:]:
        grid.add_row(*_row(before, version, now))
    return grid


def one_line(before: Payment | None, version: Payment, now: datetime) -> Text:
    """Writes a version on a line of its own, for output that is no terminal."""
    number, moment, state, later, words = _row(before, version, now)
    line = Text.assemble(moment, "  ", number, "  ", state, "  ", rupiah(version.amount))
    for part in (Text(later), words):
        if part:
            line.append("  ").append_text(part)
    return line


def _row(
    before: Payment | None, version: Payment, now: datetime
) -> tuple[str, str, Text, str, Text]:
    """Gives the number, the time, the state, the time since the version before, and the news."""
    moment = "" if version.update_time is None else clock(version.update_time, now)
    later = ""
    if before is not None and before.update_time is not None and version.update_time is not None:
        later = f"+{span(version.update_time - before.update_time)}"
    news = Text(", ".join(_news(before, version)))
    return f"v{version.version}", moment, state_label(version.state), later, news


def _news(before: Payment | None, version: Payment) -> Iterator[str]:
    """Tells what this version says that the one before did not."""
    if version.failure is not None:
        yield failure_words(version.failure)
    if version.refund is not None and (before is None or before.refund != version.refund):
        refund = version.refund
        yield f"refund of {rupiah(refund.amount)} {refund.state.replace('_', ' ').lower()}"
        if refund.failure is not None:
            yield failure_words(refund.failure)
    reference = version.provider_reference
    if reference and (before is None or before.provider_reference != reference):
        yield f"reference {printable(reference)}"
    yield from remarks(version)
