"""Several nodes on one PostgreSQL, with the providers' stand-ins: for trying out.

`make cluster` starts it. Every node is a process; kill one while payments run, and it comes back
after a while. A front door before them stands for what balances load where it counts: it hands
each new connection to the next node that takes it.
"""

import argparse
import asyncio
import base64
import os
import secrets
import signal
import sys
from collections.abc import AsyncIterator, Iterable, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from itertools import cycle
from pathlib import Path
from typing import Final

from deploy.local_postgres import LocalPostgres

_LOOPBACK: Final = "127.0.0.1"
_FIRST_PORT: Final = 50051
_STATE: Final = Path(".ovo-development/cluster")
_CHUNK_BYTES: Final = 64 * 1024
_COMES_BACK_AFTER_S: Final = 5.0
_READY_WITHIN_S: Final = 60.0
_LOOK_EVERY_S: Final = 0.1
_STOP_WITHIN_S: Final = 25.0

# The stand-ins' merchant: nobody's secrets.
_MIDTRANS_SERVER_KEY: Final = "SB-Mid-server-development"
_DOKU_CLIENT_ID: Final = "BRN-0001-1700000000000"
_DOKU_CLIENT_SECRET: Final = "SK-development"  # noqa: S105

_TEXT: Final = """
{count} nodes of OvoPayments are running on one PostgreSQL. Ctrl-C stops all.

  front door  gRPC {grpc}, webhooks http://{http}
{nodes}
  sandbox     {sandbox}
  PostgreSQL  {database}

Pay through the front door, watch the payment at any node, and kill one; it comes back by itself:

  .venv/bin/ovo charge --order-id order-$RANDOM --phone 081234567890 --amount 15000{server}
  .venv/bin/ovo watch PAYMENT --server {first}
  kill -9 {victim}
"""


@dataclass(kw_only=True)
class Node:
    """One process of the service, started again whenever it ends."""

    name: str
    grpc_port: int
    http_port: int
    settings: Mapping[str, str]
    log: Path
    process: asyncio.subprocess.Process | None = field(default=None, init=False)

    async def run(self) -> None:
        """Runs it until it is cancelled, which stops it as an operator would."""
        environment = {
            **{name: value for name, value in os.environ.items() if not name.startswith("OVO_")},
            **self.settings,
            "OVO_GRPC_LISTEN": f"{_LOOPBACK}:{self.grpc_port}",
            "OVO_HTTP_LISTEN": f"{_LOOPBACK}:{self.http_port}",
        }
        while True:
            with self.log.open("ab") as log:
                self.process = await asyncio.create_subprocess_exec(
                    *(sys.executable, "-m", "ovo_payments", "serve"),
                    env=environment,
                    stdin=asyncio.subprocess.DEVNULL,
                    stdout=log,
                    stderr=log,
                    # A signal from the terminal is ours to pass on.
                    start_new_session=True,
                )
            try:
                status = await self.process.wait()
            except asyncio.CancelledError:
                await stopped(self.process)
                raise
            _say(f"{self.name} ended with {status}; it comes back in {_COMES_BACK_AFTER_S:.0f} s")
            await asyncio.sleep(_COMES_BACK_AFTER_S)
            _say(f"{self.name} starts")


async def stopped(process: asyncio.subprocess.Process) -> None:
    """Asks a process to stop, and makes it where it does not."""
    if process.returncode is None:
        process.terminate()
        try:
            async with asyncio.timeout(_STOP_WITHIN_S):
                await process.wait()
        except TimeoutError:
            process.kill()
            await process.wait()


@asynccontextmanager
async def front_door(port: int, behind: Iterable[int]) -> AsyncIterator[None]:
    """Hands each new connection to the next port that takes it, as long as the block lasts."""
    ports = list(behind)
    turns = cycle(range(len(ports)))

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        first = next(turns)
        for step in range(len(ports)):
            try:
                onward = await asyncio.open_connection(
                    _LOOPBACK, ports[(first + step) % len(ports)]
                )
            except OSError:
                continue
            await asyncio.gather(_carry(reader, onward[1]), _carry(onward[0], writer))
            return
        writer.close()

    server = await asyncio.start_server(serve, _LOOPBACK, port)
    try:
        yield
    finally:
        server.close()


async def _carry(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    # Whichever side breaks, the other is told by its end.
    with suppress(OSError):
        while data := await reader.read(_CHUNK_BYTES):
            writer.write(data)
            await writer.drain()
    writer.close()


async def run(count: int, first_port: int, state: Path) -> None:
    """Runs everything until a signal."""
    stop = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    grpc_door, http_door, sandbox_port = first_port, first_port + 1, first_port + 2
    firsts = [first_port + 10 * number for number in range(1, 1 + count)]
    postgres = await asyncio.to_thread(LocalPostgres, state / "postgres")
    await asyncio.to_thread(postgres.start)
    try:
        sandbox = await _sandbox(state / "sandbox", sandbox_port, f"http://{_LOOPBACK}:{http_door}")
        settings = _settings(f"http://{_LOOPBACK}:{sandbox_port}", state, postgres.url())
        nodes = [
            Node(
                name=f"node {number}",
                grpc_port=first,
                http_port=first + 1,
                settings=settings,
                log=state / f"node-{number}.log",
            )
            for number, first in enumerate(firsts, 1)
        ]
        async with (
            front_door(grpc_door, [node.grpc_port for node in nodes]),
            front_door(http_door, [node.http_port for node in nodes]),
        ):
            running = [asyncio.create_task(node.run()) for node in nodes]
            try:
                await _answering(nodes)
                _say(_told(nodes, grpc_door, http_door, sandbox_port, postgres.url()))
                await stop.wait()
            finally:
                for task in running:
                    task.cancel()
                await asyncio.gather(*running, return_exceptions=True)
                await stopped(sandbox)
    finally:
        await asyncio.to_thread(postgres.stop)


async def _sandbox(state: Path, port: int, webhooks: str) -> asyncio.subprocess.Process:
    ready = state.with_name("sandbox.json")
    options = {
        "--listen": f"{_LOOPBACK}:{port}",
        "--state-directory": str(state),
        "--ready-file": str(ready),
        "--midtrans-server-key": _MIDTRANS_SERVER_KEY,
        "--midtrans-notification-url": f"{webhooks}/webhooks/midtrans",
        "--doku-client-id": _DOKU_CLIENT_ID,
        "--doku-client-secret": _DOKU_CLIENT_SECRET,
        "--doku-payment-notification-url": f"{webhooks}/webhooks/doku/payment",
        "--doku-binding-notification-url": f"{webhooks}/webhooks/doku/binding",
        "--doku-token-url": f"{webhooks}/authorization/v1/access-token/b2b",
    }
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "ovo_sandbox", "--until-input-ends"),
        *(part for option in options.items() for part in option),
        # It ends with this process, whatever ends it.
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.DEVNULL,
        start_new_session=True,
    )
    async with asyncio.timeout(_READY_WITHIN_S):
        while not ready.exists():
            if process.returncode is not None:
                raise SystemExit(f"the sandbox ended with status {process.returncode}")
            await asyncio.sleep(_LOOK_EVERY_S)
    return process


def _settings(sandbox: str, state: Path, database: str) -> Mapping[str, str]:
    keys = state / "sandbox" / "keys"
    return {
        "OVO_ENVIRONMENT": "development",
        "OVO_ALLOW_ANONYMOUS": "true",
        "OVO_DATABASE_URL": database,
        "OVO_ENCRYPTION_KEYS_FILE": str(_encryption_keys(state)),
        "OVO_MIDTRANS_BASE_URL": sandbox,
        "OVO_MIDTRANS_SERVER_KEY": _MIDTRANS_SERVER_KEY,
        "OVO_DOKU_BASE_URL": sandbox,
        "OVO_DOKU_CLIENT_ID": _DOKU_CLIENT_ID,
        "OVO_DOKU_CLIENT_SECRET": _DOKU_CLIENT_SECRET,
        "OVO_DOKU_PRIVATE_KEY_FILE": str(keys / "merchant_private.pem"),
        "OVO_DOKU_PUBLIC_KEY_FILE": str(keys / "doku_public.pem"),
        # The stand-in's word on what it does not know can be trusted.
        "OVO_DOKU_NOT_FOUND_IS_FINAL": "true",
        "OVO_LOG_FORMAT": "json",
    }


def _encryption_keys(state: Path) -> Path:
    """Gives the file of the keys that all nodes share, made once."""
    file = state / "encryption-keys"
    if not file.exists():
        key = base64.b64encode(secrets.token_bytes(32)).decode("ascii")
        file.touch(mode=0o600)
        file.write_text(f"development:{key}\n", encoding="ascii")
    return file


async def _answering(nodes: Iterable[Node]) -> None:
    """Waits until every node takes connections."""
    async with asyncio.timeout(_READY_WITHIN_S):
        for node in nodes:
            while True:
                try:
                    _, writer = await asyncio.open_connection(_LOOPBACK, node.grpc_port)
                except OSError:
                    await asyncio.sleep(_LOOK_EVERY_S)
                else:
                    writer.close()
                    break


def _told(nodes: list[Node], grpc: int, http: int, sandbox: int, database: str) -> str:
    lines = [
        f"  {node.name}      gRPC {_LOOPBACK}:{node.grpc_port}, HTTP {_LOOPBACK}:{node.http_port},"
        f" process {node.process.pid if node.process else '?'}, log {node.log}"
        for node in nodes
    ]
    return _TEXT.format(
        count=len(nodes),
        grpc=f"{_LOOPBACK}:{grpc}",
        http=f"{_LOOPBACK}:{http}",
        nodes="\n".join(lines),
        sandbox=f"http://{_LOOPBACK}:{sandbox}",
        database=database,
        server="" if grpc == _FIRST_PORT else f" --server {_LOOPBACK}:{grpc}",
        first=f"{_LOOPBACK}:{nodes[0].grpc_port}",
        victim=nodes[0].process.pid if nodes[0].process else "?",
    )


def _say(text: str) -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


def main() -> None:
    """Reads what is wanted."""
    parser = argparse.ArgumentParser(prog="python -m deploy.cluster", description=__doc__)
    parser.add_argument("--nodes", type=int, default=2)
    parser.add_argument(
        "--first-port", type=int, default=_FIRST_PORT, help="of the front door's gRPC"
    )
    parser.add_argument("--state-directory", type=Path, default=_STATE)
    arguments = parser.parse_args()
    state: Path = arguments.state_directory.absolute()
    state.mkdir(parents=True, exist_ok=True)
    (state / "sandbox.json").unlink(missing_ok=True)
    asyncio.run(run(arguments.nodes, arguments.first_port, state))


if __name__ == "__main__":
    main()
