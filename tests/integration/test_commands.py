"""The commands as an operator and a script see them: exit status, words, and no traceback."""

import asyncio
import os
import signal
import socket
import sqlite3
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, closing
from pathlib import Path
from typing import Final

import pytest

from tests.apart import free_address
from tests.commands import ENDS_WITHIN_S, command, payments
from tests.leaks.written import WRITTEN
from tests.sealing import KEYS_TEXT
from tests.stack import CHECKOUT, environment, read

MIGRATIONS: Final = sorted(
    path.stem for path in (CHECKOUT / "server/ovo_payments/storage/migrations/sqlite").glob("*.sql")
)
_KEY: Final = {"OVO_MIDTRANS_SERVER_KEY": "Mid-server-hushhush"}
PRODUCTION: Final = {**_KEY, "OVO_ENCRYPTION_KEYS": KEYS_TEXT}
DEVELOPMENT: Final = {
    **_KEY,
    "OVO_ENVIRONMENT": "development",
    "OVO_ALLOW_ANONYMOUS": "true",
    "OVO_GRPC_LISTEN": "127.0.0.1:0",
    "OVO_HTTP_LISTEN": "127.0.0.1:0",
    "OVO_LOG_FORMAT": "json",
    # Nothing here ever calls it.
    "OVO_MIDTRANS_BASE_URL": "http://127.0.0.1:9",
}


@asynccontextmanager
async def serving(directory: Path, **settings: str) -> AsyncIterator[tuple[str, str]]:
    """Runs `ovo-payments serve` on ports that the system picks; gives its addresses."""
    log = directory / "serve.log"
    with log.open("ab") as errors:
        WRITTEN.file(log)
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "ovo_payments", "serve"),
            stdout=asyncio.subprocess.PIPE,
            stderr=errors,
            cwd=directory,
            env=environment({**DEVELOPMENT, **settings}),
        )
    try:
        assert process.stdout is not None
        async with asyncio.timeout(ENDS_WITHIN_S):
            printed = (await process.stdout.readline()).decode()
        assert printed, read(log)
        grpc_part, http_part = printed.strip().split(", ")
        yield grpc_part.removeprefix("gRPC on "), http_part.removeprefix("HTTP on ")
        process.send_signal(signal.SIGTERM)
        async with asyncio.timeout(ENDS_WITHIN_S):
            assert await process.wait() == 0
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    assert "Traceback" not in read(log)


# All of them.


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("ovo-payments", ["serve", "dev", "migrate", "health"]),
        ("ovo-sandbox", ["--listen", "--state-directory", "--ready-file"]),
        ("ovo", ["bind", "unbind", "balance", "pay", "charge", "refund", "status", "watch"]),
    ],
)
async def test_every_command_is_installed_and_helps(name: str, told: list[str]) -> None:
    """Beside the interpreter, and says all that it can do."""
    ended = await command(str(Path(sys.executable).with_name(name)), "--help")
    assert ended.status == 0
    assert [word for word in told if word not in ended.out] == []


@pytest.mark.parametrize("module", ["ovo_payments", "ovo_sandbox", "ovo_payments_client"])
async def test_a_checkout_runs_by_its_paths_alone(module: str) -> None:
    """With the libraries installed, and the checkout itself not."""
    roots = [CHECKOUT / root for root in ("server", "generated/python", "clients/python")]
    libraries = [Path(path) for path in sys.path if path.endswith("site-packages")]
    # Without `site`, whose .pth files would put the checkout on the path.
    path = os.pathsep.join(map(str, [*roots, *libraries]))
    ended = await command("-S", "-m", module, "--help", settings={"PYTHONPATH": path})
    assert ended.status == 0
    absent = await command("-S", "-m", module, "--help", settings={"PYTHONPATH": ""})
    assert "No module named" in absent.err


async def test_an_unknown_command_is_a_mistake(tmp_path: Path) -> None:
    """Status 2, as every shell expects it."""
    ended = await payments("explode", directory=tmp_path)
    assert ended.status == 2
    assert "explode" in ended.err


# serve.


async def test_wrong_settings_stop_the_start_and_are_all_named(tmp_path: Path) -> None:
    """Whoever mends them mends them in one go."""
    wrong = {
        "OVO_GRPC_LISTEN": "50051",
        "OVO_LOG_LEVEL": "loud",
        "OVO_SHUTDOWN_GRACE_S": "soon",
        "OVO_DOKU_STATUS_SERVICE_CODE": "53",
    }
    ended = await payments("serve", directory=tmp_path, **PRODUCTION, **wrong)
    assert (ended.status, ended.out) == (2, "")
    assert {line.partition(":")[0] for line in ended.err.splitlines()[1:]} == set(wrong)


async def test_unknown_settings_stop_the_start_and_are_all_named(tmp_path: Path) -> None:
    """A typing error is not silently the default."""
    mistyped = {"OVO_MIDTRANS_SEVER_KEY": "x", "OVO_GRPC_LISTN": "127.0.0.1:0"}
    ended = await payments("serve", directory=tmp_path, **DEVELOPMENT, **mistyped)
    assert ended.status == 2
    assert {line.partition(":")[0] for line in ended.err.splitlines()[1:]} == set(mistyped)


@pytest.mark.parametrize(
    ("variable", "value"),
    [
        ("OVO_ALLOW_ANONYMOUS", "true"),
        ("OVO_MIDTRANS_BASE_URL", "https://api.sandbox.midtrans.com"),
        ("OVO_MIDTRANS_BASE_URL", "http://127.0.0.1:8081"),
        ("OVO_DOKU_BASE_URL", "https://api-sandbox.doku.com"),
    ],
)
async def test_production_refuses_what_is_for_development(
    tmp_path: Path, variable: str, value: str
) -> None:
    """And production is where one is who said nothing."""
    callers = {"OVO_CALLERS_FILE": str(tmp_path / "callers.toml")}
    wrong = {**PRODUCTION, **callers, variable: value}
    ended = await payments("serve", directory=tmp_path, **wrong)
    assert ended.status == 2
    assert [line.partition(":")[0] for line in ended.err.splitlines()[1:]] == [variable]


@pytest.mark.parametrize(
    ("variable", "value", "told"),
    [
        ("OVO_CALLERS_FILE", "nowhere.toml", "No such file"),
        ("OVO_DATABASE_URL", "mysql://localhost/payments", "sqlite:///"),
        ("OVO_DATABASE_URL", "sqlite:////nowhere/payments.db", "No such file"),
        ("OVO_DATABASE_URL", "sqlite:///.", ""),
        ("OVO_DOKU_PRIVATE_KEY", "no key", "PEM"),
    ],
)
async def test_what_only_a_look_outside_shows_is_named_too(
    tmp_path: Path, variable: str, value: str, told: str
) -> None:
    """A file that is not there, a key that is none."""
    doku = {f"OVO_DOKU_{name}": "hushhush" for name in ("CLIENT_ID", "CLIENT_SECRET", "PUBLIC_KEY")}
    others = doku if variable == "OVO_DOKU_PRIVATE_KEY" else {}
    ended = await payments(
        "serve", directory=tmp_path, **{**DEVELOPMENT, **others, variable: value}
    )
    assert ended.status == 2
    assert f"{variable}: " in ended.err
    assert told in ended.err


@pytest.mark.parametrize("variable", ["OVO_GRPC_LISTEN", "OVO_HTTP_LISTEN"])
async def test_a_port_that_is_taken_stops_the_start(tmp_path: Path, variable: str) -> None:
    """In words that name the address."""
    with socket.create_server(("127.0.0.1", 0)) as other:
        taken = f"127.0.0.1:{other.getsockname()[1]}"
        ended = await payments("serve", directory=tmp_path, **{**DEVELOPMENT, variable: taken})
    assert ended.status == 2
    assert f"can't listen on {taken}: " in ended.err


async def test_two_services_share_neither_ports_nor_a_database(tmp_path: Path) -> None:
    """The second one changes nothing for the first."""
    (tmp_path / "another").mkdir()
    async with serving(tmp_path) as (grpc_address, http_address):
        for listens in (
            {"OVO_GRPC_LISTEN": grpc_address},
            {"OVO_HTTP_LISTEN": http_address},
        ):
            second = await payments(
                "serve", directory=tmp_path / "another", **{**DEVELOPMENT, **listens}
            )
            assert second.status == 2
            assert f"can't listen on {min(listens.values())}: " in second.err
        second = await payments("serve", directory=tmp_path, **DEVELOPMENT)
        assert second.status == 2
        assert "OVO_DATABASE_URL: another process serves from " in second.err
        assert (await payments("health", grpc_address, directory=tmp_path)).status == 0


async def test_a_start_with_port_0_prints_where_it_listens(tmp_path: Path) -> None:
    """On standard output, which holds nothing else; the addresses answer."""
    async with serving(tmp_path, OVO_GRPC_LISTEN="[::1]:0") as (grpc_address, http_address):
        assert grpc_address.startswith("[::1]:")
        health = await payments("health", grpc_address, directory=tmp_path)
        assert (health.status, health.out) == (0, f"{grpc_address} is SERVING\n")
        host, _, port = http_address.partition(":")
        _, writer = await asyncio.open_connection(host, int(port))
        writer.close()
        await writer.wait_closed()


async def test_a_database_of_a_newer_version_is_left_alone(tmp_path: Path) -> None:
    """By serve and by migrate; the words say what to do."""
    assert (await payments("migrate", directory=tmp_path)).status == 0
    with closing(sqlite3.connect(tmp_path / "ovo-payments.db", isolation_level=None)) as database:
        database.execute(
            "INSERT INTO schema_migrations (number, name, checksum) VALUES (9999, '9999_later', '')"
        )
    for name in ("serve", "migrate"):
        ended = await payments(name, directory=tmp_path, **DEVELOPMENT)
        assert ended.status == 2
        assert "9999_later" in ended.err
        assert "run a version at least as new as the database" in ended.err


# migrate.


async def test_migrate_says_what_it_did_and_then_that_nothing_is_left(tmp_path: Path) -> None:
    """One line for each migration, in order."""
    first = await payments("migrate", directory=tmp_path)
    assert (first.status, first.err) == (0, "")
    assert first.out.splitlines() == [f"applied {name}" for name in MIGRATIONS]
    second = await payments("migrate", directory=tmp_path)
    assert (second.status, second.out) == (0, "the database is up to date\n")


async def test_migrate_needs_the_database_setting_alone(tmp_path: Path) -> None:
    """It runs before anything else is configured."""
    url = f"sqlite:///{tmp_path}/another.db"
    ended = await payments("migrate", directory=tmp_path, OVO_DATABASE_URL=url)
    assert ended.status == 0
    assert (tmp_path / "another.db").exists()
    wrong = await payments("migrate", directory=tmp_path, OVO_DATABASE_URL="mysql://localhost/x")
    assert wrong.status == 2
    assert "OVO_DATABASE_URL: " in wrong.err


# health.


async def test_health_finds_the_service_by_its_settings(tmp_path: Path) -> None:
    """Status 0 where it serves, 1 where nobody answers, 2 where the address is none."""
    address = free_address()
    settings = {**DEVELOPMENT, "OVO_GRPC_LISTEN": address}
    away = await payments("health", directory=tmp_path, **settings)
    assert away.status == 1
    assert address in away.err
    async with serving(tmp_path, OVO_GRPC_LISTEN=address):
        there = await payments("health", directory=tmp_path, **settings)
        assert (there.status, there.out) == (0, f"{address} is SERVING\n")
    wrong = await payments("health", directory=tmp_path, OVO_GRPC_LISTEN="somewhere")
    assert wrong.status == 2
    assert "OVO_GRPC_LISTEN: " in wrong.err
