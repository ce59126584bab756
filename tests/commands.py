"""Runs commands to their ends, as an operator or a script does."""

import asyncio
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from tests.leaks.written import WRITTEN
from tests.stack import CHECKOUT, environment

ENDS_WITHIN_S: Final = 30.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Ended:
    """A command that ended."""

    status: int
    out: str
    err: str


async def command(
    *arguments: str, settings: Mapping[str, str] | None = None, directory: Path = CHECKOUT
) -> Ended:
    """Runs `python …` to its end, with these settings and no others."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, *arguments),
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
        cwd=directory,
        env=environment({**(settings or {}), "COLUMNS": "200"}),
    )
    try:
        async with asyncio.timeout(ENDS_WITHIN_S):
            out, err = await process.communicate()
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    assert process.returncode is not None
    ended = Ended(status=process.returncode, out=out.decode(), err=err.decode())
    assert "Traceback" not in ended.out + ended.err
    WRITTEN.text(f"the output of {arguments}", ended.out + ended.err)
    return ended


async def payments(*arguments: str, directory: Path, **settings: str) -> Ended:
    """Runs `ovo-payments …`."""
    return await command("-m", "ovo_payments", *arguments, settings=settings, directory=directory)


def unnoted(_what: str) -> None:
    """Changes a callers' file without a row in an audit."""
