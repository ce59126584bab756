"""Judges one bug: by simulating its copy in a process of its own, or by the test that is named."""

import asyncio
import json
import re
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from tests.torture.planted.bug import Bug
from tests.torture.planted.copies import environment
from tests.torture.planted.hunt import Catch

_TIME_LIMIT_S: Final = 1200.0
_TROUBLE_LENGTH_MAX: Final = 2000
_FAILED: Final = re.compile(r"^FAILED \S+::(\w+)", re.MULTILINE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Search:
    """How far to look for a bug."""

    seed: int = 1
    seeds: int
    payments_per_seed: int


@dataclass(slots=True, kw_only=True)
class Verdict:
    """What came of one bug."""

    catch: Catch = field(default_factory=Catch)
    tests: list[str] = field(default_factory=list)
    """The tests that failed, where a test is to catch it."""
    trouble: str = ""
    """Why there is no verdict."""
    elapsed_s: float = 0.0

    @property
    def caught(self) -> bool:
        """Whether something was found."""
        return bool(self.catch.by or self.catch.broke or self.tests) and not self.trouble

    @property
    def found(self) -> str:
        """What was found, in a few words."""
        told = ", ".join(self.catch.by or self.tests[:1])
        return told or self.catch.broke or self.trouble or "nothing found"


async def judge(bug: Bug | None, copy: Path, search: Search) -> Verdict:
    """Judges the bug that is planted in a copy; None for a copy without any."""
    if bug is not None and bug.test:
        return await tested(copy, bug.test)
    told, errors, status = await _ran(
        copy,
        *("-m", "tests.torture.planted.hunt", "--copy", str(copy)),
        *("--seed", str(search.seed), "--seeds", str(search.seeds)),
        *("--payments-per-seed", str(search.payments_per_seed)),
    )
    if status != 0:
        return Verdict(trouble=errors[-_TROUBLE_LENGTH_MAX:] or "out of time")
    return Verdict(catch=Catch(**json.loads(told.splitlines()[-1])))


async def tested(copy: Path, *tests: str) -> Verdict:
    """Runs tests on a copy, for those that fail."""
    told, errors, status = await _ran(
        copy, "-m", "pytest", "-q", "-p", "no:cacheprovider", "--no-header", *tests
    )
    failed = _FAILED.findall(told)
    if status == 0 or failed:
        return Verdict(tests=failed)
    return Verdict(trouble=(told + errors)[-_TROUBLE_LENGTH_MAX:])


async def _ran(copy: Path, *arguments: str) -> tuple[str, str, int | None]:
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        *arguments,
        cwd=copy,
        env=environment(copy),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    try:
        async with asyncio.timeout(_TIME_LIMIT_S):
            told, errors = await process.communicate()
    except TimeoutError:
        return "", "", None
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    return told.decode(), errors.decode(), process.returncode
