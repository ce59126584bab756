"""The provider port on DOKU: linked OVO accounts, their balances, debits and refunds."""

from typing import Final

from ovo_payments.domain.binding import Binding
from ovo_payments.domain.errors import NotSupportedByProviderError, ProviderUnavailableError
from ovo_payments.domain.money import AmountFormatError
from ovo_payments.domain.payment import Payment
from ovo_payments.domain.ports import Clock, Identifiers
from ovo_payments.domain.provider import (
    AccountBalance,
    BalanceOutcome,
    CallClass,
    Capability,
    DebitOutcome,
    ProviderSpec,
    RefundOutcome,
)
from ovo_payments.domain.refund import Refund
from ovo_payments.domain.secret import Secret
from ovo_payments.domain.update import BindingClaim, BindingUpdate, PaymentUpdate, Source
from ovo_payments.providers.doku import wire
from ovo_payments.providers.doku.bindings import binding_from_answer, binding_from_unbinding
from ovo_payments.providers.doku.client import Call, DokuClient
from ovo_payments.providers.doku.codes import Service, Verdict
from ovo_payments.providers.doku.config import DokuConfig
from ovo_payments.providers.doku.refunds import adopted_refund, refund_from_answer
from ovo_payments.providers.doku.reply import Reply
from ovo_payments.providers.doku.spec import NAME, spec
from ovo_payments.providers.doku.translate import (
    adopted,
    payment_from_answer,
    payment_from_query,
)
from ovo_payments.providers.doku.webhook import DokuWebhooks
from ovo_payments.providers.http import HttpClients

_BALANCE_TYPES: Final = frozenset({"CASH", "POINTS"})


class DokuAdapter:
    """One merchant's DOKU."""

    def __init__(
        self, config: DokuConfig, http: HttpClients, clock: Clock, identifiers: Identifiers
    ) -> None:
        self._config = config
        self._client = DokuClient(config, http, clock, identifiers)
        self._spec = spec(config)
        self._webhooks = DokuWebhooks(config, clock)

    @property
    def spec(self) -> ProviderSpec:
        """What DOKU is."""
        return self._spec

    @property
    def webhooks(self) -> DokuWebhooks:
        """How DOKU notifies."""
        return self._webhooks

    def available_for(self, call_class: CallClass) -> float:
        """Seconds until calls of a class are let through: 0 now, else the breaker is open."""
        return self._client.available_for(call_class)

    async def charge(self, payment: Payment) -> PaymentUpdate:  # noqa: ARG002 - the port's name
        """Refuses: DOKU's OVO debits linked accounts only."""
        raise NotSupportedByProviderError(NAME, Capability.PUSH_TO_PHONE)

    async def pay(self, payment: Payment, binding: Binding) -> DebitOutcome:
        """Debits a linked account: by a page where the customer is present, else directly."""
        body = wire.pay_body(payment, binding, self._config.channel)

        def call(token: Secret) -> Call:
            return self._core(
                "pay",
                Service.PAYMENT,
                "/debit/payment-host-to-host",
                body,
                customer_token=token,
            )

        deadline = self._client.deadline(self._config.send_timeout_s)
        reply, learnt = await self._client.send_for(binding, call, deadline)
        if reply.verdict is not Verdict.EXISTS:
            return DebitOutcome(payment=payment_from_answer(reply), binding=learnt)
        found = await self._query(payment, deadline)
        return DebitOutcome(payment=adopted(reply, found), binding=learnt)

    async def refund(self, payment: Payment, binding: Binding | None) -> RefundOutcome:
        """Asks for the payment's refund, which is always of all of it."""
        refund = payment.refund
        if refund is None or binding is None:
            raise ValueError("a refund of a debit names the refund and the link")
        body = wire.refund_body(payment, refund, self._config.channel)

        def call(token: Secret) -> Call:
            return self._core("refund", Service.REFUND, "/debit/refund", body, customer_token=token)

        deadline = self._client.deadline(self._config.send_timeout_s)
        reply, learnt = await self._client.send_for(binding, call, deadline)
        if reply.verdict is not Verdict.EXISTS:
            return RefundOutcome(refund=refund_from_answer(reply, refund), binding=learnt)
        return await self._adopted_refund(payment, refund, reply, learnt, deadline)

    async def query(self, payment: Payment) -> PaymentUpdate:
        """Asks what became of a payment and of its refund."""
        return await self._query(payment, self._query_deadline())

    async def bind(self, binding: Binding) -> BindingUpdate:
        """Starts linking an account."""
        call = self._core(
            "bind",
            Service.ACCOUNT_BINDING,
            "/registration-account-binding",
            wire.bind_body(binding, self._config.channel),
            # The notification names the link by it.
            external_id=binding.external_reference,
        )
        deadline = self._client.deadline(self._config.send_timeout_s)
        return binding_from_answer(await self._client.send(call, deadline), binding)

    async def query_binding(self, binding: Binding) -> BindingUpdate:
        """Asks whether an account is linked, by asking for a customer's token.

        DOKU has no query of its own for OVO. The auth code can be exchanged as long as the
        account is linked, and only then.
        """
        access = await self._client.customer_tokens.exchange(binding)
        if access.binding is not None:
            return access.binding
        return BindingUpdate(
            source=Source.QUERY,
            claim=BindingClaim.UNKNOWN,
            provider_code=access.reply.code if access.reply is not None else "",
            detail=access.reply.detail if access.reply is not None else "",
        )

    async def unbind(self, binding: Binding) -> BindingUpdate:
        """Unlinks an account."""

        def call(token: Secret) -> Call:
            return self._core(
                "unbind",
                Service.ACCOUNT_UNBINDING,
                "/registration-account-unbinding",
                wire.unbind_body(token, self._config.channel),
            )

        deadline = self._client.deadline(self._config.send_timeout_s)
        reply, _ = await self._client.send_for(binding, call, deadline)
        return binding_from_unbinding(reply)

    async def balance(self, binding: Binding) -> BalanceOutcome:
        """Reads a balance. Raises ProviderUnavailableError where no usable answer came."""

        def call(token: Secret) -> Call:
            return self._core(
                "balance",
                Service.BALANCE,
                "/balance-inquiry",
                wire.balance_body(self._config.channel),
                call_class=CallClass.QUERY,
                customer_token=token,
            )

        reply, learnt = await self._client.send_for(binding, call, self._query_deadline())
        if learnt is not None and learnt.claim is BindingClaim.NOT_LINKED:
            return BalanceOutcome(balances=(), binding=learnt)
        balances = _balances(reply) if reply.verdict is Verdict.ACCEPTED else ()
        if not balances:
            raise ProviderUnavailableError(
                NAME,
                retry_after_s=max(1.0, self.available_for(CallClass.QUERY)),
                binding_id=binding.binding_id,
            )
        return BalanceOutcome(balances=balances, binding=learnt)

    async def close(self) -> None:
        """Gives up connections."""
        await self._client.close()

    async def _query(self, payment: Payment, deadline: float) -> PaymentUpdate:
        call = Call(
            operation="status",
            service=Service.STATUS,
            call_class=CallClass.QUERY,
            path=self._config.status_path,
            body=wire.status_body(
                payment,
                client_id=self._config.client_id,
                service_code=self._config.status_service_code,
            ),
        )
        return payment_from_query(await self._client.send(call, deadline), payment)

    async def _adopted_refund(
        self,
        payment: Payment,
        refund: Refund,
        reply: Reply,
        learnt: BindingUpdate | None,
        deadline: float,
    ) -> RefundOutcome:
        found = await self._query(payment, deadline)
        return RefundOutcome(refund=adopted_refund(reply, found, refund), binding=learnt)

    def _query_deadline(self) -> float:
        return self._client.deadline(self._config.query_deadline_s)

    def _core(
        self,
        operation: str,
        service: Service,
        path: str,
        body: wire.Document,
        *,
        call_class: CallClass = CallClass.MUTATE,
        external_id: str = "",
        customer_token: Secret | None = None,
    ) -> Call:
        return Call(
            operation=operation,
            service=service,
            call_class=call_class,
            path=self._config.path_prefix + path,
            body=body,
            external_id=external_id,
            customer_token=customer_token,
        )


def _balances(reply: Reply) -> tuple[AccountBalance, ...]:
    """Reads what can be spent of each kind; nothing where one of them can't be read."""
    found: list[AccountBalance] = []
    for account in wire.objects(reply.document, "accountInfos"):
        kind = wire.text(account, "balanceType")
        try:
            available = wire.amount(account, "availableBalance") or wire.amount(account, "amount")
        except AmountFormatError:
            return ()
        if kind in _BALANCE_TYPES and available is not None:
            found.append(AccountBalance(type=kind, available=available))
    return tuple(found)
