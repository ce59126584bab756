"""I-22 to I-27: webhooks."""

from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime
from typing import Final

from ovo_payments.domain.payment import Payment
from ovo_payments.domain.ports import InboxState
from ovo_payments.domain.update import Source
from tests.torture.checks.facts import Facts, Sheet
from tests.torture.observed import Delivery

_FORGED: Final = frozenset({"forged", "garbage", "replayed elsewhere"})
_NOTIFICATION: Final = "/webhooks/"
_OF_LINKS: Final = "/webhooks/doku/binding"
_RPCS: Final = frozenset({"Charge", "Pay", "Refund", "Bind", "Unbind"})
_NO_TIME: Final = datetime.min.replace(tzinfo=UTC)


def _accepted(delivery: Delivery) -> bool:
    return 200 <= delivery.status < 300


def forgeries_change_nothing(facts: Facts, sheet: Sheet) -> None:
    """I-22."""
    stored = {entry.body for entry in facts.observed.inbox if entry.body}
    true_ones = {one.body for one in facts.observed.deliveries if one.tampering not in _FORGED}
    refusals: dict[tuple[str, int], int] = Counter()
    for one in facts.observed.deliveries:
        if one.tampering not in _FORGED:
            continue
        sheet.hold(
            true=not _accepted(one) and (one.body not in stored or one.body in true_ones),
            subject=one.body[:200].decode("latin-1"),
            otherwise=f"a forged webhook was answered {one.status} or stored",
        )
        if one.status:
            refusals[one.path, one.status] += 1
    for path in {path for path, _ in refusals}:
        kinds = [status for other, status in refusals if other == path]
        sheet.hold(
            true=len(kinds) == 1,
            subject=path,
            otherwise=f"forgeries are refused in several ways: {kinds}",
        )


def acknowledged_is_durable(facts: Facts, sheet: Sheet) -> None:
    """I-23."""
    appended = Counter[str]()
    acknowledged = Counter[bytes]()
    rows = Counter(entry.body for entry in facts.observed.inbox)
    happened: list[tuple[int, int]] = [
        (commit.order, 0)
        for commit in facts.observed.commits
        if commit.operation == "inbox.append" and commit.outcome == "done"
    ]
    of_links = set[bytes]()
    for one in facts.observed.deliveries:
        if _accepted(one) and one.path.startswith(_NOTIFICATION):
            if one.path == _OF_LINKS:
                of_links.add(one.body)
            happened.append((one.answered, 1))
            acknowledged[one.body] += 1
    for _, is_answer in sorted(happened):
        if not is_answer:
            appended["rows"] += 1
            continue
        appended["answers"] += 1
        sheet.hold(
            true=appended["answers"] <= appended["rows"],
            subject="",
            otherwise="a webhook was acknowledged before it was committed",
        )
    # Of a link's webhook that is done the row is left, and its body is destroyed.
    destroyed = rows[b""]
    for body, count in acknowledged.items():
        destroyed -= max(count - rows[body], 0) if body in of_links else 0
        sheet.hold(
            true=rows[body] >= count or (body in of_links and destroyed >= 0),
            subject=body[:200].decode("latin-1"),
            otherwise=f"acknowledged {count} times and stored {rows[body]} times",
        )


def applied_once(facts: Facts, sheet: Sheet) -> None:
    """I-24."""
    for before, after in facts.steps():
        sheet.hold(
            true=_without_version(before) != _without_version(after),
            subject=after.payment_id,
            otherwise=f"version {after.version} changes nothing",
        )


def _without_version(payment: Payment) -> Payment:
    return replace(payment, version=0, update_time=_NO_TIME)


def misfits_are_quarantined(facts: Facts, sheet: Sheet) -> None:
    """I-25."""
    wrong = {one.body for one in facts.observed.deliveries if one.tampering == "wrong_amount"}
    for entry in facts.observed.inbox:
        if entry.body in wrong:
            sheet.hold(
                true=entry.state in {InboxState.QUARANTINED, InboxState.PARKED},
                subject=entry.body[:200].decode("latin-1"),
                otherwise=f"a webhook of another amount is {entry.state}: {entry.note}",
            )


def midtrans_proves_nothing_alone(facts: Facts, sheet: Sheet) -> None:
    """I-26."""
    for payment_id, learnt in facts.observed.evidence.items():
        if facts.observed.payments[payment_id].provider != "midtrans":
            continue
        for one in learnt:
            sheet.hold(
                true=one.source is not Source.WEBHOOK,
                subject=payment_id,
                otherwise=f"version {one.version} rests on a webhook alone",
            )


def webhooks_send_nothing(facts: Facts, sheet: Sheet) -> None:
    """I-27."""
    for call in facts.observed.calls:
        if call.moves_money or call.operation == "bind":
            sheet.hold(
                true=call.origin in _RPCS,
                subject=facts.payment_of_refund.get(call.reference, call.reference),
                otherwise=f"{call.operation} was sent though no caller asked for it",
            )
