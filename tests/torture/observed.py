"""What a run leaves behind for the checker: the same whatever the mode that made it.

Times are seconds since the run began. `order` numbers everything that happened in one row, so that
"before" can be told where the times are equal.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Final, Literal

from ovo_payments.domain.binding import Binding
from ovo_payments.domain.evidence import Evidence
from ovo_payments.domain.payment import Payment
from ovo_payments.domain.ports import InboxEntry, RequestRecord
from ovo_sandbox.ledger import LedgerEntry

EPOCH: Final = datetime(2026, 1, 5, 3, 0, tzinfo=UTC)
"""When every simulated run begins: a Monday morning in Jakarta."""

Outcome = Literal["ok", "failed", "unknown"]
"""`unknown`: the caller never heard what became of its call."""


@dataclass(slots=True, kw_only=True)
class Operation:
    """One call of one caller, as the caller saw it."""

    order: int
    scope: str
    method: str
    invoked_at: float
    request_id: str = ""
    content: str = ""
    """Everything in the request but its id."""
    order_id: str = ""
    subject_id: str = ""
    """The payment or binding that the caller named."""
    amount_rupiah: int = 0
    phone: str = ""
    ended_at: float = -1.0
    outcome: Outcome = "unknown"
    reason: str = ""
    """The refusal's name, where it was refused."""
    payment_id: str = ""
    binding_id: str = ""
    seen_scope: str = ""
    state: str = ""
    version: int = 0
    replayed: bool = False
    cancelled: bool = False
    """The caller went away, or its deadline passed, before the answer."""


@dataclass(slots=True, kw_only=True)
class ProviderCall:
    """One attempt of the service to say something to a provider."""

    order: int
    at: float
    node: str
    provider: str
    operation: str
    moves_money: bool
    reference: str
    origin: str
    """The RPC on whose behalf it is made; empty where the service asks by itself."""
    breaker: str = ""
    left: int = -1
    """When a byte left, in the row of everything; -1: none did."""
    arrived: int = -1
    answered: int = -1
    """When the answer was handed to the service."""
    answered_at: float = -1.0
    status: int = 0
    code: str = ""
    fault: str = ""
    cancelled: bool = False
    """Whether somebody stopped it who lives; its own time is not meant."""
    lost_at: float = -1.0
    """When the service learnt that no answer would come."""


@dataclass(slots=True, kw_only=True)
class Commit:
    """One write of the service: asked for, and what came of it."""

    order: int
    at: float
    node: str
    operation: str
    subject_id: str
    outcome: str
    """`done`, `refused: …`, or `lost` where the transaction was not committed."""
    told: bool = True
    """Whether its writer was told the truth, or that the store is not available."""
    lease_broken: bool = False
    """Written under a lease that was not the row's."""
    ends_send: bool = False
    """Whether an open payment is not marked as being sent any more."""
    word: str = ""
    """What was learnt, where a payment's update is written: source, claim, provider's code."""


@dataclass(slots=True, kw_only=True)
class Delivery:
    """One attempt of somebody to notify the service."""

    order: int
    at: float
    node: str
    provider: str
    path: str
    body: bytes = field(repr=False)
    tampering: str = ""
    """`forged` where nobody may believe it, `wrong_amount` where it is signed and does not fit."""
    status: int = 0
    """What the service answered; 0: nothing, or nobody heard it."""
    answered: int = -1
    fault: str = ""


@dataclass(slots=True, kw_only=True)
class Watch:
    """One stream, as its watcher saw it."""

    order: int
    payment_id: str
    after_version: int | None
    began_at: float
    target: int = 0
    """Which of the nodes it was connected to, in their order."""
    node: str = ""
    watcher: str = ""
    """Whoever watches in several streams, each from where the last one broke off."""
    scope: str = ""
    seen_scopes: set[str] = field(default_factory=set)
    """Whose payments came."""
    versions: list[tuple[float, int, bool]] = field(default_factory=list)
    """When each update came, its version, and whether the payment was still open."""
    ended_at: float = -1.0
    ended: str = ""
    """`done`, `left` by the watcher, `cut` with its node, or the refusal's name."""


@dataclass(slots=True, kw_only=True)
class Life:
    """One incarnation of the service."""

    node: str
    began_at: float
    ended_at: float = -1.0
    paused: list[tuple[float, float]] = field(default_factory=list)


@dataclass(slots=True, kw_only=True)
class Observed:
    """All that is known of a run."""

    mode: str
    seed: int
    command: str
    began: datetime = EPOCH
    healed_at: float = 0.0
    drained_at: float = 0.0
    clock_jumps: list[tuple[float, float]] = field(default_factory=list)
    store_outages: list[tuple[float, float]] = field(default_factory=list)
    operations: list[Operation] = field(default_factory=list)
    calls: list[ProviderCall] = field(default_factory=list)
    commits: list[Commit] = field(default_factory=list)
    deliveries: list[Delivery] = field(default_factory=list)
    watches: list[Watch] = field(default_factory=list)
    lives: list[Life] = field(default_factory=list)
    logs: list[Mapping[str, Any]] = field(default_factory=list)
    failures: list[str] = field(default_factory=list)
    """Exceptions that nobody caught."""
    ledger: Sequence[LedgerEntry] = ()
    truth: Mapping[str, str] = field(default_factory=dict)
    """What the provider holds of each payment at the end, in our words."""
    payments: Mapping[str, Payment] = field(default_factory=dict)
    events: Mapping[str, Sequence[Payment]] = field(default_factory=dict)
    event_times: Mapping[tuple[str, int], float] = field(default_factory=dict)
    evidence: Mapping[str, Sequence[Evidence]] = field(default_factory=dict)
    requests: Sequence[RequestRecord] = ()
    refunds: Sequence[tuple[str, str, str, int]] = ()
    """Payment, refund, state, amount."""
    claims: Sequence[tuple[str, str, str]] = ()
    """Scope, order, payment."""
    bindings: Mapping[str, Binding] = field(default_factory=dict)
    inbox: Sequence[InboxEntry] = ()
    inbox_overdue: int = 0
    attempts: Mapping[str, int] = field(default_factory=dict)
    """First attempts and repetitions of outgoing calls by class: `query`, `query.repeated`, …"""


class Recorder:
    """Writes everything down in one row, and the trace with it."""

    def __init__(self, observed: Observed, now: Any) -> None:  # noqa: ANN401 - a callable
        self.observed = observed
        self._now = now
        self._order = 0
        self.lines: list[str] | None = None
        """The trace, where one is wanted."""

    def next(self) -> int:
        """The next place in the row."""
        self._order += 1
        return self._order

    @property
    def now(self) -> float:
        """The time of the run."""
        now: float = self._now()
        return now

    def tell(self, *words: object) -> None:
        """Adds a line to the trace."""
        if self.lines is not None:
            self.lines.append(f"{self._now():.6f} {' '.join(map(str, words))}")
