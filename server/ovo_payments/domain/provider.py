"""The provider port: what an adapter declares, is asked and answers."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Protocol

from ovo_payments.domain.binding import Binding
from ovo_payments.domain.money import Money
from ovo_payments.domain.payment import Payment
from ovo_payments.domain.schedule import Patience
from ovo_payments.domain.update import BindingUpdate, PaymentUpdate, RefundUpdate


class Capability(StrEnum):
    """What a provider may be able to do."""

    LINKED_ACCOUNT = "linked_account"
    BALANCE = "balance"
    PUSH_TO_PHONE = "push_to_phone"
    REFUND = "refund"
    PARTIAL_REFUND = "partial_refund"


class CallClass(StrEnum):
    """The kinds of outgoing calls, which never share a pool, a semaphore or a breaker."""

    MUTATE = "mutate"
    QUERY = "query"
    TOKEN = "token"  # noqa: S105 - the name of a class of call


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What a provider takes at most; lengths in characters."""

    amount_min: Money
    amount_max: Money
    item_id_length_max: int
    item_name_length_max: int
    customer_id_length_max: int
    customer_name_length_max: int
    customer_email_length_max: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ProviderSpec:
    """What a provider is, as far as the rest of the service must know."""

    name: str
    capabilities: frozenset[Capability]
    limits: Limits
    patience: Patience
    send_timeout_s: float
    """The longest that a call which moves money can take, retries before a byte left included."""
    binding_window_s: float
    """How long a customer has to finish linking, where the provider does not tell."""
    webhook_proves_state: bool
    """Whether an authentic webhook is evidence by itself; otherwise it only makes us ask."""


class WebhookKind(StrEnum):
    """What a webhook is about."""

    PAYMENT = "payment"
    BINDING = "binding"


@dataclass(frozen=True, slots=True, kw_only=True)
class InboundRequest:
    """An HTTP request as it came: raw bytes, header names in lower case."""

    target: str
    """The path with its query, as in the request line."""
    headers: Mapping[str, str] = field(repr=False)
    body: bytes = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class InboundAnswer:
    """What is answered to a provider."""

    status: int
    body: bytes = field(repr=False)
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class WebhookEvent:
    """What an authentic webhook says."""

    reference: str
    """Our payment id, or our external reference of a binding; empty where it can't be read."""
    update: PaymentUpdate | BindingUpdate
    summary: str
    """A sentence for operators, without secrets."""


class WebhookRefusedError(Exception):
    """A webhook is not authentic, or not what the provider sends; `cause` is for the log alone."""

    def __init__(self, cause: str) -> None:
        """Keeps the cause, which is never told to the sender."""
        super().__init__(cause)
        self.cause = cause


class Webhooks(Protocol):
    """Reads what a provider sends by itself. Pure: no I/O, so it answers in microseconds."""

    @property
    def paths(self) -> Mapping[str, WebhookKind]:
        """The sidecar's paths on which this provider notifies."""

    def verify(self, kind: WebhookKind, request: InboundRequest) -> None:
        """Raises WebhookRefusedError where the request is not authentic or can't be read."""

    def translate(self, kind: WebhookKind, request: InboundRequest) -> WebhookEvent:
        """Says what a verified webhook means."""

    def acknowledge(self, kind: WebhookKind) -> InboundAnswer:
        """The answer to a webhook that is safely stored."""

    def refuse(self, kind: WebhookKind) -> InboundAnswer:
        """The one answer to every webhook that is not authentic."""

    @property
    def reply_paths(self) -> frozenset[str]:
        """The sidecar's paths on which the provider asks us something that we answer at once."""

    def reply(self, request: InboundRequest, now: datetime) -> InboundAnswer:
        """Answers such a question, refusals included."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountBalance:
    """What an account holds of one kind: `CASH` or `POINTS`."""

    type: str
    available: Money


@dataclass(frozen=True, slots=True, kw_only=True)
class DebitOutcome:
    """What came of a debit of a linked account, and what it taught about the link."""

    payment: PaymentUpdate
    binding: BindingUpdate | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RefundOutcome:
    """What came of a refund, and what it taught about the link."""

    refund: RefundUpdate
    binding: BindingUpdate | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class BalanceOutcome:
    """A balance, or none where the link turned out to be gone."""

    balances: tuple[AccountBalance, ...]
    binding: BindingUpdate | None = None


class Provider(Protocol):
    """One provider. Calls that may move money never raise for what the provider does.

    They answer with an update, also where nothing is known (UNKNOWN) or nothing was sent
    (NOT_SENT). An adapter without a capability is never asked for it.
    """

    @property
    def spec(self) -> ProviderSpec:
        """What this provider is."""

    @property
    def webhooks(self) -> Webhooks:
        """How this provider notifies."""

    def available_for(self, call_class: CallClass) -> float:
        """Seconds until calls of a class are let through: 0 now, else the breaker is open."""

    async def charge(self, payment: Payment) -> PaymentUpdate:
        """Pushes a payment request to the payer's phone."""

    async def pay(self, payment: Payment, binding: Binding) -> DebitOutcome:
        """Debits a linked account."""

    async def refund(self, payment: Payment, binding: Binding | None) -> RefundOutcome:
        """Asks for `payment.refund`; `binding` is the link that was debited, where there is one."""

    async def query(self, payment: Payment) -> PaymentUpdate:
        """Asks what became of a payment and of its refund."""

    async def bind(self, binding: Binding) -> BindingUpdate:
        """Starts linking an account."""

    async def query_binding(self, binding: Binding) -> BindingUpdate:
        """Asks whether an account is linked."""

    async def unbind(self, binding: Binding) -> BindingUpdate:
        """Unlinks an account."""

    async def balance(self, binding: Binding) -> BalanceOutcome:
        """Reads a balance. Raises ProviderUnavailableError where no usable answer came."""

    async def close(self) -> None:
        """Gives up connections."""
