"""Follows all payments of the caller: a line for each change, without end."""

from collections.abc import Sequence
from contextlib import aclosing

import typer
from rich.text import Text

from ovo_payments_client.client import OvoPaymentsClient
from ovo_payments_client.payment import PaymentChange, PaymentState
from ovo_payments_client.terminal import documents
from ovo_payments_client.terminal.displays import tell_interruption
from ovo_payments_client.terminal.panels import printable
from ovo_payments_client.terminal.session import Session, local_now
from ovo_payments_client.terminal.timeline import one_line
from ovo_payments_client.terminal.words import clock
from ovo_payments_client.watch import Interruption


async def follow_changes(
    session: Session,
    client: OvoPaymentsClient,
    *,
    cursor: str,
    from_now: bool,
    states: Sequence[PaymentState],
    providers: Sequence[str],
    heartbeat_interval_seconds: float,
    heartbeats: bool,
) -> None:
    """Shows each change, and at the end from where to go on."""

    def interrupted(interruption: Interruption) -> None:
        if session.as_json:
            typer.echo(documents.encode(documents.of_interruption(interruption)), err=True)
        else:
            tell_interruption(session.notes, interruption)

    changes = client.watch_payments(
        cursor=cursor,
        from_now=from_now,
        states=states,
        providers=providers,
        heartbeat_interval_seconds=heartbeat_interval_seconds,
        on_interruption=interrupted,
    )
    try:
        async with aclosing(changes):
            async for change in changes:
                cursor = change.cursor
                if change.payment is not None or heartbeats:
                    _show(session, change)
    finally:
        if cursor and not session.as_json:
            session.notes.print(Text(f"To go on from here: --cursor {cursor}"), soft_wrap=True)


def _show(session: Session, change: PaymentChange) -> None:
    now = local_now()
    if session.as_json:
        typer.echo(documents.encode(documents.of_change(change)))
    elif change.payment is None:
        session.output.print(Text(f"{clock(change.time or now, now)}  ♥"), soft_wrap=True)
    else:
        payment = change.payment
        line = one_line(None, payment, now)
        names = f"  {payment.payment_id}  {printable(payment.order_id)}"
        session.output.print(line.append(names), soft_wrap=True)
