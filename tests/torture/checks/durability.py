"""I-32 to I-36: durability."""

from typing import Final

from tests.torture.checks.facts import Facts, Sheet
from tests.torture.observed import Commit, ProviderCall

_JUMP_MAX_S: Final = 120.0
"""For how long a clock may be wrong."""


def what_was_told_stays(facts: Facts, sheet: Sheet) -> None:
    """I-32."""
    for one in facts.observed.operations:
        if one.outcome != "ok":
            continue
        if one.payment_id:
            payment = facts.observed.payments.get(one.payment_id)
            sheet.hold(
                true=payment is not None and payment.version >= one.version,
                subject=one.payment_id,
                otherwise=f"{one.method} told version {one.version}, which is gone",
            )
        elif one.binding_id:
            sheet.hold(
                true=one.binding_id in facts.observed.bindings,
                subject=one.binding_id,
                otherwise=f"{one.method} told of a binding that is gone",
            )


def no_intent_no_send(facts: Facts, sheet: Sheet) -> None:
    """I-33."""
    for commit in facts.observed.commits:
        if commit.operation != "payments.create" or commit.outcome == "done":
            continue
        payment_id = commit.subject_id
        sheet.hold(
            true=not any(facts.sends.get((how, payment_id)) for how in ("charge", "pay")),
            subject=payment_id,
            otherwise=f"sent though its intent was not written: {commit.outcome}",
        )
    for key, operations in facts.by_request.items():
        if key[1] not in {"Charge", "Pay"} or any(
            one.reason != "StoreUnavailableError" for one in operations
        ):
            continue
        payment = facts.observed.payments.get(facts.used_up.get(key, ""))
        sheet.hold(
            true=payment is None or not facts.sends_of(payment),
            subject=payment.payment_id if payment else "",
            otherwise=f"{key} was told STORE_UNAVAILABLE alone, and sent",
        )
    for one in facts.observed.operations:
        if one.reason.startswith("INTERNAL"):
            sheet.hold(
                true=False,
                subject=one.payment_id or one.subject_id,
                otherwise=f"{one.method} was answered {one.reason}",
            )


def leases_are_fenced(facts: Facts, sheet: Sheet) -> None:
    """I-34."""
    for commit in facts.observed.commits:
        if commit.operation == "payments.record" and commit.outcome == "done":
            sheet.hold(
                true=not commit.lease_broken,
                subject=commit.subject_id.partition("@")[0],
                otherwise="written under a lease that was another's",
            )
    ends = [commit for commit in facts.observed.commits if commit.ends_send]
    for commit in ends:
        payment_id = commit.subject_id.partition("@")[0]
        sends = [call for call in facts.sends_about(payment_id) if call.left < commit.order]
        call = max(sends, key=lambda one: one.left, default=None)
        sheet.hold(
            true=call is None or not _interrupts(facts, call, commit),
            subject=payment_id,
            otherwise=f"counts as sent, and its {call.operation if call else ''} is on its way",
        )


def _interrupts(facts: Facts, call: ProviderCall, commit: Commit) -> bool:
    """Whether a commit gives a send up whose sender lives and still waits for the answer."""
    waits = (call.answered < 0 or commit.order < call.answered) and (
        call.lost_at < 0 or commit.at < call.lost_at
    )
    if not waits or commit.outcome != "done":
        return False
    # A lease runs by the time of day, and from before its intent is written.
    since = call.at - _JUMP_MAX_S
    jumped = any(since < moment < commit.at for moment, _ in facts.observed.clock_jumps)
    return not jumped and facts.lived(call.node, call.at, commit.at)


def poison_is_parked(facts: Facts, sheet: Sheet) -> None:
    """I-35."""
    for entry in facts.observed.inbox:
        sheet.hold(
            true=entry.state.value not in {"RECEIVED", "WAITING"},
            subject=entry.body[:200].decode("latin-1"),
            otherwise=f"a webhook is still {entry.state}: {entry.note}",
        )
    for payment in facts.observed.payments.values():
        sheet.hold(
            true=payment.checks.next_check_time is None,
            subject=payment.payment_id,
            otherwise=f"it is {payment.state} and still due at {payment.checks.next_check_time}",
        )


def wrong_clocks_end_nothing(facts: Facts, sheet: Sheet) -> None:
    """I-36."""
    ever_expired = {
        after.payment_id for _, after in facts.steps() if after.state.value == "EXPIRED"
    }
    for payment_id in sorted(ever_expired):
        truth = facts.observed.truth.get(payment_id, "")
        sheet.hold(
            true=truth in {"EXPIRED", "SUCCEEDED", "REFUNDED"},
            subject=payment_id,
            otherwise=f"EXPIRED here, {truth or 'unknown'} at the provider",
        )
    if facts.observed.clock_jumps:
        sheet.checked += len(facts.observed.payments)
        sheet.also["jumps of the clock"] = len(facts.observed.clock_jumps)
