"""Plays the page's commands in a shell, against a service that listens elsewhere."""

import asyncio
import json
import os
import re
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Final

import aiohttp

from ovo_payments_client import BindingState, connect
from tests.cookbook.page import Block
from tests.customer import OTP, PIN, enter
from tests.sealed import running_sealed
from tests.stack import CHECKOUT, Stack, eventually, read

PROGRAMS: Final = CHECKOUT / ".generators/cookbook"
_CLEAR: Final = "127.0.0.1:50051"
_SEALED: Final = "127.0.0.1:50443"
_PAGE_OF_PROVIDER: Final = re.compile(r'"redirect_url": "(\S+)"')
_END: Final = "that was the block"
_BLOCK_WITHIN_S: Final = 60.0


async def outputs(blocks: list[Block], stack: Stack, folder: Path) -> list[str]:
    """What each block prints, in one shell; the customer acts on each page that is printed."""
    for name in (".venv", "generated"):
        (folder / name).symlink_to(CHECKOUT / name)
    state = stack.directory / "sealed"
    state.mkdir()
    told = []
    async with (
        running_sealed(folder, state) as sealed,
        shell(folder, sealed.service.settings) as process,
    ):
        for block in blocks:
            command = block.command.replace(_CLEAR, stack.grpc)
            command = command.replace(_SEALED, sealed.service.grpc)
            output = await played(process, command)
            told.append(output.replace(stack.grpc, _CLEAR))
            if page := _PAGE_OF_PROVIDER.search(output):
                await linked(stack, page[1], folder / "bind.json")
    return told


async def linked(stack: Stack, page: str, answer: Path) -> None:
    """Is the customer at the provider's page, and waits until the service knows."""
    binding_id = json.loads(read(answer))["binding"]["binding_id"]
    async with aiohttp.ClientSession() as browser, connect(stack.grpc) as client:
        await enter(browser, page, OTP, PIN)

        async def active() -> bool:
            binding = await client.get_status(binding_id=binding_id)
            return binding.state is BindingState.ACTIVE

        await eventually(active, "the binding is active")


async def played(process: asyncio.subprocess.Process, command: str) -> str:
    """Gives commands to the shell, and reads until they are done."""
    assert process.stdin is not None
    assert process.stdout is not None
    process.stdin.write(f"{command}\necho; echo {_END}\n".encode())
    lines: list[str] = []
    async with asyncio.timeout(_BLOCK_WITHIN_S):
        async for line in process.stdout:
            if line.decode().rstrip() == _END:
                break
            lines.append(f"{line.decode().rstrip()}\n")
    # The line that keeps the end apart from an output without a line's end.
    return "".join(lines).rstrip("\n") + "\n" if "".join(lines).strip() else ""


@asynccontextmanager
async def shell(
    folder: Path, settings: Mapping[str, str]
) -> AsyncIterator[asyncio.subprocess.Process]:
    """A shell that finds the programs; commands for operators find the service's settings."""
    path = {"PATH": f"{PROGRAMS}:{os.environ['PATH']}", "HOME": str(folder)}
    process = await asyncio.create_subprocess_exec(
        *("bash", "--norc"),
        cwd=folder,
        env={**os.environ, **settings, **path},
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    try:
        yield process
    finally:
        process.kill()
        await process.wait()
