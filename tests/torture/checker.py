"""Holds every invariant against what was observed, and tells each in one line."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Final

from tests.torture.checks import (
    answers,
    durability,
    idempotency,
    money,
    overload,
    states,
    streams,
    webhooks,
)
from tests.torture.checks.facts import Check, Facts, Sheet, told
from tests.torture.observed import Observed

INVARIANTS: Final[Mapping[str, Check]] = {
    "I-1": money.at_most_one_debit,
    "I-2": money.none_lost,
    "I-3": money.none_invented,
    "I-4": money.zero_sum,
    "I-5": money.intent_first,
    "I-6": money.one_send,
    "I-7": money.time_is_no_evidence,
    "I-8": money.nothing_changes_what_it_is,
    "I-9": money.the_right_customer,
    "I-10": answers.no_answer_is_lost,
    "I-11": idempotency.the_same_is_the_same,
    "I-12": idempotency.other_content_is_refused,
    "I-13": idempotency.one_send_for_all,
    "I-14": idempotency.scopes_never_meet,
    "I-15": idempotency.refusals_use_nothing_up,
    "I-16": idempotency.refunds_stay_within,
    "I-17": states.only_listed_transitions,
    "I-18": states.one_end_whatever_the_order,
    "I-19": states.success_never_regresses,
    "I-20": states.late_success_is_marked,
    "I-21": states.all_comes_to_an_end,
    "I-22": webhooks.forgeries_change_nothing,
    "I-23": webhooks.acknowledged_is_durable,
    "I-24": webhooks.applied_once,
    "I-25": webhooks.misfits_are_quarantined,
    "I-26": webhooks.midtrans_proves_nothing_alone,
    "I-27": webhooks.webhooks_send_nothing,
    "I-28": streams.versions_in_order,
    "I-29": streams.no_lost_wake_up,
    "I-30": streams.slow_watchers,
    "I-31": streams.delivery_times,
    "I-32": durability.what_was_told_stays,
    "I-33": durability.no_intent_no_send,
    "I-34": durability.leases_are_fenced,
    "I-35": durability.poison_is_parked,
    "I-36": durability.wrong_clocks_end_nothing,
    "I-37": overload.nothing_is_multiplied,
    "I-38": overload.one_provider_hangs_alone,
    "I-39": overload.open_breakers_send_nothing,
}

UNCAUGHT: Final = "uncaught"
"""Beside the invariants: exceptions that nobody caught."""


def check(observed: Observed) -> list[Sheet]:
    """Holds every invariant against one run."""
    facts = Facts(observed)
    sheets = []
    for name, invariant in INVARIANTS.items():
        sheet = Sheet(name)
        invariant(facts, sheet)
        sheets.append(sheet)
    uncaught = Sheet(UNCAUGHT, checked=1)
    uncaught.findings = [("", failure) for failure in observed.failures]
    return [*sheets, uncaught]


@dataclass(slots=True)
class Tally:
    """The sheets of many runs, added up."""

    checked: dict[str, int] = field(default_factory=dict)
    found: dict[str, int] = field(default_factory=dict)
    unobservable: dict[str, str] = field(default_factory=dict)
    also: dict[str, dict[str, int]] = field(default_factory=dict)

    def add(self, sheets: Iterable[Sheet]) -> None:
        """Adds one run."""
        for sheet in sheets:
            name = sheet.invariant
            self.checked[name] = self.checked.get(name, 0) + sheet.checked
            self.found[name] = self.found.get(name, 0) + len(sheet.findings)
            if sheet.unobservable:
                self.unobservable[name] = sheet.unobservable
            self._count(name, sheet.also)

    def merge(self, other: "Tally") -> None:
        """Adds what another tally counted."""
        for name, checked in other.checked.items():
            self.checked[name] = self.checked.get(name, 0) + checked
            self.found[name] = self.found.get(name, 0) + other.found[name]
        self.unobservable |= other.unobservable
        for name, counted in other.also.items():
            self._count(name, counted)

    def _count(self, name: str, counted: Mapping[str, int]) -> None:
        so_far = self.also.setdefault(name, {})
        for what, number in counted.items():
            so_far[what] = so_far.get(what, 0) + number

    @property
    def holds(self) -> bool:
        """Whether nothing was found."""
        return not any(self.found.values())

    def lines(self) -> Iterable[str]:
        """One line for each invariant."""
        for name, checked in self.checked.items():
            if name in self.unobservable:
                yield f"{name:<9}not observable in this mode: {self.unobservable[name]}"
            elif self.found[name]:
                yield f"{name:<9}VIOLATED {self.found[name]} times, {checked} checked"
            else:
                beside = told(self.also.get(name, {}))
                yield f"{name:<9}ok  {checked} checked{beside and f' ({beside})'}"
