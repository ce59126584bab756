"""What a provider told, or what is known without it, in our words.

What a provider says is an *update*; what we hold is a *payment*. An update never changes
anything by itself: `payment.apply` and `binding.apply` decide what it means.
"""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from ovo_payments.domain.failure import Failure
from ovo_payments.domain.money import Money
from ovo_payments.domain.phone import PhoneNumber
from ovo_payments.domain.secret import Credentials


class Source(StrEnum):
    """Where an update comes from."""

    ANSWER = "ANSWER"
    """The provider's answer to the call that moves money."""
    QUERY = "QUERY"
    """The provider's answer to an authenticated status query."""
    WEBHOOK = "WEBHOOK"
    """An authentic notification."""
    TRANSPORT = "TRANSPORT"
    """Our own HTTP layer, or the lack of any answer."""


class Claim(StrEnum):
    """What an update says of a payment or a refund."""

    PENDING = "PENDING"
    SUCCEEDED = "SUCCEEDED"
    FAILED = "FAILED"
    EXPIRED = "EXPIRED"
    REFUNDED = "REFUNDED"
    UNKNOWN = "UNKNOWN"
    """The request may have left and no usable answer came."""
    NOT_SENT = "NOT_SENT"
    """Proof that not one byte of the request reached the provider, or that it was not processed."""
    NOT_FOUND = "NOT_FOUND"
    """The provider has no record of it. Evidence only when repeated after the settling time."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RefundUpdate:
    """What is said of a refund."""

    source: Source
    claim: Claim
    refund_id: str = ""
    """The reference that we gave it; empty where the provider named none."""
    amount: Money | None = None
    success_time: datetime | None = None
    failure: Failure | None = None
    provider_code: str = ""
    detail: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class PaymentUpdate:
    """What is said of a payment; None or empty where nothing is said."""

    source: Source
    claim: Claim
    amount: Money | None = None
    phone_number: PhoneNumber | None = None
    reference: str = ""
    """Our own reference as the provider repeated it: the payment id."""
    provider_reference: str = ""
    redirect_url: str = field(default="", repr=False)
    expire_time: datetime | None = None
    success_time: datetime | None = None
    failure: Failure | None = None
    provider_code: str = ""
    detail: str = ""
    """A sentence for operators, without secrets and without the provider's body."""
    misfit: str = ""
    """Why the update can't be ours: an amount that can't be read, another merchant."""
    refund: RefundUpdate | None = None


class BindingClaim(StrEnum):
    """What an update says of a binding."""

    PENDING = "PENDING"
    ACTIVE = "ACTIVE"
    FAILED = "FAILED"
    NOT_LINKED = "NOT_LINKED"
    """The provider knows no link now: not finished yet, or no longer there."""
    UNBOUND = "UNBOUND"
    UNKNOWN = "UNKNOWN"
    NOT_SENT = "NOT_SENT"


@dataclass(frozen=True, slots=True, kw_only=True)
class BindingUpdate:
    """What is said of a binding; None or empty where nothing is said."""

    source: Source
    claim: BindingClaim
    redirect_url: str = field(default="", repr=False)
    expire_time: datetime | None = None
    credentials: Credentials | None = field(default=None)
    failure: Failure | None = None
    provider_code: str = ""
    detail: str = ""
