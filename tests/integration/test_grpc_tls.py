"""TLS of gRPC: who is let in by a certificate, and certificates that change under load."""

import asyncio
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import grpc
import pytest
from cryptography import x509

from ovo.payments.v1 import ovo_payments_pb2 as messages
from ovo.payments.v1 import ovo_payments_pb2_grpc
from ovo_payments.application.call import Caller
from ovo_payments.rereading import Rereading, WatchedFiles
from ovo_payments.transport.grpc.authentication import Callers
from ovo_payments.transport.grpc.callers_file import KnownCaller, token_digest
from ovo_payments.transport.grpc.server import GrpcLimits
from ovo_payments.transport.grpc.tls import ServerCertificate
from ovo_payments_client import tls_credentials
from tests.authority import HERE, Authority, Identity
from tests.integration.running_grpc import SHOP, SOON_S, Running, open_channel, reason_of, running
from tests.stack import eventually

REQUEST: Final = messages.GetStatusRequest(payment_id="pay_2")
TIMES: Final = 12
"""How often a certificate is replaced under load."""
CALLERS: Final = Callers(
    [
        KnownCaller(
            caller=Caller(name="checkout", scope="shop"),
            digests=(token_digest("shop token"),),
            certificates=("spiffe://shop.example/checkout",),
        ),
        KnownCaller(
            caller=Caller(name="reports", scope="shop"),
            certificates=("dns:reports.internal",),
            methods=frozenset({"GetStatus"}),
        ),
    ]
)


@dataclass(kw_only=True)
class Secured:
    """A server over TLS, and who makes certificates for both sides."""

    authority: Authority
    running: Running
    identity: Identity
    client_ca: Path

    def credentials(self, caller: Identity | None = None) -> grpc.ChannelCredentials:
        """What a caller connects with."""
        return tls_credentials(
            ca_file=self.authority.file,
            certificate_file=caller.certificate_file if caller else None,
            private_key_file=caller.private_key_file if caller else None,
        )

    async def call(
        self,
        credentials: grpc.ChannelCredentials | None,
        metadata: tuple[tuple[str, str], ...] = (),
        method: str = "GetStatus",
    ) -> None:
        """Makes a call over a connection of its own."""
        async with open_channel(self.running.target, credentials) as channel:
            stub = ovo_payments_pb2_grpc.OvoPaymentsStub(channel)
            request = REQUEST if method == "GetStatus" else messages.ChargeRequest()
            await getattr(stub, method)(request, metadata=metadata, timeout=SOON_S)

    def shown_serial_number(self) -> int:
        """Names the certificate that a new connection is shown."""
        port = int(self.running.target.rpartition(":")[2])
        pem = ssl.get_server_certificate((HERE, port), timeout=SOON_S)
        return x509.load_pem_x509_certificate(pem.encode()).serial_number


@asynccontextmanager
async def secured(
    folder: Path, *, mutual: bool = False, limits: GrpcLimits | None = None
) -> AsyncIterator[Secured]:
    """Runs a server with a certificate, whose files are looked at all the time."""
    authority = Authority(folder)
    identity = authority.issue("server", HERE)
    client_ca = folder / "client-ca.pem"
    client_ca.write_bytes(authority.file.read_bytes())
    certificate = ServerCertificate(
        identity.certificate_file, identity.private_key_file, client_ca if mutual else None
    )
    watched = WatchedFiles("OVO_TLS_CERTIFICATE", certificate.paths, certificate.use)
    watched.look()
    reading = asyncio.create_task(Rereading([watched], every_s=0.01).run())
    try:
        async with running(callers=CALLERS, limits=limits, certificate=certificate) as service:
            yield Secured(
                authority=authority, running=service, identity=identity, client_ca=client_ca
            )
    finally:
        reading.cancel()


async def test_a_call_over_tls_is_answered(tmp_path: Path) -> None:
    """By whoever the token proves."""
    async with secured(tmp_path) as service:
        await service.call(service.credentials(), SHOP)
        ((call, _),) = service.running.use_cases.get_status.asked
        assert call.caller == Caller(name="checkout", scope="shop")


async def test_a_server_of_another_authority_is_not_called(tmp_path: Path) -> None:
    """Nor one in clear: the token does not leave."""
    (tmp_path / "other").mkdir()
    other = Authority(tmp_path / "other")
    async with secured(tmp_path) as service:
        for credentials in (tls_credentials(ca_file=other.file), None):
            with pytest.raises(grpc.aio.AioRpcError) as refused:
                await service.call(credentials, SHOP)
            assert refused.value.code() is grpc.StatusCode.UNAVAILABLE
        assert service.running.use_cases.get_status.asked == []


@pytest.mark.parametrize(
    ("names", "caller"),
    [
        (("spiffe://shop.example/checkout",), "checkout"),
        (("reports.internal",), "reports"),
        # An id of SPIFFE is the one that counts.
        (("spiffe://shop.example/checkout", "reports.internal"), "checkout"),
    ],
)
async def test_a_certificate_names_its_caller(
    tmp_path: Path, names: tuple[str, ...], caller: str
) -> None:
    """Without any token."""
    async with secured(tmp_path, mutual=True) as service:
        await service.call(service.credentials(service.authority.issue("caller", *names)))
        ((call, _),) = service.running.use_cases.get_status.asked
        assert call.caller == Caller(name=caller, scope="shop")


@pytest.mark.parametrize(
    ("names", "method", "reason"),
    [
        (("stranger.internal",), "GetStatus", "UNAUTHENTICATED"),
        (("spiffe://shop.example/stranger", "reports.internal"), "GetStatus", "UNAUTHENTICATED"),
        (("reports.internal",), "Charge", "PERMISSION_DENIED"),
    ],
)
async def test_a_certificate_that_names_nobody_or_too_little_is_refused(
    tmp_path: Path, names: tuple[str, ...], method: str, reason: str
) -> None:
    """Though the authority made it."""
    async with secured(tmp_path, mutual=True) as service:
        credentials = service.credentials(service.authority.issue("caller", *names))
        with pytest.raises(grpc.aio.AioRpcError) as refused:
            await service.call(credentials, method=method)
        assert reason_of(refused.value) == reason


async def test_who_shows_no_certificate_of_the_authority_is_not_heard(tmp_path: Path) -> None:
    """None at all, and one that somebody else made; a token does not mend it."""
    (tmp_path / "other").mkdir()
    forged = Authority(tmp_path / "other").issue("caller", "spiffe://shop.example/checkout")
    async with secured(tmp_path, mutual=True) as service:
        for caller in (None, forged):
            with pytest.raises(grpc.aio.AioRpcError) as refused:
                await service.call(service.credentials(caller), SHOP)
            assert refused.value.code() is grpc.StatusCode.UNAVAILABLE
        assert service.running.use_cases.get_status.asked == []


async def test_certificates_are_replaced_under_load_and_no_call_fails(tmp_path: Path) -> None:
    """Each call opens a connection; the open stream and the ones to come never notice."""
    async with secured(tmp_path) as service:
        loading, calls = True, 0

        async def load() -> None:
            nonlocal calls
            while loading:
                await service.call(service.credentials(), SHOP)
                calls += 1

        async with open_channel(service.running.target, service.credentials()) as channel:
            stub = ovo_payments_pb2_grpc.OvoPaymentsStub(channel)
            stream = stub.WatchPayment(messages.WatchPaymentRequest(), metadata=SHOP)
            await stream.initial_metadata()
            callers = [asyncio.create_task(load()) for _ in range(4)]
            for _ in range(TIMES):
                service.authority.issue("server", HERE)

                async def shown() -> bool:
                    number = await asyncio.to_thread(service.shown_serial_number)
                    return number == service.identity.serial_number

                await eventually(shown, "the new certificate is shown")
            loading = False
            await asyncio.gather(*callers)
            assert not stream.done()
            stream.cancel()
        assert calls > TIMES


async def test_half_of_a_new_pair_changes_nothing(tmp_path: Path) -> None:
    """Between the writing of two files callers go on with what there was."""
    async with secured(tmp_path) as service:
        before = service.identity.serial_number
        key = service.identity.private_key_file.read_bytes()
        service.authority.issue("server", HERE)
        after, new_key = service.identity.serial_number, service.identity.private_key_file
        whole = new_key.read_bytes()
        new_key.write_bytes(key)
        await asyncio.sleep(0.1)
        assert await asyncio.to_thread(service.shown_serial_number) == before
        await service.call(service.credentials(), SHOP)
        new_key.write_bytes(whole)

        async def shown() -> bool:
            return await asyncio.to_thread(service.shown_serial_number) == after

        await eventually(shown, "the whole pair is shown")


async def test_an_authority_that_is_replaced_lets_its_own_callers_in_alone(tmp_path: Path) -> None:
    """Over new connections those of the old one are not heard any more."""
    (tmp_path / "next").mkdir()
    following = Authority(tmp_path / "next")
    async with secured(tmp_path, mutual=True) as service:
        old = service.credentials(service.authority.issue("old", "reports.internal"))
        new = service.credentials(following.issue("new", "reports.internal"))
        await service.call(old)
        service.client_ca.write_bytes(following.file.read_bytes())

        async def heard() -> bool:
            try:
                await service.call(new)
            except grpc.aio.AioRpcError:
                return False
            return True

        await eventually(heard, "a caller of the new authority is heard")
        with pytest.raises(grpc.aio.AioRpcError) as refused:
            await service.call(old)
        assert refused.value.code() is grpc.StatusCode.UNAVAILABLE


async def test_a_handshake_that_never_ends_is_cut(tmp_path: Path) -> None:
    """Also one that trickles; whoever calls as it should is answered meanwhile."""
    async with secured(tmp_path, limits=GrpcLimits(handshake_timeout_s=1)) as service:
        host, _, port = service.running.target.rpartition(":")
        connections = [await asyncio.open_connection(host, int(port)) for _ in range(2)]
        # The begin of a record of TLS, whose end is not sent.
        connections[1][1].write(b"\x16\x03\x01\x02\x00\x01")
        await service.call(service.credentials(), SHOP)
        async with asyncio.timeout(SOON_S):
            for reader, writer in connections:
                assert await reader.read() == b""
                writer.close()
