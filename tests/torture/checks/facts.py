"""What was observed, indexed for the checks, and the sheet on which a check writes its findings."""

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from itertools import pairwise
from typing import Final, TypeAlias

from ovo_payments.domain.payment import Payment, PaymentState
from ovo_sandbox.ledger import LedgerEntry
from tests.torture.observed import (
    Commit,
    Life,
    Observed,
    Operation,
    ProviderCall,
)

MONEY_MOVED: Final = frozenset({PaymentState.SUCCEEDED, PaymentState.REFUNDED})
WITHOUT_MONEY: Final = frozenset({PaymentState.FAILED, PaymentState.EXPIRED})
NOT_PROCESSED: Final = frozenset({401, 429})
"""HTTP statuses by which a provider says that it did nothing."""

_DECIDED_BEFORE_S: Final = 5.0

RequestKey: TypeAlias = tuple[str, str, str]


@dataclass(slots=True)
class Sheet:
    """How much one check looked at, and what it found."""

    invariant: str
    checked: int = 0
    findings: list[tuple[str, str]] = field(default_factory=list)
    """The payment (or whatever it is about), and what is wrong."""
    also: dict[str, int] = field(default_factory=dict)
    """What else was counted, to be read beside."""
    unobservable: str = ""

    @property
    def remark(self) -> str:
        """What else was counted, as a text."""
        return told(self.also)

    def hold(self, *, true: bool, subject: str, otherwise: str) -> None:
        """Checks one thing."""
        self.checked += 1
        if not true:
            self.findings.append((subject, otherwise))


def told(counted: Mapping[str, int]) -> str:
    """Writes what was counted beside."""
    return ", ".join(f"{number} {what}" for what, number in counted.items())


class Facts:
    """The observed run, looked up from all sides."""

    def __init__(self, observed: Observed) -> None:
        self.observed = observed

    @property
    def slack_s(self) -> float:
        """How far a version's time may be from that of its commit: real ones are decided before."""
        return 0.0 if self.observed.mode == "sim" else _DECIDED_BEFORE_S

    @cached_property
    def debits(self) -> dict[str, list[LedgerEntry]]:
        """The ledger's debits by our reference."""
        return self._entries("debit")

    @cached_property
    def refunds(self) -> dict[str, list[LedgerEntry]]:
        """The ledger's refunds by our reference of the payment."""
        return self._entries("refund")

    @cached_property
    def sends(self) -> dict[tuple[str, str], list[ProviderCall]]:
        """The calls that move money and of which a byte left, by operation and reference."""
        found: dict[tuple[str, str], list[ProviderCall]] = defaultdict(list)
        for call in self.observed.calls:
            if call.moves_money and call.left >= 0:
                found[call.operation, call.reference].append(call)
        return found

    def sends_of(self, payment: Payment) -> list[ProviderCall]:
        """The calls that left to take a payment's money."""
        return self.sends.get(("charge", payment.payment_id), []) + self.sends.get(
            ("pay", payment.payment_id), []
        )

    def sends_about(self, payment_id: str) -> list[ProviderCall]:
        """The calls that left to take a payment's money or to give it back."""
        return [call for key in self._sends_by_payment[payment_id] for call in self.sends[key]]

    @cached_property
    def _sends_by_payment(self) -> dict[str, list[tuple[str, str]]]:
        found: dict[str, list[tuple[str, str]]] = defaultdict(list)
        for operation, reference in self.sends:
            payment_id = self.payment_of_refund.get(reference, reference)
            found[payment_id].append((operation, reference))
        return found

    @cached_property
    def by_request(self) -> dict[RequestKey, list[Operation]]:
        """Operations by what must be idempotent."""
        found: dict[RequestKey, list[Operation]] = defaultdict(list)
        for operation in self.observed.operations:
            if operation.request_id:
                key = (operation.scope, operation.method, operation.request_id)
                found[key].append(operation)
        return found

    @cached_property
    def used_up(self) -> dict[RequestKey, str]:
        """What each request id made."""
        return {
            (record.scope, record.method, record.request_id): record.subject_id
            for record in self.observed.requests
        }

    @cached_property
    def commits_of(self) -> dict[str, list[Commit]]:
        """Commits by their subject, without its version."""
        found: dict[str, list[Commit]] = defaultdict(list)
        for commit in self.observed.commits:
            if commit.subject_id:
                found[commit.subject_id.partition("@")[0]].append(commit)
        return found

    @cached_property
    def payment_of_refund(self) -> dict[str, str]:
        """Payments by their refunds' references."""
        return {refund_id: payment_id for payment_id, refund_id, _, _ in self.observed.refunds}

    @cached_property
    def lives(self) -> dict[str, Life]:
        """The service's incarnations by name."""
        return {life.node: life for life in self.observed.lives}

    def steps(self) -> Iterator[tuple[Payment, Payment]]:
        """Every version beside the one before it."""
        for versions in self.observed.events.values():
            yield from pairwise(versions)

    def open_at(self, moment: float, binding_id: str) -> list[str]:
        """The payments of a link that were open at a moment, and not only from then or until."""
        times, found = self.observed.event_times, []
        for payment_id, payment in self.observed.payments.items():
            if payment.binding_id != binding_id:
                continue
            before = after = False
            for version in self.observed.events[payment_id]:
                at = times.get((payment_id, version.version), moment)
                before = version.open if at < moment else before
                after = version.open if at <= moment else after
            if before and after:
                found.append(payment_id)
        return found

    def lived(self, node: str, start: float, end: float) -> bool:
        """Whether an incarnation ran all the time, neither dead nor paused."""
        life = self.lives.get(node)
        if life is None or life.began_at > start:
            return False
        if 0 <= life.ended_at < end:
            return False
        return all(to < start or begin > end for begin, to in life.paused)

    def _entries(self, kind: str) -> dict[str, list[LedgerEntry]]:
        found: dict[str, list[LedgerEntry]] = defaultdict(list)
        for entry in self.observed.ledger:
            if entry.kind == kind:
                found[entry.merchant_reference].append(entry)
        return found


Check: TypeAlias = Callable[[Facts, Sheet], None]
