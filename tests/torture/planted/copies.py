"""Copies of the service, into which bugs are planted; the checkout itself is never touched."""

import compileall
import os
import shutil
from pathlib import Path
from typing import Final

from tests.torture.planted.bug import Bug, edited

CHECKOUT: Final = Path(__file__).resolve().parents[3]
_COPIED: Final = ("server", "tests", "deploy", "pyproject.toml")
_LEFT_OUT: Final = shutil.ignore_patterns("__pycache__", ".hypothesis", ".pytest_cache")


def copy_checkout(to: Path) -> None:
    """Copies what a simulation and a test need; the run then stands apart from others' work."""
    to.mkdir()
    for name in _COPIED:
        source = CHECKOUT / name
        if source.is_dir():
            shutil.copytree(source, to / name, ignore=_LEFT_OUT)
        else:
            shutil.copy2(source, to / name)
    # Once for all copies, which keep the times of files that are not edited.
    for name in ("server", "tests/torture"):
        compileall.compile_dir(to / name, quiet=2)


def plant(bug: Bug, pristine: Path, to: Path) -> None:
    """Makes a copy of a copy with a bug in it. Raises DriftError."""
    shutil.copytree(pristine, to)
    for file, source in edited_sources(bug, pristine).items():
        (to / "server" / file).write_text(source, "utf-8")


def edited_sources(bug: Bug, checkout: Path = CHECKOUT) -> dict[str, str]:
    """Gives the files that a bug is in, with it. Raises DriftError."""
    sources: dict[str, str] = {}
    for edit in bug.edits:
        source = sources.get(edit.file) or (checkout / "server" / edit.file).read_text("utf-8")
        sources[edit.file] = edited(source, bug, edit)
    return sources


def environment(copy: Path) -> dict[str, str]:
    """The environment in which Python imports the copy's service before any other."""
    clients = (CHECKOUT / "generated" / "python", CHECKOUT / "clients" / "python")
    paths = (copy / "server", copy, *clients)
    return {**os.environ, "PYTHONPATH": os.pathsep.join(map(str, paths))}
