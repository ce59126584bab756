"""Gives a few phone numbers a meaning; DOKU documents none, these are the sandbox's own."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from ovo_sandbox.wallet import Account, Wallet


@dataclass(frozen=True, slots=True, kw_only=True)
class MagicNumber:
    """Is what a number stands for."""

    account: Account
    meaning: str


def _numbers() -> Mapping[str, MagicNumber]:
    listed = (
        MagicNumber(
            account=Account(phone="6281100000001", cash_rupiah=5_000, points_rupiah=0),
            meaning="has Rp5.000 and no points",
        ),
        MagicNumber(
            account=Account(phone="6281100000002", kyc=False),
            meaning="has no KYC: at most Rp2.000.000 a payment",
        ),
        MagicNumber(
            account=Account(phone="6281100000003", blocked=True),
            meaning="is blocked by OVO",
        ),
        MagicNumber(
            account=Account(phone="6281100000004", registered=False),
            meaning="has no OVO account",
        ),
    )
    return {one.account.phone: one for one in listed}


MAGIC_NUMBERS: Final = _numbers()


def prepare_magic_number(wallet: Wallet, phone: str) -> None:
    """Gives a test number its account, unless a tester or a payment has changed it already."""
    magic = MAGIC_NUMBERS.get(phone)
    if magic is not None and wallet.account(phone) == Account(phone=phone):
        wallet.save(magic.account)
