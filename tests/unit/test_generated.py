"""What stands in generated/ is what protos/ and the locked generator make."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from google.protobuf.descriptor_pb2 import FileDescriptorSet

CHECKOUT = Path(__file__).parents[2]
GENERATED = CHECKOUT / "generated"


# The command that the generator of a language is built with.
BUILT_WITH = {"python": "make", "go": "go", "typescript": "npm", "java": "mvn"}


def made(root: Path, language: str) -> dict[str, bytes]:
    """Reads what the generator of a language makes below a folder, by path."""
    files = [
        path
        for package in ("ovo", "google")
        for path in (root / language / package).rglob("*")
        if path.is_file() and path.parent.name != "__pycache__"
    ]
    if language == "python":
        files.append(root / "ovo_payments.binpb")
    return {str(path.relative_to(root)): path.read_bytes() for path in files}


def generate_into(folder: Path, language: str) -> dict[str, bytes]:
    """Generates from protos/ into another folder and reads what came."""
    environment = {name: value for name, value in os.environ.items() if name != "MAKEFLAGS"}
    command = ["make", "--silent", f"generate-{language}", f"GENERATED={folder}"]
    subprocess.run(command, cwd=CHECKOUT, env=environment, check=True)
    return made(folder, language)


@pytest.mark.timeout(300)  # The first time, the generator of the language is built.
@pytest.mark.parametrize("language", BUILT_WITH)
def test_generating_again_changes_no_byte(tmp_path: Path, language: str) -> None:
    """The committed files equal freshly generated ones, file by file and byte by byte."""
    if shutil.which(BUILT_WITH[language]) is None and "CI" not in os.environ:
        pytest.skip(f"the generator for {language} is built with {BUILT_WITH[language]}")
    fresh = generate_into(tmp_path, language)
    committed = made(GENERATED, language)
    assert fresh, "nothing was generated"
    assert sorted(fresh) == sorted(committed), "run `make generate` and commit what it made"
    differing = [path for path, content in fresh.items() if committed[path] != content]
    assert differing == [], "run `make generate` and commit what it made"


def test_the_reference_says_what_the_contract_says(tmp_path: Path) -> None:
    """The page that is made of the contract's comments is made of these."""
    fresh = tmp_path / "reference.md"
    script = CHECKOUT / "generators/reference.py"
    descriptors = GENERATED / "ovo_payments.binpb"
    subprocess.run([sys.executable, str(script), str(descriptors), str(fresh)], check=True)
    committed = CHECKOUT / "docs/contract-reference.md"
    assert fresh.read_text() == committed.read_text(), "run `make generate` and commit it"


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
