"""More mistakes made by hand in a good run: about what is on its way, and who may have what."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Final

from ovo_payments.domain.payment import Payment, PaymentState, Review
from ovo_payments.domain.update import Claim
from tests.torture.mistakes import ended_without_money, paid, put
from tests.torture.observed import Commit, Observed, ProviderCall, Watch


def _404s_counted_at_once(observed: Observed) -> None:
    payment = ended_without_money(observed)
    denials = [
        replace(
            observed.evidence[payment.payment_id][-1],
            claim=Claim.NOT_FOUND,
            observe_time=payment.create_time + timedelta(seconds=seconds),
        )
        for seconds in (5, 20, 40)
    ]
    observed.evidence = {**observed.evidence, payment.payment_id: denials}


def _send_stopped(observed: Observed) -> None:
    _sent(observed).cancelled = True


def _answer_kept_too_late(observed: Observed) -> None:
    call = _sent(observed)
    for commit in observed.commits:
        if commit.subject_id.startswith(call.reference) and commit.operation == "payments.record":
            commit.at += 3600


def _word_dropped_in_a_race(observed: Observed) -> None:
    call = _sent(observed)
    observed.commits.append(
        replace(
            _commit(observed, call, "payments.record"),
            outcome="refused: VersionConflictError",
            word="QUERY SUCCEEDED 200",
        )
    )


def _order_left_free(observed: Observed) -> None:
    observed.claims = ()


def _paid_twice_beside_a_success_that_was_never_denied(observed: Observed) -> None:
    one, other = paid(observed), paid(observed, "doku")
    put(observed, replace(other, scope=one.scope, order_id=one.order_id, late_success=True))


def _link_cut_under_a_payment(observed: Observed) -> None:
    payment = next(one for one in observed.payments.values() if _was_open(observed, one))
    begun_at = observed.event_times[payment.payment_id, 1]
    observed.commits.append(
        Commit(
            order=10**6,
            at=begun_at + 1e-6,
            node=observed.lives[0].node,
            operation="bindings.request_unbind",
            subject_id=payment.binding_id,
            outcome="done",
        )
    )


def _watcher_sees_what_is_anothers(observed: Observed) -> None:
    _watch_done(observed).seen_scopes = {"another"}


def _refund_of_too_much(observed: Observed) -> None:
    payment_id, refund_id, state, amount_rupiah = observed.refunds[0]
    observed.refunds = [(payment_id, refund_id, state, amount_rupiah + 1), *observed.refunds[1:]]


def _given_up_though_it_is_known(observed: Observed) -> None:
    put(observed, replace(paid(observed), state=PaymentState.PENDING, review=Review.EXHAUSTED))


def _stream_done_before_its_last_version(observed: Observed) -> None:
    times = observed.event_times
    watch = next(
        one
        for one in observed.watches
        if one.ended == "done" and times[one.payment_id, one.versions[-1][1]] < one.began_at - 1
    )
    watch.versions, watch.after_version = [], watch.versions[-1][1] - 1


def _sender_given_up_while_it_waits(observed: Observed) -> None:
    call = _sent(observed)
    observed.commits.append(
        replace(_commit(observed, call, "payments.record"), order=call.left, ends_send=True)
    )
    call.left -= 1


def _sent(observed: Observed) -> ProviderCall:
    return next(one for one in observed.calls if one.operation == "charge" and one.answered >= 0)


def _commit(observed: Observed, call: ProviderCall, operation: str) -> Commit:
    return Commit(
        order=10**6,
        at=call.at,
        node=observed.lives[0].node,
        operation=operation,
        subject_id=f"{call.reference}@2",
        outcome="done",
    )


def _was_open(observed: Observed, payment: Payment) -> bool:
    times = observed.event_times
    opened, ended = times[payment.payment_id, 1], times.get((payment.payment_id, 2), 0.0)
    return bool(payment.binding_id) and ended > opened + 1e-3


def _watch_done(observed: Observed) -> Watch:
    return next(one for one in observed.watches if one.ended == "done" and one.versions)


def _missed_between_two_streams(observed: Observed) -> None:
    watch = next(one for one in observed.watches if len(one.versions) > 2)
    first, _, *rest = watch.versions
    observed.watches.remove(watch)
    # Each stream by itself is in order, and told the version from which the watcher goes on.
    after_version = watch.after_version
    for part in ([first], rest):
        stream = replace(watch, versions=part, after_version=after_version, watcher="shop-1")
        observed.watches.append(stream)
        after_version = part[-1][1] + 1


def _told_twice_in_two_streams(observed: Observed) -> None:
    watch = next(one for one in observed.watches if len(one.versions) > 1)
    watch.watcher = "shop-1"
    observed.watches.append(replace(watch))


def _told_of_no_version_that_is(observed: Observed) -> None:
    watch = next(one for one in observed.watches if one.versions)
    watch.watcher = "shop-1"
    moment, version, is_open = watch.versions[-1]
    watch.versions = [*watch.versions[:-1], (moment, version, not is_open)]


MISTAKES_UNDER_WAY: Final[dict[Callable[[Observed], None], str]] = {
    _order_left_free: "I-1",
    _paid_twice_beside_a_success_that_was_never_denied: "I-1",
    _404s_counted_at_once: "I-7",
    _link_cut_under_a_payment: "I-9",
    _send_stopped: "I-10",
    _answer_kept_too_late: "I-10",
    _word_dropped_in_a_race: "I-10",
    _watcher_sees_what_is_anothers: "I-14",
    _refund_of_too_much: "I-16",
    _given_up_though_it_is_known: "I-21",
    _stream_done_before_its_last_version: "I-28",
    _missed_between_two_streams: "I-28",
    _told_twice_in_two_streams: "I-28",
    _told_of_no_version_that_is: "I-28",
    _sender_given_up_while_it_waits: "I-34",
}
