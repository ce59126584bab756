"""TLS of gRPC: certificates that files give, anew whenever they change, and who shows one."""

import ssl
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Final, cast

import grpc

_SPIFFE_KEY: Final = "peer_spiffe_id"
_DNS_KEY: Final = "peer_dns"


def certificate_names(auth_context: Mapping[str, Iterable[bytes]]) -> tuple[str, ...]:
    """Names whoever showed a certificate: by its SPIFFE id, else by its hosts' names.

    gRPC has verified it; it tells of a SPIFFE id only where that is the certificate's one URI.
    """
    spiffe = auth_context.get(_SPIFFE_KEY)
    if spiffe is not None:
        return tuple(name.decode("ascii", "replace") for name in spiffe)
    hosts = auth_context.get(_DNS_KEY, ())
    return tuple(f"dns:{name.decode('ascii', 'replace').lower()}" for name in hosts)


class ServerCertificate:
    """What the server shows and, for mutual TLS, the authority whose callers it takes.

    New connections are given what was read last; those that are open keep what they began with.
    """

    def __init__(self, certificate: Path, private_key: Path, client_ca: Path | None = None) -> None:
        """Names the files; with `client_ca` every caller must show a certificate."""
        self._pair = (certificate, private_key)
        self._client_ca = client_ca
        self._newest: grpc.ServerCertificateConfiguration | None = None
        self._taken: grpc.ServerCertificateConfiguration | None = None

    @property
    def paths(self) -> Sequence[Path]:
        """The files."""
        return self._pair if self._client_ca is None else (*self._pair, self._client_ca)

    @property
    def mutual(self) -> bool:
        """Whether callers show certificates, too."""
        return self._client_ca is not None

    def use(self, contents: Sequence[bytes]) -> None:
        """Shows what the files hold now; raises OSError where it makes no certificate with a key.

        Where the pair does not fit, which happens between the writing of two files, connections
        go on to be given what there was.
        """
        # gRPC would say no more than that a handshake failed, and not before there is one.
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        # Without a password a key that is sealed is refused; else OpenSSL asks the terminal.
        context.load_cert_chain(*self._pair, password="")
        if self._client_ca is not None:
            context.load_verify_locations(self._client_ca)
        certificate, private_key, *authority = contents
        self._newest = grpc.ssl_server_certificate_configuration(
            [(private_key, certificate)], root_certificates=authority[0] if authority else None
        )

    def credentials(self) -> grpc.ServerCredentials:
        """Gives what a server listens with; `use` must have been called."""
        self._taken = self._newest
        return grpc.dynamic_ssl_server_credentials(
            cast("grpc.ServerCertificateConfiguration", self._newest),
            # Its types lack the None that its documentation asks for.
            cast("Callable[[], grpc.ServerCertificateConfiguration]", self._changed),
            require_client_authentication=self.mutual,
        )

    def _changed(self) -> grpc.ServerCertificateConfiguration | None:
        """Gives what is new since the last connection; gRPC asks from threads of its own."""
        newest = self._newest
        if newest is self._taken:
            return None
        self._taken = newest
        return newest
