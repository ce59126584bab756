"""Reflection, v1 and v1alpha: what grpcurl, `buf curl` and their like ask before they call."""

from collections.abc import Iterable
from typing import Any, Final, cast

import grpc
from google.protobuf.descriptor import FileDescriptor
from google.protobuf.descriptor_pb2 import FileDescriptorProto
from google.protobuf.descriptor_pool import DescriptorPool
from google.rpc import error_details_pb2
from grpc_reflection.v1alpha import reflection, reflection_pb2

_V1ALPHA: Final = "grpc.reflection.v1alpha"
_V1: Final = "grpc.reflection.v1"
_SERVICE: Final = "ServerReflection"


def add_reflection(server: grpc.aio.Server, files: Iterable[Any]) -> None:
    """Serves both versions, for the services of `files` and for themselves.

    The library has v1alpha alone. v1 differs from it in the package's name and in nothing on
    the wire (grpc/reflection/v1/reflection.proto, read 2025-11-20), so one servicer answers both.
    """
    # Generated modules don't agree on the type of their DESCRIPTOR.
    served: tuple[FileDescriptor, ...] = (*files, cast("Any", reflection_pb2.DESCRIPTOR))
    names = [service.full_name for file in served for service in file.services_by_name.values()]
    # A pool of its own, so that it tells of nothing else that this process happens to know.
    # The library's types don't describe pools.
    pool: Any = DescriptorPool()
    # Nothing imports the details of errors, and clients need them to print an error.
    for file in _with_imports((*served, error_details_pb2.DESCRIPTOR)):
        pool.AddSerializedFile(file.serialized_pb)
    pool.AddSerializedFile(_v1_file().SerializeToString())
    servicer = reflection.aio.ReflectionServicer(
        [*names, f"{_V1}.{_SERVICE}"], pool=cast("Any", _WithMethods(pool))
    )
    handler = grpc.stream_stream_rpc_method_handler(
        servicer.ServerReflectionInfo,
        request_deserializer=reflection_pb2.ServerReflectionRequest.FromString,
        response_serializer=reflection_pb2.ServerReflectionResponse.SerializeToString,
    )
    server.add_generic_rpc_handlers(
        tuple(
            grpc.method_handlers_generic_handler(
                f"{package}.{_SERVICE}", {"ServerReflectionInfo": handler}
            )
            for package in (_V1ALPHA, _V1)
        )
    )


class _WithMethods:
    """A pool that also finds the file of a method, as `grpcurl describe` asks for it."""

    def __init__(self, pool: Any) -> None:  # noqa: ANN401 - the library's types don't describe it
        self._pool = pool

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401 - whatever the pool has
        return getattr(self._pool, name)

    def FindFileContainingSymbol(self, symbol: str) -> FileDescriptor:  # noqa: N802 - the pool's
        try:
            found: FileDescriptor = self._pool.FindFileContainingSymbol(symbol)
        except KeyError:
            found = self._pool.FindMethodByName(symbol).containing_service.file
        return found


def _with_imports(files: Iterable[FileDescriptor]) -> Iterable[FileDescriptor]:
    """Lists files and what they import, what is imported first, each once."""
    listed: dict[str, FileDescriptor] = {}

    def take(file: FileDescriptor) -> None:
        if file.name not in listed:
            for imported in file.dependencies:
                take(imported)
            listed[file.name] = file

    for file in files:
        take(file)
    return listed.values()


def _v1_file() -> FileDescriptorProto:
    """Describes v1: the description of v1alpha under the other name."""
    file = FileDescriptorProto.FromString(reflection_pb2.DESCRIPTOR.serialized_pb)
    file.name = "grpc/reflection/v1/reflection.proto"
    file.package = _V1
    for message in file.message_type:
        for field in message.field:
            # An empty name on a scalar field would be a name all the same.
            if field.HasField("type_name"):
                field.type_name = _renamed(field.type_name)
    for service in file.service:
        for method in service.method:
            method.input_type = _renamed(method.input_type)
            method.output_type = _renamed(method.output_type)
    return file


def _renamed(type_name: str) -> str:
    return type_name.replace(f".{_V1ALPHA}.", f".{_V1}.", 1)
