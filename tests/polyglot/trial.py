"""One client, built and run against the service through connections that are cut."""

import asyncio
import os
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from time import monotonic
from typing import Final

import aiohttp

from tests.customer import OTP, PIN, enter
from tests.polyglot.doors import Door, Doors, turned_away
from tests.polyglot.languages import Language
from tests.polyglot.old_runtimes import SOURCES
from tests.polyglot.running import TrialFailed, run
from tests.torture.real.link import Link

# A payment in the sandbox takes three seconds, so each watch is cut.
CUT_AFTER_S: Final = 0.8
# Each pause is longer than the one before, so that a slow machine is answered between two cuts.
CUT_LATER_BY: Final = 1.2
CUT_AFTER_S_MAX: Final = 2.0
_STORY_WITHIN_S: Final = 60.0

STORY: Final = Path(__file__).with_name("story.txt").read_text(encoding="utf-8")
OLD_STORY: Final = (SOURCES / "story.txt").read_text(encoding="utf-8")
# What the sandbox does for these numbers, in the last line of a checkout.
CUSTOMERS: Final = {"081234567890": "paid", "08271939753": "not paid: DECLINED_BY_CUSTOMER"}
_INTERRUPTED: Final = "  interrupted: "
_PAGE: Final = re.compile(r"^Open (\S+)")


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """What one client did; a line of the table."""

    language: str
    versions: str
    door: str
    tests: int
    calls: int
    watches_resumed: int
    errors_decoded: int
    took_s: float


@asynccontextmanager
async def cutting(door: Door) -> AsyncIterator[str]:
    """A proxy to a door, which cuts all its connections again and again."""
    link = Link("client", lambda: door.address)
    await link.open()

    async def cut() -> None:
        pause_s = CUT_AFTER_S
        while True:
            await asyncio.sleep(pause_s)
            link.cut()
            pause_s = min(pause_s * CUT_LATER_BY, CUT_AFTER_S_MAX)

    cutter = asyncio.create_task(cut())
    try:
        yield link.address
    finally:
        cutter.cancel()
        link.close()


async def story(language: Language, address: str, environment: dict[str, str]) -> list[str]:
    """Plays the example, with a customer at the provider's page; gives the lines that it wrote."""
    assert language.example is not None
    process = await asyncio.create_subprocess_exec(
        *(*language.example, address),
        cwd=language.folder,
        env=environment,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    assert process.stdout is not None
    lines: list[str] = []
    try:
        async with asyncio.timeout(_STORY_WITHIN_S), aiohttp.ClientSession() as browser:
            async for line in process.stdout:
                lines.append(line.decode().rstrip())
                if page := _PAGE.search(lines[-1]):
                    await enter(browser, page[1], OTP, PIN)
            await process.wait()
    except TimeoutError:
        raise TrialFailed("\n".join(["the example did not end:", *lines])) from None
    finally:
        if process.returncode is None:
            process.kill()
    if process.returncode:
        raise TrialFailed("\n".join([f"the example ended with {process.returncode}:", *lines]))
    compare([_PAGE.sub("Open PAGE", line) for line in lines], STORY)
    return lines


def compare(lines: list[str], expected: str) -> None:
    """Holds what was told against the story; where connections break is another in each run."""
    told = [line for line in lines if not line.startswith(_INTERRUPTED)]
    if told != expected.splitlines():
        raise TrialFailed("\n".join(["another story was told:", *lines]))


async def checkouts(language: Language, address: str, environment: dict[str, str]) -> list[str]:
    """Checks out two orders, of a customer who accepts and of one who declines; gives the lines."""
    assert language.checkout is not None
    lines: list[str] = []
    for phone_number, end in CUSTOMERS.items():
        command = (*language.checkout, phone_number)
        told = await run(command, language.folder, environment | {"OVOPAY_SERVER": address})
        if told.splitlines()[-1] != end:
            raise TrialFailed(f"{' '.join(command)} ended otherwise than with {end}:\n{told}")
        lines += told.splitlines()
    return lines


async def trial(language: Language, doors: Doors) -> Result:
    """Builds a client, and runs its tests and its example."""
    began_s = monotonic()
    door = doors.of(language)
    environment = {**os.environ, **language.environment}
    for command in language.build:
        await run(command, language.folder, environment)
    version = (await run(language.version, language.folder, environment)).splitlines()[0]
    tests = 0
    async with cutting(door) as address:
        known = {**environment, **door.variables}
        if language.tests is not None:
            live = known | {"OVOPAY_SERVER": address}
            tests = passed(await run(language.tests, language.folder, live), language.passed)
        lines = await story(language, address, known) if language.example is not None else []
    strangers = await turned_away(language, door, environment)
    if language.checkout is not None:
        # As short as they are, checkouts speak to `make run`.
        async with cutting(doors.clear) as address:
            told = await checkouts(language, address, environment)
        if language.example is None:
            compare(told, OLD_STORY)
            lines = told
    resumed = sum(line.startswith(_INTERRUPTED) for line in lines)
    if not resumed:
        raise TrialFailed("no watch was interrupted, so none was seen to resume")
    return Result(
        language=language.name,
        versions=f"{short(version)}; {language.runtime}",
        door=door.name,
        tests=tests,
        # What tells of itself; a version is part of a watch.
        calls=sum(": " in line and line[0].isupper() for line in lines) + watches(lines),
        watches_resumed=resumed,
        errors_decoded=sum(line.startswith("Charge of ") for line in lines) + strangers,
        took_s=monotonic() - began_s,
    )


def watches(lines: list[str]) -> int:
    """Counts the watches: each begins with the first version."""
    return sum(line.startswith("  version 1:") for line in lines)


def passed(output: str, pattern: str) -> int:
    """Reads how many tests passed."""
    found = re.findall(pattern, output, re.MULTILINE)
    count = sum(int(number) if number.isdigit() else 1 for number in found)
    if not count:
        raise TrialFailed(f"no test ran:\n{output}")
    return count


def short(version: str) -> str:
    """The number in what a command tells of its version."""
    number = re.search(r"\d+(\.\d+)+", version)
    return number[0] if number else version
