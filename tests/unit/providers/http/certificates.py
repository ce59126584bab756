"""Certificates of an authority that only a test trusts."""

import ipaddress
import ssl
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID


@dataclass(frozen=True)
class Certificates:
    """Contexts for both sides of a connection."""

    client: ssl.SSLContext
    server: ssl.SSLContext
    server_of_another_host: ssl.SSLContext


def made_in(folder: Path) -> Certificates:
    """Makes an authority, and two servers with its certificates."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = _name("authority")
    authority = (
        _builder(name, name, key)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(key, hashes.SHA256())
    )
    path = folder / "authority.pem"
    path.write_bytes(authority.public_bytes(serialization.Encoding.PEM))
    here = x509.IPAddress(ipaddress.ip_address("127.0.0.1"))
    elsewhere = x509.DNSName("elsewhere.example")
    return Certificates(
        client=ssl.create_default_context(cafile=str(path)),
        server=_server(folder / "here.pem", here, name, key),
        server_of_another_host=_server(folder / "elsewhere.pem", elsewhere, name, key),
    )


def _server(
    path: Path, host: x509.GeneralName, issuer: x509.Name, issuer_key: ec.EllipticCurvePrivateKey
) -> ssl.SSLContext:
    key = ec.generate_private_key(ec.SECP256R1())
    certificate = (
        _builder(_name("server"), issuer, key)
        .add_extension(x509.SubjectAlternativeName([host]), critical=False)
        .sign(issuer_key, hashes.SHA256())
    )
    path.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
        + certificate.public_bytes(serialization.Encoding.PEM)
    )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(path)
    return context


def _builder(
    subject: x509.Name, issuer: x509.Name, key: ec.EllipticCurvePrivateKey
) -> x509.CertificateBuilder:
    now = datetime.now(UTC)
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
    )


def _name(text: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, text)])
