"""What surrounds every call: its name, its caller, its deadline, its end in log and metrics.

A wrapper around the handlers instead of grpc.aio's interceptors: those look for a handler anew
on every call, which costs more than all that is done here.
"""

import asyncio
import logging
import os
import re
import time
from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Final, TypeAlias, cast

import grpc
import structlog

from ovo_payments.application.call import Call
from ovo_payments.domain.errors import (
    InterruptionCause,
    InvalidRequestError,
    PaymentServiceError,
    RateLimitedError,
    Violation,
)
from ovo_payments.transport.grpc.authentication import Callers
from ovo_payments.transport.grpc.errors import DETAILS_KEY, Refusal, internal, refusal_of
from ovo_payments.transport.grpc.metrics import RpcMetrics

REQUEST_ID_KEY: Final = "x-request-id"
_AUTHORIZATION_KEY: Final = "authorization"
_REQUEST_ID: Final = re.compile(r"[\x21-\x7e]{1,64}", re.ASCII)
_LEVELS: Final = {
    grpc.StatusCode.INTERNAL: logging.ERROR,
    grpc.StatusCode.UNAVAILABLE: logging.WARNING,
    grpc.StatusCode.RESOURCE_EXHAUSTED: logging.WARNING,
}
"""How loud the log is; INFO for all others, which are between the caller and its payments."""


_USUAL_CAUSES: Final = (InterruptionCause.SERVER_STOPS, InterruptionCause.STREAM_IS_OLD)
"""Why streams end that nobody needs to look at."""

Context: TypeAlias = grpc.aio.ServicerContext[bytes, bytes]
Answer: TypeAlias = tuple[bytes | None, Mapping[str, object]]
"""The message, unless it was streamed, and what the log shall tell of it."""
Work: TypeAlias = Callable[[Call, bytes, Context], Awaitable[Answer]]
"""What a method does with the bytes of a request."""


@dataclass(slots=True)
class Gate:
    """Counts who is inside, and lets in no more than `limit`.

    It stands behind authentication, so that nobody unknown takes a place. Who does not read the
    end of a call keeps the place until the connection is gone.
    """

    limit: int
    inside: int = 0

    def enter(self) -> None:
        """Takes a place; raises RateLimitedError where none is free."""
        if self.inside >= self.limit:
            raise RateLimitedError
        self.inside += 1

    def leave(self) -> None:
        """Gives the place back."""
        self.inside -= 1


def made_request_id() -> str:
    """Names a call whose caller did not."""
    return os.urandom(8).hex()


class InHand:
    """Counts the calls that are worked on, whether or not their callers take the answer."""

    def __init__(self) -> None:
        self.calls = 0
        self._none = asyncio.Event()
        self._none.set()

    def begin(self) -> None:
        """Counts a call in."""
        self.calls += 1
        self._none.clear()

    def end(self) -> None:
        """Counts a call out."""
        self.calls -= 1
        if not self.calls:
            self._none.set()

    async def none(self) -> None:
        """Waits until there are none."""
        await self._none.wait()


@dataclass(frozen=True, slots=True, kw_only=True)
class Surroundings:
    """What all calls share."""

    callers: Callers
    metrics: RpcMetrics
    unary_gate: Gate
    stream_gate: Gate
    metadata_bytes_max: int
    new_request_id: Callable[[], str] = made_request_id
    in_hand: InHand = field(default_factory=InHand)


@dataclass(slots=True)
class Record:
    """What is known of one call, and told when it ends."""

    began: float
    request_id: str
    authorization: str | None = field(repr=False)
    metadata_bytes: int
    caller: str = ""
    entered: bool = False
    status: grpc.StatusCode = grpc.StatusCode.OK
    facts: Mapping[str, object] | None = None

    def refuse(self, refusal: Refusal) -> Refusal:
        """Notes that the call gets no answer."""
        self.status = refusal.status
        self.facts = {"reason": refusal.reason, "message": refusal.message, **refusal.facts}
        return refusal


class Rpc:
    """One method of the service, from bytes to an answer, a stream or a refusal."""

    def __init__(
        self, method: str, surroundings: Surroundings, work: Work, *, streams: bool = False
    ) -> None:
        self._method = method
        self._surroundings = surroundings
        self._work = work
        self._streams = streams
        self._gate = surroundings.stream_gate if streams else surroundings.unary_gate
        # Bound once: the proxy that get_logger gives costs a look-up for each line.
        self._log = structlog.get_logger().bind()

    async def answer(self, body: bytes, context: Context) -> bytes | None:
        """Handles one call."""
        record = self._begin(context)
        try:
            return await self._answer(record, body, context)
        finally:
            if record.entered:
                self._gate.leave()

    async def _answer(self, record: Record, body: bytes, context: Context) -> bytes | None:
        echo = ((REQUEST_ID_KEY, record.request_id),)
        context.set_trailing_metadata(echo)
        refusal: Refusal | None = None
        message: bytes | None = None
        try:
            call = self._admit(record, context)
            if self._streams:
                await context.send_initial_metadata(echo)
            message, record.facts = await self._work(call, body, context)
        except (asyncio.CancelledError, grpc.aio.InternalError) as error:
            # The core takes no message of a call that is over, a moment before it tells so.
            late = context.time_remaining() == 0
            record.status = grpc.StatusCode.DEADLINE_EXCEEDED if late else grpc.StatusCode.CANCELLED
            raise asyncio.CancelledError from error
        except PaymentServiceError as error:
            refusal = record.refuse(refusal_of(error))
        except Exception as error:  # noqa: BLE001 - a bug of ours: logged, and not told
            refusal = record.refuse(internal(record.request_id))
            record.facts = {"exc_info": error}
        finally:
            self._finish(record)
        if refusal is not None:
            details = ((DETAILS_KEY, refusal.details),) if refusal.details else ()
            await context.abort(refusal.status, refusal.message, (*echo, *details))
        return message

    def _begin(self, context: Context) -> Record:
        began = time.perf_counter()
        self._surroundings.in_hand.begin()
        request_id, authorization, metadata_bytes = "", None, 0
        for key, value in cast("Iterable[tuple[str, str]]", context.invocation_metadata()):
            metadata_bytes += len(key) + len(value)
            if key == REQUEST_ID_KEY and _REQUEST_ID.fullmatch(value):
                request_id = value
            elif key == _AUTHORIZATION_KEY:
                # Two of them prove nothing.
                authorization = value if authorization is None else ""
        request_id = request_id or self._surroundings.new_request_id()
        structlog.contextvars.bind_contextvars(request_id=request_id)
        return Record(began, request_id, authorization, metadata_bytes)

    def _admit(self, record: Record, context: Context) -> Call:
        surroundings = self._surroundings
        # The core's own limit does not hold before a peer has acknowledged it.
        if record.metadata_bytes > surroundings.metadata_bytes_max:
            too_much = f"at most {surroundings.metadata_bytes_max} bytes of call metadata"
            raise InvalidRequestError((Violation("(call metadata)", too_much),))
        caller = surroundings.callers.identify(record.authorization, self._method)
        record.caller = caller.name
        self._gate.enter()
        record.entered = True
        return Call(caller=caller, remaining_s=context.time_remaining())

    def _finish(self, record: Record) -> None:
        self._surroundings.in_hand.end()
        duration_s = time.perf_counter() - record.began
        code = record.status.name
        if self._streams:
            self._surroundings.metrics.count_stream(self._method, code)
        else:
            self._surroundings.metrics.count_unary(self._method, code, duration_s)
        told = {
            "method": self._method,
            "code": code,
            "duration_ms": round(duration_s * 1000, 3),
            "caller": record.caller,
            **(record.facts or {}),
        }
        self._log.log(_level(record), "rpc.finished", **told)


def _level(record: Record) -> int:
    if record.facts is not None and record.facts.get("cause") in _USUAL_CAUSES:
        return logging.INFO
    return _LEVELS.get(record.status, logging.INFO)
