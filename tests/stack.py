"""The service and the sandbox as a user runs them: one command, real processes, real sockets."""

import asyncio
import json
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import aiohttp

CHECKOUT: Final = Path(__file__).resolve().parent.parent
_READY_WITHIN_S: Final = 40.0
_STOP_WITHIN_S: Final = 30.0
_LOOK_EVERY_S: Final = 0.05


@dataclass
class Stack:
    """A running service with its sandbox."""

    process: asyncio.subprocess.Process
    directory: Path
    grpc: str
    http: str
    sandbox: str
    client: aiohttp.ClientSession

    async def control(self, method: str, path: str, body: object = None) -> Any:  # noqa: ANN401 - JSON
        """Calls the sandbox's control API."""
        async with self.client.request(method, f"{self.sandbox}{path}", json=body) as answer:
            answer.raise_for_status()
            return await answer.json()

    async def advance(self, seconds: float) -> None:
        """Moves the sandbox's clock."""
        await self.control("POST", "/sandbox/clock", {"advance_s": seconds})

    async def ledger(self) -> list[dict[str, Any]]:
        """Reads what the providers debited and gave back."""
        entries: list[dict[str, Any]] = (await self.control("GET", "/sandbox/ledger"))["entries"]
        return entries

    def log(self) -> str:
        """Reads what the service and the sandbox wrote to the terminal."""
        return _output(self.directory)

    async def stop(self) -> int:
        """Asks it to stop, and gives its exit status."""
        if self.process.returncode is None:
            self.process.terminate()
        async with asyncio.timeout(_STOP_WITHIN_S):
            return await self.process.wait()


@asynccontextmanager
async def running_stack(directory: Path) -> AsyncIterator[Stack]:
    """Runs `ovo-payments dev` on free ports, with its state in `directory`."""
    ready = directory / "ready.json"
    ready.unlink(missing_ok=True)
    arguments = ["--grpc-port", "0", "--http-port", "0", "--sandbox-port", "0"]
    arguments += ["--state-directory", str(directory / "state"), "--ready-file", str(ready)]
    with (directory / "output.log").open("ab") as output:
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "ovo_payments", "dev", *arguments),
            stdout=output,
            stderr=output,
            cwd=CHECKOUT,
        )
    try:
        addresses = await _addresses(process, ready, directory)
        async with aiohttp.ClientSession() as client:
            stack = Stack(process=process, directory=directory, client=client, **addresses)
            yield stack
            await stack.stop()
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()


async def _addresses(
    process: asyncio.subprocess.Process, ready: Path, directory: Path
) -> dict[str, str]:
    async with asyncio.timeout(_READY_WITHIN_S):
        while (addresses := _told(ready)) is None:
            if process.returncode is not None:
                raise AssertionError(_output(directory))
            await asyncio.sleep(_LOOK_EVERY_S)
    return addresses


def _told(ready: Path) -> dict[str, str] | None:
    if not ready.exists():
        return None
    addresses: dict[str, str] = json.loads(ready.read_text(encoding="utf-8"))
    return addresses


def _output(directory: Path) -> str:
    return (directory / "output.log").read_text(encoding="utf-8")
