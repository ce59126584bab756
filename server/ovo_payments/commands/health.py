"""`health`: whether the service serves, for probes and scripts."""

from typing import Final

import grpc
import typer
from grpc_health.v1 import health_pb2

from ovo_payments import settings

_TIMEOUT_S: Final = 3.0


def run(address: str) -> int:
    """Asks the service's own health; gives the exit status."""
    try:
        target = address or str(settings.read(settings.ListenSettings).grpc_listen)
    except settings.SettingsError as error:
        typer.echo(str(error), err=True)
        return 2
    # A proxy in the environment has nothing to do with a probe of this machine.
    with grpc.insecure_channel(target, options=[("grpc.enable_http_proxy", 0)]) as channel:
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
