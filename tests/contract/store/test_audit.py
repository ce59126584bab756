"""Every act on money and access leaves a row, and no row can be changed unseen."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from dataclasses import replace

import pytest

from ovo_payments.domain.binding import apply
from ovo_payments.domain.errors import OrderAlreadyPaidError
from ovo_payments.domain.update import BindingClaim, BindingUpdate, Claim, Source
from ovo_payments.storage.acts import Act
from ovo_payments.storage.sql_store import SqlStore
from tests.contract.store.databases import Database
from tests.contract.store.samples import (
    NOW,
    a_binding,
    a_lease,
    a_payment,
    a_request,
    checked,
    recorded,
    refunding,
    stored,
    told,
    told_of_refund,
    unbinding,
)

ROWS = "SELECT number, actor, act, subject_id, version, result FROM audit ORDER BY scope, number"


@pytest.fixture
async def store(database: Database) -> AsyncIterator[SqlStore]:
    """A store that is open for the test."""
    opened = await database.open()
    yield opened
    await opened.close()


async def history(store: SqlStore) -> None:
    """A payment that is taken and given back, and a link that begins and ends."""
    charge = replace(a_request("r1"), caller="checkout")
    await store.create_payment(a_payment(), charge, a_lease())
    paid = await recorded(store, told(a_payment(), Claim.SUCCEEDED))
    refund = replace(a_request("r2"), method="Refund", caller="support")
    change = refunding(paid)
    await store.create_refund(change, refund, a_lease())
    await recorded(store, told_of_refund(change.after, Claim.SUCCEEDED))
    bind = replace(a_request("r3"), method="Bind", caller="checkout")
    await store.create_binding(a_binding(), bind, a_lease())
    asked = unbinding(a_binding())
    await store.request_unbind(a_binding(), asked, a_lease(), caller="support")
    confirmed = BindingUpdate(source=Source.ANSWER, claim=BindingClaim.UNBOUND)
    await store.record_binding(asked, apply(asked, confirmed, NOW), actor="ANSWER")


async def test_who_did_what_to_what_and_what_came_of_it(
    store: SqlStore, database: Database
) -> None:
    """A row for each act, in order; the provider's word is an act as well."""
    await history(store)

    assert database.execute(ROWS) == [
        (1, "checkout", "Charge", "pay1", 1, "PENDING"),
        (2, "midtrans ANSWER", "learnt", "pay1", 2, "SUCCEEDED"),
        (3, "support", "Refund", "pay1", 3, "SUCCEEDED; refund refund1 PENDING"),
        (4, "midtrans ANSWER", "learnt", "pay1", 4, "REFUNDED; refund refund1 SUCCEEDED"),
        (5, "checkout", "Bind", "bind1", 1, "ACTIVE"),
        (6, "support", "Unbind", "bind1", 2, "ACTIVE; to be unlinked"),
        (7, "doku ANSWER", "learnt", "bind1", 3, "UNBOUND"),
    ]
    verdict = await store.verify_audit({})
    assert verdict.fault == ""
    assert [(head.scope, head.number) for head in verdict.heads] == [("shop", 7)]


async def test_what_did_not_happen_leaves_no_row(store: SqlStore, database: Database) -> None:
    """Neither a refused payment, nor a repeated request, nor a question."""
    payment = await stored(store, a_payment())
    with pytest.raises(OrderAlreadyPaidError):
        await stored(store, a_payment("pay2", order_id=payment.order_id))
    request = a_request("request of pay1", "pay1")
    assert await store.create_payment(a_payment("pay3"), request, a_lease()) is not None
    await recorded(store, checked(payment, next_check_time=NOW))

    assert database.execute("SELECT count(*) FROM audit") == [(1,)]
    assert (await store.verify_audit({})).fault == ""


async def test_each_scope_has_a_chain_of_its_own(store: SqlStore) -> None:
    """Two callers' acts do not wait for each other."""
    await stored(store, a_payment("pay1", scope="a"))
    await stored(store, a_payment("pay2", scope="b"))
    await stored(store, a_payment("pay3", scope="a"))

    verdict = await store.verify_audit({})

    assert verdict.fault == ""
    assert {head.scope: head.number for head in verdict.heads} == {"a": 2, "b": 1}


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE audit SET result = 'FAILED' WHERE number = 1",
        "UPDATE audit SET number = 9 WHERE number = 7",
        "DELETE FROM audit",
        "DELETE FROM audit WHERE number = 7",
        "UPDATE audit_heads SET number = 6",
        "UPDATE audit_heads SET scope = 'another'",
        "DELETE FROM audit_heads",
        (
            "INSERT INTO audit"
            " (scope, number, time_us, actor, act, subject_id, version, result, hash)"
            " SELECT scope, 9, time_us, actor, act, subject_id, version, result, hash FROM audit"
            " WHERE number = 1"
        ),
    ],
)
async def test_the_database_itself_refuses(
    store: SqlStore, database: Database, statement: str
) -> None:
    """The audit only grows, and without a gap."""
    await history(store)

    with pytest.raises(database.refusal):
        database.execute(statement)


@contextmanager
def unguarded(database: Database) -> Iterator[None]:
    """Takes the triggers away, as whoever owns the database can."""
    for statement in database.without_triggers("audit", "audit_heads"):
        database.execute(statement)
    yield


@pytest.mark.parametrize(
    ("statements", "fault"),
    [
        (
            ["UPDATE audit SET result = 'FAILED' WHERE number = 2"],
            "row 2 was changed or moved: learnt pay1",
        ),
        (["UPDATE audit SET actor = 'nobody' WHERE number = 3"], "row 3 was changed or moved"),
        (["UPDATE audit SET time_us = 1 WHERE number = 1"], "row 1 was changed or moved"),
        (["DELETE FROM audit WHERE number = 1"], "row 1 was removed"),
        (["DELETE FROM audit WHERE number = 4"], "row 4 was removed"),
        (["DELETE FROM audit WHERE number = 7"], "row 7 was removed"),
        (["DELETE FROM audit WHERE number >= 6"], "row 6 to 7 was removed"),
        (["DELETE FROM audit"], "row 1 to 7 was removed"),
        (
            [
                "UPDATE audit SET number = 100 WHERE number = 2",
                "UPDATE audit SET number = 2 WHERE number = 3",
                "UPDATE audit SET number = 3 WHERE number = 100",
            ],
            "row 2 was changed or moved: Refund pay1",
        ),
        (
            [
                "DELETE FROM audit WHERE number = 2",
                "UPDATE audit SET number = number - 1 WHERE number > 2 AND number < 4",
                "UPDATE audit SET number = number - 1 WHERE number > 3 AND number < 5",
                "UPDATE audit SET number = number - 1 WHERE number > 4 AND number < 6",
                "UPDATE audit SET number = number - 1 WHERE number > 5 AND number < 7",
                "UPDATE audit SET number = number - 1 WHERE number > 6",
                "UPDATE audit_heads SET number = 6",
            ],
            "its head was changed",
        ),
        (
            [
                "DELETE FROM audit WHERE number = 7",
                (
                    "UPDATE audit_heads SET number = 6,"
                    " hash = (SELECT hash FROM audit WHERE number = 6)"
                ),
            ],
            "its head was changed",
        ),
        (["UPDATE audit_heads SET scope = 'another'"], "of another: its head was changed"),
        (["DELETE FROM audit_heads"], "it was removed, or its head"),
        (["DELETE FROM audit_heads", "DELETE FROM audit"], "it was removed, or its head"),
    ],
)
async def test_the_first_row_that_is_not_as_it_was_is_named(
    store: SqlStore, database: Database, statements: list[str], fault: str
) -> None:
    """Changed, removed, moved, the last ones too, by somebody whom no trigger stops."""
    await history(store)
    with unguarded(database):
        for statement in statements:
            database.execute(statement)

    assert fault in (await store.verify_audit({})).fault


async def test_rows_that_were_written_down_must_still_be_there(store: SqlStore) -> None:
    """An older copy of the whole database is told by what somebody keeps elsewhere."""
    await history(store)
    [head] = (await store.verify_audit({})).heads
    told_then = {(head.scope, head.number): head.hash.hex()}
    await stored(store, a_payment("pay2"))

    assert (await store.verify_audit(told_then)).fault == ""
    later = {("shop", 20): "00"}
    assert "row 9 to 20 was removed" in (await store.verify_audit(later)).fault
    other = {("shop", 7): "00" * 32}
    assert "row 7 was changed or moved" in (await store.verify_audit(other)).fault


async def test_acts_at_once_follow_each_other(store: SqlStore, database: Database) -> None:
    """Of one scope and of several; on PostgreSQL by two nodes, each with its own connections."""
    other = await database.open() if database.shared else store
    payments = [a_payment(f"pay{n}", scope=f"shop{n % 3}") for n in range(90)]
    nodes = [store, other]

    await asyncio.gather(
        *(stored(nodes[number % 2], payment) for number, payment in enumerate(payments))
    )

    verdict = await other.verify_audit({})
    assert verdict.fault == ""
    assert [head.number for head in verdict.heads] == [30, 30, 30]
    await other.close()


async def test_an_act_that_changes_nothing_else_is_written_too(store: SqlStore) -> None:
    """Such as who may read what."""
    act = Act(
        scope="",
        time_us=1,
        actor="an operator",
        act="reseal",
        subject_id="",
        version=0,
        result="",
    )

    await store.record_act(act)

    assert [head.number for head in (await store.verify_audit({})).heads] == [1]
