"""Writes down every rupiah that moves; an entry is never changed or removed."""

from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any, Literal

from ovo_sandbox.clock import Clock
from ovo_sandbox.store import Store

Kind = Literal["debit", "refund"]


@dataclass(frozen=True, slots=True, kw_only=True)
class LedgerEntry:
    """Is one movement of money between a wallet and the merchant."""

    entry_id: int
    at: datetime
    provider: str
    kind: Kind
    merchant_reference: str
    provider_reference: str
    phone: str
    amount_rupiah: int
    cash_rupiah: int
    points_rupiah: int

    def as_json(self) -> dict[str, Any]:
        """Returns the entry as the control API shows it."""
        return asdict(self) | {"at": self.at.isoformat()}


class Ledger:
    """Appends entries, in whatever transaction the store has open, and lists them."""

    def __init__(self, store: Store, clock: Clock) -> None:
        """Writes to the store with the clock's time."""
        self._store = store
        self._clock = clock

    def append(
        self,
        kind: Kind,
        *,
        provider: str,
        merchant_reference: str,
        provider_reference: str,
        phone: str,
        cash_rupiah: int,
        points_rupiah: int,
    ) -> LedgerEntry:
        """Writes one movement down."""
        at = self._clock.now()
        amount_rupiah = cash_rupiah + points_rupiah
        rows = self._store.query(
            "INSERT INTO ledger (at, provider, kind, merchant_reference, provider_reference, phone,"
            " amount_rupiah, cash_rupiah, points_rupiah) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)"
            " RETURNING entry_id",
            (
                at.isoformat(),
                provider,
                kind,
                merchant_reference,
                provider_reference,
                phone,
                amount_rupiah,
                cash_rupiah,
                points_rupiah,
            ),
        )
        return LedgerEntry(
            entry_id=rows[0]["entry_id"],
            at=at,
            provider=provider,
            kind=kind,
            merchant_reference=merchant_reference,
            provider_reference=provider_reference,
            phone=phone,
            amount_rupiah=amount_rupiah,
            cash_rupiah=cash_rupiah,
            points_rupiah=points_rupiah,
        )

    def entries(
        self,
        *,
        provider: str | None = None,
        reference: str | None = None,
        after: int = 0,
        limit: int | None = None,
    ) -> list[LedgerEntry]:
        """Lists entries, oldest first; `reference` is the merchant's or the provider's."""
        rows = self._store.query(
            "SELECT * FROM ledger WHERE entry_id > ?1 AND (?2 IS NULL OR provider = ?2)"
            " AND (?3 IS NULL OR merchant_reference = ?3 OR provider_reference = ?3)"
            " ORDER BY entry_id LIMIT ?4",
            (after, provider, reference, -1 if limit is None else limit),
        )
        return [_entry(dict(row)) for row in rows]

    def newest(self, count: int) -> list[LedgerEntry]:
        """Lists the last entries, newest first."""
        rows = self._store.query("SELECT * FROM ledger ORDER BY entry_id DESC LIMIT ?", (count,))
        return [_entry(dict(row)) for row in rows]


def _entry(row: dict[str, Any]) -> LedgerEntry:
    return LedgerEntry(**(row | {"at": datetime.fromisoformat(row["at"])}))
