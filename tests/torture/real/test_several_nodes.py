"""What nodes do to each other is found, made by hand in a good run."""

from dataclasses import replace
from datetime import timedelta

import pytest

from ovo_payments.domain.payment import Payment
from tests.torture.checks.facts import Facts, Sheet
from tests.torture.databases import MemoryDatabase
from tests.torture.observed import Life, Observed, Operation, ProviderCall
from tests.torture.real.several_nodes import living_senders_are_left_alone, unlinked_is_unused
from tests.torture.simulation import simulate


@pytest.fixture(scope="module")
def good() -> Observed:
    """A run without troubles, whose one life stands for one of several."""
    observed, _ = simulate(3, MemoryDatabase(), payments=40, profile="calm")
    return observed


def _debit(observed: Observed) -> tuple[Payment, ProviderCall]:
    """A debit of a linked account that took its time."""
    facts = Facts(observed)
    return next(
        (payment, call)
        for payment in observed.payments.values()
        for call in facts.sends_of(payment)
        if payment.binding_id and call.answered_at > call.at
    )


def _given_up(observed: Observed, payment: Payment, at: float) -> Sheet:
    learnt = replace(
        observed.evidence[payment.payment_id][0],
        observe_time=observed.began + timedelta(seconds=at),
        detail="the process that sent it is gone, and its answer with it",
    )
    evidence = {payment.payment_id: [learnt]}
    sheet = Sheet("I-34")
    living_senders_are_left_alone(replace(observed, evidence=evidence), sheet)
    assert sheet.checked
    return sheet


def test_a_sender_that_is_given_up_while_it_waits_is_found(good: Observed) -> None:
    """After its answer it would have been no sender any more."""
    payment, call = _debit(good)
    assert _given_up(good, payment, (call.at + call.answered_at) / 2).findings
    assert not _given_up(good, payment, call.answered_at + 1).findings


def test_a_sender_that_died_may_be_given_up(good: Observed) -> None:
    """That is what leases are for."""
    payment, call = _debit(good)
    at = (call.at + call.answered_at) / 2
    died = Life(node=call.node, began_at=0.0, ended_at=(call.at + at) / 2)
    assert not _given_up(replace(good, lives=[died]), payment, at).findings


def test_a_payment_on_a_link_that_was_taken_away_is_found(good: Observed) -> None:
    """One that is over by then is none."""
    payment, call = _debit(good)
    last = max(
        at for (payment_id, _), at in good.event_times.items() if payment_id == payment.payment_id
    )

    def unbound(at: float) -> list[tuple[str, str]]:
        unbind = Operation(
            order=1,
            scope=payment.scope,
            method="Unbind",
            invoked_at=at,
            ended_at=at,
            outcome="ok",
            binding_id=payment.binding_id,
        )
        only = {payment.payment_id: payment}
        return unlinked_is_unused(replace(good, operations=[unbind], payments=only)).findings

    assert unbound(call.at - 1e-6)
    assert unbound((call.at + call.answered_at) / 2)
    assert not unbound(last + 1)
