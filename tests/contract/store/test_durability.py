"""What is told as written is there: after a close, a kill, and a caller that went away."""

import asyncio
import sys
from pathlib import Path

import pytest

from ovo_payments.domain.errors import StoreUnavailableError
from ovo_payments.domain.ports import Store
from ovo_payments.domain.update import Claim
from ovo_payments.storage.documents import encode_payment
from tests.contract.store.databases import Database
from tests.contract.store.samples import (
    NOW,
    SOON,
    a_binding,
    a_lease,
    a_payment,
    a_webhook,
    recorded,
    stored,
    stored_binding,
    told,
)
from tests.sealing import KEYS_TEXT

WRITING_PROCESS = Path(__file__).with_name("acknowledged_write.py")


async def test_a_database_that_is_opened_again_has_everything(database: Database) -> None:
    """Closing loses nothing."""
    first = await database.open()
    binding = await stored_binding(first, a_binding())
    change = told(await stored(first, a_payment()), Claim.SUCCEEDED)
    after = await recorded(first, change)
    await first.append_webhook(a_webhook())
    await first.close()

    again = await database.open()

    assert await again.find_binding("bind1") == binding
    assert await again.find_payment("pay1") == after
    assert len(await again.read_events("pay1", after_version=0, limit=10)) == 2
    assert await again.read_evidence("pay1") == list(change.evidence)
    assert await again.find_request("shop", "Charge", "request of pay1") is not None
    assert await again.claim_due_webhooks(NOW, 10, a_lease()) == [a_webhook()]
    await again.close()


async def test_an_acknowledged_write_survives_a_kill(database: Database) -> None:
    """I-32: SIGKILL right after the answer loses nothing, and recovery finds the sender's lease."""
    payment = a_payment()
    document = encode_payment(payment)
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        str(WRITING_PROCESS),
        database.store_class,
        database.url,
        KEYS_TEXT,
        *(document.text, document.private),
        stdout=asyncio.subprocess.PIPE,
    )
    assert process.stdout is not None
    said = await process.stdout.readline()
    process.kill()
    await process.wait()
    assert said == b"acknowledged\n"

    store = await database.open()

    assert await store.find_payment("pay1") == payment
    assert await store.read_events("pay1", after_version=0, limit=10) == [payment]
    assert await store.find_request("shop", "Charge", "request-1") is not None
    assert await store.recover(NOW) == 1
    assert len(await store.claim_due_payments(NOW, 10, a_lease("next", SOON))) == 1
    await store.close()


async def test_a_write_is_read_at_once(store: Store) -> None:
    """Whoever was told that it is written reads it."""
    for number in range(20):
        await stored(store, a_payment(f"pay{number}"))

        assert await store.find_payment(f"pay{number}") is not None


async def test_a_caller_that_goes_away_stops_no_write(database: Database) -> None:
    """I-10: what is queued is done, whoever still waits for it."""
    store = await database.open()
    callers = [
        asyncio.create_task(stored(store, a_payment(f"pay{number}"))) for number in range(20)
    ]
    await asyncio.sleep(0)  # Lets each queue its write.
    for caller in callers:
        caller.cancel()
    outcomes = await asyncio.gather(*callers, return_exceptions=True)
    await store.close()

    assert all(isinstance(outcome, asyncio.CancelledError) for outcome in outcomes)
    assert database.execute("SELECT count(*) FROM payments") == [(20,)]


async def test_closing_finishes_what_waits(database: Database) -> None:
    """Everybody who waits gets an answer, and the answer is true."""
    store = await database.open()
    waiting = [
        asyncio.create_task(stored(store, a_payment(f"pay{number}"))) for number in range(20)
    ]
    await asyncio.sleep(0)  # Lets each queue its write.

    await store.close()

    assert len(await asyncio.gather(*waiting)) == 20
    assert database.execute("SELECT count(*) FROM payments") == [(20,)]


async def test_a_closed_store_is_unavailable(database: Database) -> None:
    """It answers as any store that is not there; closing it again changes nothing."""
    store = await database.open()
    await store.close()
    await store.close()

    with pytest.raises(StoreUnavailableError):
        await store.ping()
    with pytest.raises(StoreUnavailableError):
        await store.find_payment("pay1")
    with pytest.raises(StoreUnavailableError):
        await stored(store, a_payment())
