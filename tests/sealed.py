"""A service over TLS that only known callers reach."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from ovo_payments import callers_store
from ovo_payments.transport.grpc.callers_file import KnownCaller
from tests.apart import ServiceProcess, running_apart
from tests.authority import HERE, Authority
from tests.commands import unnoted


@dataclass(frozen=True, slots=True, kw_only=True)
class Sealed:
    """The running service, and the authority that vouches for it."""

    service: ServiceProcess
    authority: Authority


@asynccontextmanager
async def running_sealed(
    folder: Path, state: Path, callers: Sequence[KnownCaller] = ()
) -> AsyncIterator[Sealed]:
    """Runs it with its sandbox; `folder` gets `authority.pem` and `callers.toml`."""
    authority = Authority(folder)
    server = authority.issue("server", HERE)
    file = folder / "callers.toml"
    callers_store.change(file, lambda _: callers, unnoted)
    settings = {
        "OVO_ALLOW_ANONYMOUS": "false",
        "OVO_CALLERS_FILE": str(file),
        "OVO_TLS_CERTIFICATE": str(server.certificate_file),
        "OVO_TLS_PRIVATE_KEY": str(server.private_key_file),
    }
    async with running_apart(state, settings=settings) as apart:
        yield Sealed(service=apart.service, authority=authority)
