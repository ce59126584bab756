"""I-28 to I-31: streams."""

from bisect import bisect_left
from collections import defaultdict
from typing import Final

from tests.torture.checks.facts import Facts, Sheet
from tests.torture.observed import Watch

_WITHIN_S: Final = 1.0
_WAY_S: Final = 0.02
_OUT_OF_RANGE: Final = "VersionOutOfRangeError"


def versions_in_order(facts: Facts, sheet: Sheet) -> None:
    """I-28."""
    for watch in facts.observed.watches:
        versions = [version for _, version, _ in watch.versions]
        if versions:
            first = versions[0] if watch.after_version is None else watch.after_version + 1
            sheet.hold(
                true=versions == list(range(first, first + len(versions))),
                subject=watch.payment_id,
                otherwise=f"a watcher after {watch.after_version} got {versions}",
            )
        if watch.ended == "done" and watch.versions:
            sheet.hold(
                true=not watch.versions[-1][2],
                subject=watch.payment_id,
                otherwise="a stream ended before its payment",
            )
        if watch.ended == "done":
            last = versions[-1] if versions else watch.after_version or 0
            latest = _latest_before(facts, watch)
            sheet.hold(
                true=last >= latest,
                subject=watch.payment_id,
                otherwise=f"a stream ended after version {last}, and there was {latest}",
            )
        for _, version, still_open in watch.versions[:-1]:
            sheet.hold(
                true=still_open or watch.after_version is not None or version != versions[-1],
                subject=watch.payment_id,
                otherwise=f"version {version} was the last, and more came",
            )
    _every_version_once(facts, sheet)


def _every_version_once(facts: Facts, sheet: Sheet) -> None:
    """Whoever watches on from where a stream broke off gets each version once, none left out."""
    streams: dict[str, list[Watch]] = defaultdict(list)
    for watch in facts.observed.watches:
        if watch.watcher:
            streams[watch.watcher].append(watch)
    through_several = nodes = 0
    for watches in streams.values():
        watches.sort(key=lambda watch: watch.order)
        payment_id, after_version = watches[0].payment_id, watches[0].after_version
        got = [version for watch in watches for _, version, _ in watch.versions]
        first = after_version + 1 if after_version is not None else next(iter(got), 1)
        sheet.hold(
            true=got == list(range(first, first + len(got))),
            subject=payment_id,
            otherwise=f"a watcher after {after_version} got {got} in {len(watches)} streams",
        )
        stored = {event.version: event.open for event in facts.observed.events[payment_id]}
        told = {version: is_open for watch in watches for _, version, is_open in watch.versions}
        sheet.hold(
            true=told.items() <= stored.items(),
            subject=payment_id,
            otherwise=f"a watcher was told {told}, and stored is {stored}",
        )
        sheet.hold(
            true=all(watch.ended != _OUT_OF_RANGE for watch in watches),
            subject=payment_id,
            otherwise="a node did not know a version that another node had told of",
        )
        through_several += len(watches) > 1
        nodes += len({watch.node.rpartition("-")[0] for watch in watches if watch.versions}) > 1
    if streams:
        sheet.also["watchers through several streams"] = through_several
        sheet.also["of them served by several nodes"] = nodes


def _latest_before(facts: Facts, watch: Watch) -> int:
    """The last version that was there when a stream's end left the service."""
    times = facts.observed.event_times
    before = watch.ended_at - _WAY_S - facts.slack_s
    return max(
        (
            event.version
            for event in facts.observed.events.get(watch.payment_id, ())
            if times.get((event.payment_id, event.version), before + 1) <= before
        ),
        default=0,
    )


def no_lost_wake_up(facts: Facts, sheet: Sheet) -> None:
    """I-29."""
    times: dict[str, list[tuple[float, int]]] = defaultdict(list)
    for (payment_id, version), moment in facts.observed.event_times.items():
        times[payment_id].append((moment, version))
    for found in times.values():
        found.sort()
    for watch in facts.observed.watches:
        got = {version: moment for moment, version, _ in watch.versions}
        happened = times.get(watch.payment_id, [])
        for moment, version in happened[bisect_left(happened, (watch.began_at + 0.1, 0)) :]:
            end = moment + _WITHIN_S
            if end > watch.ended_at or not facts.lived(watch.node, watch.began_at, end):
                continue
            if any(begin < end and to > moment for begin, to in facts.observed.store_outages):
                continue
            sheet.hold(
                true=got.get(version, float("inf")) <= end,
                subject=watch.payment_id,
                otherwise=f"version {version} came after {got.get(version, -1) - moment:.2f} s",
            )


def slow_watchers(facts: Facts, sheet: Sheet) -> None:
    """I-30."""
    sheet.unobservable = f"{facts.observed.mode}: memory and stalled sockets are real things"


def delivery_times(facts: Facts, sheet: Sheet) -> None:
    """I-31."""
    sheet.unobservable = f"{facts.observed.mode}: on virtual time a delivery takes none"
