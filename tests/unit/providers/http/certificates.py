"""Certificates of an authority that only a test trusts."""

import ssl
from dataclasses import dataclass
from pathlib import Path

from tests.authority import HERE, Authority, Identity


@dataclass(frozen=True)
class Certificates:
    """Contexts for both sides of a connection."""

    client: ssl.SSLContext
    server: ssl.SSLContext
    server_of_another_host: ssl.SSLContext


def made_in(folder: Path) -> Certificates:
    """Makes an authority, and two servers with its certificates."""
    authority = Authority(folder)
    return Certificates(
        client=ssl.create_default_context(cafile=str(authority.file)),
        server=_server(authority.issue("here", HERE)),
        server_of_another_host=_server(authority.issue("elsewhere", "elsewhere.example")),
    )


def _server(identity: Identity) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(identity.certificate_file, identity.private_key_file)
    return context
