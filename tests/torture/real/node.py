"""One node of the service: its process, its clock, and the links that are its own."""

import asyncio
import os
import signal
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from tests.apart import Clock, ServiceProcess, free_address
from tests.torture.observed import Life, Recorder
from tests.torture.real.link import Address, Link
from tests.torture.real.wiretap import ProviderTap
from tests.torture.real.witness import Witness


def split(address: str) -> Address:
    """Reads an address."""
    host, _, port = address.rpartition(":")
    return host, int(port)


@dataclass(kw_only=True)
class Node:
    """Lives again and again, on the same addresses."""

    name: str
    """What its links' names end with; empty where there is but one node."""
    service: ServiceProcess
    clock: Clock
    recorder: Recorder
    callers: Link
    midtrans: Link
    doku: Link
    database: Link | None
    """The way to a database that is a process of its own."""
    lives: list[Life] = field(default_factory=list)
    serves: bool = False

    @classmethod
    def prepared(
        cls,
        name: str,
        directory: Path,
        witness: Witness,
        recorder: Recorder,
        sandbox: Callable[[], Address],
        database: Address | None,
    ) -> "Node":
        """Makes one that has no settings yet but its addresses, and links that are not open yet."""
        suffix = f"-{name}" if name else ""
        clock = Clock(directory / f"clock{suffix}")
        listen = {"OVO_GRPC_LISTEN": free_address(), "OVO_HTTP_LISTEN": free_address()}
        service = ServiceProcess(
            directory=directory, settings=listen, name=f"service{suffix}", clock=clock
        )

        def incarnation() -> str:
            return service.incarnation

        def provider_link(provider: str) -> Link:
            def tap(_: Address) -> ProviderTap:
                return ProviderTap(provider, recorder, incarnation, witness)

            return Link(f"{provider}{suffix}", sandbox, tap)

        return cls(
            name=name,
            service=service,
            clock=clock,
            recorder=recorder,
            callers=Link(f"callers{suffix}", lambda: split(listen["OVO_GRPC_LISTEN"])),
            midtrans=provider_link("midtrans"),
            doku=provider_link("doku"),
            database=None if database is None else Link(f"database{suffix}", lambda: database),
        )

    @property
    def links(self) -> tuple[Link, ...]:
        """All links that are its own."""
        database = () if self.database is None else (self.database,)
        return (self.callers, self.midtrans, self.doku, *database)

    @property
    def http(self) -> Address:
        """Where it takes webhooks."""
        return split(self.service.settings["OVO_HTTP_LISTEN"])

    @property
    def pid(self) -> int:
        """Its process."""
        return self.service.running.pid

    def configure(self, settings: Mapping[str, str]) -> None:
        """Gives it its settings: those of all nodes, with links of its own in them."""
        self.service.settings = {
            **settings,
            **self.service.settings,
            "OVO_MIDTRANS_BASE_URL": f"http://{self.midtrans.address}",
            "OVO_DOKU_BASE_URL": f"http://{self.doku.address}",
        }

    async def start(self) -> None:
        """Begins its next life."""
        if self.database is not None:
            # What could not be struck in its last life shall not keep it from this one.
            self.database.heal()
        await self.service.start()
        life = Life(node=self.service.incarnation, began_at=self.recorder.now)
        self.lives.append(life)
        self.recorder.observed.lives.append(life)
        self.serves = True

    def kill_now(self) -> None:
        """Ends it in this very moment; once is enough."""
        if self.serves:
            self.serves = False
            os.kill(self.pid, signal.SIGKILL)

    async def buried(self) -> None:
        """Waits until it is gone that was killed."""
        await self.service.running.wait()
        self.lives[-1].ended_at = self.recorder.now

    async def paused(self, for_s: float) -> None:
        """Stands still."""
        began_at = self.recorder.now
        os.kill(self.pid, signal.SIGSTOP)
        await asyncio.sleep(for_s)
        os.kill(self.pid, signal.SIGCONT)
        self.lives[-1].paused.append((began_at, self.recorder.now))
