"""`dev`: the service and the providers' stand-ins, side by side on loopback."""

import asyncio
import json
import socket
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import typer
import uvloop
from pydantic import SecretStr

from ovo_payments import logs
from ovo_payments.bootstrap import START_ERRORS, Service
from ovo_payments.commands import guide
from ovo_payments.commands.serve import stop_signal
from ovo_payments.public_keys import DOKU_CLIENT_ID, DOKU_CLIENT_SECRET, MIDTRANS_SERVER_KEY
from ovo_payments.settings import Address, Environment, Settings

_LOOPBACK: Final = "127.0.0.1"
_READY_WITHIN_S: Final = 30.0
_LOOK_EVERY_S: Final = 0.05
_STOP_WITHIN_S: Final = 5.0


class SandboxError(Exception):
    """The stand-ins did not come up."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ports:
    """Where things listen on loopback."""

    grpc: int
    http: int
    sandbox: int

    def free(self) -> "Ports":
        """Replaces ports that are taken by free ones; 0 is a free one too."""
        return Ports(
            grpc=_free_port(self.grpc), http=_free_port(self.http), sandbox=_free_port(self.sandbox)
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Sandbox:
    """The stand-ins, in a process of their own."""

    process: asyncio.subprocess.Process
    url: str


def run(ports: Ports, state_directory: Path, ready_file: Path | None) -> int:
    """Runs both until a signal; gives the exit status.

    `ready_file` is written with the addresses, as JSON, once everything answers.
    """
    logs.configure("", "info")
    try:
        state = state_directory.absolute()
        state.mkdir(parents=True, exist_ok=True)
        return uvloop.run(_run(ports.free(), state, ready_file))
    except (SandboxError, *START_ERRORS) as error:
        typer.echo(f"ovo-payments can't start: {error}", err=True)
        return 2


async def _run(ports: Ports, state: Path, ready_file: Path | None) -> int:
    stop = stop_signal()
    sandbox = await _start_sandbox(ports, state / "sandbox")
    try:
        service = await Service.start(_settings(ports, sandbox, state))
        try:
            guide.show(service.grpc_address, service.http_address, sandbox.url)
            if ready_file is not None:
                _tell(ready_file, service, sandbox)
            gone = asyncio.create_task(sandbox.process.wait())
            stopping = asyncio.create_task(service.wait(stop))
            await asyncio.wait({gone, stopping}, return_when=asyncio.FIRST_COMPLETED)
            failed = gone.done() or stopping.result()
            for task in (gone, stopping):
                task.cancel()
        finally:
            await service.stop()
    finally:
        await _stop(sandbox)
    return 1 if failed else 0


def _tell(ready_file: Path, service: Service, sandbox: Sandbox) -> None:
    addresses = {
        "grpc": service.grpc_address,
        "http": f"http://{service.http_address}",
        "sandbox": sandbox.url,
    }
    # Its reader sees it whole or not at all.
    beside = ready_file.with_name(f"{ready_file.name}.part")
    beside.write_text(json.dumps(addresses), encoding="utf-8")
    beside.replace(ready_file)


async def _start_sandbox(ports: Ports, state: Path) -> Sandbox:
    sidecar = f"http://{_LOOPBACK}:{ports.http}"
    with tempfile.TemporaryDirectory() as directory:
        ready = Path(directory) / "ready.json"
        options = {
            "--listen": f"{_LOOPBACK}:{ports.sandbox}",
            "--state-directory": str(state),
            "--ready-file": str(ready),
            "--midtrans-server-key": MIDTRANS_SERVER_KEY,
            "--midtrans-notification-url": f"{sidecar}/webhooks/midtrans",
            "--doku-client-id": DOKU_CLIENT_ID,
            "--doku-client-secret": DOKU_CLIENT_SECRET,
            "--doku-payment-notification-url": f"{sidecar}/webhooks/doku/payment",
            "--doku-binding-notification-url": f"{sidecar}/webhooks/doku/binding",
            "--doku-token-url": f"{sidecar}/authorization/v1/access-token/b2b",
        }
        arguments = [part for option in options.items() for part in option]
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "ovo_sandbox", "--until-input-ends", *arguments),
            # The sandbox ends with this process, whatever ends it.
            stdin=asyncio.subprocess.PIPE,
            # A signal from the terminal is ours to pass on, once the service has stopped.
            start_new_session=True,
            stdout=asyncio.subprocess.DEVNULL,
        )
        try:
            async with asyncio.timeout(_READY_WITHIN_S):
                while not ready.exists():
                    if process.returncode is not None:
                        message = f"the sandbox ended with status {process.returncode}"
                        raise SandboxError(message)
                    await asyncio.sleep(_LOOK_EVERY_S)
        except TimeoutError as error:
            process.kill()
            message = f"the sandbox was not ready within {_READY_WITHIN_S:.0f} s"
            raise SandboxError(message) from error
        url = json.loads(ready.read_text(encoding="utf-8"))["url"]
    return Sandbox(process=process, url=url)


def _settings(ports: Ports, sandbox: Sandbox, state: Path) -> Settings:
    keys = state / "sandbox" / "keys"
    return Settings(
        environment=Environment.DEVELOPMENT,
        allow_anonymous=True,
        reflection=True,
        grpc_listen=Address(_LOOPBACK, ports.grpc),
        http_listen=Address(_LOOPBACK, ports.http),
        database_url=SecretStr(f"sqlite:///{state}/ovo-payments.db"),
        midtrans_base_url=sandbox.url,
        midtrans_server_key=SecretStr(MIDTRANS_SERVER_KEY),
        doku_base_url=sandbox.url,
        doku_client_id=DOKU_CLIENT_ID,
        doku_client_secret=SecretStr(DOKU_CLIENT_SECRET),
        doku_private_key=SecretStr((keys / "merchant_private.pem").read_text(encoding="ascii")),
        doku_public_key=SecretStr((keys / "doku_public.pem").read_text(encoding="ascii")),
        # The stand-in's word on what it does not know can be trusted.
        doku_not_found_is_final=True,
    )


async def _stop(sandbox: Sandbox) -> None:
    process = sandbox.process
    if process.returncode is None:
        process.terminate()
        try:
            async with asyncio.timeout(_STOP_WITHIN_S):
                await process.wait()
        except TimeoutError:
            process.kill()
            await process.wait()


def _free_port(wanted: int) -> int:
    for port in (wanted, 0):
        with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as trial:
            trial.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                trial.bind((_LOOPBACK, port))
            except OSError:
                continue
            chosen: int = trial.getsockname()[1]
            return chosen
    message = "no port of loopback is free"
    raise SandboxError(message)
