"""Runs the gRPC server on a free port, with use cases that answer as they are told."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Final

import grpc
from google.protobuf.message import Message
from google.rpc.error_details_pb2 import ErrorInfo
from google.rpc.status_pb2 import Status
from prometheus_client import CollectorRegistry

from ovo.payments.v1 import ovo_payments_pb2_grpc
from ovo_payments.application.call import Caller
from ovo_payments.transport.grpc.authentication import Callers
from ovo_payments.transport.grpc.callers_file import KnownCaller, token_digest
from ovo_payments.transport.grpc.server import GrpcLimits, GrpcServer
from ovo_payments.transport.grpc.tls import ServerCertificate
from tests.unit.transport.fakes import FakeUseCases

SERVICE: Final = "ovo.payments.v1.OvoPayments"
SOON_S: Final = 10.0
"""Longer than anything here takes; what takes longer hangs."""

SHOP: Final = (("authorization", "Bearer shop token"),)
REPORTS: Final = (("authorization", "Bearer reports token"),)
CALLERS: Final = Callers(
    [
        KnownCaller(
            caller=Caller(name="shop", scope="shop"), digests=(token_digest("shop token"),)
        ),
        KnownCaller(
            caller=Caller(name="reports", scope="shop"),
            digests=(token_digest("reports token"),),
            methods=frozenset({"GetStatus"}),
        ),
    ]
)


@dataclass
class Running:
    """A running server, its use cases, and a channel to it."""

    server: GrpcServer
    use_cases: FakeUseCases
    registry: CollectorRegistry
    target: str
    channel: grpc.aio.Channel
    stub: "ovo_payments_pb2_grpc.OvoPaymentsAsyncStub"


@asynccontextmanager
async def running(
    *,
    callers: Callers = CALLERS,
    limits: GrpcLimits | None = None,
    reflection: bool = False,
    certificate: ServerCertificate | None = None,
    credentials: grpc.ChannelCredentials | None = None,
) -> AsyncIterator[Running]:
    """Runs a server as long as the block lasts; over TLS with a certificate and credentials."""
    use_cases, registry = FakeUseCases(), CollectorRegistry()
    server = GrpcServer(
        use_cases=use_cases,
        callers=callers,
        registry=registry,
        listen="127.0.0.1:0",
        reflection=reflection,
        limits=limits,
        certificate=certificate,
    )
    target = f"127.0.0.1:{await server.start()}"
    try:
        async with open_channel(target, credentials) as channel:
            stub = ovo_payments_pb2_grpc.OvoPaymentsStub(channel)
            yield Running(server, use_cases, registry, target, channel, stub)
    finally:
        await server.stop(0)


def open_channel(
    target: str, credentials: grpc.ChannelCredentials | None = None
) -> grpc.aio.Channel:
    """Opens a channel whose connections are its own."""
    options = [("grpc.use_local_subchannel_pool", 1)]
    if credentials is None:
        return grpc.aio.insecure_channel(target, options)
    return grpc.aio.secure_channel(target, credentials, options)


def detail_of(error: grpc.aio.AioRpcError, into: Message) -> Message:
    """Reads the one detail of a kind that an error carries on the wire."""
    details = error.trailing_metadata()["grpc-status-details-bin"]
    assert isinstance(details, bytes)
    status = Status.FromString(details)
    assert status.code == error.code().value[0]
    found = [detail for detail in status.details if detail.Is(into.DESCRIPTOR)]
    assert len(found) == 1
    found[0].Unpack(into)
    return into


def reason_of(error: grpc.aio.AioRpcError) -> str:
    """Reads the reason that an error carries on the wire."""
    info = ErrorInfo()
    detail_of(error, info)
    assert info.domain == "ovo.payments"
    return info.reason


def header(metadata: grpc.aio.Metadata, key: str) -> str:
    """Reads one text of a call's metadata."""
    value = metadata[key]
    assert isinstance(value, str)
    return value
