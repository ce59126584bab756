"""gRPC without a network: bytes and metadata in, an answer or a refusal out."""

import asyncio
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Any, Final, cast

import grpc
from google.protobuf.descriptor import Descriptor, FieldDescriptor
from google.protobuf.message import Message
from google.protobuf.message_factory import GetMessageClass
from google.rpc.error_details_pb2 import ErrorInfo
from google.rpc.status_pb2 import Status
from hypothesis import strategies as st
from prometheus_client import CollectorRegistry

from ovo.payments.v1 import ovo_payments_pb2 as messages
from ovo_payments.application.use_cases import Application
from ovo_payments.transport.grpc.allowances import Allowances, Gate
from ovo_payments.transport.grpc.authentication import Callers
from ovo_payments.transport.grpc.callers_file import KnownCaller, token_digest
from ovo_payments.transport.grpc.calls import Context, Surroundings
from ovo_payments.transport.grpc.errors import DETAILS_KEY
from ovo_payments.transport.grpc.metrics import RpcMetrics
from ovo_payments.transport.grpc.service import SERVICE, service_handler
from ovo_payments.transport.grpc.streams import Streams
from tests.unit.application.bench import CALL

METHODS: Final = messages.DESCRIPTOR.services_by_name["OvoPayments"].methods_by_name
METADATA_BYTES_MAX: Final = 8_192
_DEPTH_MAX: Final = 3


class _AbortedError(Exception):
    """What grpc raises in a handler that aborts its call."""


@dataclass
class Told:
    """What a caller gets."""

    code: grpc.StatusCode = grpc.StatusCode.OK
    messages: list[bytes] = field(default_factory=list)
    reasons: list[str] = field(default_factory=list)


@dataclass
class _Context:
    """A call, from the server's side."""

    metadata: Sequence[tuple[str, str]]
    told: Told = field(default_factory=Told)

    def invocation_metadata(self) -> Sequence[tuple[str, str]]:
        return self.metadata

    def time_remaining(self) -> float | None:
        return None

    def set_trailing_metadata(self, _metadata: object) -> None:
        """Is of no interest here."""

    async def send_initial_metadata(self, _metadata: object) -> None:
        """Is of no interest here."""

    async def write(self, message: bytes) -> None:
        """Takes one message, and leaves."""
        self.told.messages.append(message)
        raise asyncio.CancelledError

    async def abort(
        self, code: grpc.StatusCode, _message: str, metadata: Iterable[tuple[str, Any]]
    ) -> None:
        self.told.code = code
        for key, value in metadata:
            if key == DETAILS_KEY:
                self.told.reasons = _reasons(value)
        raise _AbortedError


def _reasons(raw: bytes) -> list[str]:
    """Reads the ErrorInfo of a refusal, of which there must be one."""
    found = []
    for detail in Status.FromString(raw).details:
        information = ErrorInfo()
        if detail.Unpack(information):
            found.append(information.reason)
    return found


@dataclass(frozen=True, slots=True, kw_only=True)
class _Details(grpc.HandlerCallDetails):
    method: str
    invocation_metadata: tuple[tuple[str, str | bytes], ...] = ()


SHOP: Final = KnownCaller(caller=CALL.caller, digests=(token_digest("the shop's"),))
AS_THE_SHOP: Final = (("authorization", "Bearer the shop's"),)


class Server:
    """All methods, for the shop of the arena and for anonymous callers."""

    def __init__(self, application: Application) -> None:
        self._handler = service_handler(
            application.use_cases,
            Surroundings(
                callers=Callers([SHOP], allow_anonymous=True),
                metrics=RpcMetrics(CollectorRegistry()),
                allowances=Allowances(
                    calls_per_second_max=1e9, calls_at_once_max=64, watches_at_once_max=64
                ),
                unary_gate=Gate(64),
                stream_gate=Gate(64),
                metadata_bytes_max=METADATA_BYTES_MAX,
            ),
            Streams(age_s=1_800, slow_reader_timeout_s=30),
        )

    async def call(
        self, method: str, body: bytes, metadata: Sequence[tuple[str, str]] = AS_THE_SHOP
    ) -> Told:
        """Calls a method with any bytes, as the shop unless the metadata says otherwise."""
        handler = self._handler.service(_Details(method=f"/{SERVICE}/{method}"))
        assert handler is not None
        context = _Context(metadata)
        answer = cast("Any", handler.unary_unary or handler.unary_stream)
        try:
            message = await answer(body, cast("Context", context))
        except (_AbortedError, asyncio.CancelledError):
            return context.told
        if message is not None:
            context.told.messages.append(message)
        return context.told


TEXTS: Final = (
    st.text(max_size=12)
    | st.sampled_from(("", " ", "\x00", "\ufeff", "\u202e", "a" * 5_000, "é" * 300, "%s", "../x"))
    | st.sampled_from(("0" * 65, "'; --", "\u2028", "\U0010ffff", "\U0001d7d8", "ß", "İ"))
)
_NUMBERS: Final = (0, 1, -1, 15_000, 2**31 - 1, -(2**31), 999_999_999, -999_999_999)
_LONG_NUMBERS: Final = (*_NUMBERS, 2**63 - 1, -(2**63), 99_999_999, 100_000_000)
_NUMBERS_OF_KIND: Final[Mapping[int, st.SearchStrategy[object]]] = {
    FieldDescriptor.CPPTYPE_BOOL: st.booleans(),
    FieldDescriptor.CPPTYPE_INT32: st.sampled_from(_NUMBERS) | st.integers(-(2**31), 2**31 - 1),
    FieldDescriptor.CPPTYPE_INT64: st.sampled_from(_LONG_NUMBERS),
    # Enums are open: a newer caller may send what this version does not know.
    FieldDescriptor.CPPTYPE_ENUM: st.integers(-(2**31), 2**31 - 1) | st.integers(0, 9),
}


def around(good: Message) -> st.SearchStrategy[Message]:
    """Makes messages that differ from a good one in a few fields, or in none."""
    fields = {one.name: one for one in good.DESCRIPTOR.fields}

    def changed(names: list[str]) -> st.SearchStrategy[Message]:
        values = {name: st.none() | _values(fields[name], 0) for name in names}
        return st.fixed_dictionaries(values).map(lambda given: _with(good, given))

    return st.lists(st.sampled_from(list(fields)), max_size=3, unique=True).flatmap(changed)


def _with(good: Message, values: Mapping[str, object]) -> Message:
    made = type(good)()
    made.CopyFrom(good)
    for name, value in values.items():
        made.ClearField(name)
        if value is not None:
            made.MergeFrom(type(good)(**{name: value}))
    return made


@cache
def _any(kind: Descriptor, depth: int) -> st.SearchStrategy[Message]:
    fields = {
        one.name: st.none() | _values(one, depth)
        for one in kind.fields
        if depth < _DEPTH_MAX or one.message_type is None
    }
    make = GetMessageClass(kind)
    return st.fixed_dictionaries(fields).map(
        lambda values: make(**{name: value for name, value in values.items() if value is not None})
    )


def _values(one: FieldDescriptor, depth: int) -> st.SearchStrategy[object]:
    if one.message_type is not None and one.message_type.GetOptions().map_entry:
        return st.dictionaries(TEXTS, TEXTS, max_size=4)
    if one.message_type is not None:
        value: st.SearchStrategy[object] = _any(one.message_type, depth + 1)
    elif one.cpp_type == FieldDescriptor.CPPTYPE_STRING:
        value = st.sampled_from(("IDR", "081111111111", "https://shop.example")) | TEXTS
    else:
        value = _NUMBERS_OF_KIND[one.cpp_type]
    return st.lists(value, max_size=3) if one.label == FieldDescriptor.LABEL_REPEATED else value
