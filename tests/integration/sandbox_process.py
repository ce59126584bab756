"""The sandbox as a process of its own, and a merchant's server that it notifies."""

import json
import queue
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import requests

from tests.leaks.written import WRITTEN

SERVER_KEY = "SB-Mid-server-integration"
_START_S = 30
_ANSWER_S = 10

Body = dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class SandboxProcess:
    """Is a running sandbox."""

    url: str
    process: subprocess.Popen[str]
    state_directory: Path

    def control(self, method: str, path: str, body: Body | None = None) -> Body:
        """Calls the control API."""
        response = requests.request(
            method, f"{self.url}/sandbox{path}", json=body, timeout=_ANSWER_S
        )
        response.raise_for_status()
        answer: Body = response.json()
        return answer

    def advance(self, seconds: float) -> None:
        """Moves the sandbox's clock."""
        self.control("POST", "/clock", {"advance_s": seconds})

    def switch(self, **values: object) -> None:
        """Sets switches of Midtrans, without their prefix."""
        named = {f"midtrans_{name}": value for name, value in values.items()}
        self.control("PATCH", "/switches", named)

    def ledger(self, order_id: str) -> list[Body]:
        """Lists the money that moved for an order."""
        entries: list[Body] = self.control("GET", f"/ledger?reference={order_id}")["entries"]
        return entries

    def charge(self, order_id: str, phone: str, amount: int = 15000) -> requests.Response:
        """Charges a phone by Midtrans' API."""
        return requests.post(
            f"{self.url}/v2/charge",
            auth=(SERVER_KEY, ""),
            json={
                "payment_type": "ovo",
                "transaction_details": {"order_id": order_id, "gross_amount": amount},
                "ovo": {"payer_phone_number": phone},
            },
            timeout=_ANSWER_S,
        )

    def stop(self) -> tuple[int, str]:
        """Stops it politely; returns its exit status and all that it has written."""
        self.process.send_signal(signal.SIGTERM)
        written, _ = self.process.communicate(timeout=_START_S)
        WRITTEN.text("the output of ovo-sandbox", written)
        return self.process.returncode, written


@contextmanager
def running_sandbox(directory: Path, *, notification_url: str = "") -> Iterator[SandboxProcess]:
    """Runs the command on a port that the system picks."""
    ready_file = directory / "ready.json"
    ready_file.unlink(missing_ok=True)
    state_directory = directory / "state"
    command = [sys.executable, "-m", "ovo_sandbox", "--listen", "127.0.0.1:0"]
    command += ["--state-directory", str(state_directory), "--ready-file", str(ready_file)]
    command += ["--midtrans-server-key", SERVER_KEY]
    command += ["--midtrans-notification-url", notification_url]
    with subprocess.Popen(
        command, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
    ) as process:
        try:
            url = _wait_for(ready_file, process)["url"]
            yield SandboxProcess(url=url, process=process, state_directory=state_directory)
        finally:
            if process.poll() is None:
                process.kill()
                WRITTEN.text("the output of ovo-sandbox", process.communicate()[0])


def _wait_for(ready_file: Path, process: "subprocess.Popen[str]") -> Body:
    started = time.monotonic()
    while not ready_file.exists():
        assert process.poll() is None, process.communicate()[0]
        assert time.monotonic() - started < _START_S, "the sandbox does not start"
        threading.Event().wait(0.05)
    address: Body = json.loads(ready_file.read_text())
    return address


@dataclass(frozen=True, slots=True)
class MerchantServer:
    """Takes notifications in."""

    url: str
    received: "queue.Queue[tuple[dict[str, str], Body]]" = field(default_factory=queue.Queue)

    def next_notification(self) -> Body:
        """Waits for the next notification."""
        return self.received.get(timeout=_ANSWER_S)[1]


@contextmanager
def running_merchant() -> Iterator[MerchantServer]:
    """Serves on a port that the system picks and answers every notification with 200."""
    received: queue.Queue[tuple[dict[str, str], Body]] = queue.Queue()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            received.put((dict(self.headers), json.loads(body)))
            self.send_response(200)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, format: str, *arguments: object) -> None:  # noqa: A002 - its base names it so
            """Says nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        serving = threading.Thread(target=server.serve_forever, daemon=True)
        serving.start()
        yield MerchantServer(f"http://127.0.0.1:{server.server_port}/webhooks/midtrans", received)
        server.shutdown()
        serving.join()
