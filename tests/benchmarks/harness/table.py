"""The table of results, and its place on a page."""

from collections.abc import Sequence

from tests.benchmarks.harness.goals import Kind, Result

BEGIN = "<!-- Written by make bench: begin -->"
END = "<!-- Written by make bench: end -->"


class NoPlaceError(ValueError):
    """A page has no place for the table."""


def table(results: Sequence[Result]) -> list[str]:
    """Writes the results as the lines of a Markdown table."""
    return [
        "| Goal | Measure | Service | Yardstick | Result | Wanted | Reached |",
        "|---|---|---|---|---|---|---|",
        *(_row(result) for result in results),
    ]


def machine_table(described: Sequence[tuple[str, str]], when: str, repetitions: int) -> list[str]:
    """Writes what the results were measured on as the lines of a Markdown table."""
    rows = [*described, ("Measured", f"{when}, medians of {repetitions}")]
    return ["| | |", "|---|---|", *(f"| {name} | {value} |" for name, value in rows)]


def placed(page: str, lines: Sequence[str]) -> str:
    """Puts lines between the marks of a page. Raises NoPlaceError where it has none."""
    before, begin, rest = page.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not begin or not end:
        raise NoPlaceError(f"the page has no {BEGIN} followed by {END}")
    return "\n".join([before + begin, "", *lines, "", end + after])


def _row(result: Result) -> str:
    goal = result.goal
    yardstick = "–" if result.yardstick is None else _figure(result.yardstick, goal.unit)
    cells = [
        goal.number,
        goal.measure,
        _figure(result.service, goal.unit),
        yardstick,
        # The figure is what counts already where nothing is taken from it or divided.
        "" if goal.kind is Kind.ABSOLUTE else goal.told(result.value),
        goal.text,
        "yes" if result.reached else "**no**",
    ]
    return f"| {' | '.join(cells)} |"


def _figure(value: float, unit: str) -> str:
    digits = 0 if value >= 100 else 1 if value >= 10 else 2  # three figures say enough
    return f"{value:,.{digits}f} {unit}"
