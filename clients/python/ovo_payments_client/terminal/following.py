"""Follows a payment to its end and tells by the exit status how it ended."""

from contextlib import aclosing, closing
from datetime import timedelta
from typing import Final

from ovo_payments_client.client import HEARTBEAT_INTERVAL_SECONDS, OvoPaymentsClient
from ovo_payments_client.payment import Payment, PaymentResult
from ovo_payments_client.terminal import exit_status
from ovo_payments_client.terminal.displays import JsonLines, Lines, LiveDisplay, WatchDisplay
from ovo_payments_client.terminal.exit_status import ExitStatus
from ovo_payments_client.terminal.live import LiveView
from ovo_payments_client.terminal.session import Session, local_now
from ovo_payments_client.watch import Backoff

# Half a minute of trying, on average; a person who waits longer calls again.
ATTEMPTS_MAX: Final = 12


async def show_and_follow(
    session: Session, client: OvoPaymentsClient, result: PaymentResult, *, watch: bool
) -> ExitStatus:
    """Shows the answer to Pay or Charge, and follows the payment where that was asked for."""
    if watch and not result.payment.state.is_final:
        return await follow(session, client, result.payment.payment_id, begun=result)
    session.show(result)
    return exit_status.of_payment(result.payment)


async def follow(
    session: Session,
    client: OvoPaymentsClient,
    payment_id: str | None = None,
    *,
    order_id: str | None = None,
    after_version: int | None = None,
    heartbeat_interval_seconds: float = HEARTBEAT_INTERVAL_SECONDS,
    heartbeats: bool = False,
    begun: PaymentResult | None = None,
) -> ExitStatus:
    """Shows each version of a payment; `begun` is the answer to the call that began it."""
    latest: Payment | None = None
    subject = payment_id or f"order {order_id}"
    display = _display(session, subject, heartbeat_interval_seconds, heartbeats=heartbeats)
    with closing(display):
        if begun is not None:
            latest, after_version = begun.payment, begun.payment.version
            display.begin(begun)
        events = client.watch(
            payment_id,
            order_id=order_id,
            after_version=after_version,
            heartbeat_interval_seconds=heartbeat_interval_seconds,
            heartbeats=True,
            backoff=Backoff(attempts_max=ATTEMPTS_MAX),
            on_interruption=display.interruption,
        )
        async with aclosing(events):
            async for event in events:
                display.event(event)
                latest = event if isinstance(event, Payment) else latest
    if latest is None:
        # Nothing is newer than the version named: how it ended is read, not shown.
        latest = await _read(client, payment_id, order_id)
    return exit_status.of_payment(latest)


def _display(
    session: Session, subject: str, heartbeat_interval_seconds: float, *, heartbeats: bool
) -> WatchDisplay:
    """Chooses how a watch is shown."""
    if session.as_json:
        return JsonLines(heartbeats=heartbeats)
    if not session.output.is_interactive:
        return Lines(session.output, session.notes, local_now, heartbeats=heartbeats)
    view = LiveView(
        subject=subject,
        server=session.server,
        heartbeat_interval=timedelta(seconds=heartbeat_interval_seconds),
        started=local_now(),
    )
    return LiveDisplay(session.output, view, local_now)


async def _read(client: OvoPaymentsClient, payment_id: str | None, order_id: str | None) -> Payment:
    """Reads the payment by either name."""
    if payment_id is not None:
        return await client.get_status(payment_id)
    return await client.get_status(order_id=order_id or "")
