"""The link between a merchant's customer and an OVO account, and what the account holds."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from ovo_payments_client.payment import Failure


class BindingState(StrEnum):
    """What is known of the link."""

    PENDING = "PENDING"
    ACTIVE = "ACTIVE"
    FAILED = "FAILED"
    EXPIRED = "EXPIRED"
    UNBOUND = "UNBOUND"
    UNKNOWN = "UNKNOWN"
    """A state that a newer service knows and this client does not."""


class BalanceType(StrEnum):
    """The kinds of money that an OVO account holds."""

    CASH = "CASH"
    POINTS = "POINTS"
    UNKNOWN = "UNKNOWN"


@dataclass(frozen=True, slots=True, kw_only=True)
class Binding:
    """A linked account; times are aware and UTC."""

    binding_id: str
    customer_id: str
    state: BindingState
    provider: str
    phone_number: str | None = None
    redirect_url: str | None = None
    failure: Failure | None = None
    create_time: datetime | None = None
    update_time: datetime | None = None
    expire_time: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class BindingResult:
    """The answer to Bind; `request_id` names the call, also where the client made it."""

    binding: Binding
    request_id: str
    replayed: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountBalance:
    """What can be spent of one kind of money, in whole rupiah."""

    type: BalanceType
    available: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Balance:
    """What a linked account held when the provider was asked."""

    balances: tuple[AccountBalance, ...]
    read_time: datetime | None = None

    @property
    def cash(self) -> int | None:
        """OVO Cash in whole rupiah, or None where the provider did not tell."""
        return self._available(BalanceType.CASH)

    @property
    def points(self) -> int | None:
        """OVO Points in whole rupiah, or None where the provider did not tell."""
        return self._available(BalanceType.POINTS)

    def _available(self, kind: BalanceType) -> int | None:
        return next((balance.available for balance in self.balances if balance.type == kind), None)
