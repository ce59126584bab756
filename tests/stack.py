"""The service and the sandbox as a user runs them: one command, real processes, real sockets."""

import asyncio
import json
import os
import sys
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import aiohttp

from tests.leaks.written import WRITTEN

CHECKOUT: Final = Path(__file__).resolve().parent.parent
WITHIN_S: Final = 20.0
"""How long anything may take that takes milliseconds on a machine that is not loaded."""
_READY_WITHIN_S: Final = 40.0
_STOP_WITHIN_S: Final = 30.0
_LOOK_EVERY_S: Final = 0.02

Entry = dict[str, Any]


async def eventually(
    look: Callable[[], Awaitable[bool]], what: str, *, within_s: float = WITHIN_S
) -> None:
    """Waits until something is seen."""
    try:
        async with asyncio.timeout(within_s):
            while not await look():  # noqa: ASYNC110 - other processes set no events
                await asyncio.sleep(_LOOK_EVERY_S)
    except TimeoutError:
        raise AssertionError(f"not seen within {within_s:.0f} s: {what}") from None


@dataclass(kw_only=True)
class Control:
    """The sandbox's control API."""

    sandbox: str
    client: aiohttp.ClientSession

    async def control(self, method: str, path: str, body: object = None) -> Any:  # noqa: ANN401 - JSON
        """Calls it."""
        async with self.client.request(method, f"{self.sandbox}{path}", json=body) as answer:
            answer.raise_for_status()
            return await answer.json()

    async def advance(self, seconds: float) -> None:
        """Moves the sandbox's clock."""
        await self.control("POST", "/sandbox/clock", {"advance_s": seconds})

    async def ledger(self, reference: str = "") -> list[Entry]:
        """Reads what the providers debited and gave back, of one payment or of all."""
        query = f"?reference={reference}" if reference else ""
        entries: list[Entry] = (await self.control("GET", f"/sandbox/ledger{query}"))["entries"]
        return entries

    async def arm(self, name: str, **details: object) -> str:
        """Arms a fault, and gives its id."""
        fault: Entry = await self.control("POST", "/sandbox/faults", {"name": name, **details})
        return str(fault["fault_id"])

    async def disarm(self) -> None:
        """Disarms all faults."""
        await self.control("DELETE", "/sandbox/faults")

    async def struck(self, fault_id: str) -> None:
        """Waits until a fault is used up."""

        async def used_up() -> bool:
            armed: list[Entry] = (await self.control("GET", "/sandbox/faults"))["armed"]
            return all(fault["fault_id"] != fault_id for fault in armed)

        await eventually(used_up, f"{fault_id} strikes")

    async def metrics(self, http: str) -> str:
        """Reads what a service tells of itself in numbers, where no secret may be, either."""
        async with self.client.get(f"{http}/metrics") as answer:
            told = await answer.text()
        WRITTEN.text("/metrics", told)
        return told

    async def switch(self, **values: object) -> None:
        """Sets switches."""
        await self.control("PATCH", "/sandbox/switches", values)

    async def notifications(self, reference: str) -> list[Entry]:
        """Lists what the providers notified us of about one payment, oldest first."""
        path = f"/sandbox/webhooks?reference={reference}"
        notifications: list[Entry] = (await self.control("GET", path))["webhooks"]
        return notifications


@dataclass(kw_only=True)
class Stack(Control):
    """A running service with its sandbox."""

    process: asyncio.subprocess.Process
    directory: Path
    grpc: str
    http: str

    def log(self) -> str:
        """Reads what the service and the sandbox wrote to the terminal."""
        return read(self.directory / "output.log")

    async def stop(self) -> int:
        """Asks it to stop, and gives its exit status."""
        return await stopped(self.process)


@asynccontextmanager
async def running_stack(directory: Path) -> AsyncIterator[Stack]:
    """Runs `ovo-payments dev` on free ports, with its state in `directory`."""
    ready = directory / "ready.json"
    ready.unlink(missing_ok=True)
    arguments = ["--grpc-port", "0", "--http-port", "0", "--sandbox-port", "0"]
    arguments += ["--state-directory", str(directory / "state"), "--ready-file", str(ready)]
    log = directory / "output.log"
    process = await begin(["-m", "ovo_payments", "dev", *arguments], log)
    try:
        found = await addresses(process, ready, log)
        async with aiohttp.ClientSession() as client:
            stack = Stack(process=process, directory=directory, client=client, **found)
            yield stack
            await stack.stop()
    finally:
        await killed(process)


def environment(settings: Mapping[str, str]) -> dict[str, str]:
    """The tests' own environment, with these settings of the service and no others.

    In a test it logs all that it can, so that a secret in any line of it would be found.
    """
    kept = {name: value for name, value in os.environ.items() if not name.startswith("OVO_")}
    all_of_it = {"OVO_LOG_LEVEL": "debug"} if "PYTEST_VERSION" in os.environ else {}
    return {**kept, **all_of_it, **settings}


async def begin(
    arguments: list[str], log: Path, settings: Mapping[str, str] | None = None
) -> asyncio.subprocess.Process:
    """Starts Python on something, and appends all that it writes to a file."""
    with log.open("ab") as output:
        WRITTEN.file(log)
        return await asyncio.create_subprocess_exec(
            *(sys.executable, *arguments),
            stdout=output,
            stderr=output,
            cwd=CHECKOUT,
            env=environment(settings or {}),
        )


async def stopped(process: asyncio.subprocess.Process) -> int:
    """Asks a process to stop, and gives its exit status."""
    if process.returncode is None:
        process.terminate()
    return await ended(process)


async def ended(process: asyncio.subprocess.Process) -> int:
    """Waits for a process to end, and gives its exit status."""
    async with asyncio.timeout(_STOP_WITHIN_S):
        return await process.wait()


async def killed(process: asyncio.subprocess.Process) -> None:
    """Ends a process without a word."""
    if process.returncode is None:
        process.kill()
    await process.wait()


async def addresses(process: asyncio.subprocess.Process, ready: Path, log: Path) -> dict[str, str]:
    """Waits for the addresses that a process writes once it is ready."""

    async def told() -> bool:
        assert process.returncode is None, read(log)
        return ready.exists()  # noqa: ASYNC240 - takes microseconds

    await eventually(told, f"{ready.name} is written", within_s=_READY_WITHIN_S)
    found: dict[str, str] = json.loads(read(ready))
    return found


def read(file: Path) -> str:
    """Reads a text."""
    return file.read_text(encoding="utf-8")
