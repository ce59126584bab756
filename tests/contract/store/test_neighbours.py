"""Writers at the same time do not share each other's fate."""

import asyncio
from dataclasses import replace

from ovo_payments.domain.errors import OrderAlreadyPaidError
from ovo_payments.domain.ports import Store, VersionConflictError
from ovo_payments.domain.update import Claim
from tests.contract.store.databases import Database
from tests.contract.store.samples import (
    a_binding,
    a_payment,
    stored,
    stored_binding,
    told,
)

WRITERS = 64


async def test_a_refused_write_harms_no_neighbour(store: Store, database: Database) -> None:
    """What is refused is undone alone; what was waiting beside it is committed."""
    known = await stored(store, a_payment("known", order_id="paid already"))
    stale = told(replace(known, version=7), Claim.SUCCEEDED)
    good = [stored(store, a_payment(f"pay{number}")) for number in range(WRITERS)]
    bad = [
        stored(store, a_payment("refused", order_id="paid already")),
        store.record_payment(stale),
        stored_binding(store, a_binding(version=0)),
    ]
    mixed = [*good[:20], bad[0], *good[20:40], bad[1], *good[40:], bad[2]]

    outcomes = await asyncio.gather(*mixed, return_exceptions=True)

    errors = [outcome for outcome in outcomes if isinstance(outcome, Exception)]
    expected: tuple[type[Exception], ...] = (
        OrderAlreadyPaidError,
        VersionConflictError,
        database.refusal,
    )
    for error, kind in zip(errors, expected, strict=True):
        assert isinstance(error, kind)
    assert database.execute("SELECT count(*) FROM payments") == [(WRITERS + 1,)]
    assert database.execute("SELECT count(*) FROM payment_events") == [(WRITERS + 1,)]
    assert database.execute("SELECT count(*) FROM requests") == [(WRITERS + 1,)]
    assert await store.read_evidence("known") == []
