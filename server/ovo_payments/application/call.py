"""Who calls, and what the calls carry: plain values, not yet known to be good."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from types import MappingProxyType

from ovo_payments.application.url_prefix import UrlPrefix
from ovo_payments.domain.binding import Binding
from ovo_payments.domain.money import MoneyInput
from ovo_payments.domain.payment import Customer, Payment
from ovo_payments.domain.provider import AccountBalance


@dataclass(frozen=True, slots=True, kw_only=True)
class Caller:
    """A service that calls; what it makes belongs to its scope."""

    name: str
    scope: str
    return_url_prefixes: tuple[UrlPrefix, ...] = ()
    """Where its customers may be sent back to; where it has none, what holds for all."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """One call: by whom, and how much time is left for it."""

    caller: Caller
    remaining_s: float | None = None
    """Seconds until the caller gives up; None where it waits for ever."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ItemInput:
    """A line item as the caller wrote it."""

    item_id: str
    name: str = field(repr=False)
    price: MoneyInput | None
    quantity: int


def _no_metadata() -> Mapping[str, str]:
    return MappingProxyType({})


@dataclass(frozen=True, slots=True, kw_only=True)
class BindRequest:
    """Asks to link an account."""

    request_id: str
    customer_id: str = field(repr=False)
    phone_number: str = field(repr=False)
    success_url: str = field(repr=False)
    failure_url: str = field(repr=False)
    customer: Customer | None = field(default=None, repr=False)
    provider: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class PayRequest:
    """Asks to debit a linked account."""

    request_id: str
    order_id: str
    binding_id: str
    amount: MoneyInput | None
    points_amount: MoneyInput | None = None
    merchant_initiated: bool = False
    success_url: str = field(default="", repr=False)
    failure_url: str = field(default="", repr=False)
    items: tuple[ItemInput, ...] = field(default=(), repr=False)
    metadata: Mapping[str, str] = field(default_factory=_no_metadata, repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class ChargeRequest:
    """Asks to push a payment request to a phone."""

    request_id: str
    order_id: str
    phone_number: str = field(repr=False)
    amount: MoneyInput | None
    customer: Customer | None = field(default=None, repr=False)
    items: tuple[ItemInput, ...] = field(default=(), repr=False)
    metadata: Mapping[str, str] = field(default_factory=_no_metadata, repr=False)
    provider: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class RefundRequest:
    """Asks to return a payment's money."""

    request_id: str
    payment_id: str
    amount: MoneyInput | None = None
    reason: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class GetStatusRequest:
    """Asks what is known; exactly one of the three names is not None."""

    payment_id: str | None = None
    order_id: str | None = None
    binding_id: str | None = None
    refresh: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class WatchPaymentRequest:
    """Asks for a payment's changes; one of the two names is not None."""

    payment_id: str | None = None
    order_id: str | None = None
    after_version: int | None = None
    heartbeat_interval_s: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class WatchPaymentsRequest:
    """Asks for the changes of all payments of the caller."""

    cursor: str = ""
    from_now: bool = False
    states: tuple[str, ...] = ()
    providers: tuple[str, ...] = ()
    heartbeat_interval_s: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PaymentResult:
    """A payment, and whether an earlier call with this request id made it."""

    payment: Payment
    replayed: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class BindingResult:
    """A binding, and whether an earlier call with this request id made it."""

    binding: Binding
    replayed: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class BalanceResult:
    """What an account holds."""

    balances: tuple[AccountBalance, ...]
    read_time: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Heartbeat:
    """Tells that a stream is alive."""

    version: int
    time: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class StreamEvent:
    """A change of one of the caller's payments, or a sign of life; `cursor` is the place after."""

    cursor: str
    payment: Payment | None = None
    time: datetime | None = None
    """Of a sign of life: the server's."""
