"""A provider that is consistent and unlucky: it knows what truly happened, and calls get lost."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final, TypeVar

from ovo_payments.domain.binding import Binding
from ovo_payments.domain.payment import Payment
from ovo_payments.domain.provider import DebitOutcome, RefundOutcome
from ovo_payments.domain.update import (
    BindingClaim,
    BindingUpdate,
    Claim,
    PaymentUpdate,
    RefundUpdate,
    Source,
)
from tests.unit.application.scripted import ScriptedProvider
from tests.unit.domain.makers import told, told_of_refund

_Update = TypeVar("_Update")


class Fate(StrEnum):
    """What becomes of a request that changes something."""

    ANSWERED = "ANSWERED"
    REFUSED = "REFUSED"
    LOST = "LOST"
    """It arrived, and its answer did not."""
    NEVER_ARRIVED = "NEVER_ARRIVED"
    NOT_SENT = "NOT_SENT"
    HANGS = "HANGS"
    """It arrived, and its answer is still on the way."""


ARRIVED: Final = frozenset({Fate.ANSWERED, Fate.LOST, Fate.HANGS})


@dataclass
class Truth:
    """What happened to one payment."""

    history: list[Claim] = field(default_factory=list)
    """Every state that it had, in order; none where it never arrived."""
    refunds: dict[str, Claim] = field(default_factory=dict)
    debit_count: int = 0
    sent_count: int = 0

    @property
    def now(self) -> Claim:
        """What a question is answered."""
        return self.history[-1] if self.history else Claim.NOT_FOUND

    @property
    def refunded(self) -> bool:
        """Whether the money is back."""
        return Claim.SUCCEEDED in self.refunds.values()

    def becomes(self, claim: Claim) -> None:
        """Goes on."""
        self.history.append(claim)
        self.debit_count += claim is Claim.SUCCEEDED


class Link(StrEnum):
    """What happened to one link."""

    NONE = "NONE"
    OFFERED = "OFFERED"
    LINKED = "LINKED"
    REFUSED = "REFUSED"
    UNLINKED = "UNLINKED"


class Outside(ScriptedProvider):
    """Takes what is sent as its fate says, and answers questions truthfully or not at all."""

    def __init__(self, *, webhook_proves_state: bool) -> None:
        super().__init__(webhook_proves_state=webhook_proves_state)
        self.fate = Fate.ANSWERED
        self.silent = False
        self.payments: dict[str, Truth] = {}
        self.links: dict[str, Link] = {}
        self.hanging: dict[str, asyncio.Event] = {}
        self.hangs = asyncio.Event()
        """Set once a request came whose answer is held back."""

    async def charge(self, payment: Payment) -> PaymentUpdate:
        """Pushes."""
        self.calls.append(f"charge {payment.payment_id}")
        return await self._debit(payment)

    async def pay(self, payment: Payment, binding: Binding) -> DebitOutcome:
        """Debits."""
        self.calls.append(f"pay {payment.payment_id}")
        assert self.links[binding.binding_id] is not Link.NONE
        return DebitOutcome(payment=await self._debit(payment))

    async def refund(self, payment: Payment, binding: Binding | None) -> RefundOutcome:
        """Gives the money back once, whoever asks."""
        del binding
        assert payment.refund is not None
        self.calls.append(f"refund {payment.payment_id}")
        truth, refund_id, fate = (
            self.payments[payment.payment_id],
            payment.refund.refund_id,
            self.fate,
        )
        alive = {Claim.PENDING, Claim.SUCCEEDED} & set(truth.refunds.values())
        refused = fate is Fate.REFUSED or bool(alive)
        if fate in ARRIVED or fate is Fate.REFUSED:
            truth.refunds[refund_id] = Claim.FAILED if refused else Claim.PENDING

        def answer(claim: Claim, source: Source) -> RefundUpdate:
            return told_of_refund(claim, source, refund_id=refund_id)

        good = Claim.FAILED if refused else Claim.PENDING
        return RefundOutcome(refund=await self._answered(fate, refund_id, answer, good))

    async def query(self, payment: Payment) -> PaymentUpdate:
        """Tells the truth of now."""
        truth = self.payments.get(payment.payment_id, Truth())
        if self.silent:
            return told(Claim.UNKNOWN)
        refund = None
        if payment.refund is not None and truth.now is Claim.SUCCEEDED:
            refund_id = payment.refund.refund_id
            claim = truth.refunds.get(refund_id, Claim.NOT_FOUND)
            if truth.refunded and claim is not Claim.SUCCEEDED:
                refund_id, claim = "dashboard", Claim.SUCCEEDED
            refund = told_of_refund(claim, refund_id=refund_id)
        return told(Claim.REFUNDED if truth.refunded else truth.now, refund=refund)

    async def bind(self, binding: Binding) -> BindingUpdate:
        """Offers a page."""
        self.calls.append(f"bind {binding.binding_id}")
        fate = self.fate
        arrived = fate in ARRIVED
        self.links[binding.binding_id] = Link.OFFERED if arrived else Link.NONE

        def answer(claim: Claim, source: Source) -> BindingUpdate:
            page = "https://page.example" if claim is Claim.PENDING else ""
            return BindingUpdate(source=source, claim=BindingClaim(claim.value), redirect_url=page)

        good = Claim.FAILED if fate is Fate.REFUSED else Claim.PENDING
        return await self._answered(fate, binding.binding_id, answer, good)

    async def query_binding(self, binding: Binding) -> BindingUpdate:
        """Tells the truth of now."""
        if self.silent:
            return BindingUpdate(source=Source.QUERY, claim=BindingClaim.UNKNOWN)
        linked = self.links[binding.binding_id] is Link.LINKED
        claim = BindingClaim.ACTIVE if linked else BindingClaim.NOT_LINKED
        return BindingUpdate(source=Source.QUERY, claim=claim)

    async def unbind(self, binding: Binding) -> BindingUpdate:
        """Unlinks."""
        self.calls.append(f"unbind {binding.binding_id}")
        fate = self.fate
        if fate in ARRIVED:
            self.links[binding.binding_id] = Link.UNLINKED

        def answer(claim: Claim, source: Source) -> BindingUpdate:
            words = {Claim.PENDING: BindingClaim.UNBOUND, Claim.FAILED: BindingClaim.FAILED}
            return BindingUpdate(source=source, claim=words.get(claim) or BindingClaim(claim.value))

        good = Claim.FAILED if fate is Fate.REFUSED else Claim.PENDING
        return await self._answered(fate, binding.binding_id, answer, good)

    async def _debit(self, payment: Payment) -> PaymentUpdate:
        truth = self.payments.setdefault(payment.payment_id, Truth())
        fate = self.fate
        truth.sent_count += fate is not Fate.NOT_SENT
        if fate in ARRIVED:
            truth.becomes(Claim.PENDING)
        if fate is Fate.REFUSED:
            truth.becomes(Claim.FAILED)
        good = Claim.FAILED if fate is Fate.REFUSED else Claim.PENDING
        return await self._answered(fate, payment.payment_id, told, good)

    async def _answered(
        self, fate: Fate, name: str, answer: Callable[[Claim, Source], _Update], good: Claim
    ) -> _Update:
        if fate is Fate.NOT_SENT:
            return answer(Claim.NOT_SENT, Source.TRANSPORT)
        if fate in {Fate.LOST, Fate.NEVER_ARRIVED}:
            return answer(Claim.UNKNOWN, Source.TRANSPORT)
        if fate is Fate.HANGS:
            self.hanging[name] = asyncio.Event()
            self.hangs.set()
            await self.hanging[name].wait()
        return answer(good, Source.ANSWER)
