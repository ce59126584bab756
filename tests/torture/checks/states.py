"""I-17 to I-21: states."""

from typing import Final

from ovo_payments.domain.payment import Method, Payment, PaymentState, Review
from ovo_payments.domain.refund import RefundState
from tests.torture.checks.facts import MONEY_MOVED, WITHOUT_MONEY, Facts, Sheet

_S = PaymentState
# Written here a second time, from the design and not from the code.
_ALLOWED: Final = frozenset(
    {
        *((_S.PENDING, after) for after in _S),
        *((_S.IN_DOUBT, after) for after in _S),
        *((_S.SUCCEEDED, after) for after in MONEY_MOVED),
        (_S.REFUNDED, _S.REFUNDED),
        *((before, after) for before in WITHOUT_MONEY for after in (before, *MONEY_MOVED)),
    }
)
# A clock that was an hour ahead asked the later questions early, or set them an hour off: after
# such a jump a push has no more than the debit's limit.
_PUSH_MAX_S: Final = 15 * 60.0
_DEBIT_MAX_S: Final = 24 * 3600.0


def only_listed_transitions(facts: Facts, sheet: Sheet) -> None:
    """I-17."""
    for payment_id, versions in facts.observed.events.items():
        numbers = [version.version for version in versions]
        sheet.hold(
            true=numbers == list(range(1, len(versions) + 1)),
            subject=payment_id,
            otherwise=f"its versions are {numbers}",
        )
        sheet.hold(
            true=versions[-1] == facts.observed.payments[payment_id],
            subject=payment_id,
            otherwise="its last event is not its row",
        )
    for before, after in facts.steps():
        sheet.hold(
            true=(before.state, after.state) in _ALLOWED,
            subject=after.payment_id,
            otherwise=f"{before.state} became {after.state}",
        )


def one_end_whatever_the_order(facts: Facts, sheet: Sheet) -> None:
    """I-18."""
    for payment in facts.observed.payments.values():
        if payment.needs_review:
            continue
        truth = facts.observed.truth.get(payment.payment_id)
        expected = truth or "FAILED"
        sheet.hold(
            true=payment.state.value == expected,
            subject=payment.payment_id,
            otherwise=f"{payment.state} here, {truth or 'unknown'} at the provider",
        )


def success_never_regresses(facts: Facts, sheet: Sheet) -> None:
    """I-19."""
    for before, after in facts.steps():
        if before.state in MONEY_MOVED:
            refunded = after.refund is not None and after.refund.state is RefundState.SUCCEEDED
            sheet.hold(
                true=after.state is before.state
                or (after.state is PaymentState.REFUNDED and refunded),
                subject=after.payment_id,
                otherwise=f"{before.state} became {after.state}",
            )


def late_success_is_marked(facts: Facts, sheet: Sheet) -> None:
    """I-20."""
    told = {
        (line.get("payment_id"), line.get("version"))
        for line in facts.observed.logs
        if line.get("event") == "payment.changed" and line.get("late_success")
    }
    for before, after in facts.steps():
        if before.state not in WITHOUT_MONEY or after.state not in MONEY_MOVED:
            continue
        sheet.hold(
            true=after.late_success,
            subject=after.payment_id,
            otherwise="a late success is not marked",
        )
        died = any(
            commit.subject_id == f"{after.payment_id}@{after.version}"
            and (not commit.told or not facts.lived(commit.node, commit.at, commit.at + 1))
            for commit in facts.commits_of[after.payment_id]
        )
        sheet.hold(
            true=died or (after.payment_id, after.version) in told,
            subject=after.payment_id,
            otherwise="a late success is not logged",
        )


def all_comes_to_an_end(facts: Facts, sheet: Sheet) -> None:
    """I-21."""
    observed, waiting = facts.observed, 0
    for payment in observed.payments.values():
        if payment.needs_review:
            waiting += 1
            known = observed.truth.get(payment.payment_id, "PENDING") != "PENDING"
            asked = observed.mode == "sim" and payment.review is Review.EXHAUSTED
            sheet.hold(
                true=not (asked and known and payment.state.open),
                subject=payment.payment_id,
                otherwise="nobody asks any more, and the provider knows its end",
            )
            continue
        ended_at = _ended_at(facts, payment)
        if payment.open or ended_at is None:
            sheet.hold(true=False, subject=payment.payment_id, otherwise="it is stuck")
            continue
        push = payment.method is Method.PUSH_TO_PHONE and not observed.clock_jumps
        limit_s = _PUSH_MAX_S if push else _DEBIT_MAX_S
        sheet.hold(
            true=ended_at - observed.healed_at <= limit_s,
            subject=payment.payment_id,
            otherwise=f"it took {ended_at - observed.healed_at:.0f} s after all was well",
        )
    sheet.also["wait for a person"] = waiting


def _ended_at(facts: Facts, payment: Payment) -> float | None:
    for version in facts.observed.events[payment.payment_id]:
        if not version.state.open:
            return facts.observed.event_times.get((payment.payment_id, version.version))
    return None
