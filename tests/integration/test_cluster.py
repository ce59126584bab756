"""`make cluster` as people use it: a payment at one node, its watcher at another, a node killed."""

import asyncio
import os
import re
import signal
import sys
import tempfile
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from ovo_payments_client import PaymentState, connect
from tests.apart import free_address
from tests.leaks.written import WRITTEN
from tests.stack import read


@dataclass
class Cluster:
    """What runs, and what it printed."""

    process: asyncio.subprocess.Process
    log: Path

    def printed(self) -> str:
        """Reads what it printed."""
        return self.log.read_text(encoding="utf-8")

    async def prints(self, text: str) -> None:
        """Waits until it has printed something."""
        async with asyncio.timeout(50):
            while text not in self.printed():
                assert self.process.returncode is None, self.printed()
                await asyncio.sleep(0.1)

    def find(self, pattern: str) -> str:
        """Gives what a pattern's group matches."""
        found = re.search(pattern, self.printed())
        assert found is not None, self.printed()
        return found[1]


@pytest.fixture
async def cluster() -> AsyncIterator[Cluster]:
    """Runs one on ports of its own."""
    first_port = free_address().rpartition(":")[2]
    # PostgreSQL runs as a user of its own, who must get in.
    with tempfile.TemporaryDirectory(prefix="ovo-cluster-", dir="/tmp") as folder:
        log = Path(folder) / "log"
        with log.open("wb") as output:
            process = await asyncio.create_subprocess_exec(
                *(sys.executable, "-W", "ignore", "-m", "deploy.cluster"),
                *("--first-port", first_port, "--state-directory", f"{folder}/state"),
                stdout=output,
                stderr=output,
            )
        try:
            yield Cluster(process, log)
        finally:
            if process.returncode is None:
                process.terminate()
                await process.wait()
            WRITTEN.text("the output of deploy.cluster", read(log))
            for written in (Path(folder) / "state").glob("*.log"):
                WRITTEN.text(written.name, read(written))


@pytest.mark.timeout(120)
async def test_a_node_is_killed_and_nobody_loses_anything(cluster: Cluster) -> None:
    """Calls go on at the other node, a watcher there is told, and the node comes back."""
    await cluster.prints("front door")
    door = cluster.find(r"front door +gRPC (\S+),")
    second = cluster.find(r"node 2 +gRPC (\S+),")
    victim = int(cluster.find(r"node 1 .*process (\d+)"))
    async with connect(cluster.find(r"node 1 +gRPC (\S+),")) as client:
        made = await client.charge(order_id="order-1", phone_number="081234567890", amount=15_000)
    os.kill(victim, signal.SIGKILL)

    async with connect(second) as client, asyncio.timeout(50):
        states = [
            payment.state
            async for payment in client.watch(made.payment.payment_id, after_version=0)
        ]
    async with connect(door) as client:
        another = await client.charge(
            order_id="order-2", phone_number="081234567890", amount=15_000
        )

    assert states[-1] is PaymentState.SUCCEEDED
    assert another.payment.payment_id != made.payment.payment_id
    await cluster.prints("node 1 starts")
    cluster.process.terminate()
    assert await cluster.process.wait() == 0
    assert "Traceback" not in cluster.printed()
