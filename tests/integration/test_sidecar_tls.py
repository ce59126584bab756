"""TLS of the sidecar: from 1.2 on, and with certificates that change under load."""

import asyncio
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import pytest
from cryptography import x509

from ovo_payments.rereading import Rereading, WatchedFiles
from ovo_payments.transport.http.limits import HttpLimits
from ovo_payments.transport.http.tls import SidecarCertificate
from tests.authority import HERE, Authority, Identity
from tests.integration.running_sidecar import Running, running
from tests.stack import eventually

TIMES: Final = 12
"""How often the certificate is replaced under load."""


@dataclass(kw_only=True)
class Secured:
    """A sidecar over TLS, and who makes its certificates."""

    authority: Authority
    running: Running
    identity: Identity

    def context(self) -> ssl.SSLContext:
        """What a provider connects with."""
        return ssl.create_default_context(cafile=str(self.authority.file))

    async def post(self, context: ssl.SSLContext, body: bytes = b"{}") -> int:
        """Notifies over a connection of its own, and gives the status."""
        async with self.running.connected(context) as connection:
            return (await connection.post(body)).status

    async def shown_serial_number(self) -> int:
        """Names the certificate that a new connection is shown."""
        async with self.running.connected(self.context()) as connection:
            told = connection.writer.get_extra_info("ssl_object").getpeercert(binary_form=True)
        return x509.load_der_x509_certificate(told).serial_number


@asynccontextmanager
async def secured(folder: Path, limits: HttpLimits | None = None) -> AsyncIterator[Secured]:
    """Runs a sidecar with a certificate, whose files are looked at all the time."""
    authority = Authority(folder)
    identity = authority.issue("sidecar", HERE)
    certificate = SidecarCertificate(identity.certificate_file, identity.private_key_file)
    watched = WatchedFiles("OVO_HTTP_TLS_CERTIFICATE", certificate.paths, certificate.use)
    watched.look()
    reading = asyncio.create_task(Rereading([watched], every_s=0.01).run())
    try:
        async with running(limits, certificate) as sidecar:
            yield Secured(authority=authority, running=sidecar, identity=identity)
    finally:
        reading.cancel()


@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3])
async def test_a_webhook_over_tls_is_kept(tmp_path: Path, version: ssl.TLSVersion) -> None:
    """Over 1.2 too: Midtrans' sender speaks no more."""
    async with secured(tmp_path) as sidecar:
        context = sidecar.context()
        context.minimum_version = context.maximum_version = version
        assert await sidecar.post(context) == 200
        assert len(sidecar.running.receiver.kept) == 1


@pytest.mark.filterwarnings("ignore:ssl.TLSVersion.TLSv1_1 is deprecated")
async def test_older_tls_and_plain_http_are_not_heard(tmp_path: Path) -> None:
    """Nor is a client that trusts another authority: it turns away by itself."""
    async with secured(tmp_path) as sidecar:
        old = sidecar.context()
        # Else this side's own policy would refuse it first.
        old.set_ciphers("ALL:@SECLEVEL=0")
        old.minimum_version = old.maximum_version = ssl.TLSVersion.TLSv1_1
        for context in (old, ssl.create_default_context()):
            with pytest.raises((ssl.SSLError, ConnectionError)):
                await sidecar.post(context)
        async with sidecar.running.connected() as connection:
            await connection.send("POST /webhooks/shop HTTP/1.1\r\nhost: a\r\n\r\n")
            assert await connection.closed()
        assert sidecar.running.receiver.kept == []


async def test_certificates_are_replaced_under_load_and_no_webhook_fails(tmp_path: Path) -> None:
    """Each opens a connection, and a connection that is open stays."""
    async with secured(tmp_path) as sidecar:
        loading, kept = True, 0

        async def load() -> None:
            nonlocal kept
            context = sidecar.context()
            while loading:
                assert await sidecar.post(context) == 200
                kept += 1

        async with sidecar.running.connected(sidecar.context()) as staying:
            senders = [asyncio.create_task(load()) for _ in range(4)]
            for _ in range(TIMES):
                sidecar.authority.issue("sidecar", HERE)

                async def shown() -> bool:
                    return await sidecar.shown_serial_number() == sidecar.identity.serial_number

                await eventually(shown, "the new certificate is shown")
            loading = False
            await asyncio.gather(*senders)
            assert (await staying.post(b"{}")).status == 200
        assert kept > TIMES


async def test_half_of_a_new_pair_changes_nothing(tmp_path: Path) -> None:
    """Between the writing of two files providers go on with what there was."""
    async with secured(tmp_path) as sidecar:
        before = sidecar.identity.serial_number
        key = sidecar.identity.private_key_file.read_bytes()
        sidecar.authority.issue("sidecar", HERE)
        sidecar.identity.private_key_file.write_bytes(key)
        await asyncio.sleep(0.1)
        assert await sidecar.shown_serial_number() == before
        assert await sidecar.post(sidecar.context()) == 200


async def test_a_handshake_that_never_ends_is_cut(tmp_path: Path) -> None:
    """Also one that trickles; whoever sends as it should is served meanwhile."""
    async with (
        secured(tmp_path, HttpLimits(handshake_timeout_s=0.5)) as sidecar,
        sidecar.running.connected() as silent,
        sidecar.running.connected() as slow,
    ):
        # The begin of a record of TLS, whose end is not sent.
        await slow.send(b"\x16\x03\x01\x02\x00\x01")
        assert await sidecar.post(sidecar.context()) == 200
        assert await silent.closed()
        assert await slow.closed()
