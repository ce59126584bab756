"""The commands that look after what is at rest: its keys, and the audit."""

import asyncio
import sqlite3
import stat
import sys
from contextlib import closing
from pathlib import Path

import pytest

from ovo_payments.storage.keys import make_key
from ovo_payments_client import connect
from tests.commands import Ended, payments
from tests.integration.test_commands import DEVELOPMENT, PRODUCTION, serving
from tests.leaks.written import WRITTEN
from tests.sealing import KEYS_TEXT
from tests.stack import environment, eventually, read

# reseal.


async def test_a_development_database_gets_a_key_of_its_own(tmp_path: Path) -> None:
    """In a file beside it, its owner's alone; another start finds it again."""
    for _ in range(2):
        ended = await payments("reseal", directory=tmp_path, **DEVELOPMENT)
        assert (ended.status, ended.err) == (0, "")
    keys = tmp_path / "ovo-payments.db-keys"
    assert stat.S_IMODE(keys.stat().st_mode) == 0o600
    other = await payments("reseal", directory=tmp_path, **PRODUCTION)
    assert other.status == 2
    assert "OVO_ENCRYPTION_KEYS: the database is sealed with the key development" in other.err


async def test_production_makes_no_key(tmp_path: Path) -> None:
    """Nor do nodes that share a database: each would make another."""
    ended = await payments("reseal", directory=tmp_path)
    assert ended.status == 2
    assert not (tmp_path / "ovo-payments.db-keys").exists()
    assert "OVO_ENCRYPTION_KEYS: production needs" in ended.err
    shared = {
        "OVO_ENVIRONMENT": "development",
        "OVO_DATABASE_URL": "postgresql://postgres@127.0.0.1:1/payments",
    }
    ended = await payments("reseal", directory=tmp_path, **shared)
    assert ended.status == 2
    assert "OVO_ENCRYPTION_KEYS: is needed, the same for all nodes" in ended.err


# Four processes, and a provider that is asked in vain.
@pytest.mark.timeout(180)
async def test_keys_are_changed_while_the_service_runs(tmp_path: Path) -> None:
    """A key in front, all sealed anew beside the service, the old key left out: nobody notices."""
    keys = tmp_path / "keys"
    keys.write_text(KEYS_TEXT)
    settings = {**DEVELOPMENT, "OVO_ENCRYPTION_KEYS_FILE": str(keys)}
    log = tmp_path / "serve.log"

    async def changed() -> bool:
        return '"file.read_again","setting":"OVO_ENCRYPTION_KEYS_FILE"' in read(log)

    async with serving(tmp_path, **settings) as (address, _), connect(address) as client:
        charged = await client.charge(
            order_id="order-1", phone_number="081234567890", amount=15_000
        )
        newest = make_key("newer")
        keys.write_text(f"{newest}\n{KEYS_TEXT}\n")
        await eventually(changed, "the change of keys in the log")
        ended = await payments("reseal", directory=tmp_path, **settings)
        assert (ended.status, ended.err) == (0, "")
        assert "payments: 1" in ended.out
        assert (await client.get_status(charged.payment.payment_id)).order_id == "order-1"
    # A start with the new key alone reads everything.
    keys.write_text(newest)
    async with serving(tmp_path, **settings) as (address, _), connect(address) as client:
        assert (await client.get_status(charged.payment.payment_id)).order_id == "order-1"


# find.


async def test_a_phone_number_finds_its_payments(tmp_path: Path) -> None:
    """Read from a pipe; a row in the audit keeps that somebody looked, and not for whom."""
    async with serving(tmp_path) as (address, _), connect(address) as client:
        await client.charge(order_id="order-1", phone_number="081234567890", amount=15_000)
    found = await find(tmp_path, "+62 812-3456-7890")
    assert found[0] == 0
    assert found[1].startswith("payment pay")
    assert found[1].endswith(" anonymous order-1 FAILED\n")
    assert (await find(tmp_path, "081234567891"))[0] == 1
    assert (await find(tmp_path, "nobody"))[0] == 2
    with closing(sqlite3.connect(tmp_path / "ovo-payments.db")) as database:
        rows = database.execute("SELECT act, result FROM audit WHERE scope = '' ORDER BY number")
        assert rows.fetchall() == [("find", "1 found"), ("find", "0 found")]


async def find(directory: Path, phone_number: str) -> tuple[int | None, str]:
    """Runs `find` with a number on its standard input; gives its status and what it printed."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "ovo_payments", "find"),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
        cwd=directory,
        env=environment(DEVELOPMENT),
    )
    out, err = await process.communicate(f"{phone_number}\n".encode())
    assert b"Traceback" not in err
    assert phone_number.encode() not in out + err
    WRITTEN.text("the output of find", (out + err).decode())
    return process.returncode, out.decode()


# audit.


async def test_verifying_the_audit_names_what_was_changed(tmp_path: Path) -> None:
    """Status 0 and how far each chain is; 1 and the first row that is not as it was written."""
    async with serving(tmp_path) as (address, _), connect(address) as client:
        await client.charge(order_id="order-1", phone_number="081234567890", amount=15_000)
    well = await payments("audit", "verify", directory=tmp_path, **DEVELOPMENT)
    assert (well.status, well.err) == (0, "")
    number, told, scope = well.out.split()
    assert (int(number) >= 1, len(told), scope) == (True, 64, "anonymous")
    known = tmp_path / "heads"
    known.write_text(well.out)
    assert (await verified(tmp_path, known)).status == 0

    with closing(sqlite3.connect(tmp_path / "ovo-payments.db")) as database, database:
        database.execute("DROP TRIGGER audit_never_changes")
        database.execute("UPDATE audit SET actor = 'nobody' WHERE number = 1")

    ended = await verified(tmp_path, known)
    assert (ended.status, ended.out) == (1, "")
    assert "the chain of anonymous: row 1 was changed or moved: Charge " in ended.err


async def test_heads_that_can_not_be_read_are_told(tmp_path: Path) -> None:
    """In words, with the file's name."""
    known = tmp_path / "heads"
    known.write_text("no number here")
    ended = await verified(tmp_path, known)
    assert ended.status == 2
    assert str(known) in ended.err


async def test_resealing_leaves_a_row_in_the_audit(tmp_path: Path) -> None:
    """It changes who can read what."""
    await payments("reseal", directory=tmp_path, **DEVELOPMENT)
    ended = await payments("audit", "verify", directory=tmp_path, **DEVELOPMENT)
    assert ended.status == 0
    with closing(sqlite3.connect(tmp_path / "ovo-payments.db")) as database:
        [row] = database.execute("SELECT scope, actor, act, result FROM audit")
    assert row == ("", "an operator", "reseal", "sealed 0 values with the key development")


async def verified(directory: Path, known: Path) -> Ended:
    """Runs `audit verify` with heads that were written down."""
    arguments = ("audit", "verify", "--known", str(known))
    return await payments(*arguments, directory=directory, **DEVELOPMENT)
