"""`callers`: makes, lists and revokes what callers prove themselves with."""

import asyncio
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Final

import structlog
import typer

from ovo_payments import callers_store, logs, settings
from ovo_payments.application.call import Caller
from ovo_payments.application.clock import SystemClock
from ovo_payments.application.url_prefix import UrlPrefix
from ovo_payments.bootstrap import START_ERRORS, opened_store
from ovo_payments.callers_store import Change
from ovo_payments.storage.acts import of_operator
from ovo_payments.transport.grpc.access import RULES, Access, methods_of
from ovo_payments.transport.grpc.callers_file import (
    TOKENS_MAX,
    KnownCaller,
    new_token,
    token_digest,
)

ALL: Final = "all"
DIGITS_SHOWN: Final = 8
"""How much of a digest names a token well enough."""

_log = structlog.get_logger(__name__)


class CommandError(Exception):
    """What was asked makes no sense here."""


def add(
    name: str,
    *,
    file: Path | None,
    scope: str,
    allow: Collection[str],
    certificates: Iterable[str],
    return_url_prefixes: Iterable[str],
    without_token: bool,
) -> int:
    """Adds a caller, and prints its token; gives the exit status."""
    token = "" if without_token else new_token()

    def work(file: Path) -> None:
        entry = KnownCaller(
            caller=Caller(
                name=name,
                scope=scope or name,
                return_url_prefixes=tuple(map(UrlPrefix.parse, return_url_prefixes)),
            ),
            digests=(token_digest(token),) if token else (),
            certificates=tuple(certificates),
            methods=_methods(allow),
        )

        def added(known: Sequence[KnownCaller]) -> Sequence[KnownCaller]:
            if any(one.caller.name == name for one in known):
                raise CommandError(f"there is a caller {name} already")
            return [*known, entry]

        _act("add", name, file, added)
        if token:
            typer.echo(token)

    return _run(file, work)


def show(*, file: Path | None) -> int:
    """Prints the callers, a line each; gives the exit status."""

    def work(file: Path) -> None:
        for entry in callers_store.read(file):
            shown = {
                "scope": [entry.caller.scope],
                "tokens": [digest[:DIGITS_SHOWN] for digest in entry.digests],
                "certificates": entry.certificates,
                "return_urls": [str(prefix) for prefix in entry.caller.return_url_prefixes],
                "methods": [ALL] if entry.methods == RULES.keys() else sorted(entry.methods),
            }
            facts = [f"{key}={','.join(values) or '-'}" for key, values in shown.items()]
            typer.echo("  ".join([entry.caller.name, *facts]))

    return _run(file, work)


def rotate(name: str, *, file: Path | None) -> int:
    """Gives a caller another token beside its newest, and prints it; gives the exit status."""
    token = new_token()

    def work(file: Path) -> None:
        def rotated(entry: KnownCaller) -> KnownCaller:
            kept = entry.digests[-(TOKENS_MAX - 1) :]
            return replace(entry, digests=(*kept, token_digest(token)))

        _act("rotate", name, file, _one(name, rotated))
        typer.echo(token)

    return _run(file, work)


def revoke(name: str, *, file: Path | None, token: str) -> int:
    """Takes a caller away, or one of its tokens; gives the exit status."""

    def work(file: Path) -> None:
        def without_caller(known: Sequence[KnownCaller]) -> Sequence[KnownCaller]:
            _require(known, name)
            return [entry for entry in known if entry.caller.name != name]

        def without_token(entry: KnownCaller) -> KnownCaller:
            found = [digest for digest in entry.digests if digest.startswith(token)]
            if len(found) != 1:
                raise CommandError(f"{name} has {len(found)} tokens whose digest begins so")
            kept = tuple(digest for digest in entry.digests if digest not in found)
            return replace(entry, digests=kept)

        _act("revoke", name, file, _one(name, without_token) if token else without_caller)

    return _run(file, work)


def _act(act: str, name: str, file: Path, change: Change) -> None:
    """Does an act on access: every such act passes here, and none goes without its row."""

    def note(what: str) -> None:
        asyncio.run(_keep(f"callers {act}", f"{name}: {file.name} {what}"))

    callers_store.change(file, change, note)
    _log.info("callers.changed", act=act, caller=name, file=str(file))


async def _keep(act: str, result: str) -> None:
    """Leaves a row in the audit."""
    async with opened_store(settings.read(settings.DatabaseSettings)) as store:
        await store.record_act(of_operator(act, result, SystemClock().now()))


def _one(name: str, work: Callable[[KnownCaller], KnownCaller]) -> Change:
    """Makes a change of all callers out of one of a single caller."""

    def changed(known: Sequence[KnownCaller]) -> Sequence[KnownCaller]:
        _require(known, name)
        return [work(entry) if entry.caller.name == name else entry for entry in known]

    return changed


def _require(known: Sequence[KnownCaller], name: str) -> None:
    if all(entry.caller.name != name for entry in known):
        raise CommandError(f"there is no caller {name}")


def _methods(allow: Collection[str]) -> frozenset[str]:
    """Reads methods, kinds of them, or `all`."""
    meant = {
        ALL: frozenset(RULES),
        **{access.value: methods_of(access) for access in Access},
        **{method: frozenset({method}) for method in RULES},
    }
    unknown = set(allow) - meant.keys()
    if unknown:
        known = ", ".join(meant)
        raise CommandError(f"{min(unknown)} is no method and no kind of them; there are {known}")
    return frozenset().union(*(meant[word] for word in allow))


def _file_of_settings() -> Path:
    file = settings.read(settings.CallersSettings).callers_file
    if file is None:
        raise CommandError("name the callers' file by --file or OVO_CALLERS_FILE")
    return file


def _run(file: Path | None, work: Callable[[Path], None]) -> int:
    """Runs a command on the file that it or the settings name; gives the exit status."""
    logs.configure()
    try:
        work(file or _file_of_settings())
    except (CommandError, *START_ERRORS, OSError, ValueError) as error:
        typer.echo(f"ovo-payments callers: {error}", err=True)
        return 2
    return 0
