"""Payments, through every history that hypothesis finds: calls, webhooks, questions and crashes."""

import asyncio
from dataclasses import replace

from hypothesis import strategies as st
from hypothesis.stateful import Bundle, multiple, rule

from ovo_payments.application.call import GetStatusRequest, PaymentResult
from ovo_payments.domain.errors import (
    OrderAlreadyPaidError,
    PaymentNotFoundError,
    ProviderUnavailableError,
    RequestIdReusedError,
)
from ovo_payments.domain.payment import Payment, PaymentState
from ovo_payments.domain.update import Claim
from tests.models.machine import CALLERS, FATES, REQUEST_IDS, Machine, Used, caller, steps
from tests.models.outside import Fate
from tests.unit.application.bench import CHARGE, rupiah

ORDERS = st.sampled_from(("order-1", "order-2", "order-3"))
AMOUNTS = st.sampled_from((15_000, 15_001))
# What a customer can still do about a payment, and the clock of the provider.
NEXT = {
    Claim.PENDING: (Claim.SUCCEEDED, Claim.FAILED, Claim.EXPIRED),
    Claim.EXPIRED: (Claim.SUCCEEDED,),
}


class Payments(Machine):
    """Pushes to phones, at a provider whose webhooks prove nothing."""

    payments_made = Bundle("payments_made")

    @rule(
        target=payments_made,
        scope=CALLERS,
        order_id=ORDERS,
        request_id=REQUEST_IDS,
        amount=AMOUNTS,
        fate=FATES,
    )
    def charge(self, scope: str, order_id: str, request_id: str, amount: int, fate: Fate) -> object:
        """I-11, I-12, I-14, I-15: a request is one payment, and an order is paid once."""
        self.outside.fate = fate
        request = replace(CHARGE, request_id=request_id, order_id=order_id, amount=rupiah(amount))
        sent, holders = self.outside.sends("charge"), self.holders(scope, order_id)
        used = self.used.get((scope, "Charge", request_id))
        outcome = self.call(self.use_cases.charge(caller(scope), request))
        if used is not None:
            assert self.outside.sends("charge") == sent
            self.hold_used(used, (order_id, amount), outcome)
            return multiple()
        if holders:
            assert isinstance(outcome, OrderAlreadyPaidError)
            assert outcome.payment_id in holders
            assert self.outside.sends("charge") == sent
            return multiple()
        assert self.outside.sends("charge") == sent + 1
        made = self.made_by(outcome, fate)
        self.used[scope, "Charge", request_id] = Used(content=(order_id, amount), subject_id=made)
        self.owners[made] = scope
        return made

    @rule(target=payments_made, scope=CALLERS, order_id=ORDERS, request_id=REQUEST_IDS)
    def charge_many_times_at_once(self, scope: str, order_id: str, request_id: str) -> object:
        """I-13: one send, one payment, whoever came first."""
        self.outside.fate = Fate.ANSWERED
        request = replace(CHARGE, request_id=request_id, order_id=order_id)
        if (scope, "Charge", request_id) in self.used or self.holders(scope, order_id):
            return multiple()
        sent = self.outside.sends("charge")

        async def at_once() -> list[PaymentResult]:
            calls = (self.use_cases.charge(caller(scope), request) for _ in range(4))
            return list(await asyncio.gather(*calls))

        results = self.run(at_once())
        (made,) = {result.payment.payment_id for result in results}
        assert self.outside.sends("charge") == sent + 1
        assert sorted(result.replayed for result in results) == [False, True, True, True]
        self.used[scope, "Charge", request_id] = Used(content=(order_id, 15_000), subject_id=made)
        self.owners[made] = scope
        return made

    @rule(payment_id=payments_made, choice=st.integers(0, 2))
    def the_customer_acts(self, payment_id: str, choice: int) -> None:
        """Pays, declines, is late, or pays late."""
        truth = self.outside.payments.get(payment_id)
        nexts = NEXT.get(truth.now, ()) if truth is not None else ()
        if truth is not None and nexts:
            truth.becomes(nexts[choice % len(nexts)])

    @rule(payment_id=payments_made, place=st.integers(0, 3), times=st.integers(1, 3))
    def a_webhook_comes(self, payment_id: str, place: int, times: int) -> None:
        """I-24: of any moment, once more or late."""
        truth = self.outside.payments.get(payment_id)
        for _ in range(times):
            if truth is not None and truth.history:
                claim = truth.history[place % len(truth.history)]
                self.webhook(reference=payment_id, claim=claim.value)

    @rule(payment_id=payments_made, claim=st.sampled_from((Claim.SUCCEEDED, Claim.FAILED)))
    def a_webhook_about_other_money_comes(self, payment_id: str, claim: Claim) -> None:
        """I-25: it moves nothing."""
        before = self.payment(payment_id)
        self.webhook(reference=payment_id, claim=claim.value, amount=before.amount.rupiah + 1)
        self.no_state_is_told_that_is_not_true()

    @rule(payment_id=payments_made, scope=CALLERS)
    def status_is_asked_for(self, payment_id: str, scope: str) -> None:
        """I-14: by whoever made it, and by nobody else."""
        request = GetStatusRequest(payment_id=payment_id, refresh=True)
        told = self.call(self.use_cases.get_status(caller(scope), request))
        if self.owners[payment_id] == scope:
            assert isinstance(told, Payment)
        else:
            assert isinstance(told, PaymentNotFoundError)

    def holders(self, scope: str, order_id: str) -> set[str]:
        """The payments that keep another from being made for an order."""
        return {
            payment.payment_id
            for payment in self.payments()
            if (payment.scope, payment.order_id) == (scope, order_id)
            and (payment.state.open or payment.state is PaymentState.SUCCEEDED)
        }

    def made_by(self, outcome: object, fate: Fate) -> str:
        """Names the payment that a call made."""
        if fate is Fate.HANGS:
            assert isinstance(outcome, str)
            return outcome
        if fate is Fate.NOT_SENT:
            assert isinstance(outcome, ProviderUnavailableError)
            return outcome.payment_id
        assert isinstance(outcome, PaymentResult)
        assert not outcome.replayed
        return outcome.payment.payment_id

    def hold_used(self, used: Used, content: object, outcome: object) -> None:
        """I-11, I-12: the same content is the same payment, other content is refused."""
        if used.content == content:
            assert isinstance(outcome, PaymentResult)
            assert outcome.replayed
            assert outcome.payment.payment_id == used.subject_id
        else:
            assert isinstance(outcome, RequestIdReusedError)
            assert outcome.payment_id == used.subject_id

    def settle(self) -> None:
        """Customers who did nothing let their time pass; the last webhook of each comes."""
        for payment_id, truth in self.outside.payments.items():
            if truth.now is Claim.PENDING:
                truth.becomes(Claim.EXPIRED)
            if truth.history:
                self.webhook(reference=payment_id, claim=truth.now.value)


class ProvenPayments(Payments):
    """The same at a provider whose webhooks are evidence."""

    proves_state = True


TestPayments = Payments.TestCase
TestPayments.settings = steps(20, 30)
TestProvenPayments = ProvenPayments.TestCase
TestProvenPayments.settings = steps(20, 30)
