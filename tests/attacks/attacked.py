"""The service that is attacked: as a developer runs it, and with TLS at both doors."""

import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from grpc import ChannelCredentials

from ovo_payments_client import tls_credentials
from tests.apart import running_apart
from tests.attacks.papers import Papers
from tests.authority import HERE, Authority
from tests.stack import read, running_stack


@dataclass(frozen=True, slots=True, kw_only=True)
class Attacked:
    """Where it listens, and with what a caller who does no harm connects."""

    grpc: str
    http: str
    log: Path
    credentials: ChannelCredentials | None = None
    context: ssl.SSLContext | None = None
    papers: Papers | None = None

    def address(self, door: str) -> tuple[str, int]:
        """Gives host and port of one of its doors."""
        address = self.grpc if door == "gRPC" else self.http.partition("://")[2]
        host, _, port = address.rpartition(":")
        return host, int(port)


@asynccontextmanager
async def in_clear(directory: Path) -> AsyncIterator[Attacked]:
    """Runs it as `ovo-payments dev` does."""
    async with running_stack(directory) as stack:
        yield Attacked(grpc=stack.grpc, http=stack.http, log=directory / "output.log")


@asynccontextmanager
async def over_tls(directory: Path) -> AsyncIterator[Attacked]:
    """Runs it with TLS at both doors, and gRPC's for who shows a certificate alone."""
    authority = Authority(directory)
    own, papers = authority.issue("service", HERE), Papers.made_in(directory, authority)
    caller = papers.shown["good"]
    settings = {
        "OVO_TLS_CERTIFICATE": str(own.certificate_file),
        "OVO_TLS_PRIVATE_KEY": str(own.private_key_file),
        "OVO_TLS_CLIENT_CA": str(authority.file),
        "OVO_HTTP_TLS_CERTIFICATE": str(own.certificate_file),
        "OVO_HTTP_TLS_PRIVATE_KEY": str(own.private_key_file),
    }
    async with running_apart(directory, settings=settings) as apart:
        yield Attacked(
            grpc=apart.service.grpc,
            http=apart.service.http,
            log=directory / f"{apart.service.incarnation}.log",
            credentials=tls_credentials(
                ca_file=authority.file,
                certificate_file=caller.certificate_file,
                private_key_file=caller.private_key_file,
            ),
            context=ssl.create_default_context(cafile=str(authority.file)),
            papers=papers,
        )


def written_by(service: Attacked) -> str:
    """Reads what it wrote."""
    return read(service.log)
