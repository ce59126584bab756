"""The wallet takes only money that is there, and writes every move down."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from ovo_sandbox.clock import Clock
from ovo_sandbox.ledger import Ledger, LedgerEntry
from ovo_sandbox.phone import InvalidPhone, local_phone, normalise_phone
from ovo_sandbox.store import Store
from ovo_sandbox.wallet import (
    AccountBlocked,
    AccountNotFound,
    DebitRefused,
    InsufficientFunds,
    LimitExceeded,
    Wallet,
)

PHONE = "6281111111111"


@pytest.fixture
def ledger() -> Ledger:
    """An empty ledger."""
    return Ledger(Store(None), Clock.standing_at(datetime(2026, 1, 2, tzinfo=UTC)))


@pytest.fixture
def wallet(ledger: Ledger) -> Wallet:
    """A wallet in which every number has an account."""
    return Wallet(ledger._store, ledger)  # noqa: SLF001 - one store for both, as in the sandbox


def debit(wallet: Wallet, *, cash_rupiah: int, points_rupiah: int = 0) -> LedgerEntry:
    """Debits the test's account."""
    return wallet.debit(
        PHONE,
        provider="doku",
        merchant_reference="order-1",
        provider_reference="their-1",
        cash_rupiah=cash_rupiah,
        points_rupiah=points_rupiah,
    )


def test_every_number_has_an_account_with_money() -> None:
    """A tester can pay without preparing anything."""
    ledger = Ledger(Store(None), Clock())
    account = Wallet(Store(None), ledger).account("+62 811-1111-1111")
    assert (account.phone, account.cash_rupiah, account.points_rupiah) == (PHONE, 10**7, 50_000)


def test_a_debit_takes_cash_and_points_and_is_written_down(wallet: Wallet, ledger: Ledger) -> None:
    """The ledger and the account tell the same story."""
    entry = debit(wallet, cash_rupiah=10_000, points_rupiah=5_000)
    account = wallet.account(PHONE)
    assert (account.cash_rupiah, account.points_rupiah) == (10**7 - 10_000, 45_000)
    assert ledger.entries() == [entry]
    assert (entry.kind, entry.amount_rupiah, entry.points_rupiah) == ("debit", 15_000, 5_000)


@pytest.mark.parametrize(
    ("changes", "refusal"),
    [
        ({"cash_rupiah": 14_999}, InsufficientFunds),
        ({"blocked": True}, AccountBlocked),
        ({"registered": False}, AccountNotFound),
    ],
)
def test_a_refused_debit_moves_nothing(
    wallet: Wallet, ledger: Ledger, changes: dict[str, int | bool], refusal: type[DebitRefused]
) -> None:
    """Either all of it happens or none."""
    account = replace(wallet.account(PHONE), **changes)  # type: ignore[arg-type]
    wallet.save(account)
    with pytest.raises(refusal):
        debit(wallet, cash_rupiah=15_000)
    assert (wallet.account(PHONE), ledger.entries()) == (account, [])


def test_an_account_without_kyc_pays_two_million_and_no_more(wallet: Wallet) -> None:
    """The limit holds for the sum of cash and points."""
    wallet.save(replace(wallet.account(PHONE), kyc=False))
    debit(wallet, cash_rupiah=2_000_000)
    with pytest.raises(LimitExceeded):
        debit(wallet, cash_rupiah=1_999_999, points_rupiah=2)


def test_a_refund_gives_back_even_to_a_blocked_account(wallet: Wallet, ledger: Ledger) -> None:
    """Money owed is paid."""
    wallet.save(replace(wallet.account(PHONE), blocked=True))
    wallet.refund(
        PHONE,
        provider="doku",
        merchant_reference="order-1",
        provider_reference="their-1",
        cash_rupiah=15_000,
    )
    assert wallet.account(PHONE).cash_rupiah == 10**7 + 15_000
    assert [entry.kind for entry in ledger.entries()] == ["refund"]


@pytest.mark.parametrize(
    "written", ["081111111111", "6281111111111", "+6281111111111", "0811-1111 1111", "81111111111"]
)
def test_a_number_is_one_number_however_it_is_written(written: str) -> None:
    """Both providers find the same account."""
    assert normalise_phone(written) == PHONE
    assert local_phone(PHONE) == "081111111111"


@pytest.mark.parametrize("written", ["", "0211234567", "+1 555 0100", "08abc", "0812"])
def test_what_is_no_indonesian_mobile_number_is_refused(written: str) -> None:
    """Landlines, foreign numbers and typos have no account."""
    with pytest.raises(InvalidPhone):
        normalise_phone(written)
