"""The server's and the client's wheel stand in one environment, neither over the other."""

import os
import subprocess
import sys
from pathlib import Path
from zipfile import ZipFile

import pytest

from tests.wheels import CLIENT, SERVER, built_wheel

_TELLS_WHERE = """
import ovo.payments.v1.ovo_payments_pb2 as contract
import ovo_payments.main, ovo_payments_client, ovo_sandbox
for one in (contract, ovo_payments.main, ovo_payments_client, ovo_sandbox):
    print(one.__file__)
"""


@pytest.fixture(name="wheels", scope="module")
def both_wheels(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """Both, of this checkout."""
    return [built_wheel(project, tmp_path_factory.mktemp("wheel")) for project in (CLIENT, SERVER)]


def test_no_file_belongs_to_both(wheels: list[Path]) -> None:
    """Whoever removes one keeps the other whole."""
    held = []
    for wheel in wheels:
        with ZipFile(wheel) as opened:
            held.append(set(opened.namelist()))
    client, server = held
    assert client & server == set()


def test_both_together_are_the_service_and_its_client(wheels: list[Path], tmp_path: Path) -> None:
    """Installed by pip, the server finds the contract that the client brings."""
    pip = (sys.executable, "-m", "pip", "install", "--quiet", "--no-index", "--no-deps")
    subprocess.run([*pip, "--target", str(tmp_path), *map(str, wheels)], check=True)
    told = subprocess.run(
        [
            *(sys.executable, "-c"),
            _TELLS_WHERE,
        ],
        env={**os.environ, "PYTHONPATH": str(tmp_path)},
        cwd=tmp_path,
        check=True,
        capture_output=True,
        text=True,
    )
    assert all(Path(line).is_relative_to(tmp_path) for line in told.stdout.splitlines())
    assert {path.name for path in (tmp_path / "bin").iterdir()} == {
        "ovo",
        "ovo-payments",
        "ovo-sandbox",
    }
