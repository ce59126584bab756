"""Builds the wheels of this checkout as their publisher does."""

import subprocess
import sys
from pathlib import Path

CHECKOUT = Path(__file__).parents[1]
SERVER = CHECKOUT
CLIENT = CHECKOUT / "clients/python"


def built_wheel(project: Path, folder: Path) -> Path:
    """Builds the wheel of a project into an empty folder."""
    subprocess.run(
        [
            *(sys.executable, "-m", "hatchling", "build", "--target", "wheel"),
            *("--directory", str(folder)),
        ],
        cwd=project,
        check=True,
        timeout=50,
    )
    (path,) = folder.glob("*.whl")
    return path
