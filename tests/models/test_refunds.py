"""Refunds, through every history that hypothesis finds: at most one, in doubt where in doubt."""

from dataclasses import replace

from hypothesis import strategies as st
from hypothesis.stateful import initialize, invariant, rule

from ovo_payments.application.call import GetStatusRequest, PaymentResult, RefundRequest
from ovo_payments.domain.errors import (
    NotRefundableError,
    PaymentNotFoundError,
    PaymentServiceError,
    ProviderUnavailableError,
    RequestIdReusedError,
)
from ovo_payments.domain.payment import PaymentState
from ovo_payments.domain.refund import RefundState
from ovo_payments.domain.update import Claim
from tests.models.machine import CALLERS, FATES, REQUEST_IDS, Machine, Used, caller, steps
from tests.models.outside import Fate
from tests.unit.application.bench import CHARGE, rupiah

REASONS = st.sampled_from(("", "returned"))
PLACES = st.integers(0, 1)
ALIVE = {Claim.PENDING, Claim.SUCCEEDED}


class Refunds(Machine):
    """Two paid payments, and what can be asked for them."""

    def __init__(self) -> None:
        super().__init__()
        self.paid: list[str] = []

    @initialize()
    def two_payments_are_paid(self) -> None:
        """The first is one caller's, the second another's."""
        for scope in ("shop", "stall"):
            outcome = self.run(self.use_cases.charge(caller(scope), replace(CHARGE)))
            payment_id = outcome.payment.payment_id
            self.owners[payment_id] = scope
            self.paid.append(payment_id)
            self.outside.payments[payment_id].becomes(Claim.SUCCEEDED)
            request = GetStatusRequest(payment_id=payment_id, refresh=True)
            self.run(self.use_cases.get_status(caller(scope), request))

    @rule(
        scope=CALLERS,
        place=PLACES,
        request_id=REQUEST_IDS,
        reason=REASONS,
        fate=FATES,
        whole=st.booleans(),
    )
    def refund(
        self, *, scope: str, place: int, request_id: str, reason: str, fate: Fate, whole: bool
    ) -> None:
        """I-16: a request is one refund, and a payment is refunded once."""
        self.outside.fate = fate
        payment_id = self.paid[place]
        before, sent = self.payment(payment_id), self.outside.sends("refund")
        amount = rupiah(before.amount.rupiah) if whole else None
        request = RefundRequest(
            request_id=request_id, payment_id=payment_id, reason=reason, amount=amount
        )
        outcome = self.call(self.use_cases.refund(caller(scope), request))
        sent_now = self.outside.sends("refund") - sent
        used = self.used.get((scope, "Refund", request_id))
        if self.owners[payment_id] != scope:
            assert isinstance(outcome, PaymentNotFoundError)
            assert sent_now == 0
        elif used is not None:
            assert sent_now == 0
            same = used.content == (payment_id, reason, whole)
            assert isinstance(outcome, PaymentResult if same else RequestIdReusedError)
        elif before.state is not PaymentState.SUCCEEDED or (
            before.refund is not None and before.refund.state is not RefundState.FAILED
        ):
            assert isinstance(outcome, NotRefundableError)
            assert sent_now == 0
        else:
            assert sent_now == 1
            self.hold_made(payment_id, outcome, fate)
            content = (payment_id, reason, whole)
            self.used[scope, "Refund", request_id] = Used(content=content, subject_id=payment_id)

    @rule(scope=CALLERS, place=PLACES, more=st.sampled_from((1, 15_000, 10**12)))
    def refund_too_much(self, scope: str, place: int, more: int) -> None:
        """Never above the payment, whatever its state."""
        sent = self.outside.sends("refund")
        request = RefundRequest(
            request_id="too-much", payment_id=self.paid[place], amount=rupiah(15_000 + more)
        )
        assert isinstance(
            self.call(self.use_cases.refund(caller(scope), request)), PaymentServiceError
        )
        assert self.outside.sends("refund") == sent

    @rule(place=PLACES, confirmed=st.booleans())
    def the_bank_decides(self, place: int, confirmed: bool) -> None:  # noqa: FBT001 - one of two
        """A refund that was accepted is done, or is not."""
        refunds = self.outside.payments[self.paid[place]].refunds
        for refund_id, claim in refunds.items():
            if claim is Claim.PENDING:
                refunds[refund_id] = Claim.SUCCEEDED if confirmed else Claim.FAILED

    @rule(place=PLACES)
    def somebody_refunds_in_the_dashboard(self, place: int) -> None:
        """Beside this service; the provider gives money back once."""
        refunds = self.outside.payments[self.paid[place]].refunds
        if not ALIVE & set(refunds.values()):
            refunds["dashboard"] = Claim.SUCCEEDED

    @rule(place=PLACES, old=st.booleans())
    def a_webhook_comes(self, place: int, old: bool) -> None:  # noqa: FBT001 - one of two
        """Of the refund where there is one, or an old one of the payment."""
        truth = self.outside.payments[self.paid[place]]
        claim = Claim.REFUNDED if truth.refunded and not old else Claim.SUCCEEDED
        self.webhook(reference=self.paid[place], claim=claim.value)

    @invariant()
    def money_goes_back_once(self) -> None:
        """At most one refund is alive, here and there; what is told of it is true."""
        for payment in self.payments():
            truth, refund = self.outside.payments[payment.payment_id], payment.refund
            assert sum(claim in ALIVE for claim in truth.refunds.values()) <= 1
            assert (payment.state is PaymentState.REFUNDED) <= truth.refunded
            if refund is None:
                continue
            assert refund.amount <= payment.amount
            if refund.state is RefundState.SUCCEEDED:
                assert truth.refunded
                assert payment.state is PaymentState.REFUNDED
            if refund.state is RefundState.FAILED:
                assert truth.refunds.get(refund.refund_id) not in ALIVE

    def hold_made(self, payment_id: str, outcome: object, fate: Fate) -> None:
        """The answer tells what is known of the refund."""
        if fate is Fate.HANGS:
            assert isinstance(outcome, str)
        elif fate is Fate.NOT_SENT:
            assert isinstance(outcome, ProviderUnavailableError)
            refund = self.payment(payment_id).refund
            assert refund is not None
            assert refund.state is RefundState.FAILED
        else:
            assert isinstance(outcome, PaymentResult)
            assert not outcome.replayed
            assert outcome.payment.refund is not None

    def settle(self) -> None:
        """The bank decides about what is open; the webhook of each refund comes."""
        for place in range(len(self.paid)):
            self.the_bank_decides(place=place, confirmed=True)
            self.a_webhook_comes(place=place, old=False)


class ProvenRefunds(Refunds):
    """The same at a provider whose webhooks are evidence."""

    proves_state = True


TestRefunds = Refunds.TestCase
TestRefunds.settings = steps(20, 25)
TestProvenRefunds = ProvenRefunds.TestCase
TestProvenRefunds.settings = steps(20, 25)
