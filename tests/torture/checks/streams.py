"""I-28 to I-31: streams."""

from bisect import bisect_left
from collections import defaultdict
from typing import Final

from tests.torture.checks.facts import Facts, Sheet

_WITHIN_S: Final = 1.0


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
        for _, version, still_open in watch.versions[:-1]:
            sheet.hold(
                true=still_open or watch.after_version is not None or version != versions[-1],
                subject=watch.payment_id,
                otherwise=f"version {version} was the last, and more came",
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
