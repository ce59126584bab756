"""The goals, and what a measure says of one."""

import statistics
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final


class Kind(StrEnum):
    """How a measure is held against its goal."""

    RATIO = "×"
    """The service's figure divided by the yardstick's."""
    DIFFERENCE = "more"
    """The service's figure less the yardstick's."""
    ABSOLUTE = ""
    """The service's figure; a yardstick stands beside it only to compare."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Goal:
    """What is to be reached."""

    number: str
    measure: str
    unit: str
    """Of the service's figure and the yardstick's."""
    bound: float
    """The least where more is better, else the most."""
    kind: Kind = Kind.RATIO
    more_is_better: bool = False

    @property
    def text(self) -> str:
        """Writes the goal as the table shows it."""
        sign = "≥" if self.more_is_better else "≤"
        return f"{sign} {self.told(self.bound)}"

    def told(self, value: float) -> str:
        """Writes a value that is held against the bound."""
        if self.kind is Kind.RATIO:
            return f"{value:.2f} ×"
        return f"{value:,.2f} {self.unit}"

    def reached(self, value: float) -> bool:
        """Whether a value is good enough."""
        return value >= self.bound if self.more_is_better else value <= self.bound


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """What one repetition gave for a goal."""

    goal: Goal
    service: float
    yardstick: float | None = None

    @property
    def value(self) -> float:
        """What is held against the bound. Raises ValueError where the yardstick is missing."""
        if self.goal.kind is Kind.ABSOLUTE:
            return self.service
        if self.yardstick is None:
            raise ValueError(f"{self.goal.number} is measured beside a yardstick")
        if self.goal.kind is Kind.DIFFERENCE:
            return self.service - self.yardstick
        return self.service / self.yardstick


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """The medians of all repetitions; the ratio is the median of their ratios."""

    goal: Goal
    service: float
    yardstick: float | None
    value: float

    @property
    def reached(self) -> bool:
        """Whether the goal is reached."""
        return self.goal.reached(self.value)


def result_of(repetitions: Sequence[Measured]) -> Result:
    """Takes the medians of what was measured for one goal."""
    yardsticks = [measured.yardstick for measured in repetitions]
    told = [yardstick for yardstick in yardsticks if yardstick is not None]
    return Result(
        goal=repetitions[0].goal,
        service=statistics.median(measured.service for measured in repetitions),
        yardstick=statistics.median(told) if told else None,
        value=statistics.median(measured.value for measured in repetitions),
    )


READS_16: Final = Goal(
    number="P1",
    measure="GetStatus, 16 callers, beside a bare unary call",
    unit="calls/s",
    bound=0.75,
    more_is_better=True,
)
READS_64: Final = Goal(
    number="P1",
    measure="GetStatus, 64 callers, beside a bare unary call",
    unit="calls/s",
    bound=0.75,
    more_is_better=True,
)
CHARGES: Final = Goal(
    number="P2",
    measure="Charge, 64 callers, beside a bare unary call",
    unit="calls/s",
    bound=0.40,
    more_is_better=True,
)
CHARGE_CPU: Final = Goal(
    number="P3",
    measure="CPU per Charge, 64 callers, beside a bare unary call",
    unit="µs",
    bound=2.5,
)
CHARGE_ADDED: Final = Goal(
    number="P4",
    measure="Charge, one caller, p50, less a call to the provider itself",
    unit="ms",
    bound=2.0,
    kind=Kind.DIFFERENCE,
)
CHARGE_SLOW_CPU: Final = Goal(
    number="P5",
    measure="CPU per Charge, 200/s at a provider that takes 1 s, beside P3",
    unit="µs",
    bound=1.2,
)
WEBHOOK_P50: Final = Goal(
    number="P6",
    measure="Webhook due to update at its watcher, 200/s, 1,000 watchers, p50",
    unit="ms",
    bound=5.0,
    kind=Kind.ABSOLUTE,
)
WEBHOOK_P99: Final = Goal(
    number="P6",
    measure="Webhook due to update at its watcher, 200/s, 1,000 watchers, p99",
    unit="ms",
    bound=50.0,
    kind=Kind.ABSOLUTE,
)
WEBHOOK_INTAKE: Final = Goal(
    number="P7",
    measure="Webhooks taken in, 64 at once, beside bare starlette",
    unit="webhooks/s",
    bound=0.5,
    more_is_better=True,
)
WATCHER_MEMORY: Final = Goal(
    number="P8",
    measure="Memory of a watcher, of 10,000, beside a bare stream",
    unit="KiB",
    bound=1.2,
)
WATCHERS_OPEN: Final = Goal(
    number="P8",
    measure="10,000 watchers open, beside bare streams",
    unit="s",
    bound=1.5,
)
WATCHERS_P50: Final = Goal(
    number="P9",
    measure="Change to delivery at 9,000 of 10,000 watchers, p50, beside bare streams",
    unit="ms",
    bound=1.5,
)
WATCHERS_P99: Final = Goal(
    number="P9",
    measure="Change to delivery at 9,000 of 10,000 watchers, p99, beside bare streams",
    unit="ms",
    bound=1.5,
)
COMMITS: Final = Goal(
    number="P10",
    measure="Payments written durably by 64 at once, beside a commit for each",
    unit="payments/s",
    bound=5.0,
    more_is_better=True,
)
NODES: Final = Goal(
    number="P12",
    measure="GetStatus by two processes on one PostgreSQL, 64 callers, beside one process",
    unit="calls/s",
    bound=1.6,
    more_is_better=True,
)
START: Final = Goal(
    number="P13",
    measure="Start to first answer, beside a bare server",
    unit="s",
    bound=1.0,
    kind=Kind.ABSOLUTE,
)
IDLE_MEMORY: Final = Goal(
    number="P13",
    measure="Memory of an idle service, beside a bare server",
    unit="MB",
    bound=110.0,
    kind=Kind.ABSOLUTE,
)
STORED_READS: Final = Goal(
    number="P11",
    measure="GetStatus p50 with many payments stored, beside 1,000, 16 callers",
    unit="ms",
    bound=1.15,
)
STORED_CHARGES: Final = Goal(
    number="P11",
    measure="Charge p50 with many payments stored, beside 1,000, 16 callers",
    unit="ms",
    bound=1.15,
)
