"""`ovo-payments dev`: one command, and nothing left behind."""

import asyncio
import json
import socket
import sys
from pathlib import Path
from typing import Final

import aiohttp

from tests.stack import CHECKOUT, running_stack

_WITHIN_S: Final = 30.0


async def test_it_prints_what_to_try(tmp_path: Path) -> None:
    """Addresses, pages, and commands that hold the addresses of this run."""
    async with running_stack(tmp_path) as stack:
        printed = stack.log()
        for text in (stack.grpc, stack.http, f"{stack.sandbox}/app", "ovo charge", "ovo bind"):
            assert text in printed
        assert f"--server {stack.grpc}" in printed
        async with stack.client.get(f"{stack.http}/readyz") as ready:
            assert ready.status == 200
        assert await stack.stop() == 0


async def test_operators_can_count(tmp_path: Path) -> None:
    """Calls that are open, attempts at providers, and the process itself."""
    async with running_stack(tmp_path) as stack:
        counted = await stack.metrics(stack.http)
        assert 'ovo_rpc_open{kind="unary"} 0.0' in counted
        assert "ovo_provider_attempt_seconds" in counted
        assert "process_resident_memory_bytes" in counted


async def test_a_port_that_is_taken_is_replaced(tmp_path: Path) -> None:
    """A colleague's service on 8080 stops nobody."""
    ready = tmp_path / "ready.json"
    with socket.create_server(("127.0.0.1", 0)) as colleague:
        taken: int = colleague.getsockname()[1]
        arguments = ["--grpc-port", str(taken), "--http-port", str(taken)]
        arguments += ["--sandbox-port", str(taken), "--ready-file", str(ready)]
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "ovo_payments", "dev", *arguments),
            *("--state-directory", str(tmp_path / "state")),
            stdout=asyncio.subprocess.DEVNULL,
            stderr=asyncio.subprocess.DEVNULL,
            cwd=CHECKOUT,
        )
        async with asyncio.timeout(_WITHIN_S):
            while not ready.is_file():  # noqa: ASYNC110 - a file tells when
                await asyncio.sleep(0.05)
    addresses = json.loads(ready.read_text())
    assert all(not address.endswith(f":{taken}") for address in addresses.values())
    process.terminate()
    assert await process.wait() == 0


async def test_the_sandbox_ends_with_it_even_when_it_is_killed(tmp_path: Path) -> None:
    """Nothing keeps the ports of a run that crashed."""
    async with running_stack(tmp_path) as stack:
        stack.process.kill()
        await stack.process.wait()
        async with asyncio.timeout(_WITHIN_S):
            while await _answers(stack.client, stack.sandbox):  # noqa: ASYNC110 - it tells nobody
                await asyncio.sleep(0.05)


async def _answers(client: aiohttp.ClientSession, url: str) -> bool:
    try:
        async with client.get(f"{url}/sandbox/health"):
            return True
    except aiohttp.ClientConnectionError:
        return False
