"""Where a token may travel, and how TLS is read."""

import datetime as dt
import ipaddress
from dataclasses import dataclass
from pathlib import Path

import grpc
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from ovo.payments.v1 import ovo_payments_pb2
from ovo_payments_client import NoAnswerError, connect, tls_credentials
from ovo_payments_client.channel import stays_on_this_machine
from tests.unit.client.contract_messages import binding_message
from tests.unit.client.scripted_service import ScriptedService, running


@dataclass(frozen=True, slots=True, kw_only=True)
class Identity:
    """A key and a certificate that it signed itself."""

    certificate_file: Path
    private_key_file: Path


@pytest.fixture
def identity(tmp_path: Path) -> Identity:
    """Makes an identity for 127.0.0.1, good for a day."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "scripted service")])
    now = dt.datetime.now(dt.UTC)
    address = x509.IPAddress(ipaddress.ip_address("127.0.0.1"))
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - dt.timedelta(hours=1))
        .not_valid_after(now + dt.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([address]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(key, hashes.SHA256())
    )
    made = Identity(certificate_file=tmp_path / "cert.pem", private_key_file=tmp_path / "key.pem")
    made.certificate_file.write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    made.private_key_file.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        ),
    )
    return made


def mutual_tls(identity: Identity) -> grpc.ServerCredentials:
    """Asks every caller for a certificate that this identity vouches for."""
    certificate = identity.certificate_file.read_bytes()
    return grpc.ssl_server_credentials(
        [(identity.private_key_file.read_bytes(), certificate)],
        root_certificates=certificate,
        require_client_auth=True,
    )


async def test_mutual_tls_is_made_from_files(identity: Identity) -> None:
    """The authority, the certificate and its key are named, and the call goes through."""
    service = ScriptedService()
    service.answers("Unbind", ovo_payments_pb2.UnbindResponse(binding=binding_message()))
    credentials = tls_credentials(
        ca_file=identity.certificate_file,
        certificate_file=identity.certificate_file,
        private_key_file=identity.private_key_file,
    )

    with running(service, mutual_tls(identity)):
        async with connect(service.target, credentials=credentials, token="secret") as client:
            binding = await client.unbind("bind_1")

    assert binding.binding_id == "bind_1"


async def test_a_service_with_an_unknown_certificate_gets_no_call(identity: Identity) -> None:
    """Public authorities do not vouch for it, so neither request nor token is sent."""
    service = ScriptedService()

    with running(service, mutual_tls(identity)):
        async with connect(service.target, credentials=tls_credentials(), token="t") as client:
            with pytest.raises(NoAnswerError, match="CERTIFICATE_VERIFY_FAILED"):
                await client.unbind("bind_1")

    assert service.calls == []


@pytest.mark.parametrize(
    "target",
    [
        "127.0.0.1:50051",
        "127.9.9.9:50051",
        "localhost:50051",
        "dns:localhost:50051",
        "dns:///localhost:50051",
        "[::1]:50051",
        "ipv4:127.0.0.1:50051",
        "ipv6:[::1]:50051",
        "unix:/run/ovo.sock",
        "unix:///run/ovo.sock",
        "unix-abstract:ovo",
    ],
)
def test_loopback_and_sockets_stay_on_this_machine(target: str) -> None:
    """Nothing sent there can be read on a network."""
    assert stays_on_this_machine(target)


@pytest.mark.parametrize(
    "target",
    [
        "payments.internal:50051",
        "10.0.0.7:50051",
        "0.0.0.0:50051",
        "localhost.example.com:443",
        "dns:///payments.internal:50051",
        "dns://127.0.0.1/payments.internal:50051",
        "ipv4:127.0.0.1:50051,10.0.0.7:50051",
        "xds:///payments",
    ],
)
def test_everything_else_may_leave_this_machine(target: str) -> None:
    """A name that is not surely local counts as remote."""
    assert not stays_on_this_machine(target)


async def test_a_token_is_not_sent_over_a_network_in_clear() -> None:
    """The mistake is refused before a connection is made."""
    with pytest.raises(ValueError, match=r"travel to payments\.internal:50051 in clear"):
        async with connect("payments.internal:50051", token="secret"):
            pass


async def test_a_token_may_go_where_something_else_seals_the_connection() -> None:
    """Behind a service mesh the caller says so."""
    async with connect("payments.internal:50051", token="secret", allow_token_in_clear=True) as it:
        assert it is not None


async def test_the_token_is_not_in_the_clients_own_words() -> None:
    """A client that is logged by mistake tells no secret."""
    async with connect("127.0.0.1:1", token="very-secret") as client:
        assert "very-secret" not in repr(client)


def test_a_certificate_without_its_key_is_refused(tmp_path: Path) -> None:
    """Mutual TLS needs both."""
    with pytest.raises(ValueError, match="belong together"):
        tls_credentials(certificate_file=tmp_path / "certificate.pem")
