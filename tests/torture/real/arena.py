"""The processes of a run: a service, a sandbox, and links between all who talk to each other."""

import asyncio
import os
import signal
import subprocess
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

import aiohttp

from ovo_payments.transport.grpc.authentication import token_digest
from ovo_payments_client import connect
from tests.apart import Clock, ServiceProcess, free_address, service_settings
from tests.customer import link
from tests.stack import Control, addresses, begin, killed
from tests.torture.observed import Life, Observed, Recorder
from tests.torture.real.link import Link
from tests.torture.real.wiretap import ProviderTap, SidecarTap
from tests.torture.real.witness import Witness, is_authentic

DATABASE: Final = "ovo-payments.db"
SCOPES: Final = ("shop-a", "shop-b")
SERVER_KEY: Final = "SB-Mid-server-tests"
CLIENT_ID: Final = "BRN-0001-1700000000001"
CLIENT_SECRET: Final = "SK-tests"
_BINDINGS_PER_SCOPE: Final = 4
_RICH_RUPIAH: Final = 10**12
_DISK_KIB_BASE: Final = 64 * 1024
_DISK_KIB_PER_PAYMENT: Final = 64


def token_of(scope: str) -> str:
    """The token of a merchant's callers."""
    return f"token-of-{scope}-which-nobody-may-log"


SECRETS: Final = (SERVER_KEY, CLIENT_SECRET, *(token_of(scope) for scope in SCOPES))
"""What no log may hold."""


@dataclass(slots=True)
class PassedTime:
    """The time of a run: what really passed, and what the clocks were moved on by."""

    began_at: float = field(default_factory=time.monotonic)
    began: datetime = field(default_factory=lambda: datetime.now(UTC))
    moved_s: float = 0.0

    def __call__(self) -> float:
        """Seconds since the run began."""
        return time.monotonic() - self.began_at + self.moved_s


@dataclass(kw_only=True)
class Arena:
    """All that runs."""

    directory: Path
    state: Path
    """Where the service's database is."""
    service: ServiceProcess
    clock: Clock
    sandbox_process: asyncio.subprocess.Process
    control: Control
    recorder: Recorder
    callers: Link
    midtrans: Link
    doku: Link
    sidecar: Link
    witness: Witness
    passed: PassedTime = field(default_factory=PassedTime)
    has_own_disk: bool = False
    bindings: dict[str, list[str]] = field(default_factory=dict)

    @property
    def observed(self) -> Observed:
        """What is known of the run."""
        return self.recorder.observed

    @property
    def links(self) -> tuple[Link, ...]:
        """All links."""
        return (self.callers, self.midtrans, self.doku, self.sidecar)

    @property
    def database(self) -> Path:
        """The service's database."""
        return self.state / DATABASE

    @property
    def pid(self) -> int:
        """The service's process."""
        return self.service.running.pid

    async def start_service(self) -> None:
        """Begins the next life of the service."""
        node = f"service-{self.service.starts + 1}"
        await self.service.start()
        self.observed.lives.append(Life(node=node, began_at=self.recorder.now))

    def kill_now(self) -> None:
        """Ends the service in this very moment."""
        if self.service.running.returncode is None:
            os.kill(self.pid, signal.SIGKILL)

    async def buried(self) -> None:
        """Waits until the killed service is gone."""
        await self.service.running.wait()
        self.observed.lives[-1].ended_at = self.recorder.now

    def node(self) -> str:
        """Names the life that is lived now."""
        return f"service-{self.service.starts}"

    async def pass_time(self, seconds: float) -> None:
        """Moves the clocks of all on."""
        await self.control.advance(seconds)
        self.clock.advance(seconds)
        self.passed.moved_s += seconds

    def now(self) -> datetime:
        """The time of day that the service's clock shows when nothing is wrong with it."""
        return datetime.now(UTC) + timedelta(seconds=self.passed.moved_s)


@asynccontextmanager
async def running_arena(
    directory: Path, observed: Observed, *, payments: int, own_disk: bool
) -> AsyncIterator[Arena]:
    """Runs everything, with bindings made; the links carry all and harm nothing yet."""
    passed = PassedTime()
    recorder = Recorder(observed, passed)
    observed.began = passed.began
    state = directory / "state"
    state.mkdir()
    with _disk(state, payments if own_disk else 0) as has_own_disk:
        async with aiohttp.ClientSession() as client:
            arena = await _assembled(directory, state, recorder, client)
            arena.has_own_disk = has_own_disk
            arena.passed = passed
            try:
                await arena.start_service()
                await _link_customers(arena)
                yield arena
            finally:
                for one in arena.links:
                    one.close()
                arena.witness.close()
                if arena.service.process is not None:
                    await killed(arena.service.process)
                await killed(arena.sandbox_process)


async def _assembled(
    directory: Path,
    state: Path,
    recorder: Recorder,
    client: aiohttp.ClientSession,
) -> Arena:
    listen = {"OVO_GRPC_LISTEN": free_address(), "OVO_HTTP_LISTEN": free_address()}
    clock = Clock(directory / "clock")
    service = ServiceProcess(directory=directory, settings=listen, clock=clock)
    sandbox_at: list[tuple[str, int]] = []

    def node() -> str:
        return f"service-{service.starts}"

    def to_sandbox() -> tuple[str, int]:
        return sandbox_at[0]

    def authentic(path: str, head: bytes, body: bytes) -> bool:
        return is_authentic(path, head, body, server_key=SERVER_KEY, secret=CLIENT_SECRET)

    witness = Witness(state / DATABASE, recorder)
    callers = Link("callers", lambda: _split(listen["OVO_GRPC_LISTEN"]))
    midtrans = Link(
        "midtrans", to_sandbox, lambda: ProviderTap("midtrans", recorder, node, witness)
    )
    doku = Link("doku", to_sandbox, lambda: ProviderTap("doku", recorder, node, witness))
    sidecar = Link(
        "sidecar",
        lambda: _split(listen["OVO_HTTP_LISTEN"]),
        lambda: SidecarTap(recorder, node, witness, authentic),
    )
    for one in (callers, midtrans, doku, sidecar):
        await one.open()
    ready = directory / "sandbox.json"
    arguments = _sandbox_arguments(f"http://{sidecar.address}", directory / "sandbox", ready)
    log = directory / "sandbox.log"
    sandbox = await begin(["-m", "ovo_sandbox", *arguments], log)
    url = (await addresses(sandbox, ready, log))["url"]
    sandbox_at.append(_split(url.removeprefix("http://")))
    callers_file = directory / "callers.toml"
    _write_callers(callers_file)
    service.settings = {
        **service_settings(url, state, directory / "sandbox" / "keys"),
        **listen,
        "OVO_ALLOW_ANONYMOUS": "false",
        "OVO_CALLERS_FILE": str(callers_file),
        "OVO_MIDTRANS_BASE_URL": f"http://{midtrans.address}",
        "OVO_DOKU_BASE_URL": f"http://{doku.address}",
    }
    return Arena(
        directory=directory,
        state=state,
        service=service,
        clock=clock,
        sandbox_process=sandbox,
        control=Control(sandbox=url, client=client),
        recorder=recorder,
        callers=callers,
        midtrans=midtrans,
        doku=doku,
        sidecar=sidecar,
        witness=witness,
    )


async def _link_customers(arena: Arena) -> None:
    """Links wallets by the pages' forms, and fills most of them."""
    for place, scope in enumerate(SCOPES):
        phones = [f"0812{place}{number:07d}" for number in range(_BINDINGS_PER_SCOPE)]
        async with connect(arena.service.grpc, token=token_of(scope)) as client:
            made = await asyncio.gather(
                *(link(client, arena.control.client, phone) for phone in phones)
            )
        arena.bindings[scope] = [binding.binding_id for binding in made]
        for phone in phones[1:]:
            # The first keeps what every wallet has, and runs dry.
            path = f"/sandbox/accounts/{phone}"
            await arena.control.control("PATCH", path, {"cash_rupiah": _RICH_RUPIAH})


def _write_callers(file: Path) -> None:
    file.write_text(
        "".join(
            f'[[caller]]\nname = "{scope}"\ntoken_sha256 = ["{token_digest(token_of(scope))}"]\n'
            for scope in SCOPES
        ),
        encoding="utf-8",
    )


def _sandbox_arguments(sidecar: str, state: Path, ready: Path) -> list[str]:
    options = {
        "--listen": "127.0.0.1:0",
        "--state-directory": str(state),
        "--ready-file": str(ready),
        "--midtrans-server-key": SERVER_KEY,
        "--midtrans-notification-url": f"{sidecar}/webhooks/midtrans",
        "--doku-client-id": CLIENT_ID,
        "--doku-client-secret": CLIENT_SECRET,
        "--doku-payment-notification-url": f"{sidecar}/webhooks/doku/payment",
        "--doku-binding-notification-url": f"{sidecar}/webhooks/doku/binding",
        "--doku-token-url": f"{sidecar}/authorization/v1/access-token/b2b",
    }
    return [part for option in options.items() for part in option]


def _split(address: str) -> tuple[str, int]:
    host, _, port = address.rpartition(":")
    return host, int(port)


@contextmanager
def _disk(state: Path, payments: int) -> Iterator[bool]:
    """Gives the database a small disk of its own, where this process may mount one."""
    size_kib = _DISK_KIB_BASE + payments * _DISK_KIB_PER_PAYMENT
    mount = ["mount", "-t", "tmpfs", "-o", f"size={size_kib}k", "tmpfs", str(state)]
    mounted = False
    if payments and os.geteuid() == 0:
        mounted = subprocess.run(mount, check=False, capture_output=True).returncode == 0
    try:
        yield mounted
    finally:
        if mounted:
            subprocess.run(["umount", str(state)], check=False, capture_output=True)  # noqa: S607 - the system's
