"""Builds every client, runs it against a live service through cut connections, prints the table.

`python -m tests.polyglot [LANGUAGE …]`
"""

import asyncio
import os
import sys
import tempfile
from pathlib import Path

from rich.console import Console
from rich.table import Table

from tests.polyglot.doors import open_doors
from tests.polyglot.languages import LANGUAGES, MADE, Language
from tests.polyglot.old_runtimes import OLD_LANGUAGES, is_installed
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


def missing(language: Language, console: Console) -> None:
    """Tells of a runtime that is not there; where everything is checked it has to be."""
    told = f"{language.name} on {language.runtime} is not tried: it is not installed"
    if "CI" in os.environ:
        raise TrialFailed(told)
    console.print(told, style="dim")


async def trials(languages: list[Language], console: Console) -> list[Result]:
    """Tries one client after the other."""
    results = []
    MADE.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as directory:
        async with open_doors(Path(directory)) as doors:
            for language in languages:
                if language in OLD_LANGUAGES and not await is_installed(language):
                    missing(language, console)
                    continue
                console.print(f"{language.name} on {language.runtime}", style="dim")
                results.append(await trial(language, doors))
    return results


def main() -> None:
    """Ends with 1 where a client breaks a promise."""
    console = Console(width=120)
    names = {name.lower() for name in sys.argv[1:]}
    everyone = (*LANGUAGES, *OLD_LANGUAGES)
    chosen = [one for one in everyone if not names or one.name.lower() in names]
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
