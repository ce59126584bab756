"""Is the command `ovo-sandbox`."""

import asyncio
import json
from pathlib import Path
from typing import Annotated, Final

import typer

from ovo_sandbox.app import create_app
from ovo_sandbox.config import SandboxConfig
from ovo_sandbox.listening import UnusableAddress, bind, serve, url_of

_DEFAULTS: Final = SandboxConfig()

app = typer.Typer(add_completion=False, pretty_exceptions_enable=False)


@app.command()
def run(  # noqa: PLR0913 - an option each
    *,
    listen: Annotated[
        str, typer.Option(help="HOST:PORT; port 0 picks a free one.")
    ] = _DEFAULTS.listen,
    public_url: Annotated[
        str | None,
        typer.Option(help="Where browsers reach the sandbox; default: where it listens."),
    ] = None,
    state_directory: Annotated[
        Path, typer.Option(help="Keeps state, ledger and keys.", file_okay=False)
    ] = Path("ovo-sandbox-state"),
    ready_file: Annotated[
        Path | None,
        typer.Option(help="Written with the address, as JSON, once requests are answered."),
    ] = None,
    until_input_ends: Annotated[
        bool, typer.Option("--until-input-ends", help="Stop at the end of standard input, too.")
    ] = False,
    merchant_name: str = _DEFAULTS.merchant_name,
    midtrans_server_key: str = _DEFAULTS.midtrans_server_key,
    midtrans_merchant_id: str = _DEFAULTS.midtrans_merchant_id,
    midtrans_notification_url: str | None = _DEFAULTS.midtrans_notification_url,
    doku_client_id: str = _DEFAULTS.doku_client_id,
    doku_client_secret: str = _DEFAULTS.doku_client_secret,
    doku_notification_secret: Annotated[
        str | None, typer.Option(help="Default: the client secret.")
    ] = None,
    doku_payment_notification_url: str | None = _DEFAULTS.doku_payment_notification_url,
    doku_binding_notification_url: str | None = _DEFAULTS.doku_binding_notification_url,
    doku_token_url: Annotated[
        str | None, typer.Option(help="Where DOKU fetches the merchant's token.")
    ] = _DEFAULTS.doku_token_url,
    doku_merchant_public_key_file: Annotated[
        Path | None,
        typer.Option(
            help="The merchant's RSA key, PEM; default: the one made for it.", exists=True
        ),
    ] = None,
) -> None:
    """Stands in for Midtrans and DOKU until it is stopped. An empty URL turns its calls off."""
    try:
        bound = bind(listen)
    except UnusableAddress as error:
        raise typer.BadParameter(str(error), param_hint="--listen") from error
    url = url_of(bound)
    config = SandboxConfig(
        listen=listen,
        public_url=(public_url or url).rstrip("/"),
        state_directory=state_directory,
        merchant_name=merchant_name,
        midtrans_server_key=midtrans_server_key,
        midtrans_merchant_id=midtrans_merchant_id,
        midtrans_notification_url=midtrans_notification_url or None,
        doku_client_id=doku_client_id,
        doku_client_secret=doku_client_secret,
        doku_notification_secret=doku_notification_secret,
        doku_payment_notification_url=doku_payment_notification_url or None,
        doku_binding_notification_url=doku_binding_notification_url or None,
        doku_token_url=doku_token_url or None,
        doku_merchant_public_key_file=doku_merchant_public_key_file,
    )
    sandbox_app = create_app(config)
    sandbox_app.sandbox.keys.write_files()

    def ready() -> None:
        typer.echo(f"ovo-sandbox is ready at {url}")
        if ready_file is not None:
            _write_whole(ready_file, json.dumps({"url": url, "public_url": config.public_url}))

    asyncio.run(serve(sandbox_app, bound, ready, until_input_ends=until_input_ends))


def _write_whole(path: Path, text: str) -> None:
    """Writes a file that its reader sees whole or not at all."""
    beside = path.with_name(path.name + ".part")
    beside.write_text(text)
    beside.replace(path)


def main() -> None:
    """Runs the command."""
    app()
