"""`health`: whether the service serves, for probes and scripts."""

from pathlib import Path
from typing import Final

import grpc
import typer
from cryptography import x509
from grpc_health.v1 import health_pb2

from ovo_payments import settings

_TIMEOUT_S: Final = 3.0
# A proxy in the environment has nothing to do with a probe of this machine.
_OPTIONS: Final = [("grpc.enable_http_proxy", 0)]


def run(address: str) -> int:
    """Asks the service's own health; gives the exit status."""
    try:
        listens = settings.read(settings.ListenSettings)
        target = address or str(listens.grpc_listen)
        opened = _channel(target, listens)
    except (settings.SettingsError, OSError, ValueError) as error:
        typer.echo(str(error), err=True)
        return 2
    with opened as channel:
        check = channel.unary_unary(
            "/grpc.health.v1.Health/Check",
            request_serializer=health_pb2.HealthCheckRequest.SerializeToString,
            response_deserializer=health_pb2.HealthCheckResponse.FromString,
        )
        try:
            answer = check(health_pb2.HealthCheckRequest(), timeout=_TIMEOUT_S)
        except grpc.RpcError as error:
            typer.echo(f"{target} does not answer: {error.code().name}", err=True)
            return 1
    name = health_pb2.HealthCheckResponse.ServingStatus.Name(answer.status)
    typer.echo(f"{target} is {name}")
    return 0 if answer.status == health_pb2.HealthCheckResponse.SERVING else 1


def _channel(target: str, listens: settings.ListenSettings) -> grpc.Channel:
    """Opens a channel as the settings say that the service listens.

    Over TLS the service's own certificate is the one that is trusted, and shown where the
    service asks for one.
    """
    if listens.tls_certificate is None or listens.tls_private_key is None:
        return grpc.insecure_channel(target, _OPTIONS)
    own, mutual = listens.tls_certificate.read_bytes(), listens.tls_client_ca is not None
    credentials = grpc.ssl_channel_credentials(
        root_certificates=own,
        private_key=listens.tls_private_key.read_bytes() if mutual else None,
        certificate_chain=own if mutual else None,
    )
    name = _name(listens.tls_certificate)
    return grpc.secure_channel(
        target, credentials, [*_OPTIONS, ("grpc.ssl_target_name_override", name)]
    )


def _name(certificate: Path) -> str:
    """Reads a name that a certificate is good for: a probe knows the machine by its address."""
    own = x509.load_pem_x509_certificate(certificate.read_bytes())
    try:
        names = own.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except x509.ExtensionNotFound:
        raise ValueError(f"OVO_TLS_CERTIFICATE: {certificate} names no host") from None
    hosts = names.get_values_for_type(x509.DNSName)
    addresses = names.get_values_for_type(x509.IPAddress)
    found = [*(host.replace("*", "probe") for host in hosts), *map(str, addresses)]
    if not found:
        raise ValueError(f"OVO_TLS_CERTIFICATE: {certificate} names no host")
    return found[0]
