"""Holds the invariants against a run of real processes, as far as they can be seen there."""

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Final

from ovo_payments.domain.update import Source
from tests.torture.checker import check
from tests.torture.checks.facts import NOT_PROCESSED, Facts, Sheet
from tests.torture.observed import Commit, Observed
from tests.torture.real import several_nodes
from tests.torture.real.arena import SECRETS, Arena
from tests.torture.real.clocks import event_times

_UNOBSERVABLE: Final[Mapping[str, str]] = {
    "I-31": "a benchmark's: here every link is slow on purpose",
    "I-34": "whose lease a row had is known to the service alone",
    "I-39": "breakers stand in the service's memory",
}
_LEASES: Final = "I-34"
_MAYBE_PHONE: Final = re.compile(r"(?=(8[1-9]\d{7,10}))")
_COUNTRY: Final = "62"
_NOTHING_SENT: Final = frozenset(
    {"StoreUnavailableError", "ProviderUnavailableError", "DeadlineTooShortError"}
)
_CONNECTED_WITHIN_S: Final = 0.5
_DELIVERED_WITHIN_S: Final = 5.0
_DELIVERED_BY_SEVERAL_WITHIN_S: Final = 8.0
"""By nodes that share one small machine with each other and with their database."""
_LATER: Final = 1 << 60
_LOGGED_WITHIN_S: Final = 3.0


def judge(arena: Arena) -> list[Sheet]:
    """Completes what was observed by what follows from it, and checks all."""
    observed = arena.observed
    _tell_origins(observed)
    _tell_tampering(observed)
    observed.event_times = dict(event_times(observed, arena.passed.began))
    observed.commits.extend(_records(arena))
    several = len(arena.nodes) > 1
    within_s = _DELIVERED_BY_SEVERAL_WITHIN_S if several else _DELIVERED_WITHIN_S
    sheets = [
        _no_lost_wake_up(observed, within_s) if sheet.invariant == "I-29" else sheet
        for sheet in check(observed)
    ]
    for sheet in sheets:
        if several and sheet.invariant == _LEASES:
            several_nodes.living_senders_are_left_alone(observed, sheet)
        elif sheet.invariant in _UNOBSERVABLE:
            sheet.unobservable = _UNOBSERVABLE[sheet.invariant]
            sheet.findings.clear()
    sheets += [_unavailable_means_not_sent(observed), _clean_logs(arena)]
    return [*sheets, several_nodes.unlinked_is_unused(observed)] if several else sheets


def _no_lost_wake_up(observed: Observed, within_s: float) -> Sheet:
    """I-29, with room for a machine that has other things to do; the remark has the times."""
    sheet, facts = Sheet("I-29"), Facts(observed)
    late_s: list[float] = []
    told_at = dict(_told_of(observed))
    for watch in observed.watches:
        got = {version: at for at, version, _ in watch.versions}
        for event in observed.events.get(watch.payment_id, ()):
            key = (event.payment_id, event.version)
            # It was decided first and committed then, which takes its time where others write.
            at = max(observed.event_times[key], told_at.get(key, 0.0))
            if at < watch.began_at + _CONNECTED_WITHIN_S:
                continue
            seen_at = got.get(event.version)
            until = at + within_s if seen_at is None else seen_at
            excused = any(began < until and to > at for began, to in observed.store_outages)
            if excused or not facts.lived(watch.node, watch.began_at, until):
                continue
            if seen_at is not None:
                late_s.append(seen_at - at)
            elif watch.ended_at < until:
                continue
            sheet.hold(
                true=seen_at is not None and seen_at - at <= within_s,
                subject=watch.payment_id,
                otherwise=f"version {event.version} of {at:.3f} s came at {seen_at}",
            )
    sheet.also = {
        "versions delivered": len(late_s),
        "of them later than 1 s": sum(each_s > 1 for each_s in late_s),
    }
    return sheet


def _told_of(observed: Observed) -> Iterator[tuple[tuple[str, int], float]]:
    """When each version's writer told of it in its log, after the commit."""
    for line in observed.logs:
        if line.get("event") == "payment.changed":
            at = datetime.fromisoformat(line["timestamp"]) - observed.began
            yield (line["payment_id"], line["version"]), at.total_seconds()


def _unavailable_means_not_sent(observed: Observed) -> Sheet:
    """Who alone asked, and was told UNAVAILABLE, had nothing sent for it meanwhile."""
    sheet, facts = Sheet("refused"), Facts(observed)
    for key, operations in facts.by_request.items():
        payment = observed.payments.get(facts.used_up.get(key, ""))
        if payment is None or key[1] == "Refund":
            continue
        for one in operations:
            alone = all(
                other is one
                or other.invoked_at > one.ended_at
                # What its caller gave up goes on in the service.
                or (other.outcome != "unknown" and other.ended_at < one.invoked_at)
                for other in operations
            )
            if one.reason not in _NOTHING_SENT or not alone:
                continue
            sent = [
                call
                for call in facts.sends_of(payment)
                if one.invoked_at < call.at < one.ended_at and call.status not in NOT_PROCESSED
            ]
            sheet.hold(
                true=not sent,
                subject=payment.payment_id,
                otherwise=f"{one.method} was told {one.reason}, and it was sent",
            )
    return sheet


def _clean_logs(arena: Arena) -> Sheet:
    """No secret and no whole phone number stands in any log of the service."""
    sheet, phones = Sheet("logs"), _phones(arena.observed)
    for file in sorted(arena.directory.glob("service-*.log")):
        for line in file.read_text(encoding="utf-8", errors="replace").splitlines():
            secret = next((secret for secret in SECRETS if secret in line), "")
            sheet.hold(true=not secret, subject="", otherwise=f"a secret in {file.name}: {line}")
            shown = any(
                phone in line
                for found in _MAYBE_PHONE.findall(line)
                for phone in phones.get(found[:9], ())
            )
            sheet.hold(true=not shown, subject="", otherwise=f"a phone in {file.name}: {line}")
    return sheet


def _phones(observed: Observed) -> Mapping[str, set[str]]:
    """All phone numbers of the run, without their prefix, by their first nine digits."""
    found: dict[str, set[str]] = defaultdict(set)
    for payment in observed.payments.values():
        if payment.phone_number is not None:
            national = payment.phone_number.international.removeprefix(_COUNTRY)
            found[national[:9]].add(national)
    return found


def _tell_origins(observed: Observed) -> None:
    """A call has an origin where a request of its kind stands behind it."""
    asked = {(record.method, record.subject_id) for record in observed.requests}
    payment_of_refund = {refund_id: payment_id for payment_id, refund_id, _, _ in observed.refunds}
    for call in observed.calls:
        if call.moves_money:
            method = call.operation.capitalize()
            subject_id = payment_of_refund.get(call.reference, call.reference)
            call.origin = method if (method, subject_id) in asked else ""
        elif call.operation == "bind":
            call.origin = "Bind"


def _tell_tampering(observed: Observed) -> None:
    """What is signed rightly and tells of another amount was tampered with, too."""
    for one in observed.deliveries:
        if one.tampering or not one.path.startswith("/webhooks/"):
            continue
        told = re.search(
            rb'"gross_amount":\s*"(\d+)|"amount":\s*\{[^}]*"value":\s*"(\d+)', one.body
        )
        reference = re.search(
            rb'"(?:order_id|originalPartnerReferenceNo|partnerReferenceNo)":\s*"([^"]+)"', one.body
        )
        if told is None or reference is None:
            continue
        payment = observed.payments.get(reference[1].decode())
        if payment is not None and int(told[1] or told[2]) != payment.amount.rupiah:
            one.tampering = "wrong_amount"


def _records(arena: Arena) -> Iterator[Commit]:
    """What was recorded of each payment, as the evidence tells at the end."""
    observed, facts = arena.observed, Facts(arena.observed)
    for payment_id, learnt in observed.evidence.items():
        for one in learnt:
            at = observed.event_times.get((payment_id, one.version), 0.0)
            ends_the_send = one.source in {Source.ANSWER, Source.TRANSPORT}
            # While the disk was full, log lines may have been lost with it.
            muted = any(
                began_at - _LOGGED_WITHIN_S < at < ended_at + _LOGGED_WITHIN_S
                for began_at, ended_at in observed.store_outages
            )
            yield Commit(
                order=_LATER,
                at=at,
                node=_writer(facts, at),
                operation="payments.record" if ends_the_send else "payments.learn",
                subject_id=f"{payment_id}@{one.version}",
                outcome="done",
                told=not muted,
            )


def _writer(facts: Facts, at: float) -> str:
    """Names a life in which something can have been written.

    Of several that were lived then it is one that ended soon after, if there is one: what it had
    no time to do any more, such as to write a line of its log, is held against nobody.
    """
    begun = [life.node for life in facts.observed.lives if life.began_at <= at]
    lived = [node for node in begun if facts.lived(node, at, at)]
    gone = (node for node in lived if not facts.lived(node, at, at + 1))
    return next(gone, next(iter(lived), next(reversed(begun), "")))
