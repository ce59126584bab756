"""Reflection answers in both versions, and tells all that a tool needs to make a call."""

from typing import Final

import grpc
import pytest
from google.protobuf.descriptor_pb2 import FileDescriptorProto
from grpc_reflection.v1alpha import reflection_pb2

from tests.integration.running_grpc import SERVICE, Running, running

VERSIONS: Final = ("v1", "v1alpha")
Request = reflection_pb2.ServerReflectionRequest
Response = reflection_pb2.ServerReflectionResponse


async def ask(service: Running, version: str, request: Request) -> Response:
    """Asks one question, without a token."""
    call: grpc.aio.StreamStreamMultiCallable[Request, Response] = service.channel.stream_stream(
        f"/grpc.reflection.{version}.ServerReflection/ServerReflectionInfo",
        request_serializer=Request.SerializeToString,
        response_deserializer=Response.FromString,
    )
    stream = call(iter([request]))
    (answer,) = [message async for message in stream]
    return answer


@pytest.mark.parametrize("version", VERSIONS)
async def test_every_service_is_listed(version: str) -> None:
    """The contract's, health, and both versions of reflection itself."""
    async with running(reflection=True) as service:
        answer = await ask(service, version, Request(list_services=""))
    assert {listed.name for listed in answer.list_services_response.service} == {
        SERVICE,
        "grpc.health.v1.Health",
        "grpc.reflection.v1.ServerReflection",
        "grpc.reflection.v1alpha.ServerReflection",
    }


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize(
    ("symbol", "file"),
    [
        (SERVICE, "ovo/payments/v1/ovo_payments.proto"),
        (f"{SERVICE}.Charge", "ovo/payments/v1/ovo_payments.proto"),
        ("ovo.payments.v1.Payment", "ovo/payments/v1/payment.proto"),
        ("grpc.health.v1.Health", "grpc_health/v1/health.proto"),
        ("grpc.reflection.v1.ServerReflection", "grpc/reflection/v1/reflection.proto"),
        ("grpc.reflection.v1alpha.ServerReflection", "grpc_reflection/v1alpha/reflection.proto"),
        ("google.rpc.ErrorInfo", "google/rpc/error_details.proto"),
        ("google.type.Money", "google/type/money.proto"),
    ],
)
async def test_every_symbol_is_described_with_what_it_needs(
    version: str, symbol: str, file: str
) -> None:
    """Services, their messages, and the details of errors, each with all its imports."""
    async with running(reflection=True) as service:
        answer = await ask(service, version, Request(file_containing_symbol=symbol))

    described = [
        FileDescriptorProto.FromString(serialized)
        for serialized in answer.file_descriptor_response.file_descriptor_proto
    ]
    names = {one.name for one in described}
    assert file in names
    assert {needed for one in described for needed in one.dependency} <= names


async def test_what_is_unknown_is_not_found() -> None:
    """Also where it looks like a method."""
    async with running(reflection=True) as service:
        answer = await ask(service, "v1", Request(file_containing_symbol=f"{SERVICE}.Steal"))
    assert answer.error_response.error_code == grpc.StatusCode.NOT_FOUND.value[0]


async def test_what_is_not_served_is_not_told() -> None:
    """What else the process knows is nobody's business."""
    async with running(reflection=True) as service:
        asked = Request(file_containing_symbol="google.protobuf.compiler.CodeGeneratorRequest")
        answer = await ask(service, "v1", asked)
    assert answer.error_response.error_code == grpc.StatusCode.NOT_FOUND.value[0]


async def test_reflection_is_off_unless_it_is_wanted() -> None:
    """Production says so by its settings."""
    async with running() as service:
        with pytest.raises(grpc.aio.AioRpcError) as refused:
            await ask(service, "v1", Request(list_services=""))
    assert refused.value.code() is grpc.StatusCode.UNIMPLEMENTED
