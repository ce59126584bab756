"""`ovo-payments callers`: what it prints, what it writes, and what it refuses."""

import sqlite3
import stat
from contextlib import closing
from pathlib import Path
from typing import Final

import pytest

from ovo_payments.transport.grpc.access import METHODS, Access, methods_of
from ovo_payments.transport.grpc.callers_file import KnownCaller, parse_callers, token_digest
from tests.commands import Ended, payments
from tests.sealing import KEYS_TEXT

FILE: Final = "callers.toml"


async def callers(directory: Path, *arguments: str) -> Ended:
    """Runs the command on a file of the directory."""
    return await payments(
        *("callers", *arguments, "--file", str(directory / FILE)),
        directory=place_of_database(directory),
        OVO_ENCRYPTION_KEYS=KEYS_TEXT,
    )


def place_of_database(directory: Path) -> Path:
    """Where the database stands whose audit tells of the command."""
    place = directory.with_name(f"{directory.name}-database")
    place.mkdir(exist_ok=True)
    return place


def audit(directory: Path) -> list[tuple[str, str]]:
    """Reads what the audit tells of acts of operators."""
    with closing(sqlite3.connect(place_of_database(directory) / "ovo-payments.db")) as database:
        return database.execute("SELECT act, result FROM audit ORDER BY number").fetchall()


def known(directory: Path) -> tuple[KnownCaller, ...]:
    """Reads what was written."""
    return parse_callers((directory / FILE).read_bytes())


def left_in(directory: Path) -> list[str]:
    """Names all that is there."""
    return [path.name for path in directory.iterdir()]


async def test_a_caller_is_added_rotated_and_revoked(tmp_path: Path) -> None:
    """A token is printed once, alone on standard output; the file holds its digest."""
    added = await callers(tmp_path, "add", "checkout", "--allow", "all")
    (first,) = added.out.split()
    assert known(tmp_path)[0].digests == (token_digest(first),)
    assert known(tmp_path)[0].methods == METHODS
    assert stat.S_IMODE((tmp_path / FILE).stat().st_mode) == 0o600
    assert '"act":"add"' in added.err
    assert first not in added.err

    await callers(
        tmp_path,
        *("add", "reports", "--scope", "checkout", "--allow", "read", "--allow", "Refund"),
        *("--certificate", "dns:reports.internal", "--without-token"),
    )
    reports = known(tmp_path)[1]
    assert (reports.caller.scope, reports.digests) == ("checkout", ())
    assert reports.certificates == ("dns:reports.internal",)
    assert reports.methods == methods_of(Access.READ) | {"Refund"}

    tokens = [first]
    for _ in range(2):
        tokens.append((await callers(tmp_path, "rotate", "checkout")).out.strip())
        # The oldest of three goes.
        assert known(tmp_path)[0].digests == tuple(map(token_digest, tokens[-2:]))

    listed = (await callers(tmp_path, "list")).out.splitlines()
    shown = ",".join(token_digest(token)[:8] for token in tokens[-2:])
    assert listed[0].split() == [
        *("checkout", "scope=checkout", f"tokens={shown}", "certificates=-", "return_urls=-"),
        "methods=all",
    ]
    assert "certificates=dns:reports.internal" in listed[1]

    await callers(tmp_path, "revoke", "checkout", "--token", token_digest(tokens[1])[:8])
    assert known(tmp_path)[0].digests == (token_digest(tokens[2]),)
    await callers(tmp_path, "revoke", "checkout")
    assert [entry.caller.name for entry in known(tmp_path)] == ["reports"]
    assert left_in(tmp_path) == [FILE], "nothing is left beside it"
    acts = ("add", "checkout"), ("add", "reports"), *[("rotate", "checkout")] * 2
    acts += (("revoke", "checkout"),) * 2
    assert audit(tmp_path) == [
        (f"callers {act}", f"{name}: {FILE} is written") for act, name in acts
    ]


async def test_no_act_goes_without_its_row(tmp_path: Path) -> None:
    """Where the audit can't be written nothing is done, and where the file can't be it tells so."""
    away = await payments(
        *("callers", "add", "checkout", "--allow", "all", "--file", str(tmp_path / FILE)),
        directory=tmp_path,
        OVO_ENCRYPTION_KEYS=KEYS_TEXT,
        OVO_DATABASE_URL="sqlite:////nowhere/payments.db",
    )
    assert (away.status, away.out) == (2, "")
    assert "OVO_DATABASE_URL" in away.err
    assert left_in(tmp_path) == []

    # A folder can't be replaced by a file.
    (tmp_path / FILE).mkdir()
    (tmp_path / FILE / "in the way").touch()
    ended = await callers(tmp_path, "add", "checkout", "--allow", "all")
    assert (ended.status, ended.out) == (2, "")


async def test_a_caller_has_its_own_return_urls(tmp_path: Path) -> None:
    """They are listed, and one that browsers could misread is refused."""
    await callers(
        tmp_path,
        *("add", "checkout", "--allow", "all"),
        *("--return-url-prefix", "https://shop.example/pay", "--return-url-prefix"),
        "https://shop.example:8443/",
    )
    listed = (await callers(tmp_path, "list")).out
    assert "return_urls=https://shop.example/pay/,https://shop.example:8443/" in listed
    refused = await callers(
        tmp_path, "add", "b", "--allow", "all", "--return-url-prefix", "http://shop.example/"
    )
    assert (refused.status, refused.out) == (2, "")
    assert "is no prefix" in refused.err


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("add", "checkout", "--allow", "all"), "there is a caller checkout already"),
        (("add", "two words", "--allow", "all"), "`name`"),
        (("add", "reports", "--allow", "Chrage"), "Chrage is no method"),
        (("add", "reports", "--allow", "all", "--certificate", "*.internal"), "`certificates`"),
        (("rotate", "nobody"), "there is no caller nobody"),
        (("revoke", "checkout", "--token", "ffff"), "0 tokens"),
    ],
)
async def test_what_makes_no_sense_changes_nothing(
    tmp_path: Path, arguments: tuple[str, ...], told: str
) -> None:
    """Exit status 2, in words; no token is printed that is not good."""
    text = '[[caller]]\nname = "checkout"\nmethods = []\n'
    (tmp_path / FILE).write_text(text, encoding="utf-8")
    ended = await callers(tmp_path, *arguments)
    assert (ended.status, ended.out) == (2, "")
    assert told in ended.err
    assert (tmp_path / FILE).read_text(encoding="utf-8") == text


async def test_the_file_is_the_settings_one_by_default(tmp_path: Path) -> None:
    """And named where it is missing."""
    ended = await payments("callers", "list", directory=tmp_path)
    assert ended.status == 2
    assert "--file or OVO_CALLERS_FILE" in ended.err
    ended = await payments("callers", "list", directory=tmp_path, OVO_CALLERS_FILE=FILE)
    assert ended.status == 2
    assert FILE in ended.err
