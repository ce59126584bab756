"""The gRPC server: what it listens on, what it bounds, how it starts and how it stops."""

import asyncio
from dataclasses import dataclass
from typing import Final

import grpc
from grpc_health.v1 import health_pb2, health_pb2_grpc
from prometheus_client import CollectorRegistry

from ovo.payments.v1 import ovo_payments_pb2
from ovo_payments.transport.grpc.allowances import Allowances, Gate
from ovo_payments.transport.grpc.authentication import Callers
from ovo_payments.transport.grpc.calls import Surroundings
from ovo_payments.transport.grpc.health import Health
from ovo_payments.transport.grpc.metrics import RpcMetrics
from ovo_payments.transport.grpc.ports import UseCases
from ovo_payments.transport.grpc.reflection import add_reflection
from ovo_payments.transport.grpc.service import SERVICE, service_handler
from ovo_payments.transport.grpc.streams import Streams
from ovo_payments.transport.grpc.tls import ServerCertificate

_SECOND_MS: Final = 1_000
_FAREWELL_S: Final = 1.0
"""How long callers may take to read how their calls ended, once the server stops."""


class NotServingError(Exception):
    """The server takes no calls: it has not started, or it stops."""


class ListenError(OSError):
    """The address can't be listened on."""


@dataclass(frozen=True, slots=True, kw_only=True)
class GrpcLimits:
    """What one caller, one connection and one server may take up."""

    request_bytes_max: int = 256 * 1024
    metadata_bytes_max: int = 16 * 1024
    calls_at_once_max: int = 2_000
    watches_at_once_max: int = 20_000
    caller_calls_per_second_max: int = 1_000
    """Of any kind, watches that begin included; as many at once after a second's pause."""
    caller_calls_at_once_max: int = 1_000
    caller_watches_at_once_max: int = 10_000
    streams_per_connection_max: int = 1_000
    """Of any kind, also of callers who never say who they are.

    Streams that are begun and reset count until the core is done with them: what is beyond costs
    next to nothing, and what is within is worked through before others' calls.
    """
    connections_max: int = 10_000
    """More are closed as they come."""
    handshake_timeout_s: int = 10
    """From the connection to the peer's first frame, TLS included."""
    connection_idle_s: int = 600
    connection_age_s: int = 3_600
    """After it a connection takes no new calls and callers open another, perhaps elsewhere."""
    connection_age_grace_s: int = 1_860
    """How much longer the calls on such a connection may last, before gRPC cuts them."""
    watch_age_s: float = 1_800.0
    """A watch ends, with the reason, between half of it and all of it."""
    slow_reader_timeout_s: float = 30.0
    """How long the reader of a watch may take nothing while there is something to take."""
    keepalive_interval_s: int = 60
    keepalive_timeout_s: int = 20
    client_ping_interval_s: int = 10
    """Clients that ping more often are told to go away."""

    def __post_init__(self) -> None:
        if self.connection_age_grace_s <= self.watch_age_s:
            raise ValueError("gRPC would cut watches before they end with a reason")


class GrpcServer:
    """Serves the contract, health and, where wanted, reflection."""

    def __init__(
        self,
        *,
        use_cases: UseCases,
        callers: Callers,
        registry: CollectorRegistry,
        listen: str,
        certificate: ServerCertificate | None = None,
        reflection: bool = False,
        limits: GrpcLimits | None = None,
    ) -> None:
        """Takes `host:port`, of which port 0 lets the system choose; TLS with a certificate."""
        self._use_cases = use_cases
        self._listen = listen
        self._certificate = certificate
        self._reflection = reflection
        self._limits = limits or GrpcLimits()
        self._health = Health([SERVICE])
        metrics = RpcMetrics(registry)
        self._surroundings = Surroundings(
            callers=callers,
            metrics=metrics,
            allowances=Allowances(
                calls_per_second_max=self._limits.caller_calls_per_second_max,
                calls_at_once_max=self._limits.caller_calls_at_once_max,
                watches_at_once_max=self._limits.caller_watches_at_once_max,
            ),
            unary_gate=Gate(self._limits.calls_at_once_max),
            stream_gate=Gate(self._limits.watches_at_once_max),
            metadata_bytes_max=self._limits.metadata_bytes_max,
            reads_certificates=certificate is not None and certificate.mutual,
        )
        callers.follow(self._surroundings.standing.look_again)
        self._streams = Streams(
            age_s=self._limits.watch_age_s,
            slow_reader_timeout_s=self._limits.slow_reader_timeout_s,
        )
        metrics.show_open("unary", lambda: self._surroundings.unary_gate.inside)
        metrics.show_open("stream", lambda: self._surroundings.stream_gate.inside)
        self._server: grpc.aio.Server | None = None

    async def start(self) -> int:
        """Starts to take calls; gives the port. Raises ListenError."""
        server = grpc.aio.server(options=_options(self._limits))
        handler = service_handler(self._use_cases, self._surroundings, self._streams)
        server.add_generic_rpc_handlers((handler,))
        health_pb2_grpc.add_HealthServicer_to_server(self._health, server)
        if self._reflection:
            add_reflection(server, [ovo_payments_pb2.DESCRIPTOR, health_pb2.DESCRIPTOR])
        try:
            if self._certificate is None:
                port = server.add_insecure_port(self._listen)
            else:
                port = server.add_secure_port(self._listen, self._certificate.credentials())
        except RuntimeError as error:
            # gRPC itself does not say which of the two it is.
            why = "the port is taken, or the address is not one of this machine"
            raise ListenError(f"gRPC can't listen on {self._listen}: {why}") from error
        await server.start()
        self._server = server
        self._health.serve()
        return port

    async def check_serving(self) -> None:
        """Raises NotServingError where no calls are taken."""
        if not self._health.serving:
            raise NotServingError

    def drain(self) -> None:
        """Tells balancers to send nothing more; calls are still taken."""
        self._health.drain()

    async def stop(self, grace_s: float) -> None:
        """Drains, takes no more calls, ends the watches, and lets calls finish for a while.

        What is not finished after `grace_s` is cut off; a caller who takes no answer is sooner.
        """
        self._health.drain()
        if self._server is None:
            return
        stopping = asyncio.create_task(self._server.stop(grace_s))
        # Only now, or interrupted watchers would come back at once.
        await asyncio.sleep(0)
        self._use_cases.watch_payment.interrupt()
        self._use_cases.watch_payments.interrupt()
        self._streams.stop()
        answered = asyncio.create_task(self._answered())
        await asyncio.wait({stopping, answered}, return_when=asyncio.FIRST_COMPLETED)
        answered.cancel()
        if not stopping.done():
            # All work is done; who does not read its end shall not use up the grace of others.
            await self._server.stop(None)
        await stopping

    async def _answered(self) -> None:
        """Waits until no call is worked on, and for callers to read how theirs ended."""
        in_hand = self._surroundings.in_hand
        while True:
            await in_hand.none()
            await asyncio.sleep(_FAREWELL_S)
            # A call that came last may have begun meanwhile.
            if not in_hand.calls:
                return


def _options(limits: GrpcLimits) -> list[tuple[str, int]]:
    return [
        # A second server on the same port is a mistake, not a way to share it.
        ("grpc.so_reuseport", 0),
        ("grpc.max_receive_message_length", limits.request_bytes_max),
        # The core refuses at random between the two; equal, they are one limit.
        ("grpc.max_metadata_size", limits.metadata_bytes_max),
        ("grpc.absolute_max_metadata_size", limits.metadata_bytes_max),
        ("grpc.max_concurrent_streams", limits.streams_per_connection_max),
        ("grpc.max_allowed_incoming_connections", limits.connections_max),
        ("grpc.server_handshake_timeout_ms", limits.handshake_timeout_s * _SECOND_MS),
        ("grpc.max_connection_idle_ms", limits.connection_idle_s * _SECOND_MS),
        ("grpc.max_connection_age_ms", limits.connection_age_s * _SECOND_MS),
        ("grpc.max_connection_age_grace_ms", limits.connection_age_grace_s * _SECOND_MS),
        # Finds peers that are gone without a word, also where nothing is sent.
        ("grpc.keepalive_time_ms", limits.keepalive_interval_s * _SECOND_MS),
        ("grpc.keepalive_timeout_ms", limits.keepalive_timeout_s * _SECOND_MS),
        # What the core waits for a ping's answer by, whatever the option above says.
        ("grpc.http2.ping_timeout_ms", limits.keepalive_timeout_s * _SECOND_MS),
        ("grpc.keepalive_permit_without_calls", 1),
        ("grpc.http2.max_pings_without_data", 0),
        (
            "grpc.http2.min_ping_interval_without_data_ms",
            limits.client_ping_interval_s * _SECOND_MS,
        ),
    ]
