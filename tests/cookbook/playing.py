"""Plays the page's commands in a shell, against a service that listens elsewhere."""

import asyncio
import json
import os
import re
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Final

import aiohttp

from ovo_payments_client import BindingState, connect
from tests.cookbook.page import Block
from tests.customer import OTP, PIN, enter
from tests.stack import CHECKOUT, Stack, eventually, read
from tests.unit.providers.http.certificates import made_in

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
    certificates = made_in(folder)
    told = []
    async with sealed(certificates.server, stack.grpc) as address, shell(folder) as process:
        for block in blocks:
            command = block.command.replace(_CLEAR, stack.grpc).replace(_SEALED, address)
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
async def shell(folder: Path) -> AsyncIterator[asyncio.subprocess.Process]:
    """A shell that finds the programs."""
    process = await asyncio.create_subprocess_exec(
        *("bash", "--norc"),
        cwd=folder,
        env={**os.environ, "PATH": f"{PROGRAMS}:{os.environ['PATH']}", "HOME": str(folder)},
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    try:
        yield process
    finally:
        process.kill()
        await process.wait()


@asynccontextmanager
async def sealed(context: ssl.SSLContext, target: str) -> AsyncIterator[str]:
    """A proxy that speaks TLS before the service, as an operator would put one there."""
    context.set_alpn_protocols(["h2"])
    host, _, port = target.rpartition(":")

    async def carry(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        there, back = await asyncio.open_connection(host, int(port))
        await asyncio.gather(poured(reader, back), poured(there, writer))

    server = await asyncio.start_server(carry, "127.0.0.1", 0, ssl=context)
    async with server:
        yield f"127.0.0.1:{server.sockets[0].getsockname()[1]}"


async def poured(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Carries bytes until one side has enough."""
    try:
        while data := await reader.read(65_536):
            writer.write(data)
            await writer.drain()
    except ConnectionError:
        return  # The other side left first.
    finally:
        writer.close()
