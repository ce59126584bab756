"""`audit verify`: whether every act on money and access stands as it was written."""

import asyncio
from pathlib import Path

import typer

from ovo_payments import settings
from ovo_payments.bootstrap import START_ERRORS, opened_store
from ovo_payments.storage.verifying import Verdict

_PARTS = 3


class KnownFileError(Exception):
    """A file of rows that were written down can't be read."""


def run(known_file: Path | None) -> int:
    """Checks all chains; gives the exit status: 1 where something is wrong."""
    try:
        known = {} if known_file is None else _read(known_file)
        verdict = asyncio.run(_verify(settings.read(settings.DatabaseSettings), known))
    except (KnownFileError, *START_ERRORS) as error:
        typer.echo(f"ovo-payments can't verify the audit: {error}", err=True)
        return 2
    if verdict.fault:
        typer.echo(verdict.fault, err=True)
        return 1
    for head in verdict.heads:
        typer.echo(f"{head.number} {head.hash.hex()} {head.scope}")
    return 0


async def _verify(
    database: settings.DatabaseSettings, known: dict[tuple[str, int], str]
) -> Verdict:
    async with opened_store(database) as store:
        return await store.verify_audit(known)


def _read(file: Path) -> dict[tuple[str, int], str]:
    """Reads what an earlier run printed: a number, a hash and a scope on each line."""
    known = {}
    try:
        for line in file.read_text(encoding="utf-8").splitlines():
            number, told, scope = (*line.split(" ", _PARTS - 1), "")[:_PARTS]
            known[scope, int(number)] = told
    except (OSError, ValueError) as error:
        raise KnownFileError(f"{file}: {error}") from error
    return known
