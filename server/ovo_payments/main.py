"""Is the command `ovo-payments`.

Each command is imported when it runs: a probe that asks for health every few seconds must not
load the whole service each time.
"""

# ruff: noqa: PLC0415 - see above

from pathlib import Path
from typing import Annotated

import typer

app = typer.Typer(
    help="Takes OVO wallet payments through the providers that carry them.",
    add_completion=False,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
)

callers_app = typer.Typer(help="Make, list and revoke callers.", no_args_is_help=True)
app.add_typer(callers_app, name="callers")

CallersFile = Annotated[
    Path | None, typer.Option("--file", help="The callers' file; by default OVO_CALLERS_FILE.")
]
CallerName = Annotated[str, typer.Argument(help="The caller's name.")]


@app.command("serve")
def run_serve() -> None:
    """Run the service by its settings, until SIGTERM or SIGINT."""
    from ovo_payments.commands import serve

    raise typer.Exit(serve.run())


@app.command("dev")
def run_dev(
    *,
    grpc_port: Annotated[int, typer.Option(help="Where gRPC listens on loopback.")] = 50051,
    http_port: Annotated[int, typer.Option(help="Where webhooks come in on loopback.")] = 8080,
    sandbox_port: Annotated[int, typer.Option(help="Where the providers' stand-ins are.")] = 8081,
    state_directory: Annotated[
        Path,
        typer.Option(help="Keeps database, ledger and keys from one run to the next."),
    ] = Path(".ovo-development"),
    ready_file: Annotated[
        Path | None,
        typer.Option(help="Written with the addresses, as JSON, once everything answers."),
    ] = None,
) -> None:
    """Run the service with stand-ins of both providers, and print what to try.

    A port that is taken is replaced by a free one.
    """
    from ovo_payments.commands import dev

    ports = dev.Ports(grpc=grpc_port, http=http_port, sandbox=sandbox_port)
    raise typer.Exit(dev.run(ports, state_directory, ready_file))


@app.command("migrate")
def run_migrate() -> None:
    """Bring the database up to date and say what was done."""
    from ovo_payments.commands import migrate

    raise typer.Exit(migrate.run())


@app.command("reseal")
def run_reseal() -> None:
    """Seal everything at rest with the newest key, so that older ones may be left out."""
    from ovo_payments.commands import reseal

    raise typer.Exit(reseal.run())


@app.command("find")
def run_find() -> None:
    """Name the payments and links of a phone number, which is asked for or read from a pipe.

    The audit keeps that somebody looked.
    """
    from ovo_payments.commands import find

    raise typer.Exit(find.run())


audit_app = typer.Typer(help="Looks at what was done, by whom.", no_args_is_help=True)
app.add_typer(audit_app, name="audit")


@audit_app.callback()
def run_audit() -> None:
    """Look at what was done, by whom."""


@audit_app.command("verify")
def run_audit_verify(
    *,
    known: Annotated[
        Path | None,
        typer.Option(help="What an earlier run printed: these rows must still be there."),
    ] = None,
) -> None:
    """Name the first row of the audit that was changed, removed or moved.

    Prints how far each scope's chain has come: keep that where nobody who can write to the
    database can.
    """
    from ovo_payments.commands import audit

    raise typer.Exit(audit.run(known))


@app.command("health")
def run_health(
    address: Annotated[
        str, typer.Argument(help="Where the service listens; by default OVO_GRPC_LISTEN.")
    ] = "",
) -> None:
    """Exit with status 0 where the service serves, with 1 where it does not."""
    from ovo_payments.commands import health

    raise typer.Exit(health.run(address))


@callers_app.command("add")
def run_callers_add(
    name: CallerName,
    *,
    allow: Annotated[
        list[str],
        typer.Option(
            help="What it may call: a method such as Charge, or all, read, link, pay, refund."
        ),
    ],
    scope: Annotated[
        str, typer.Option(help="Whose payments it sees; callers of one scope share all.")
    ] = "",
    certificate: Annotated[
        list[str] | None,
        typer.Option(help="A name in its certificate: spiffe://domain/path or dns:host.name."),
    ] = None,
    return_url_prefix: Annotated[
        list[str] | None,
        typer.Option(help="Where it may send customers back to: https://shop.example/pay/."),
    ] = None,
    without_token: Annotated[
        bool, typer.Option("--without-token", help="Make no token: its certificate proves it.")
    ] = False,
    file: CallersFile = None,
) -> None:
    """Add a caller and print its token, which is kept nowhere else.

    A running service takes the caller within a second.
    """
    from ovo_payments.commands import callers

    raise typer.Exit(
        callers.add(
            name,
            file=file,
            scope=scope,
            allow=allow,
            certificates=certificate or (),
            return_url_prefixes=return_url_prefix or (),
            without_token=without_token,
        )
    )


@callers_app.command("list")
def run_callers_list(*, file: CallersFile = None) -> None:
    """Print each caller's scope, tokens by the beginning of their digests, and methods."""
    from ovo_payments.commands import callers

    raise typer.Exit(callers.show(file=file))


@callers_app.command("rotate")
def run_callers_rotate(name: CallerName, *, file: CallersFile = None) -> None:
    """Print a new token for a caller; its newest one so far stays good beside it."""
    from ovo_payments.commands import callers

    raise typer.Exit(callers.rotate(name, file=file))


@callers_app.command("revoke")
def run_callers_revoke(
    name: CallerName,
    *,
    token: Annotated[
        str, typer.Option(help="Only the token whose digest begins so, as `list` shows it.")
    ] = "",
    file: CallersFile = None,
) -> None:
    """Take a caller away, or one token of it; within a second its open streams end."""
    from ovo_payments.commands import callers

    raise typer.Exit(callers.revoke(name, file=file, token=token))


def main() -> None:
    """Runs the command."""
    app()
