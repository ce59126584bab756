"""A provider and a clock that do what a test says; the store beside them is the real one."""

import asyncio
import json
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Final

from ovo_payments.domain.binding import Binding
from ovo_payments.domain.errors import ProviderUnavailableError
from ovo_payments.domain.money import Money
from ovo_payments.domain.payment import Payment
from ovo_payments.domain.provider import (
    BalanceOutcome,
    CallClass,
    Capability,
    DebitOutcome,
    InboundAnswer,
    InboundRequest,
    Limits,
    ProviderSpec,
    RefundOutcome,
    WebhookEvent,
    WebhookKind,
    WebhookRefusedError,
)
from ovo_payments.domain.schedule import Patience
from ovo_payments.domain.update import (
    BindingClaim,
    BindingUpdate,
    Claim,
    PaymentUpdate,
    RefundUpdate,
    Source,
)
from tests.unit.domain.makers import DECLINED, NOW, PATIENCE, told

LIMITS: Final = Limits(
    amount_min=Money(1),
    amount_max=Money(99_999_999),
    item_id_length_max=50,
    item_name_length_max=50,
    customer_id_length_max=64,
    customer_name_length_max=70,
    customer_email_length_max=64,
)


class ManualClock:
    """A clock that a test moves."""

    def __init__(self) -> None:
        self.time = NOW

    def now(self) -> datetime:
        """The time that the test has set."""
        return self.time

    def advance(self, seconds: float) -> None:
        """Moves on."""
        self.time += timedelta(seconds=seconds)

    async def sleep(self, duration_s: float) -> None:
        """Moves on instead of waiting."""
        self.advance(duration_s)
        await asyncio.sleep(0)


class ScriptedWebhooks:
    """Takes `{"reference": …, "claim": …}`; authentic with the header `signature: good`."""

    paths: Final[Mapping[str, WebhookKind]] = {
        "/webhooks/scripted": WebhookKind.PAYMENT,
        "/webhooks/scripted/binding": WebhookKind.BINDING,
    }
    reply_paths: Final = frozenset({"/token"})

    def verify(self, kind: WebhookKind, request: InboundRequest) -> None:
        """Looks at the header."""
        del kind
        if request.headers.get("signature") != "good":
            raise WebhookRefusedError("bad signature")

    def translate(self, kind: WebhookKind, request: InboundRequest) -> WebhookEvent:
        """Reads the body."""
        body = json.loads(request.body)
        if kind is WebhookKind.BINDING:
            update: PaymentUpdate | BindingUpdate = BindingUpdate(
                source=Source.WEBHOOK, claim=BindingClaim(body["claim"])
            )
        else:
            amount = Money(body["amount"]) if "amount" in body else None
            update = told(Claim(body["claim"]), Source.WEBHOOK, amount=amount)
        return WebhookEvent(reference=body["reference"], update=update, summary="scripted")

    def acknowledge(self, kind: WebhookKind) -> InboundAnswer:
        """Says yes."""
        del kind
        return InboundAnswer(status=200, body=b"ok")

    def refuse(self, kind: WebhookKind) -> InboundAnswer:
        """Says no."""
        del kind
        return InboundAnswer(status=401, body=b"no")

    def reply(self, request: InboundRequest, now: datetime) -> InboundAnswer:
        """Answers at once."""
        del request, now
        return InboundAnswer(status=200, body=b"token")


class ScriptedProvider:
    """Answers with what a test put into its fields, and keeps what it was asked."""

    def __init__(self, name: str = "scripted", **abilities: bool) -> None:
        self.name = name
        self.webhook_proves_state = abilities.get("webhook_proves_state", False)
        self.capabilities = frozenset(Capability) - {Capability.PARTIAL_REFUND}
        self.patience: Patience = PATIENCE
        self.webhooks = ScriptedWebhooks()
        self.calls: list[str] = []
        self.available_in_s = 0.0
        self.gate: asyncio.Event | None = None
        """Where set, calls that move money wait for it."""
        self.answer = told(Claim.PENDING, Source.ANSWER)
        self.told = told(Claim.PENDING)
        self.refund_answer = RefundUpdate(source=Source.ANSWER, claim=Claim.PENDING)
        self.binding_answer = BindingUpdate(
            source=Source.ANSWER, claim=BindingClaim.PENDING, redirect_url="https://page.example"
        )
        self.binding_told = BindingUpdate(source=Source.QUERY, claim=BindingClaim.NOT_LINKED)
        self.unbind_answer = BindingUpdate(source=Source.ANSWER, claim=BindingClaim.UNBOUND)
        self.learnt: BindingUpdate | None = None
        self.balances: BalanceOutcome | None = None

    @property
    def spec(self) -> ProviderSpec:
        """What it is."""
        return ProviderSpec(
            name=self.name,
            capabilities=self.capabilities,
            limits=LIMITS,
            patience=self.patience,
            send_timeout_s=30.0,
            binding_window_s=1800.0,
            webhook_proves_state=self.webhook_proves_state,
        )

    def available_for(self, call_class: CallClass) -> float:
        """What the test says of the breaker."""
        del call_class
        return self.available_in_s

    async def charge(self, payment: Payment) -> PaymentUpdate:
        """Answers as scripted."""
        await self._sent("charge", payment.payment_id)
        return self.answer

    async def pay(self, payment: Payment, binding: Binding) -> DebitOutcome:
        """Answers as scripted."""
        del binding
        await self._sent("pay", payment.payment_id)
        return DebitOutcome(payment=self.answer, binding=self.learnt)

    async def refund(self, payment: Payment, binding: Binding | None) -> RefundOutcome:
        """Answers as scripted."""
        del binding
        await self._sent("refund", payment.payment_id)
        return RefundOutcome(refund=self.refund_answer, binding=self.learnt)

    async def query(self, payment: Payment) -> PaymentUpdate:
        """Answers as scripted."""
        self.calls.append(f"query {payment.payment_id}")
        return self.told

    async def bind(self, binding: Binding) -> BindingUpdate:
        """Answers as scripted."""
        await self._sent("bind", binding.binding_id)
        return self.binding_answer

    async def query_binding(self, binding: Binding) -> BindingUpdate:
        """Answers as scripted."""
        self.calls.append(f"query_binding {binding.binding_id}")
        return self.binding_told

    async def unbind(self, binding: Binding) -> BindingUpdate:
        """Answers as scripted."""
        await self._sent("unbind", binding.binding_id)
        return self.unbind_answer

    async def balance(self, binding: Binding) -> BalanceOutcome:
        """Answers as scripted."""
        self.calls.append(f"balance {binding.binding_id}")
        if self.balances is None:
            raise ProviderUnavailableError(provider=self.name)
        return self.balances

    async def close(self) -> None:
        """Has nothing to give up."""

    def sends(self, operation: str) -> int:
        """Counts the calls of one kind."""
        return sum(call.startswith(f"{operation} ") for call in self.calls)

    async def _sent(self, operation: str, name: str) -> None:
        self.calls.append(f"{operation} {name}")
        if self.gate is not None:
            await self.gate.wait()


UNKNOWN: Final = told(Claim.UNKNOWN, Source.TRANSPORT)
NOT_SENT: Final = told(Claim.NOT_SENT, Source.TRANSPORT)
REFUSED: Final = told(Claim.FAILED, Source.ANSWER, failure=DECLINED)
