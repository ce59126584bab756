"""An authority that only a test trusts, and the certificates that it makes."""

import ipaddress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

HERE = "127.0.0.1"


@dataclass(frozen=True, slots=True, kw_only=True)
class Identity:
    """A certificate and its key, as PEM files."""

    certificate_file: Path
    private_key_file: Path

    @property
    def serial_number(self) -> int:
        """Names the certificate that the file holds now."""
        return x509.load_pem_x509_certificate(self.certificate_file.read_bytes()).serial_number


class Authority:
    """Makes certificates in a folder."""

    def __init__(self, folder: Path, name: str = "authority") -> None:
        """Makes its own."""
        self._folder = folder
        self._name = _name(name)
        self._key = ec.generate_private_key(ec.SECP256R1())
        own = _builder(self._name, self._name, self._key).add_extension(
            x509.BasicConstraints(ca=True, path_length=0), critical=True
        )
        self.file = folder / f"{name}.pem"
        self.file.write_bytes(_pem(own.sign(self._key, hashes.SHA256())))

    def issue(self, name: str, *names: str, expired: bool = False) -> Identity:
        """Makes a certificate of these names (addresses, hosts or URIs); again for a new one."""
        key = ec.generate_private_key(ec.SECP256R1())
        certificate = (
            _builder(_name(name), self._name, key, expired=expired)
            .add_extension(
                x509.SubjectAlternativeName([_general(one) for one in names]), critical=False
            )
            .sign(self._key, hashes.SHA256())
        )
        identity = Identity(
            certificate_file=self._folder / f"{name}.pem",
            private_key_file=self._folder / f"{name}-key.pem",
        )
        identity.certificate_file.write_bytes(_pem(certificate))
        identity.private_key_file.write_bytes(
            key.private_bytes(
                serialization.Encoding.PEM,
                serialization.PrivateFormat.PKCS8,
                serialization.NoEncryption(),
            )
        )
        return identity


def _general(name: str) -> x509.GeneralName:
    if "://" in name:
        return x509.UniformResourceIdentifier(name)
    try:
        return x509.IPAddress(ipaddress.ip_address(name))
    except ValueError:
        return x509.DNSName(name)


def _builder(
    subject: x509.Name,
    issuer: x509.Name,
    key: ec.EllipticCurvePrivateKey,
    *,
    expired: bool = False,
) -> x509.CertificateBuilder:
    now = datetime.now(UTC) - timedelta(days=2 if expired else 0)
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


def _pem(certificate: x509.Certificate) -> bytes:
    return certificate.public_bytes(serialization.Encoding.PEM)
