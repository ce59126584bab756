"""Builds every client, runs it against a live service through cut connections, prints the table.

`python -m tests.polyglot [LANGUAGE …]`
"""

import asyncio
import sys
import tempfile
from pathlib import Path

from rich.console import Console
from rich.table import Table

from tests.polyglot.doors import open_doors
from tests.polyglot.languages import LANGUAGES, MADE, Language
from tests.polyglot.running import TrialFailed
from tests.polyglot.trial import Result, trial


def table(results: list[Result]) -> Table:
    """Lays the results out."""
    drawn = Table("Language", "Versions", "Door", "Tests", "Calls", "Resumed", "Errors", "Seconds")
    for result in results:
        drawn.add_row(
            result.language,
            result.versions,
            result.door,
            str(result.tests or "–"),
            str(result.calls),
            str(result.watches_resumed),
            str(result.errors_decoded),
            f"{result.took_s:.0f}",
        )
    return drawn


async def trials(languages: list[Language], console: Console) -> list[Result]:
    """Tries one client after the other."""
    results = []
    MADE.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as directory:
        async with open_doors(Path(directory)) as doors:
            for language in languages:
                console.print(f"{language.name} on {language.runtime}", style="dim")
                results.append(await trial(language, doors))
    return results


def main() -> None:
    """Ends with 1 where a client breaks a promise."""
    console = Console(width=120)
    names = {name.lower() for name in sys.argv[1:]}
    chosen = [one for one in LANGUAGES if not names or one.name.lower() in names]
    try:
        results = asyncio.run(trials(chosen, console))
    except TrialFailed as failure:
        console.print(f"FAILED: {failure}", markup=False)
        sys.exit(1)
    console.print(table(results))
    # The closing line that counts in any language.
    console.print(f"{len(results)} passed, 0 failed")


if __name__ == "__main__":
    main()
