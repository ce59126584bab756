"""What must come of a set of evidence, written apart from the domain and much shorter.

The domain takes one update after the other; this looks at all that was learnt at once. Where the
two agree for every sequence, the order, the repetitions and the delays made no difference (I-18).
"""

from dataclasses import dataclass

from ovo_payments.domain.payment import Payment, PaymentState
from ovo_payments.domain.refund import RefundState
from tests.models.walk import A_DAY_LATER, AT_ONCE, OFTEN_ENOUGH, Learnt, Times
from tests.models.worlds import World


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What is told of a payment: all of it but words, times and how far the asking is."""

    state: PaymentState
    refund: RefundState | None
    needs_review: bool


def outcome(payment: Payment) -> Outcome:
    """Says what a payment became."""
    return Outcome(
        state=payment.state,
        refund=payment.refund.state if payment.refund else None,
        needs_review=payment.needs_review,
    )


def expected(world: World, learnt: Learnt, times: Times) -> Outcome:
    """Says what must come of a set of evidence in a consistent world."""
    not_found = times is not AT_ONCE and learnt.not_found_count == OFTEN_ENOUGH
    trusted = world.patience.not_found_is_final
    if world.start.refund is None:
        state = _of_payment(learnt, not_found and trusted)
        refund = _of_new_refund(learnt)
        # A refund that is heard of has a schedule of its own, from then on.
        is_open = state.open
    else:
        refund = _of_refund(learnt, not_found and trusted)
        done = refund is RefundState.SUCCEEDED
        state = PaymentState.REFUNDED if done else PaymentState.SUCCEEDED
        is_open = refund.open
    in_vain = times is A_DAY_LATER or (not_found and not trusted)
    return Outcome(state=state, refund=refund, needs_review=is_open and in_vain)


def _of_payment(learnt: Learnt, not_found: bool) -> PaymentState:  # noqa: FBT001 - one of two facts
    order = (
        (_heard(learnt, "REFUNDED"), PaymentState.REFUNDED),
        (_heard(learnt, "SUCCEEDED"), PaymentState.SUCCEEDED),
        (_heard(learnt, "FAILED"), PaymentState.FAILED),
        (_heard(learnt, "EXPIRED"), PaymentState.EXPIRED),
        (_heard(learnt, "PENDING"), PaymentState.PENDING),
        (_heard(learnt, "NOT_SENT") or not_found, PaymentState.FAILED),
        ("transport says UNKNOWN" in learnt.pieces, PaymentState.IN_DOUBT),
        (True, PaymentState.PENDING),
    )
    return next(state for holds, state in order if holds)


def _of_new_refund(learnt: Learnt) -> RefundState | None:
    if _heard(learnt, "REFUNDED"):
        return RefundState.SUCCEEDED
    return RefundState.PENDING if _heard(learnt, "SUCCEEDED and of the refund PENDING") else None


def _of_refund(learnt: Learnt, not_found: bool) -> RefundState:  # noqa: FBT001 - one of two facts
    def said(claim: str) -> bool:
        told = {f"answer says {claim}", f"transport says {claim}"}
        of_payment = {name for name in learnt.pieces if name.endswith(f"of the refund {claim}")}
        return bool(of_payment or told & learnt.pieces)

    order = (
        (said("SUCCEEDED"), RefundState.SUCCEEDED),
        (said("FAILED"), RefundState.FAILED),
        (said("PENDING"), RefundState.PENDING),
        (said("NOT_SENT") or not_found, RefundState.FAILED),
        (said("UNKNOWN"), RefundState.IN_DOUBT),
        (True, RefundState.PENDING),
    )
    return next(state for holds, state in order if holds)


def _heard(learnt: Learnt, claim: str) -> bool:
    return any(f" says {claim}" in name for name in learnt.pieces)
