"""`reseal`: seals everything at rest with the newest key."""

import asyncio

import typer

from ovo_payments import settings
from ovo_payments.application.clock import SystemClock
from ovo_payments.bootstrap import START_ERRORS, opened_store
from ovo_payments.storage.acts import of_operator


def run() -> int:
    """Seals anew what another key sealed; gives the exit status."""
    try:
        resealed = asyncio.run(_reseal(settings.read(settings.DatabaseSettings)))
    except START_ERRORS as error:
        typer.echo(f"ovo-payments can't reseal: {error}", err=True)
        return 2
    for table, count in resealed.items():
        typer.echo(f"{table}: {count}")
    typer.echo("everything is sealed with the newest key")
    return 0


async def _reseal(database: settings.DatabaseSettings) -> dict[str, int]:
    async with opened_store(database) as store:
        resealed = dict(await store.reseal())
        # An act on access: who can read what is sealed changes with it.
        result = f"sealed {sum(resealed.values())} values with the key {store.newest_key}"
        await store.record_act(of_operator("reseal", result, SystemClock().now()))
        return resealed
