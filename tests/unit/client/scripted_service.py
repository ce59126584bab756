"""A service that answers as it was told, over a real socket, and remembers what it was asked."""

import threading
from collections import deque
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Never

import grpc
from google.protobuf.any_pb2 import Any as AnyMessage
from google.protobuf.duration_pb2 import Duration
from google.protobuf.message import Message
from google.protobuf.message_factory import GetMessageClass
from google.rpc import error_details_pb2, status_pb2

from ovo.payments.v1 import ovo_payments_pb2

SERVICE = ovo_payments_pb2.DESCRIPTOR.services_by_name["OvoPayments"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Refusal:
    """An error to answer with; `details` go beside the code as google.rpc.Status."""

    code: grpc.StatusCode
    message: str = "no"
    details: tuple[Message, ...] = ()
    raw_details: bytes | None = None
    call_id: str | None = None

    def trailers(self) -> tuple[tuple[str, str | bytes], ...]:
        """Encodes the details, and the name of the call that the service gives to it."""
        named = () if self.call_id is None else (("x-request-id", self.call_id),)
        return (*named, *self._encoded_details())

    def _encoded_details(self) -> tuple[tuple[str, bytes], ...]:
        if self.raw_details is not None:
            return (("grpc-status-details-bin", self.raw_details),)
        if not self.details:
            return ()
        status = status_pb2.Status(code=self.code.value[0], message=self.message)
        for detail in self.details:
            packed = AnyMessage()
            packed.Pack(detail)
            status.details.append(packed)
        return (("grpc-status-details-bin", status.SerializeToString()),)


def refusal(
    code: grpc.StatusCode,
    reason: str,
    *others: Message,
    message: str = "no",
    **metadata: str,
) -> Refusal:
    """Makes the error that the service gives for this reason."""
    info = error_details_pb2.ErrorInfo(reason=reason, domain="ovo.payments", metadata=metadata)
    return Refusal(code=code, message=message, details=(info, *others))


def bad_request(**violations: str) -> error_details_pb2.BadRequest:
    """Names wrong fields."""
    return error_details_pb2.BadRequest(
        field_violations=[
            error_details_pb2.BadRequest.FieldViolation(field=name, description=description)
            for name, description in violations.items()
        ],
    )


def retry_after(delay: timedelta) -> error_details_pb2.RetryInfo:
    """Asks to wait."""
    duration = Duration()
    duration.FromTimedelta(delay)
    return error_details_pb2.RetryInfo(retry_delay=duration)


class Silence:
    """Nothing more is sent until the caller leaves."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """A call that came."""

    method: str
    request: Message
    metadata: dict[str, str | bytes]
    seconds_left: float | None


Step = Message | Refusal | Silence


class ScriptedService(grpc.GenericRpcHandler):
    """Answers each call of a method with the next line of its script."""

    def __init__(self) -> None:
        self.target = ""
        self.calls: list[Call] = []
        self.call_ended = threading.Event()
        self._script: dict[str, deque[tuple[Step, ...]]] = {}

    def answers(self, method: str, *steps: Step) -> None:
        """Adds an answer to each of the next calls of a method."""
        self._script.setdefault(method, deque()).extend((step,) for step in steps)

    def streams(self, *steps: Step, method: str = "WatchPayment") -> None:
        """Adds what the next watch gets; after the last step the stream ends with OK."""
        self._script.setdefault(method, deque()).append(steps)

    def requests(self, method: str) -> list[Message]:
        """Gives what a method was asked, in order."""
        return [call.request for call in self.calls if call.method == method]

    def service(
        self, handler_call_details: grpc.HandlerCallDetails
    ) -> "grpc.RpcMethodHandler[Any, Any] | None":
        """Finds the behaviour of a method by the contract's own description of it."""
        service, _, name = handler_call_details.method.strip("/").partition("/")
        if service != SERVICE.full_name:
            return None
        method = SERVICE.methods_by_name[name]
        read = GetMessageClass(method.input_type).FromString
        if method.server_streaming:
            return grpc.unary_stream_rpc_method_handler(
                lambda request, context: self._stream(name, request, context),
                request_deserializer=read,
                response_serializer=_write,
            )
        return grpc.unary_unary_rpc_method_handler(
            lambda request, context: self._answer(name, request, context),
            request_deserializer=read,
            response_serializer=_write,
        )

    def _answer(self, method: str, request: Message, context: grpc.ServicerContext) -> Message:
        """Gives the next answer of a method."""
        (step,) = self._next(method, request, context)
        if isinstance(step, Refusal):
            _refuse(step, context)
        if isinstance(step, Silence):
            _stay_silent(context)
            _refuse(Refusal(code=grpc.StatusCode.CANCELLED), context)
        assert isinstance(step, Message)
        return step

    def _stream(
        self, method: str, request: Message, context: grpc.ServicerContext
    ) -> Iterator[Message]:
        """Gives the next stream of a method."""
        for step in self._next(method, request, context):
            if isinstance(step, Refusal):
                _refuse(step, context)
            elif isinstance(step, Silence):
                _stay_silent(context)
            else:
                yield step

    def _next(
        self,
        method: str,
        request: Message,
        context: grpc.ServicerContext,
    ) -> tuple[Step, ...]:
        """Remembers the call, takes its line of the script, and waits to tell its end."""
        context.add_callback(self.call_ended.set)
        self.calls.append(
            Call(
                method=method,
                request=request,
                metadata=dict(context.invocation_metadata()),
                seconds_left=context.time_remaining(),
            ),
        )
        return self._script[method].popleft()


def _write(message: Message) -> bytes:
    """Encodes an answer."""
    return message.SerializeToString()


def _refuse(refusal: Refusal, context: grpc.ServicerContext) -> Never:
    """Ends a call with an error."""
    context.set_trailing_metadata(refusal.trailers())
    context.abort(refusal.code, refusal.message)


def _stay_silent(context: grpc.ServicerContext) -> None:
    """Holds a call until its caller leaves."""
    gone = threading.Event()
    if context.add_callback(gone.set):
        gone.wait(timeout=30)


@contextmanager
def running(
    service: ScriptedService,
    credentials: grpc.ServerCredentials | None = None,
) -> Iterator[ScriptedService]:
    """Serves on a port that the system chooses, over TLS with credentials."""
    with ThreadPoolExecutor(max_workers=8) as workers:
        server = grpc.server(workers, handlers=[service], options=[("grpc.so_reuseport", 0)])
        if credentials is None:
            port = server.add_insecure_port("127.0.0.1:0")
        else:
            port = server.add_secure_port("127.0.0.1:0", credentials)
        server.start()
        service.target = f"127.0.0.1:{port}"
        try:
            yield service
        finally:
            server.stop(grace=None).wait()
