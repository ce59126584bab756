"""What only nodes that work at the same time can get wrong."""

from collections import defaultdict
from typing import Final

from ovo_payments.domain.payment import Payment
from tests.torture.checks.facts import Facts, Sheet
from tests.torture.observed import Observed

_GIVEN_UP: Final = "the process that sent it is gone"
_LEASED_S: Final = 120.0
"""Longer than any lease: a clock that was wrong within it may have ended one early."""


def living_senders_are_left_alone(observed: Observed, sheet: Sheet) -> None:
    """I-34, as far as several nodes show it: none takes over what another is sending."""
    facts = Facts(observed)
    for payment_id, learnt in observed.evidence.items():
        for one in learnt:
            if not one.detail.startswith(_GIVEN_UP):
                continue
            at = (one.observe_time - observed.began).total_seconds()
            jumped = any(at - _LEASED_S < moment < at for moment, _ in observed.clock_jumps)
            sending = [
                call.node
                for call in facts.sends_about(payment_id)
                if call.at < at < max(call.answered_at, call.lost_at)
                and facts.lived(call.node, call.at, at)
            ]
            sheet.hold(
                true=jumped or not sending,
                subject=payment_id,
                otherwise=f"given up at {at:.3f} s, and {sending} were sending it",
            )


def unlinked_is_unused(observed: Observed) -> Sheet:
    """No payment is open on a link that was told to be taken away, and none is sent after that."""
    sheet, facts = Sheet("unlinked"), Facts(observed)
    payments: dict[str, list[Payment]] = defaultdict(list)
    for payment in observed.payments.values():
        payments[payment.binding_id].append(payment)
    for one in observed.operations:
        if one.method != "Unbind" or one.outcome != "ok":
            continue
        using = facts.open_at(one.ended_at, one.binding_id)
        sheet.hold(
            true=not using,
            subject=next(iter(using), one.binding_id),
            otherwise=f"its link {one.binding_id} was taken away while it was open",
        )
        for payment in payments[one.binding_id]:
            sheet.hold(
                true=all(call.at < one.ended_at for call in facts.sends_of(payment)),
                subject=payment.payment_id,
                otherwise=f"it was sent after its link {one.binding_id} was taken away",
            )
    return sheet
