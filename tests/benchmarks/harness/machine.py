"""What figures were measured on: the processor and the versions that matter."""

import os
import platform
import sqlite3
from importlib.metadata import version
from pathlib import Path


def described() -> list[tuple[str, str]]:
    """Names each thing and its version."""
    return [
        ("Processor", f"{_processor()}, {os.cpu_count()} cores"),
        ("Kernel", f"{platform.system()} {platform.release().partition('-')[0]}"),
        ("Python", platform.python_version()),
        ("grpcio", version("grpcio")),
        ("protobuf", version("protobuf")),
        ("uvloop", version("uvloop")),
        ("SQLite", sqlite3.sqlite_version),
    ]


def load_before() -> tuple[str, str]:
    """Tells how busy the machine is already: figures of a busy machine are not to be trusted."""
    return ("Waiting to run before", f"{os.getloadavg()[0]:.1f} processes (of the last minute)")


def _processor() -> str:
    for line in Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines():
        name, _, value = line.partition(":")
        if name.strip() == "model name":
            return value.strip()
    return platform.machine()
