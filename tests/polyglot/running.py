"""Runs a client's commands to their ends."""

import asyncio
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from tests.polyglot.languages import Command

_ANYTHING_WITHIN_S: Final = 300.0


class TrialFailed(Exception):
    """A client did not do what it promises."""


async def ended(command: Command, folder: Path, environment: Mapping[str, str]) -> tuple[int, str]:
    """Runs a command to its end; gives its exit status and what it wrote."""
    process = await asyncio.create_subprocess_exec(
        *command,
        cwd=folder,
        env=environment,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    try:
        async with asyncio.timeout(_ANYTHING_WITHIN_S):
            output, _ = await process.communicate()
    finally:
        if process.returncode is None:
            process.kill()
    assert process.returncode is not None
    return process.returncode, output.decode()


async def run(command: Command, folder: Path, environment: Mapping[str, str]) -> str:
    """Runs a command that succeeds, and gives what it wrote."""
    status, output = await ended(command, folder, environment)
    if status:
        raise TrialFailed(f"{' '.join(command)} ended with {status}:\n{output}")
    return output
