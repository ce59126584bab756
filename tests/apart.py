"""The service beside the sandbox, each a process of its own.

So the service can be stopped, killed and started again on the same database and ports while the
providers' stand-ins live on.
"""

import asyncio
import json
import mmap
import random
import signal
import socket
import sqlite3
import struct
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager, closing
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import aiohttp

from tests.leaks.written import WRITTEN
from tests.sealing import KEYS_TEXT
from tests.stack import (
    Control,
    Entry,
    addresses,
    begin,
    ended,
    eventually,
    killed,
    read,
    stopped,
)

# Below the ports that the system gives to outgoing connections: a service that was killed finds
# its own still free.
_PORTS: Final = range(20_000, 32_000)

_SERVER_KEY: Final = "SB-Mid-server-tests"
_CLIENT_ID: Final = "BRN-0001-1700000000001"
_CLIENT_SECRET: Final = "SK-tests"


class Clock:
    """How far a service's clock is ahead of the machine's; the service sees it move at once."""

    def __init__(self, file: Path) -> None:
        """Begins with the machine's time."""
        self.file = file
        file.write_bytes(struct.pack("d", 0.0))

    def advance(self, seconds: float) -> None:
        """Moves it on."""
        with self.file.open("r+b") as file, mmap.mmap(file.fileno(), 0) as shared:
            (offset_s,) = struct.unpack("d", shared[:8])
            shared[:8] = struct.pack("d", offset_s + seconds)

    def reset(self) -> None:
        """Goes back to the machine's time."""
        with self.file.open("r+b") as file, mmap.mmap(file.fileno(), 0) as shared:
            shared[:8] = struct.pack("d", 0.0)


@dataclass(kw_only=True)
class ServiceProcess:
    """`ovo-payments serve`, again and again on the same database and the same ports."""

    directory: Path
    settings: Mapping[str, str]
    name: str = "service"
    clock: Clock | None = None
    process: asyncio.subprocess.Process | None = None
    starts: int = 0

    @property
    def grpc(self) -> str:
        """Where it takes calls."""
        return self.settings["OVO_GRPC_LISTEN"]

    @property
    def http(self) -> str:
        """Where it takes webhooks."""
        scheme = "https" if "OVO_HTTP_TLS_CERTIFICATE" in self.settings else "http"
        return f"{scheme}://{self.settings['OVO_HTTP_LISTEN']}"

    @property
    def shares_its_database(self) -> bool:
        """Whether other nodes might serve from the same database."""
        return not self.settings["OVO_DATABASE_URL"].startswith("sqlite:")

    @property
    def incarnation(self) -> str:
        """Names its last start."""
        return f"{self.name}-{self.starts}"

    @property
    def running(self) -> asyncio.subprocess.Process:
        """The process of the last start."""
        assert self.process is not None, "the service was never started"
        return self.process

    async def start(self) -> None:
        """Starts it, and waits until it takes calls."""
        self.starts += 1
        command = ["-m", "ovo_payments", "serve"]
        if self.clock is not None:
            command = ["-m", "tests.service_with_clock", str(self.clock.file)]
        self.process = await begin(command, self._log_file, self.settings)
        await self.logged("service.started")

    def send(self, signal_number: signal.Signals) -> None:
        """Sends a signal."""
        self.running.send_signal(signal_number)

    async def ended(self) -> int:
        """Waits for its end, and gives its exit status."""
        return await ended(self.running)

    async def stop(self) -> int:
        """Asks it to stop, and gives its exit status."""
        return await stopped(self.running)

    async def kill(self) -> None:
        """Ends it without a word."""
        await killed(self.running)

    def log(self) -> str:
        """Reads what it wrote since its last start."""
        return read(self._log_file)

    def log_lines(self, event: str, **fields: object) -> list[Entry]:
        """Reads the log's lines of one event that have these fields."""
        lines = [json.loads(line) for line in self.log().splitlines() if line.startswith("{")]
        return [line for line in lines if line["event"] == event and fields.items() <= line.items()]

    async def logged(self, event: str, **fields: object) -> Entry:
        """Waits for a line of the log, and gives it."""
        process = self.running
        found: list[Entry] = []

        async def seen() -> bool:
            gone = process.returncode
            found.extend(self.log_lines(event, **fields))
            assert found or gone is None, f"the service ended with {gone}:\n{self.log()}"
            return bool(found)

        await eventually(seen, f"{event} {fields} in the log")
        return found[0]

    @property
    def _log_file(self) -> Path:
        return self.directory / f"{self.incarnation}.log"


@dataclass(kw_only=True)
class Apart(Control):
    """A sandbox, and beside it a service that comes and goes."""

    service: ServiceProcess

    async def pass_time(self, seconds: float) -> None:
        """Moves both clocks on alike."""
        assert self.service.clock is not None, "the service was started without a clock"
        await self.advance(seconds)
        self.service.clock.advance(seconds)

    async def reset_time(self) -> None:
        """Sets both clocks to the machine's time."""
        await self.control("POST", "/sandbox/clock", {"reset": True})
        if self.service.clock is not None:
            self.service.clock.reset()


@asynccontextmanager
async def running_apart(
    directory: Path, *, movable_clock: bool = False, settings: Mapping[str, str] | None = None
) -> AsyncIterator[Apart]:
    """Runs `ovo-sandbox` and `ovo-payments serve`, with their state in `directory`.

    With `movable_clock` the service is as ever but for its clock, which the test moves.
    """
    ready, log, state = directory / "sandbox.json", directory / "sandbox.log", directory / "sandbox"
    listen = {"OVO_GRPC_LISTEN": free_address(), "OVO_HTTP_LISTEN": free_address()}
    arguments = _sandbox_arguments(f"http://{listen['OVO_HTTP_LISTEN']}", state, ready)
    sandbox = await begin(["-m", "ovo_sandbox", *arguments], log)
    service = ServiceProcess(
        directory=directory,
        settings=listen,
        clock=Clock(directory / "clock") if movable_clock else None,
    )
    try:
        url = (await addresses(sandbox, ready, log))["url"]
        service.settings = {
            **listen,
            **service_settings(url, directory, state / "keys"),
            **(settings or {}),
        }
        await service.start()
        async with aiohttp.ClientSession() as client:
            apart = Apart(sandbox=url, client=client, service=service)
            yield apart
            if service.running.returncode is None and service.http.startswith("http:"):
                await apart.metrics(service.http)
    finally:
        if service.process is not None:
            await killed(service.process)
        await killed(sandbox)
    _search(service, state)


def secrets_of_a_run(state: Path) -> set[str]:
    """What a sandbox drew for this run alone: auth codes of its links, and the private keys."""
    secrets: set[str] = set()
    for key in (state / "keys").glob("*private.pem"):
        secrets |= set(read(key).splitlines()[1:-1])
    for file in state.glob("*.db"):
        with closing(sqlite3.connect(file)) as database:
            for (body,) in database.execute("SELECT body FROM documents"):
                secrets.add(json.loads(body).get("auth_code", ""))
    return secrets - {""}


def _search(service: ServiceProcess, state: Path) -> None:
    """Looks for what only this run could give away in all that the service wrote."""
    secrets = secrets_of_a_run(state)
    for log in service.directory.glob(f"{service.name}-*.log"):
        WRITTEN.of_one_run(log, secrets)


def service_settings(sandbox: str, directory: Path, keys: Path) -> dict[str, str]:
    """The settings of a service whose providers are a sandbox's."""
    return {
        "OVO_ENVIRONMENT": "development",
        "OVO_ALLOW_ANONYMOUS": "true",
        "OVO_DATABASE_URL": f"sqlite:///{directory}/ovo-payments.db",
        "OVO_ENCRYPTION_KEYS": KEYS_TEXT,
        "OVO_LOG_FORMAT": "json",
        "OVO_MIDTRANS_BASE_URL": sandbox,
        "OVO_MIDTRANS_SERVER_KEY": _SERVER_KEY,
        "OVO_DOKU_BASE_URL": sandbox,
        "OVO_DOKU_CLIENT_ID": _CLIENT_ID,
        "OVO_DOKU_CLIENT_SECRET": _CLIENT_SECRET,
        "OVO_DOKU_PRIVATE_KEY_FILE": str(keys / "merchant_private.pem"),
        "OVO_DOKU_PUBLIC_KEY_FILE": str(keys / "doku_public.pem"),
        # The stand-in's word on what it does not know can be trusted.
        "OVO_DOKU_NOT_FOUND_IS_FINAL": "true",
    }


def free_address() -> str:
    """An address of loopback that nothing listens on."""
    for port in random.SystemRandom().sample(_PORTS, 100):
        with socket.socket() as trial:
            if trial.connect_ex(("127.0.0.1", port)) != 0:
                return f"127.0.0.1:{port}"
    raise AssertionError("no port is free")


def _sandbox_arguments(sidecar: str, state: Path, ready: Path) -> list[str]:
    options = {
        "--listen": "127.0.0.1:0",
        "--state-directory": str(state),
        "--ready-file": str(ready),
        "--midtrans-server-key": _SERVER_KEY,
        "--midtrans-notification-url": f"{sidecar}/webhooks/midtrans",
        "--doku-client-id": _CLIENT_ID,
        "--doku-client-secret": _CLIENT_SECRET,
        "--doku-payment-notification-url": f"{sidecar}/webhooks/doku/payment",
        "--doku-binding-notification-url": f"{sidecar}/webhooks/doku/binding",
        "--doku-token-url": f"{sidecar}/authorization/v1/access-token/b2b",
    }
    return [part for option in options.items() for part in option]
