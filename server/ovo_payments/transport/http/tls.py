"""TLS of the sidecar, with a certificate that files give, anew whenever they change."""

import ssl
from collections.abc import Sequence
from pathlib import Path


class SidecarCertificate:
    """What the sidecar shows to providers.

    New connections are given what was read last; those that are open keep what they began with.
    """

    def __init__(self, certificate: Path, private_key: Path) -> None:
        """Names the files."""
        self.paths = (certificate, private_key)
        self._newest = _context()
        self._first = _context()
        # Called in each handshake, also where the client names no host.
        self._first.sni_callback = self._give_newest

    def use(self, _contents: Sequence[bytes]) -> None:
        """Shows what the files hold now; raises OSError where it makes no certificate with a key.

        Then connections go on to be given what there was.
        """
        context = _context()
        # Without a password a key that is sealed is refused; else OpenSSL asks the terminal.
        context.load_cert_chain(*self.paths, password="")
        self._newest = context

    @property
    def context(self) -> ssl.SSLContext:
        """What a server listens with."""
        return self._first

    def _give_newest(self, connection: ssl.SSLObject, _host: str, _context: ssl.SSLContext) -> None:
        connection.context = self._newest


def _context() -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    # Midtrans' sender speaks no more than 1.2.
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    return context
