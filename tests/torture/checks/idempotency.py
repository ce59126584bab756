"""I-11 to I-16: request ids."""

from collections import defaultdict
from itertools import pairwise
from typing import Final

from tests.torture.checks.facts import Facts, Sheet
from tests.torture.observed import Operation

_REUSED: Final = "RequestIdReusedError"
_USES_NOTHING_UP: Final = frozenset(
    {
        *("InvalidRequestError", "DeadlineTooShortError", "NotSupportedByProviderError"),
        *("BindingNotFoundError", "BindingNotActiveError", "OrderAlreadyPaidError"),
        *("PaymentNotFoundError", "NotRefundableError", "RateLimitedError", "UnreachableError"),
    }
)


def _made(operation: Operation) -> str:
    return operation.binding_id if operation.method == "Bind" else operation.payment_id


def the_same_is_the_same(facts: Facts, sheet: Sheet) -> None:
    """I-11."""
    for key, operations in facts.by_request.items():
        contents: dict[str, set[str]] = defaultdict(set)
        for one in operations:
            if one.outcome == "ok":
                contents[one.content].add(_made(one))
        for made in contents.values():
            sheet.hold(
                true=made == {facts.used_up.get(key, "")},
                subject=next(iter(sorted(made))),
                otherwise=f"{key} gave {sorted(made)}, stored is {facts.used_up.get(key)}",
            )


def other_content_is_refused(facts: Facts, sheet: Sheet) -> None:
    """I-12."""
    for key, operations in facts.by_request.items():
        contents = {one.content for one in operations}
        if len(contents) == 1:
            continue
        heard = {one.content for one in operations if one.outcome == "ok"}
        sheet.hold(
            true=len(heard) <= 1,
            subject=facts.used_up.get(key, ""),
            otherwise=f"{key} was taken with {len(heard)} contents",
        )
        for one in operations:
            if one.reason == _REUSED and heard:
                sheet.hold(
                    true=one.content not in heard,
                    subject=facts.used_up.get(key, ""),
                    otherwise=f"{key} was refused with its own content",
                )


def one_send_for_all(facts: Facts, sheet: Sheet) -> None:
    """I-13."""
    for key, operations in facts.by_request.items():
        ordered = sorted(operations, key=lambda one: one.invoked_at)
        at_once = any(
            later.invoked_at < earlier.ended_at and later.content == earlier.content
            for earlier, later in pairwise(ordered)
        )
        if not at_once:
            continue
        subject = facts.used_up.get(key, "")
        payment = facts.observed.payments.get(subject)
        if payment is None or key[1] == "Refund":
            continue
        effective = [call for call in facts.sends_of(payment) if call.status != 401]
        sheet.hold(
            true=len(effective) <= 1,
            subject=subject,
            otherwise=f"{key} was asked at once and sent {len(effective)} times",
        )


def scopes_never_meet(facts: Facts, sheet: Sheet) -> None:
    """I-14."""
    for one in facts.observed.operations:
        if one.outcome == "ok" and one.seen_scope:
            sheet.hold(
                true=one.seen_scope == one.scope,
                subject=one.payment_id or one.binding_id,
                otherwise=f"{one.scope} was given what is {one.seen_scope}'s",
            )
    for watch in facts.observed.watches:
        sheet.hold(
            true=watch.seen_scopes <= {watch.scope},
            subject=watch.payment_id,
            otherwise=f"a watcher of {watch.scope} was given what is {watch.seen_scopes}'s",
        )
    for record in facts.observed.requests:
        payment = facts.observed.payments.get(record.subject_id)
        if payment is not None:
            sheet.hold(
                true=payment.scope == record.scope,
                subject=payment.payment_id,
                otherwise=f"a request id of {record.scope} names it",
            )


def refusals_use_nothing_up(facts: Facts, sheet: Sheet) -> None:
    """I-15."""
    for key, operations in facts.by_request.items():
        if all(one.outcome == "failed" and one.reason in _USES_NOTHING_UP for one in operations):
            sheet.hold(
                true=key not in facts.used_up,
                subject=facts.used_up.get(key, ""),
                otherwise=f"{key} was only ever refused and is used up",
            )


def refunds_stay_within(facts: Facts, sheet: Sheet) -> None:
    """I-16."""
    for payment_id, refunds in facts.refunds.items():
        debits = facts.debits.get(payment_id, [])
        sheet.hold(
            true=len(refunds) == 1
            and sum(one.amount_rupiah for one in refunds)
            <= sum(one.amount_rupiah for one in debits),
            subject=payment_id,
            otherwise=f"refunded {[one.amount_rupiah for one in refunds]}",
        )
    moving: dict[str, int] = defaultdict(int)
    for payment_id, _, state, amount_rupiah in facts.observed.refunds:
        moving[payment_id] += state != "FAILED"
        paid_rupiah = facts.observed.payments[payment_id].amount.rupiah
        sheet.hold(
            true=0 < amount_rupiah <= paid_rupiah,
            subject=payment_id,
            otherwise=f"a refund of {amount_rupiah} where {paid_rupiah} was paid",
        )
    for payment_id, count in moving.items():
        sheet.hold(true=count <= 1, subject=payment_id, otherwise=f"{count} refunds may move money")
    bound: dict[str, set[str]] = defaultdict(set)
    for (_, method, request_id), made in facts.used_up.items():
        if method == "Bind":
            bound[made].add(request_id)
    for binding_id, ids in bound.items():
        sheet.hold(true=len(ids) == 1, subject=binding_id, otherwise=f"made by {sorted(ids)}")
