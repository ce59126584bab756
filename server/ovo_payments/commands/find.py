"""`find`: the payments and links of a phone number, which are sealed."""

import asyncio
import sys
from collections.abc import Sequence

import typer

from ovo_payments import settings
from ovo_payments.application.clock import SystemClock
from ovo_payments.bootstrap import START_ERRORS, opened_store
from ovo_payments.domain.phone import PhoneNumber, PhoneNumberFormatError
from ovo_payments.storage.acts import of_operator
from ovo_payments.storage.sql_store import Found


def run() -> int:
    """Asks for a number and prints what is found; gives the exit status: 1 where nothing is."""
    try:
        phone_number = PhoneNumber.parse(_asked_for())
        found = asyncio.run(_find(settings.read(settings.DatabaseSettings), phone_number))
    except (PhoneNumberFormatError, *START_ERRORS) as error:
        typer.echo(f"ovo-payments can't find it: {error}", err=True)
        return 2
    for one in found:
        typer.echo(" ".join(part for part in one if part))
    return 0 if found else 1


def _asked_for() -> str:
    # Not an argument: it would stand in the shell's history and in the list of processes.
    if sys.stdin.isatty():
        return str(typer.prompt("Phone number", hide_input=True))
    return sys.stdin.readline().strip()


async def _find(database: settings.DatabaseSettings, phone_number: PhoneNumber) -> Sequence[Found]:
    async with opened_store(database) as store:
        found = await store.find_by_phone(phone_number)
        await store.record_act(of_operator("find", f"{len(found)} found", SystemClock().now()))
        return found
