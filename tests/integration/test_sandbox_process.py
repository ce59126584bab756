"""The sandbox's command starts, breaks connections for real, restarts and stops."""

import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests

from tests.integration.sandbox_process import SERVER_KEY, SandboxProcess, running_sandbox

PHONE = "081111111111"


@pytest.fixture(scope="module")
def sandbox(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SandboxProcess]:
    """A sandbox that notifies nobody."""
    with running_sandbox(tmp_path_factory.mktemp("sandbox")) as running:
        yield running


def is_known(sandbox: SandboxProcess, order_id: str) -> bool:
    """Tells whether Midtrans knows an order."""
    response = requests.get(
        f"{sandbox.url}/v2/{order_id}/status", auth=(SERVER_KEY, ""), timeout=10
    )
    return bool(response.json()["status_code"] == "201")


def test_a_reset_connection_hides_a_made_charge(sandbox: SandboxProcess) -> None:
    """The client sees ECONNRESET, Midtrans sees the order."""
    sandbox.control("POST", "/faults", {"name": "debit_then_reset"})
    with pytest.raises(requests.ConnectionError, match="reset"):
        sandbox.charge("reset-1", PHONE)
    assert is_known(sandbox, "reset-1")


def test_a_truncated_answer_hides_a_made_charge(sandbox: SandboxProcess) -> None:
    """Fewer bytes come than were promised."""
    sandbox.control("POST", "/faults", {"name": "truncated_body"})
    with pytest.raises(requests.exceptions.ChunkedEncodingError):
        sandbox.charge("truncated-1", PHONE)
    assert is_known(sandbox, "truncated-1")


def test_a_hang_ends_with_a_cut_line(sandbox: SandboxProcess) -> None:
    """The order was made meanwhile."""
    sandbox.control("POST", "/faults", {"name": "debit_then_hang", "seconds": 0.5})
    started = time.monotonic()
    with pytest.raises(requests.ConnectionError):
        sandbox.charge("hang-1", PHONE)
    assert time.monotonic() - started >= 0.5
    assert is_known(sandbox, "hang-1")


def test_the_next_call_after_a_fault_is_healthy(sandbox: SandboxProcess) -> None:
    """A fault is used up."""
    assert sandbox.charge("healthy-1", PHONE).json()["status_code"] == "201"


@pytest.mark.parametrize(
    "path", ["/", "/app", "/static/sandbox.css", "/static/app.js", "/static/icon.svg"]
)
def test_pages_and_their_parts_are_served(sandbox: SandboxProcess, path: str) -> None:
    """Nothing comes from elsewhere."""
    response = requests.get(f"{sandbox.url}{path}", timeout=10)
    assert response.status_code == 200
    assert "https://" not in response.text


def test_keys_are_made_once_and_kept_private(sandbox: SandboxProcess) -> None:
    """The merchant takes its pair from there."""
    keys = sandbox.state_directory / "keys"
    assert sorted(file.name for file in keys.iterdir()) == [
        "doku_private.pem",
        "doku_public.pem",
        "merchant_private.pem",
        "merchant_public.pem",
    ]
    private = keys / "merchant_private.pem"
    assert private.read_text().startswith("-----BEGIN PRIVATE KEY-----")
    assert private.stat().st_mode & 0o077 == 0


def test_a_killed_sandbox_comes_back_with_its_orders(tmp_path: Path) -> None:
    """Pending ones expire on time, paid ones stay paid, keys stay the same."""
    with running_sandbox(tmp_path) as first:
        first.charge("paid-1", PHONE)
        first.advance(4)
        first.charge("silent-1", "+628242974268")
        key = (first.state_directory / "keys" / "merchant_private.pem").read_bytes()
        first.process.kill()
        first.process.wait()
    with running_sandbox(tmp_path) as second:
        assert len(second.ledger("paid-1")) == 1
        assert is_known(second, "silent-1")
        second.advance(65)
        assert not is_known(second, "silent-1")
        assert (second.state_directory / "keys" / "merchant_private.pem").read_bytes() == key


def test_it_stops_politely_and_tells_no_secret(tmp_path: Path) -> None:
    """Even with a client hanging; all it wrote is its address."""
    with running_sandbox(tmp_path) as running:
        running.control("POST", "/faults", {"name": "hang_before"})
        with pytest.raises(requests.Timeout):
            requests.get(f"{running.url}/v2/x/status", auth=(SERVER_KEY, ""), timeout=0.2)
        status, written = running.stop()
        assert (status, written) == (0, f"ovo-sandbox is ready at {running.url}\n")


def test_an_address_that_is_none_is_refused(tmp_path: Path) -> None:
    """In words, with the option's name."""
    command = [sys.executable, "-m", "ovo_sandbox", "--state-directory", str(tmp_path)]
    ended = subprocess.run(
        [*command, "--listen", "nowhere"], capture_output=True, text=True, check=False
    )
    assert ended.returncode == 2
    assert "--listen" in ended.stderr
    assert "HOST:PORT" in ended.stderr
