"""The page on grpcurl holds: each of its commands prints what it says, with the real programs."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.cookbook.page import blocks, steady
from tests.cookbook.playing import outputs
from tests.stack import CHECKOUT, running_stack


@pytest.fixture(name="programs", scope="module")
def built_programs() -> None:
    """Builds grpcurl and ghz, once for each version of theirs."""
    if shutil.which("go") is None and "CI" not in os.environ:
        pytest.skip("grpcurl and ghz are built with Go")
    environment = {name: value for name, value in os.environ.items() if name != "MAKEFLAGS"}
    command = ["make", "--silent", "cookbook"]
    subprocess.run(command, cwd=CHECKOUT, env=environment, check=True)


@pytest.mark.timeout(600)  # The first time, the programs are built.
@pytest.mark.usefixtures("programs")
async def test_every_command_of_the_page_prints_what_it_says(tmp_path: Path) -> None:
    """One shell, one service, one block after the other."""
    folder = tmp_path / "shell"
    folder.mkdir()
    page = blocks()
    async with running_stack(tmp_path) as stack:
        told = await outputs(page, stack, folder)
    for block, output in zip(page, told, strict=True):
        assert steady(output) == steady(block.output), block.command
