"""I-1 to I-9: the money."""

from collections import defaultdict
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Final

from ovo_payments.domain.evidence import Evidence
from ovo_payments.domain.payment import Method, Payment, PaymentState
from ovo_payments.domain.refund import RefundState
from ovo_payments.domain.update import Claim, Source
from tests.torture.checks.facts import MONEY_MOVED, NOT_PROCESSED, WITHOUT_MONEY, Facts, Sheet
from tests.torture.observed import ProviderCall

_NOT_FOUNDS: Final = 3
_SPACING_S: Final = 10.0
# Written here a second time, from the design and not from the code.
_DEBIT_SETTLES_S: Final = 60.0
_PUSH_SETTLES_S: Final = 100.0
_UNAUTHORIZED: Final = 401
_ASKED_TO_THE_END: Final = "sim"


def at_most_one_debit(facts: Facts, sheet: Sheet) -> None:
    """I-1."""
    for reference, debits in facts.debits.items():
        sheet.hold(
            true=len(debits) == 1, subject=reference, otherwise=f"debited {len(debits)} times"
        )
    orders: dict[tuple[str, str], list[Payment]] = defaultdict(list)
    for payment in facts.observed.payments.values():
        if payment.payment_id in facts.debits:
            orders[payment.scope, payment.order_id].append(payment)
    late = 0
    for order, paid in orders.items():
        for one, other in pairwise(sorted(paid, key=lambda each: _debited(facts, each))):
            if _denied_before(facts, one, other) or _denied_before(facts, other, one):
                late += 1
                continue
            refunds = facts.refunds.get(one.payment_id, [])
            given_back = bool(refunds) and refunds[0].at <= facts.debits[other.payment_id][0].at
            sheet.hold(
                true=given_back,
                subject=other.payment_id,
                otherwise=f"order {order} is paid by {one.payment_id} as well",
            )
    claimed = {(scope, order_id) for scope, order_id, _ in facts.observed.claims}
    for payment in facts.observed.payments.values():
        if payment.state is PaymentState.SUCCEEDED:
            sheet.hold(
                true=(payment.scope, payment.order_id) in claimed,
                subject=payment.payment_id,
                otherwise=f"its order {payment.order_id} is paid, and free to be paid again",
            )
    sheet.also["orders paid twice by a success after the provider's own final no"] = late


def _denied_before(facts: Facts, late: Payment, other: Payment) -> bool:
    """Whether the other payment began between the provider's final no and the late success."""
    began_at = facts.observed.event_times.get((other.payment_id, 1))
    if not late.late_success or began_at is None:
        return False
    denied = False
    for version in facts.observed.events[late.payment_id]:
        at = facts.observed.event_times.get((late.payment_id, version.version), began_at)
        if version.late_success:
            return denied and began_at <= at + facts.slack_s
        if version.state in WITHOUT_MONEY and not denied:
            denied = at <= began_at + facts.slack_s and _denied(facts, version)
    return False


def _denied(facts: Facts, payment: Payment) -> bool:
    return any(
        one.version == payment.version and one.source is not Source.TRANSPORT
        for one in facts.observed.evidence[payment.payment_id]
    )


def _debited(facts: Facts, payment: Payment) -> int:
    return facts.debits[payment.payment_id][0].entry_id


def none_lost(facts: Facts, sheet: Sheet) -> None:
    """I-2."""
    waiting = 0
    for reference in facts.debits:
        payment = facts.observed.payments.get(reference)
        given_up = payment is not None and payment.needs_review and payment.state.open
        if given_up and facts.observed.mode != _ASKED_TO_THE_END:
            waiting += 1
            continue
        if reference in facts.untold:
            continue
        sheet.hold(
            true=payment is not None and payment.state in MONEY_MOVED,
            subject=reference,
            otherwise=f"debited, and here it is {payment.state if payment else 'unknown'}",
        )
    sheet.also["debited and waiting for a person"] = waiting
    # Only a comparison with the provider's list can find them.
    sheet.also["debited after the provider's own final no, and never told"] = len(facts.untold)


def none_invented(facts: Facts, sheet: Sheet) -> None:
    """I-3."""
    for payment in facts.observed.payments.values():
        if payment.state not in MONEY_MOVED:
            continue
        debits = facts.debits.get(payment.payment_id, [])
        fits = len(debits) == 1 and (debits[0].amount_rupiah, debits[0].provider) == (
            payment.amount.rupiah,
            payment.provider,
        )
        sheet.hold(
            true=fits,
            subject=payment.payment_id,
            otherwise=f"{payment.state} of {payment.amount.rupiah}, ledger: {debits}",
        )


def zero_sum(facts: Facts, sheet: Sheet) -> None:
    """I-4."""
    here = there = 0
    for payment in facts.observed.payments.values():
        if payment.needs_review or payment.payment_id in facts.untold:
            continue
        refund = payment.refund
        given_back = refund is not None and refund.state is RefundState.SUCCEEDED
        mine = payment.amount.rupiah if payment.state in MONEY_MOVED else 0
        mine -= refund.amount.rupiah if refund is not None and given_back else 0
        theirs = sum(entry.amount_rupiah for entry in facts.debits.get(payment.payment_id, []))
        theirs -= sum(entry.amount_rupiah for entry in facts.refunds.get(payment.payment_id, []))
        here, there = here + mine, there + theirs
        sheet.hold(
            true=mine == theirs,
            subject=payment.payment_id,
            otherwise=f"Rp{mine} here, Rp{theirs} at the provider",
        )
    sheet.also["rupiah of difference"] = here - there


def intent_first(facts: Facts, sheet: Sheet) -> None:
    """I-5."""
    recorded = set(facts.used_up.values())
    for call in facts.observed.calls:
        if not call.moves_money or call.left < 0:
            continue
        payment_id = facts.payment_of_refund.get(call.reference, call.reference)
        wanted = "payments.create_refund" if call.operation == "refund" else "payments.create"
        written = any(
            commit.operation == wanted and commit.outcome == "done" and commit.order < call.left
            for commit in facts.commits_of.get(payment_id, [])
        )
        sheet.hold(
            true=written and payment_id in recorded,
            subject=payment_id,
            otherwise=f"{call.operation} left before its intent was committed",
        )


def one_send(facts: Facts, sheet: Sheet) -> None:
    """I-6."""
    for (operation, reference), sends in facts.sends.items():
        proven = all(one.answered >= 0 and one.status == _UNAUTHORIZED for one in sends[:-1])
        sheet.hold(
            true=proven,
            subject=facts.payment_of_refund.get(reference, reference),
            otherwise=f"{operation} was sent {len(sends)} times",
        )


def time_is_no_evidence(facts: Facts, sheet: Sheet) -> None:
    """I-7."""
    for before, after in facts.steps():
        if after.state not in WITHOUT_MONEY or before.state is after.state:
            continue
        learnt = facts.observed.evidence[after.payment_id]
        cited = [one for one in learnt if one.version == after.version]
        sheet.hold(
            true=any(_proves(facts, after, one) for one in cited),
            subject=after.payment_id,
            otherwise=f"{after.state} at version {after.version} cites {cited}",
        )


def _proves(facts: Facts, payment: Payment, cited: Evidence) -> bool:
    match cited.claim:
        case Claim.FAILED if payment.state is PaymentState.FAILED:
            webhook = cited.source is Source.WEBHOOK
            return cited.source is not Source.TRANSPORT and not (
                webhook and payment.provider == "midtrans"
            )
        case Claim.EXPIRED if payment.state is PaymentState.EXPIRED:
            return cited.source in {Source.ANSWER, Source.QUERY}
        case Claim.NOT_SENT:
            return all(_did_nothing(call) for call in facts.sends_of(payment))
        case Claim.NOT_FOUND:
            return _denied_often_enough(facts, payment)
        case _:
            return False


def _did_nothing(call: ProviderCall) -> bool:
    return call.answered >= 0 and call.status in NOT_PROCESSED


def _denied_often_enough(facts: Facts, payment: Payment) -> bool:
    denials = [
        one.observe_time
        for one in facts.observed.evidence[payment.payment_id]
        if one.claim is Claim.NOT_FOUND and one.version <= payment.version
    ]
    if len(denials) < _NOT_FOUNDS:
        return False
    if facts.observed.clock_jumps:
        return True
    settled_from, counted, last = _settled_from(payment), 0, None
    for moment in denials:
        if moment < settled_from:
            continue
        if last is None or (moment - last).total_seconds() >= _SPACING_S:
            counted, last = counted + 1, moment
    return counted >= _NOT_FOUNDS


def _settled_from(payment: Payment) -> datetime:
    """From when on the provider's silence about a payment means anything."""
    if payment.method is Method.LINKED_ACCOUNT:
        return payment.create_time + timedelta(seconds=_DEBIT_SETTLES_S)
    # What the provider never acknowledged has no deadline that it told.
    expires = payment.expire_time or payment.create_time
    return expires + timedelta(seconds=_PUSH_SETTLES_S)


def nothing_changes_what_it_is(facts: Facts, sheet: Sheet) -> None:
    """I-8."""
    asked = {
        operation.payment_id: operation
        for operation in facts.observed.operations
        if operation.method in {"Charge", "Pay"} and operation.outcome == "ok"
    }
    for payment_id, versions in facts.observed.events.items():
        first = _identity(versions[0])
        sheet.hold(
            true=all(_identity(version) == first for version in versions),
            subject=payment_id,
            otherwise="its versions differ in what never changes",
        )
        operation = asked.get(payment_id)
        if operation is not None:
            sheet.hold(
                true=operation.amount_rupiah == versions[0].amount.rupiah
                and operation.order_id == versions[0].order_id,
                subject=payment_id,
                otherwise=f"asked for {operation.amount_rupiah} for {operation.order_id}",
            )


def _identity(payment: Payment) -> tuple[object, ...]:
    return (
        *(payment.payment_id, payment.scope, payment.order_id, payment.provider, payment.amount),
        *(payment.method, payment.binding_id, payment.phone_number, payment.points_amount),
    )


def the_right_customer(facts: Facts, sheet: Sheet) -> None:
    """I-9."""
    for reference, debits in facts.debits.items():
        payment = facts.observed.payments.get(reference)
        if payment is None or payment.phone_number is None:
            continue
        phone = payment.phone_number
        binding = facts.observed.bindings.get(payment.binding_id)
        sheet.hold(
            true=all(entry.phone == phone.international for entry in debits)
            and (binding is None or binding.phone_number == phone),
            subject=reference,
            otherwise=f"another's account was debited: {debits}",
        )
    for commit in facts.observed.commits:
        if commit.operation == "bindings.request_unbind" and commit.outcome == "done":
            using = facts.open_at(commit.at, commit.subject_id)
            sheet.hold(
                true=not using,
                subject=next(iter(using), commit.subject_id),
                otherwise=f"its link {commit.subject_id} was taken away while it was open",
            )
