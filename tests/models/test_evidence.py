"""Every order, repetition and delay of what can be learnt of a payment ends in the same state."""

from dataclasses import replace
from itertools import product

import pytest

from ovo_payments.domain.decide import decide
from ovo_payments.domain.payment import Payment, PaymentState
from ovo_payments.domain.update import Claim, PaymentUpdate, RefundUpdate
from tests.models.reference import expected, outcome
from tests.models.walk import (
    A_DAY_LATER,
    AT_ONCE,
    LATER,
    OFTEN_ENOUGH,
    End,
    Learnt,
    Times,
    ends,
)
from tests.models.worlds import CONSISTENT, CONTRADICTORY, World

P, D, S, F, E, R = PaymentState
# Written apart from the domain's own table.
LISTED = {
    *((P, D), (P, S), (P, F), (P, E), (P, R)),
    *((D, P), (D, S), (D, F), (D, E), (D, R)),
    *((S, R), (F, S), (F, R), (E, S), (E, R)),
}
EVIDENCE_OF_THE_END = {
    S: {Claim.SUCCEEDED},
    F: {Claim.FAILED, Claim.NOT_SENT, Claim.NOT_FOUND},
    E: {Claim.EXPIRED},
    R: {Claim.REFUNDED, Claim.SUCCEEDED},
}
NEVER_CHANGES = ("payment_id", "scope", "order_id", "provider", "amount", "phone_number", "method")


def hold_every_step(before: Payment, after: Payment, update: PaymentUpdate | RefundUpdate) -> None:
    """Holds what must be true of any single step (I-7, I-8, I-17, I-19, I-20)."""
    changed = after != before
    assert after.version == before.version + changed
    assert all(getattr(after, name) == getattr(before, name) for name in NEVER_CHANGES)
    if after.state is not before.state:
        assert (before.state, after.state) in LISTED
        claims = {update.claim}
        if isinstance(update, PaymentUpdate) and update.refund is not None:
            claims.add(update.refund.claim)
        assert claims & EVIDENCE_OF_THE_END.get(after.state, claims)
    turned = before.state in {F, E} and after.state in {S, R}
    assert after.late_success == (before.late_success or turned)
    assert (after.failure is not None) == (after.state is F)


TIMES = (AT_ONCE, LATER, A_DAY_LATER)


@pytest.mark.parametrize("times", TIMES, ids=lambda times: times.name)
@pytest.mark.parametrize("world", CONSISTENT, ids=lambda world: world.name)
def test_every_sequence_of_evidence_ends_in_one_state(
    world: World, times: Times, evidence_length: int
) -> None:
    """I-18: the end is told by what was learnt, whatever came first, twice or late."""
    for length, layer in enumerate(ends(world, times, evidence_length, hold_every_step), 1):
        assert sum(end.sequence_count for end in layer) == len(world.pieces) ** length
        for end in layer:
            wanted = expected(world, end.learnt, times)
            if end.payment.checks.next_check_time is not None:
                # A question is still to come, so that nobody needs to look for want of answers.
                assert wanted.needs_review >= end.payment.needs_review
                wanted = replace(wanted, needs_review=end.payment.needs_review)
            assert outcome(end.payment) == wanted, end.learnt


@pytest.mark.parametrize("world", CONSISTENT, ids=lambda world: world.name)
def test_who_learns_everything_knows_the_truth(world: World) -> None:
    """Once every piece came, thrice, a payment is what it truly is at the provider."""
    if world.truth is None:
        return
    pieces = world.pieces
    payment = world.start
    for step, piece in enumerate((*pieces, *reversed(pieces), *pieces)):
        now = payment.create_time + LATER.first + step * LATER.between
        payment = decide(payment, piece.update, now, world.patience).payment
    assert payment.state is world.truth


@pytest.mark.parametrize("times", TIMES, ids=lambda times: times.name)
@pytest.mark.parametrize("world", CONTRADICTORY, ids=lambda world: world.name)
def test_a_provider_that_contradicts_itself_makes_no_wrong_final(
    world: World, times: Times, evidence_length: int
) -> None:
    """What is final stands on a fitting word, and where words differ about money, somebody looks.

    The two words of which neither moved money (declined, expired) are no such difference: the
    first of them stays.
    """
    for layer in ends(world, times, evidence_length, hold_every_step):
        for end in layer:
            fitting = {name for name in end.learnt.pieces if "of other money" not in name}
            state, flagged = end.payment.state, _is_flagged(end.payment)
            assert (state is S) == any(name.endswith("says SUCCEEDED") for name in fitting)
            if state is E:
                assert any(name.endswith("says EXPIRED") for name in fitting)
            if state is F:
                assert fitting & {*_SAY_FAILED, "transport says NOT_SENT", "query says NOT_FOUND"}
            assert flagged or not _must_be_seen(end, times)


_SAY_FAILED = {f"{source} says FAILED" for source in ("answer", "webhook", "query")}


def _is_flagged(payment: Payment) -> bool:
    return payment.needs_review or payment.late_success


def _must_be_seen(end: End, times: Times) -> bool:
    """Whether a person must look: said in terms of all that was learnt, in whatever order."""
    names, payment = end.learnt.pieces, end.payment
    not_found = times is not AT_ONCE and end.learnt.not_found_count == OFTEN_ENOUGH
    paid_and_declined = payment.state is S and bool(names & _SAY_FAILED)
    other_money = {name for name in names if "of other money" in name}
    told_to_us_of_other_money = bool(other_money - {name for name in names if "webhook" in name})
    said_to_be_gone = not_found or (payment.state is F and not names & _SAY_FAILED)
    there_and_gone = said_to_be_gone and any(name.endswith("says PENDING") for name in names)
    return paid_and_declined or told_to_us_of_other_money or there_and_gone


@pytest.mark.parametrize("times", TIMES, ids=lambda times: times.name)
@pytest.mark.parametrize("world", [*CONSISTENT, *CONTRADICTORY], ids=lambda world: f"{world.name}")
def test_merging_leaves_nothing_out(world: World, times: Times) -> None:
    """Sequences gone through one by one have the very ends that the merged ones have."""
    length = 3
    one_by_one: set[object] = set()
    for sequence in product(world.pieces, repeat=length):
        payment, learnt = world.start, Learnt()
        for step, piece in enumerate(sequence):
            now = payment.create_time + times.first + step * times.between
            payment = decide(payment, piece.update, now, world.patience).payment
            learnt = learnt.and_then(piece)
        one_by_one.add((learnt, outcome(payment), payment.checks, payment.review))
    *_, layer = ends(world, times, length, hold_every_step)
    assert one_by_one == {
        (end.learnt, outcome(end.payment), end.payment.checks, end.payment.review) for end in layer
    }
