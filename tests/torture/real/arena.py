"""The processes of a run: the service's nodes, a sandbox, a database, and links between all."""

import asyncio
import os
import subprocess
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import ExitStack, asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path
from typing import Final, Literal

import aiohttp

from deploy.local_postgres import LocalPostgres, local_postgres
from ovo_payments.application.call import Caller
from ovo_payments.transport.grpc.callers_file import (
    KnownCaller,
    render_callers,
    token_digest,
)
from ovo_payments_client import connect
from tests.apart import service_settings
from tests.customer import link
from tests.stack import Control, addresses, begin, killed
from tests.torture.observed import Observed, Recorder
from tests.torture.real.database import Database, PostgresDatabase, SqliteDatabase
from tests.torture.real.link import Address, Link
from tests.torture.real.node import Node, split
from tests.torture.real.wiretap import SidecarTap
from tests.torture.real.witness import Witness, is_authentic

Kind = Literal["sqlite", "postgres"]
"""Of database."""

_FILE: Final = "ovo-payments.db"
SCOPES: Final = ("shop-a", "shop-b")
SERVER_KEY: Final = "SB-Mid-server-tests"
CLIENT_ID: Final = "BRN-0001-1700000000001"
CLIENT_SECRET: Final = "SK-tests"
_BINDINGS_PER_SCOPE: Final = 4
_SPARE_BINDINGS_PER_SCOPE: Final = 6
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
    """Where a database is that is a file."""
    nodes: list[Node]
    sandbox_process: asyncio.subprocess.Process
    control: Control
    recorder: Recorder
    sidecar: Link
    database: Database
    postgres: LocalPostgres | None
    witness: Witness
    passed: PassedTime = field(default_factory=PassedTime)
    has_own_disk: bool = False
    bindings: dict[str, list[str]] = field(default_factory=dict)
    spare_bindings: dict[str, list[str]] = field(default_factory=dict)
    """To be unlinked, where several nodes may be asked for it at once."""

    @property
    def observed(self) -> Observed:
        """What is known of the run."""
        return self.recorder.observed

    @property
    def links(self) -> tuple[Link, ...]:
        """All links."""
        databases = (node.database for node in self.nodes if node.database is not None)
        own = (link for node in self.nodes for link in (node.callers, node.midtrans, node.doku))
        return (*own, self.sidecar, *databases)

    @property
    def database_file(self) -> Path:
        """The database, where it is a file."""
        return self.state / _FILE

    async def pass_time(self, seconds: float) -> None:
        """Moves the clocks of all on."""
        await self.control.advance(seconds)
        for node in self.nodes:
            node.clock.advance(seconds)
        self.passed.moved_s += seconds

    async def stop(self) -> int:
        """Asks every node to stop; gives an exit status that is not 0, where there is one."""
        return next(filter(None, [await node.service.stop() for node in self.nodes]), 0)

    def now(self) -> datetime:
        """The time of day that a node's clock shows when nothing is wrong with it."""
        return datetime.now(UTC) + timedelta(seconds=self.passed.moved_s)


@asynccontextmanager
async def running_arena(
    directory: Path, observed: Observed, *, payments: int, own_disk: bool, kind: Kind, nodes: int
) -> AsyncIterator[Arena]:
    """Runs everything, with bindings made; the links carry all and harm nothing yet."""
    passed = PassedTime()
    recorder = Recorder(observed, passed)
    observed.began = passed.began
    state = directory / "state"
    state.mkdir()
    with ExitStack() as stack:
        in_file = kind == "sqlite"
        postgres = None if in_file else stack.enter_context(local_postgres())
        has_own_disk = stack.enter_context(_disk(state, payments if own_disk and in_file else 0))
        async with aiohttp.ClientSession() as client:
            arena = await _assembled(directory, recorder, client, postgres, nodes)
            arena.has_own_disk = has_own_disk
            arena.passed = passed
            try:
                for node in arena.nodes:
                    await node.start()
                await _link_customers(arena)
                yield arena
            finally:
                for one in arena.links:
                    one.close()
                arena.database.close()
                for node in arena.nodes:
                    if node.service.process is not None:
                        await killed(node.service.process)
                await killed(arena.sandbox_process)


async def _assembled(
    directory: Path,
    recorder: Recorder,
    client: aiohttp.ClientSession,
    postgres: LocalPostgres | None,
    node_count: int,
) -> Arena:
    state, sandbox_at = directory / "state", list[Address]()
    database: Database = SqliteDatabase(state / _FILE)
    if postgres is not None:
        database = PostgresDatabase(postgres.url())
    witness = Witness(database, recorder)
    names = [chr(ord("a") + number) for number in range(node_count)] if node_count > 1 else [""]
    database_at = None if postgres is None else ("127.0.0.1", postgres.port)
    nodes = [
        Node.prepared(name, directory, witness, recorder, lambda: sandbox_at[0], database_at)
        for name in names
    ]
    sidecar = _sidecar(nodes, recorder, witness)
    for way in (*(way for node in nodes for way in node.links), sidecar):
        await way.open()
    ready = directory / "sandbox.json"
    arguments = _sandbox_arguments(f"http://{sidecar.address}", directory / "sandbox", ready)
    log = directory / "sandbox.log"
    sandbox = await begin(["-m", "ovo_sandbox", *arguments], log)
    url = (await addresses(sandbox, ready, log))["url"]
    sandbox_at.append(split(url.removeprefix("http://")))
    callers_file = directory / "callers.toml"
    _write_callers(callers_file)
    for node in nodes:
        settings = {
            **service_settings(url, state, directory / "sandbox" / "keys"),
            "OVO_ALLOW_ANONYMOUS": "false",
            "OVO_CALLERS_FILE": str(callers_file),
        }
        if postgres is not None and node.database is not None:
            settings["OVO_DATABASE_URL"] = postgres.url(port=node.database.port)
        node.configure(settings)
    return Arena(
        directory=directory,
        state=state,
        nodes=nodes,
        sandbox_process=sandbox,
        control=Control(sandbox=url, client=client),
        recorder=recorder,
        sidecar=sidecar,
        database=database,
        postgres=postgres,
        witness=witness,
    )


def _sidecar(nodes: list[Node], recorder: Recorder, witness: Witness) -> Link:
    """The way of the providers to the nodes that live, in turns."""
    turns, by_address = count(), {node.http: node for node in nodes}

    def authentic(path: str, head: bytes, body: bytes) -> bool:
        return is_authentic(path, head, body, server_key=SERVER_KEY, secret=CLIENT_SECRET)

    def target() -> Address:
        serving = [node for node in nodes if node.serves] or nodes
        return serving[next(turns) % len(serving)].http

    def tap(address: Address) -> SidecarTap:
        service = by_address[address].service
        return SidecarTap(recorder, lambda: service.incarnation, witness, authentic)

    return Link("sidecar", target, tap)


async def _link_customers(arena: Arena) -> None:
    """Links wallets by the pages' forms, and fills most of them."""
    spare = _SPARE_BINDINGS_PER_SCOPE if len(arena.nodes) > 1 else 0
    for place, scope in enumerate(SCOPES):
        numbers = range(_BINDINGS_PER_SCOPE + spare)
        phones = [f"0812{place}{number:07d}" for number in numbers]
        async with connect(arena.nodes[0].service.grpc, token=token_of(scope)) as client:
            made = await asyncio.gather(
                *(link(client, arena.control.client, phone) for phone in phones)
            )
        ids = [binding.binding_id for binding in made]
        arena.bindings[scope] = ids[:_BINDINGS_PER_SCOPE]
        arena.spare_bindings[scope] = ids[_BINDINGS_PER_SCOPE:]
        for phone in phones[1:]:
            # The first keeps what every wallet has, and runs dry.
            path = f"/sandbox/accounts/{phone}"
            await arena.control.control("PATCH", path, {"cash_rupiah": _RICH_RUPIAH})


def _write_callers(file: Path) -> None:
    file.write_bytes(
        render_callers(
            KnownCaller(
                caller=Caller(name=scope, scope=scope), digests=(token_digest(token_of(scope)),)
            )
            for scope in SCOPES
        )
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
