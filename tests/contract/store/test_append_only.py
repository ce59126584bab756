"""What nobody can change, whichever way they come."""

import pytest

from ovo_payments.domain.ports import Store
from ovo_payments.domain.update import Claim
from tests.contract.store.databases import Database
from tests.contract.store.samples import (
    a_binding,
    a_payment,
    recorded,
    stored,
    stored_binding,
    told,
)

_NEW_EVENT = "INSERT INTO payment_events (payment_id, version, scope, position, document, sealed)"
_SEALED = "(SELECT sealed FROM payments)"


@pytest.fixture
async def history(store: Store) -> None:
    """A link, and a payment that succeeded."""
    await stored_binding(store, a_binding())
    await recorded(store, told(await stored(store, a_payment()), Claim.SUCCEEDED))


@pytest.mark.usefixtures("history")
@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE payment_events SET document = '{}' WHERE version = 1",
        "DELETE FROM payment_events",
        f"{_NEW_EVENT} VALUES ('pay1', 2, 'shop', 3, '{{}}', {_SEALED})",
        f"{_NEW_EVENT} VALUES ('pay1', 4, 'shop', 3, '{{}}', {_SEALED})",
        f"{_NEW_EVENT} VALUES ('none', 1, 'shop', 3, '{{}}', {_SEALED})",
        f"{_NEW_EVENT} VALUES ('pay1', 3, 'shop', 2, '{{}}', {_SEALED})",
        f"{_NEW_EVENT} VALUES ('pay1', 3, 'shop', 4, '{{}}', {_SEALED})",
        "UPDATE evidence SET detail = ''",
        "DELETE FROM evidence",
        "UPDATE requests SET subject_id = 'pay2'",
        "DELETE FROM payments",
        "UPDATE payments SET amount_rupiah = 1",
        "UPDATE payments SET order_id = 'another'",
        "UPDATE payments SET state = 'FAILED'",
        "UPDATE payments SET state = 'PENDING', version = 3",
        "UPDATE payments SET version = 5",
        "UPDATE payments SET document = '{}'",
        "UPDATE order_claims SET payment_id = 'none'",
        "UPDATE bindings SET scope = 'another'",
        "UPDATE bindings SET external_reference = 'another'",
        "UPDATE bindings SET state = 'FAILED'",
    ],
)
def test_the_database_itself_refuses(database: Database, statement: str) -> None:
    """History only grows, and what a payment is never changes: by constraint, not by custom."""
    with pytest.raises(database.refusal):
        database.execute(statement)


@pytest.mark.usefixtures("history")
def test_the_log_folds_to_the_row(database: Database) -> None:
    """I-17: the last event is the payment."""
    [[row]] = database.execute("SELECT document FROM payments")
    events = database.execute("SELECT version, document FROM payment_events ORDER BY version")

    assert [version for version, _ in events] == [1, 2]
    assert events[-1][1] == row
