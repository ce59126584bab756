"""The command line `ovo`: every RPC, readable on a terminal and as JSON.

Exit statuses: 0 done · 1 the payment, refund or binding failed or expired ·
2 the command was not understood · 3 the request must be mended · 4 refused, as
things stand · 5 try again later, nothing was sent · 6 no answer, only the same
request id may repeat it · 7 the caller is not known or not allowed · 8 the
service broke its contract · 130 interrupted.
"""

import sys
from typing import Annotated

import typer

from ovo_payments_client.client import HEARTBEAT_INTERVAL_SECONDS
from ovo_payments_client.payment import Customer, PaymentState
from ovo_payments_client.terminal import documents, exit_status, fields, following
from ovo_payments_client.terminal.changes import follow_changes
from ovo_payments_client.terminal.command import before_any_command, in_session
from ovo_payments_client.terminal.exit_status import ExitStatus
from ovo_payments_client.terminal.session import Session
from ovo_payments_client.version import VERSION

app = typer.Typer(
    name="ovo",
    epilog=(
        "Exit statuses: 0 done, 1 failed or expired, 2 usage, 3 mend the request, 4 refused, "
        "5 try again later, 6 no answer, 7 access, 8 a broken service, 130 interrupted."
    ),
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_show_locals=False,
)


def show_version(wanted: bool) -> None:
    """Shows the version and exits, where it was asked for."""
    if wanted:
        typer.echo(VERSION)
        raise typer.Exit


@app.callback()
@before_any_command
def ovo(
    *,
    version: Annotated[
        bool,
        typer.Option(
            "--version", callback=show_version, is_eager=True, help="Show the version and exit."
        ),
    ] = False,
) -> None:
    """Take OVO wallet payments through an OvoPayments service."""


def main() -> None:
    """Runs the command line; with --json a command that is not understood is told as JSON too."""
    if "--json" not in sys.argv:
        app()
    try:
        status = app(standalone_mode=False)
    except typer.TyperException as misunderstood:
        document = documents.of_usage(misunderstood.format_message())
        typer.echo(documents.encode(document), err=True)
        sys.exit(misunderstood.exit_code)
    sys.exit(status)


@app.command("bind")
@in_session
async def bind(  # noqa: PLR0913 - an option for each field of the request.
    session: Session,
    *,
    customer_id: Annotated[str, typer.Option(help="Your name for the customer.")],
    phone_number: fields.PhoneNumber,
    success_url: fields.SuccessUrl,
    failure_url: fields.FailureUrl,
    customer_name: fields.CustomerName = "",
    customer_email: fields.CustomerEmail = "",
    provider: fields.Provider = "",
    request_id: fields.RequestId = None,
) -> ExitStatus:
    """Start linking a customer's OVO account."""
    async with session.connect() as client:
        result = await client.bind(
            customer_id=customer_id,
            phone_number=phone_number,
            success_url=success_url,
            failure_url=failure_url,
            customer=_customer(customer_id, customer_name, customer_email),
            provider=provider,
            request_id=request_id,
        )
    session.show(result)
    return exit_status.of_binding(result.binding.state)


@app.command("unbind")
@in_session
async def unbind(session: Session, binding_id: fields.BindingId) -> ExitStatus:
    """Unlink an account."""
    async with session.connect() as client:
        session.show(await client.unbind(binding_id))
    return ExitStatus.OK


@app.command("balance")
@in_session
async def balance(session: Session, binding_id: fields.BindingId) -> ExitStatus:
    """Read what a linked account holds."""
    async with session.connect() as client:
        session.show(await client.balance(binding_id))
    return ExitStatus.OK


@app.command("pay")
@in_session
async def pay(  # noqa: PLR0913 - an option for each field of the request.
    session: Session,
    *,
    order_id: fields.OrderId,
    binding_id: Annotated[str, typer.Option(help="The link to debit.")],
    amount: fields.Amount,
    points_amount: fields.PointsAmount = None,
    merchant_initiated: Annotated[
        bool,
        typer.Option("--merchant-initiated", help="No customer is there to confirm."),
    ] = False,
    success_url: fields.SuccessUrl = "",
    failure_url: fields.FailureUrl = "",
    items: fields.Items = None,
    metadata: fields.Metadata = None,
    request_id: fields.RequestId = None,
    watch: fields.Watch = False,
) -> ExitStatus:
    """Debit a linked account."""
    async with session.connect() as client:
        result = await client.pay(
            order_id=order_id,
            binding_id=binding_id,
            amount=amount,
            points_amount=points_amount,
            merchant_initiated=merchant_initiated,
            success_url=success_url,
            failure_url=failure_url,
            items=items or (),
            metadata=dict(metadata or ()),
            request_id=request_id,
        )
        return await following.show_and_follow(session, client, result, watch=watch)


@app.command("charge")
@in_session
async def charge(  # noqa: PLR0913 - an option for each field of the request.
    session: Session,
    *,
    order_id: fields.OrderId,
    phone_number: fields.PhoneNumber,
    amount: fields.Amount,
    customer_id: Annotated[str, typer.Option(help="Your name for the customer.")] = "",
    customer_name: fields.CustomerName = "",
    customer_email: fields.CustomerEmail = "",
    items: fields.Items = None,
    metadata: fields.Metadata = None,
    provider: fields.Provider = "",
    request_id: fields.RequestId = None,
    watch: fields.Watch = False,
) -> ExitStatus:
    """Send a payment request to an OVO app."""
    async with session.connect() as client:
        result = await client.charge(
            order_id=order_id,
            phone_number=phone_number,
            amount=amount,
            customer=_customer(customer_id, customer_name, customer_email),
            items=items or (),
            metadata=dict(metadata or ()),
            provider=provider,
            request_id=request_id,
        )
        return await following.show_and_follow(session, client, result, watch=watch)


@app.command("refund")
@in_session
async def refund(
    session: Session,
    payment_id: fields.PaymentId,
    *,
    amount: fields.RefundAmount = None,
    reason: Annotated[str, typer.Option(help="Why, in your words.")] = "",
    request_id: fields.RequestId = None,
) -> ExitStatus:
    """Return a payment's money to the customer."""
    async with session.connect() as client:
        result = await client.refund(
            payment_id, amount=amount, reason=reason, request_id=request_id
        )
    session.show(result)
    return exit_status.of_refund(result.payment)


@app.command("status")
@in_session
async def status(
    session: Session,
    payment_id: fields.PaymentIdOrNone = None,
    *,
    order_id: fields.OrderIdInstead = None,
    binding_id: Annotated[str | None, typer.Option(help="A binding instead.")] = None,
    refresh: Annotated[bool, typer.Option("--refresh", help="Ask the provider first.")] = False,
) -> ExitStatus:
    """Read a payment, an order's latest payment, or a binding."""
    _exactly_one(
        payment_id, order_id, binding_id, hint="'PAYMENT_ID' / '--order-id' / '--binding-id'"
    )
    async with session.connect() as client:
        if payment_id is not None:
            session.show(await client.get_status(payment_id, refresh=refresh))
        elif order_id is not None:
            session.show(await client.get_status(order_id=order_id, refresh=refresh))
        elif binding_id is not None:
            session.show(await client.get_status(binding_id=binding_id, refresh=refresh))
    return ExitStatus.OK


@app.command("watch")
@in_session
async def watch(
    session: Session,
    payment_id: fields.PaymentIdOrNone = None,
    *,
    order_id: fields.OrderIdInstead = None,
    after_version: Annotated[
        int | None, typer.Option(min=0, help="The last version you saw; 0 for the whole history.")
    ] = None,
    heartbeat_interval: fields.HeartbeatInterval = HEARTBEAT_INTERVAL_SECONDS,
    heartbeats: fields.Heartbeats = False,
) -> ExitStatus:
    """Follow a payment to its end, live."""
    _exactly_one(payment_id, order_id, hint="'PAYMENT_ID' / '--order-id'")
    async with session.connect() as client:
        return await following.follow(
            session,
            client,
            payment_id,
            order_id=order_id,
            after_version=after_version,
            heartbeat_interval_seconds=heartbeat_interval,
            heartbeats=heartbeats,
        )


@app.command("changes")
@in_session
async def changes(
    session: Session,
    *,
    cursor: Annotated[
        str, typer.Option(help="Where you stopped; all changes from the first where not given.")
    ] = "",
    from_now: Annotated[
        bool, typer.Option("--from-now", help="Only what changes from now on.")
    ] = False,
    state: Annotated[
        list[PaymentState] | None,
        typer.Option(
            case_sensitive=False, help="Only changes into this state; may be given many times."
        ),
    ] = None,
    provider: Annotated[
        list[str] | None,
        typer.Option(help="Only payments of this provider; may be given many times."),
    ] = None,
    heartbeat_interval: fields.HeartbeatInterval = HEARTBEAT_INTERVAL_SECONDS,
    heartbeats: fields.Heartbeats = False,
) -> ExitStatus:
    """Follow every change of all your payments, until you stop it."""
    async with session.connect() as client:
        await follow_changes(
            session,
            client,
            cursor=cursor,
            from_now=from_now,
            states=state or (),
            providers=provider or (),
            heartbeat_interval_seconds=heartbeat_interval,
            heartbeats=heartbeats,
        )
    return ExitStatus.OK


def _customer(customer_id: str, name: str, email: str) -> Customer | None:
    """Makes a customer of what is known, if anything is."""
    if not name and not email and not customer_id:
        return None
    return Customer(customer_id=customer_id, name=name, email=email)


def _exactly_one(*names: str | None, hint: str) -> None:
    """Refuses a command that names no subject, or two."""
    if sum(name is not None for name in names) != 1:
        raise typer.BadParameter("give exactly one of these", param_hint=hint)
