"""The table of a refund's changes: every pair, the forbidden ones too."""

from itertools import product

import pytest

from ovo_payments.domain import refund as refunds
from ovo_payments.domain.refund import RefundState
from ovo_payments.domain.update import Claim, Source
from tests.unit.domain.makers import refund, told_of_refund

P, D, S, F = RefundState

EXPECTED = {
    #                   P  D  S  F
    Claim.PENDING: (P, P, S, F),
    Claim.SUCCEEDED: (S, S, S, S),
    Claim.FAILED: (F, F, S, F),
    Claim.EXPIRED: (P, D, S, F),
    Claim.REFUNDED: (P, D, S, F),
    Claim.UNKNOWN: (D, D, S, F),
    Claim.NOT_SENT: (F, F, S, F),
    Claim.NOT_FOUND: (P, D, S, F),
}


@pytest.mark.parametrize(("state", "claim"), list(product(RefundState, Claim)))
def test_every_pair_of_state_and_claim_has_one_end(state: RefundState, claim: Claim) -> None:
    """Nothing but the expected table moves a refund."""
    after = refunds.apply(refund(state=state), told_of_refund(claim))
    assert after.state is EXPECTED[claim][list(RefundState).index(state)]


@pytest.mark.parametrize("claim", [Claim.UNKNOWN, Claim.NOT_SENT])
def test_an_acknowledged_refund_is_not_doubted(claim: Claim) -> None:
    """The provider told that it has it, so that a lost answer teaches nothing."""
    known = refunds.apply(refund(), told_of_refund(Claim.PENDING, Source.WEBHOOK))
    assert refunds.apply(known, told_of_refund(claim, Source.TRANSPORT)) == known
