"""Holds the OVO accounts that both providers debit."""

from dataclasses import dataclass, fields, replace
from typing import Any, Final

from ovo_sandbox.ledger import Ledger, LedgerEntry
from ovo_sandbox.phone import normalise_phone
from ovo_sandbox.store import Store

DEFAULT_CASH_RUPIAH = 10_000_000
DEFAULT_POINTS_RUPIAH = 50_000
DEFAULT_PIN = "123456"
DEFAULT_OTP = "111111"
# DOKU's production integrations name this as OVO's limit for accounts without KYC.
UNVERIFIED_LIMIT_RUPIAH = 2_000_000

_KIND = "account"


class DebitRefused(Exception):
    """Tells that OVO would not take the money; the subclass says why."""


class AccountNotFound(DebitRefused):
    """Tells that the number has no OVO account."""


class AccountBlocked(DebitRefused):
    """Tells that OVO has blocked the account."""


class InsufficientFunds(DebitRefused):
    """Tells that cash or points do not cover the amount."""


class LimitExceeded(DebitRefused):
    """Tells that an account without KYC may not pay that much."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """Is one OVO account; every number has one until a tester says otherwise."""

    phone: str
    cash_rupiah: int = DEFAULT_CASH_RUPIAH
    points_rupiah: int = DEFAULT_POINTS_RUPIAH
    pin: str = DEFAULT_PIN
    otp: str = DEFAULT_OTP
    kyc: bool = True
    blocked: bool = False
    registered: bool = True

    def as_json(self) -> dict[str, Any]:
        """Returns the account as the control API shows it."""
        return {name: getattr(self, name) for name in _FIELDS}


_FIELDS: Final = tuple(item.name for item in fields(Account))


class Wallet:
    """Reads and changes accounts, and moves money with an entry in the ledger.

    Numbers are taken in any usual form. Every method that moves money does so in one transaction,
    and joins the caller's where one is open.
    """

    def __init__(self, store: Store, ledger: Ledger) -> None:
        """Keeps accounts in the store."""
        self._store = store
        self._ledger = ledger

    def account(self, phone: str) -> Account:
        """Reads an account; a number seen for the first time has the defaults."""
        phone = normalise_phone(phone)
        document = self._store.get(_KIND, phone)
        return Account(phone=phone) if document is None else Account(**document)

    def accounts(self) -> list[Account]:
        """Lists the accounts that differ from the defaults or have moved money."""
        return [Account(**document) for document in self._store.documents(_KIND)]

    def save(self, account: Account) -> None:
        """Writes an account as it should be."""
        self._store.put(_KIND, account.phone, account.as_json())

    def check(self, phone: str, *, cash_rupiah: int, points_rupiah: int = 0) -> Account:
        """Returns the account if it could pay this now, or raises a DebitRefused."""
        account = self.account(phone)
        if not account.registered:
            raise AccountNotFound
        if account.blocked:
            raise AccountBlocked
        if not account.kyc and cash_rupiah + points_rupiah > UNVERIFIED_LIMIT_RUPIAH:
            raise LimitExceeded
        if account.cash_rupiah < cash_rupiah or account.points_rupiah < points_rupiah:
            raise InsufficientFunds
        return account

    def debit(
        self,
        phone: str,
        *,
        provider: str,
        merchant_reference: str,
        provider_reference: str,
        cash_rupiah: int,
        points_rupiah: int = 0,
    ) -> LedgerEntry:
        """Takes money from an account, or raises a DebitRefused and takes nothing."""
        with self._store.transaction():
            account = self.check(phone, cash_rupiah=cash_rupiah, points_rupiah=points_rupiah)
            self._move(account, -cash_rupiah, -points_rupiah)
            return self._ledger.append(
                "debit",
                provider=provider,
                merchant_reference=merchant_reference,
                provider_reference=provider_reference,
                phone=account.phone,
                cash_rupiah=cash_rupiah,
                points_rupiah=points_rupiah,
            )

    def refund(
        self,
        phone: str,
        *,
        provider: str,
        merchant_reference: str,
        provider_reference: str,
        cash_rupiah: int,
        points_rupiah: int = 0,
    ) -> LedgerEntry:
        """Gives money back to an account; even a blocked one takes it."""
        with self._store.transaction():
            account = self.account(phone)
            self._move(account, cash_rupiah, points_rupiah)
            return self._ledger.append(
                "refund",
                provider=provider,
                merchant_reference=merchant_reference,
                provider_reference=provider_reference,
                phone=account.phone,
                cash_rupiah=cash_rupiah,
                points_rupiah=points_rupiah,
            )

    def _move(self, account: Account, cash_rupiah: int, points_rupiah: int) -> None:
        self.save(
            replace(
                account,
                cash_rupiah=account.cash_rupiah + cash_rupiah,
                points_rupiah=account.points_rupiah + points_rupiah,
            )
        )
