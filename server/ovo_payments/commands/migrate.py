"""`migrate`: brings the database up to date."""

import typer

from ovo_payments import settings
from ovo_payments.bootstrap import START_ERRORS, migrate


def run() -> int:
    """Applies what the database lacks; gives the exit status."""
    try:
        url = settings.read(settings.DatabaseSettings).database_url
        applied = migrate(url.get_secret_value())
    except START_ERRORS as error:
        typer.echo(f"ovo-payments can't migrate: {error}", err=True)
        return 2
    for name in applied:
        typer.echo(f"applied {name}")
    if not applied:
        typer.echo("the database is up to date")
    return 0
