"""The store keeps documents and the ledger, and makes several writes one."""

import sqlite3
from datetime import UTC, datetime
from pathlib import Path

import pytest

from ovo_sandbox.clock import Clock
from ovo_sandbox.ledger import Ledger, LedgerEntry
from ovo_sandbox.store import Store

NOON = datetime(2026, 1, 2, 12, 0, tzinfo=UTC)


def append(
    ledger: Ledger, reference: str, *, provider: str = "midtrans", cash_rupiah: int = 15000
) -> LedgerEntry:
    """Writes a debit down."""
    return ledger.append(
        "debit",
        provider=provider,
        merchant_reference=reference,
        provider_reference=f"their-{reference}",
        phone="6281111111111",
        cash_rupiah=cash_rupiah,
        points_rupiah=0,
    )


def test_documents_come_in_the_order_they_were_first_written() -> None:
    """Changing a document does not move it."""
    store = Store(None)
    for key in ("b", "a", "c"):
        store.put("letter", key, {"key": key})
    store.put("letter", "b", {"key": "B"})
    assert [document["key"] for document in store.documents("letter")] == ["B", "a", "c"]
    assert [document["key"] for document in store.documents("letter", newest=2)] == ["c", "a"]


def test_an_exception_takes_every_write_of_a_transaction_back() -> None:
    """An inner transaction is part of the outer one."""
    store = Store(None)

    def write_and_fail() -> None:
        with store.transaction():
            store.put("letter", "a", {})
            with store.transaction():
                store.put("letter", "b", {})
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        write_and_fail()
    assert store.count("letter") == 0


def test_a_store_is_found_again_on_disk(tmp_path: Path) -> None:
    """State survives a restart."""
    first = Store(tmp_path / "sandbox.db")
    first.put("letter", "a", {"text": "x"})
    append(Ledger(first, Clock.standing_at(NOON)), "order-1")
    first.close()
    second = Store(tmp_path / "sandbox.db")
    assert second.get("letter", "a") == {"text": "x"}
    entries = Ledger(second, Clock.standing_at(NOON)).entries()
    assert [(entry.entry_id, entry.at) for entry in entries] == [(1, NOON)]
    second.close()


@pytest.mark.parametrize("change", ["DELETE FROM ledger", "UPDATE ledger SET amount_rupiah = 1"])
def test_the_ledger_is_append_only(change: str) -> None:
    """Not even SQL changes what was written down."""
    store = Store(None)
    append(Ledger(store, Clock.standing_at(NOON)), "order-1")
    with pytest.raises(sqlite3.IntegrityError, match="append-only"):
        store.query(change)


def test_the_ledger_is_filtered_by_provider_reference_and_place() -> None:
    """A reference is the merchant's or the provider's."""
    ledger = Ledger(Store(None), Clock.standing_at(NOON))
    append(ledger, "order-1")
    append(ledger, "order-1", provider="doku")
    append(ledger, "order-2")
    assert [entry.entry_id for entry in ledger.entries(provider="midtrans")] == [1, 3]
    assert [entry.entry_id for entry in ledger.entries(reference="order-1")] == [1, 2]
    assert [entry.entry_id for entry in ledger.entries(reference="their-order-2")] == [3]
    assert [entry.entry_id for entry in ledger.entries(after=1, limit=1)] == [2]
    assert [entry.entry_id for entry in ledger.newest(2)] == [3, 2]


def test_a_cleared_store_begins_anew() -> None:
    """A reset forgets the ledger too."""
    store = Store(None)
    ledger = Ledger(store, Clock.standing_at(NOON))
    append(ledger, "order-1")
    store.put("letter", "a", {})
    store.clear()
    assert (ledger.entries(), store.count("letter")) == ([], 0)
    assert append(ledger, "order-2").entry_id == 1
