"""The options that every command has, and the session that they describe."""

import os
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from ovo_payments_client.channel import stays_on_this_machine, tls_credentials
from ovo_payments_client.client import DEADLINE_SECONDS
from ovo_payments_client.terminal.session import Session

WIDTH_WITHOUT_TERMINAL = 200

PANEL = "Connection and output"

Server = Annotated[
    str,
    typer.Option(
        envvar="OVOPAY_SERVER",
        help="Where the service listens.",
        metavar="HOST:PORT",
        rich_help_panel=PANEL,
    ),
]
Token = Annotated[
    str | None,
    typer.Option(
        envvar="OVOPAY_TOKEN",
        help="The caller's token; others on this machine may see an argument.",
        rich_help_panel=PANEL,
    ),
]
TokenFile = Annotated[
    Path | None,
    typer.Option(
        envvar="OVOPAY_TOKEN_FILE",
        help="A file with the caller's token.",
        exists=True,
        dir_okay=False,
        rich_help_panel=PANEL,
    ),
]
Tls = Annotated[
    bool,
    typer.Option(
        "--tls",
        envvar="OVOPAY_TLS",
        help="Use TLS and trust the public authorities.",
        rich_help_panel=PANEL,
    ),
]
TlsCa = Annotated[
    Path | None,
    typer.Option(
        envvar="OVOPAY_TLS_CA",
        help="Use TLS and trust this authority (PEM).",
        exists=True,
        dir_okay=False,
        rich_help_panel=PANEL,
    ),
]
TlsCertificate = Annotated[
    Path | None,
    typer.Option(
        envvar="OVOPAY_TLS_CERTIFICATE",
        help="The caller's own certificate (PEM), for mutual TLS.",
        exists=True,
        dir_okay=False,
        rich_help_panel=PANEL,
    ),
]
TlsPrivateKey = Annotated[
    Path | None,
    typer.Option(
        envvar="OVOPAY_TLS_PRIVATE_KEY",
        help="The key of that certificate (PEM).",
        exists=True,
        dir_okay=False,
        rich_help_panel=PANEL,
    ),
]
AllowTokenInClear = Annotated[
    bool,
    typer.Option(
        "--allow-token-in-clear",
        envvar="OVOPAY_ALLOW_TOKEN_IN_CLEAR",
        help="Send the token without TLS: something else seals the connection.",
        rich_help_panel=PANEL,
    ),
]
Deadline = Annotated[
    float,
    typer.Option(
        min=0.1,
        envvar="OVOPAY_DEADLINE",
        help="How long a call may take.",
        metavar="SECONDS",
        rich_help_panel=PANEL,
    ),
]
AsJson = Annotated[
    bool,
    typer.Option(
        "--json",
        help="Write one JSON document for each result, on one line; errors too.",
        rich_help_panel=PANEL,
    ),
]


def open_session(  # noqa: PLR0913 - what every command can be told.
    *,
    server: Server = "127.0.0.1:50051",
    token: Token = None,
    token_file: TokenFile = None,
    tls: Tls = False,
    tls_ca: TlsCa = None,
    tls_certificate: TlsCertificate = None,
    tls_private_key: TlsPrivateKey = None,
    allow_token_in_clear: AllowTokenInClear = False,
    deadline: Deadline = DEADLINE_SECONDS,
    as_json: AsJson = False,
) -> Session:
    """Makes the session that the options describe."""
    if token is not None and token_file is not None:
        raise typer.BadParameter("give one of the two", param_hint="'--token' / '--token-file'")
    if (tls_certificate is None) != (tls_private_key is None):
        raise typer.BadParameter(
            "give both or none", param_hint="'--tls-certificate' / '--tls-private-key'"
        )
    if token_file is not None:
        token = token_file.read_text().strip()
    with_tls = tls or tls_ca is not None or tls_certificate is not None
    if token and not with_tls and not allow_token_in_clear and not stays_on_this_machine(server):
        raise typer.BadParameter(
            f"the token would travel to {server} in clear; "
            "add --tls or --tls-ca, or --allow-token-in-clear",
            param_hint="'--token'",
        )
    credentials = tls_credentials(
        ca_file=tls_ca, certificate_file=tls_certificate, private_key_file=tls_private_key
    )
    return Session(
        server=server,
        token=token or None,
        credentials=credentials if with_tls else None,
        deadline_seconds=deadline,
        as_json=as_json,
        output=_console(stderr=False),
        notes=_console(stderr=True),
    )


def _console(*, stderr: bool) -> Console:
    """Makes a console; what is read by no terminal is wide, so that no id is broken in two."""
    console = Console(highlight=False, stderr=stderr)
    if not console.is_terminal and "COLUMNS" not in os.environ:
        console.width = WIDTH_WITHOUT_TERMINAL
    return console
