"""The client's own wheel brings the library and the contract, and asks for no server."""

import re
from collections.abc import Iterator
from email import message_from_bytes
from zipfile import ZipFile

import pytest

from ovo_payments_client.version import VERSION
from tests.wheels import CHECKOUT, CLIENT, built_wheel

PACKED = {
    "ovo": CHECKOUT / "generated/python",
    "ovo_payments_client": CHECKOUT / "clients/python",
}


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ZipFile]:
    """The wheel of this checkout."""
    with ZipFile(built_wheel(CLIENT, tmp_path_factory.mktemp("wheel"))) as opened:
        yield opened


def test_it_holds_the_library_and_the_contract_and_nothing_else(wheel: ZipFile) -> None:
    """Every file of both, and no `google` or `ovo_payments` beside them."""
    expected = {
        str(path.relative_to(root))
        for package, root in PACKED.items()
        for path in (root / package).rglob("*")
        if path.is_file() and path.parent.name != "__pycache__"
    }
    assert {name for name in wheel.namelist() if ".dist-info/" not in name} == expected


def test_it_asks_for_grpc_and_protobuf_alone(wheel: ZipFile) -> None:
    """The command line's libraries come with the extra."""
    (path,) = (name for name in wheel.namelist() if name.endswith(".dist-info/METADATA"))
    metadata = message_from_bytes(wheel.read(path))
    asked = [str(line) for line in metadata.get_all("Requires-Dist", [])]
    names = {re.split(r"[^\w-]", line)[0] for line in asked if "extra" not in line}
    extras = {re.split(r"[^\w-]", line)[0] for line in asked if "extra == 'cli'" in line}
    assert names == {"googleapis-common-protos", "grpcio", "protobuf"}
    assert extras == {"rich", "typer"}
    assert metadata["Version"] == VERSION
