"""What stands in generated/ is what protos/ and the locked generator make."""

import os
import subprocess
from pathlib import Path

from google.protobuf.descriptor_pb2 import FileDescriptorSet

CHECKOUT = Path(__file__).parents[2]
GENERATED = CHECKOUT / "generated"


def python_and_descriptors(root: Path) -> dict[str, bytes]:
    """Reads what `make generate` makes below a folder, by path."""
    files = [
        path
        for path in (root / "python").rglob("*")
        if path.is_file() and path.parent.name != "__pycache__"
    ]
    files.append(root / "ovo_payments.binpb")
    return {str(path.relative_to(root)): path.read_bytes() for path in files}


def generate_into(folder: Path) -> dict[str, bytes]:
    """Generates from protos/ into another folder and reads what came."""
    environment = {name: value for name, value in os.environ.items() if name != "MAKEFLAGS"}
    command = ["make", "--silent", "generate", f"GENERATED={folder}"]
    subprocess.run(command, cwd=CHECKOUT, env=environment, check=True)
    return python_and_descriptors(folder)


def test_generating_again_changes_no_byte(tmp_path: Path) -> None:
    """The committed files equal freshly generated ones, file by file and byte by byte."""
    fresh = generate_into(tmp_path)
    committed = python_and_descriptors(GENERATED)
    assert sorted(fresh) == sorted(committed), "run `make generate` and commit what it made"
    differing = [path for path, content in fresh.items() if committed[path] != content]
    assert differing == [], "run `make generate` and commit what it made"


def test_the_generated_package_leaves_the_name_ovo_to_others() -> None:
    """`ovo` is a namespace: no folder of the generated package has an __init__.py."""
    assert list((GENERATED / "python").rglob("__init__.py")) == []


def test_the_descriptor_set_stands_alone() -> None:
    """A server without reflection can be called with the descriptor set and nothing else."""
    descriptors = FileDescriptorSet.FromString((GENERATED / "ovo_payments.binpb").read_bytes())
    known = [file.name for file in descriptors.file]
    imported = {name for file in descriptors.file for name in file.dependency}
    assert imported <= set(known)
    assert "google/type/money.proto" in known


def test_the_descriptor_set_carries_the_contracts_comments() -> None:
    """Tools that read the descriptor set show what the contract says of each part."""
    descriptors = FileDescriptorSet.FromString((GENERATED / "ovo_payments.binpb").read_bytes())
    ours = [file for file in descriptors.file if file.package == "ovo.payments.v1"]
    assert len(ours) == len(list((CHECKOUT / "protos/ovo/payments/v1").glob("*.proto")))
    for file in ours:
        assert any(location.leading_comments for location in file.source_code_info.location)
