"""Follows payments over broken connections: each version once, in order, none left out."""

import asyncio
import random
from abc import ABC, abstractmethod
from collections.abc import AsyncGenerator, Awaitable, Callable, Sequence
from contextlib import aclosing
from dataclasses import dataclass
from typing import Any, Generic, TypeVar, cast

import grpc
from google.protobuf.duration_pb2 import Duration

from ovo.payments.v1 import ovo_payments_pb2
from ovo_payments_client import codec
from ovo_payments_client.connection import Connection, Line
from ovo_payments_client.error_decoding import decode_error
from ovo_payments_client.errors import NoAnswerError, OvoPaymentsError, RetryableError
from ovo_payments_client.payment import Heartbeat, Payment, PaymentChange, PaymentState

Message = TypeVar("Message")
Event = TypeVar("Event")


def full_jitter() -> float:
    """Draws the share of a delay to wait, so that not all watchers return at once."""
    return random.random()  # noqa: S311 - spreads load, hides nothing.


@dataclass(frozen=True, slots=True, kw_only=True)
class Backoff:
    """How long a watch waits before it connects again, and when it gives up.

    The delay doubles from `delay_seconds_first` to `delay_seconds_max`, each
    time multiplied by `jitter()`. `attempts_max` counts the connections that
    failed since a message last arrived; None never gives up. `sleep` waits.

    A connection whose heartbeat is later than `heartbeat_late_seconds_max`
    counts as dead, though nothing tells that it broke.
    """

    delay_seconds_first: float = 0.2
    delay_seconds_max: float = 10.0
    attempts_max: int | None = None
    heartbeat_late_seconds_max: float = 5.0
    jitter: Callable[[], float] = full_jitter
    sleep: Callable[[float], Awaitable[object]] = asyncio.sleep

    def delay_seconds(self, attempt: int) -> float:
        """Tells the wait after the attempt of this number, counted from 1."""
        delay_seconds = min(
            self.delay_seconds_max, self.delay_seconds_first * 2.0 ** min(attempt - 1, 30)
        )
        return delay_seconds * self.jitter()


@dataclass(frozen=True, slots=True, kw_only=True)
class Interruption:
    """A connection of a watch that broke; the next one is tried after the delay."""

    error: OvoPaymentsError
    attempt: int
    delay_seconds: float


@dataclass(slots=True, kw_only=True)
class _Following(ABC, Generic[Message, Event]):
    """A stream that goes on over broken connections, from wherever it stood."""

    connection: Connection
    call_metadata: Callable[[], Sequence[tuple[str, str]]]
    heartbeat_interval_seconds: float
    backoff: Backoff
    on_interruption: Callable[[Interruption], None] | None

    @abstractmethod
    def _call(self, line: Line) -> "grpc.aio.UnaryStreamCall[Any, Message]":
        """Asks for what comes after the place where it stands."""

    @abstractmethod
    def _taken(self, message: Message) -> Event | None:
        """Notes the place after a message; gives what the caller has not seen yet."""

    async def events(self) -> AsyncGenerator[Event, None]:
        """Yields what comes, and connects again where a connection broke."""
        attempt = 0
        while True:
            try:
                async with aclosing(self._stream()) as stream:
                    async for event in stream:
                        attempt = 0
                        yield event
            except RetryableError as error:
                attempt += 1
                if attempt == self.backoff.attempts_max:
                    raise
                await self._wait(error, attempt)
            else:
                return

    async def _wait(self, error: OvoPaymentsError, attempt: int) -> None:
        """Tells of the interruption and waits; at least as long as the service asked for."""
        asked_seconds = error.retry_delay.total_seconds() if error.retry_delay else 0.0
        # The service asks the same of all: without the jitter they would return as one.
        delay_seconds = asked_seconds + self.backoff.delay_seconds(attempt)
        if self.on_interruption is not None:
            self.on_interruption(
                Interruption(error=error, attempt=attempt, delay_seconds=delay_seconds),
            )
        await self.backoff.sleep(delay_seconds)

    async def _stream(self) -> AsyncGenerator[Event, None]:
        """Yields what one stream brings; ends where the service ended it with OK."""
        with self.connection.call() as line:
            call = self._call(line)
            try:
                while (message := await self._read(call, line)) is not None:
                    event = self._taken(message)
                    if event is not None:
                        yield event
            finally:
                call.cancel()

    async def _read(
        self, call: "grpc.aio.UnaryStreamCall[Any, Message]", line: Line
    ) -> Message | None:
        """Reads the next message; None at the end; a silent connection counts as dead."""
        patience_seconds = self.heartbeat_interval_seconds + self.backoff.heartbeat_late_seconds_max
        try:
            async with asyncio.timeout(patience_seconds):
                message = await call.read()
        except TimeoutError:
            self.connection.leave(line)
            raise NoAnswerError(
                f"nothing arrived for {patience_seconds:g} s, not even a heartbeat",
                status=grpc.StatusCode.DEADLINE_EXCEEDED,
            ) from None
        except grpc.aio.AioRpcError as error:
            raise decode_error(error) from error
        return None if message is grpc.aio.EOF else cast("Message", message)

    def _interval(self) -> Duration:
        interval = Duration()
        interval.FromNanoseconds(round(self.heartbeat_interval_seconds * 1e9))
        return interval


@dataclass(slots=True, kw_only=True)
class Watch(_Following[ovo_payments_pb2.WatchPaymentResponse, Payment | Heartbeat]):
    """One payment's versions, each once and in order, to the last."""

    payment_id: str | None
    order_id: str | None
    version: int | None

    def _call(
        self, line: Line
    ) -> grpc.aio.UnaryStreamCall[Any, ovo_payments_pb2.WatchPaymentResponse]:
        """Asks for everything above the last version seen."""
        request = ovo_payments_pb2.WatchPaymentRequest(heartbeat_interval=self._interval())
        if self.payment_id is not None:
            request.payment_id = self.payment_id
        if self.order_id is not None:
            request.order_id = self.order_id
        if self.version is not None:
            request.after_version = self.version
        return line.stub.WatchPayment(request, metadata=self.call_metadata())

    def _taken(self, message: ovo_payments_pb2.WatchPaymentResponse) -> Payment | Heartbeat | None:
        if message.HasField("heartbeat"):
            return codec.heartbeat(message.heartbeat)
        if not message.HasField("payment") or not self._is_new(message.payment.version):
            return None
        version = codec.payment(message.payment)
        self.version = version.version
        # From here on the payment itself is followed: an order's latest payment may be another
        # one by the time of a reconnection.
        self.payment_id, self.order_id = version.payment_id, None
        return version

    def _is_new(self, version: int) -> bool:
        """Tells whether the caller has not seen this version yet."""
        return self.version is None or version > self.version


@dataclass(slots=True, kw_only=True)
class WatchAll(_Following[ovo_payments_pb2.WatchPaymentsResponse, PaymentChange]):
    """The changes of all payments of the caller, each once, in their one order, without end."""

    cursor: str
    from_now: bool
    states: Sequence[PaymentState]
    providers: Sequence[str]

    def _call(
        self, line: Line
    ) -> grpc.aio.UnaryStreamCall[Any, ovo_payments_pb2.WatchPaymentsResponse]:
        """Asks for everything after the last cursor seen."""
        request = ovo_payments_pb2.WatchPaymentsRequest(
            cursor=self.cursor,
            # The first message has a cursor, from which a broken stream goes on.
            from_now=self.from_now and not self.cursor,
            states=[codec.state_number(state) for state in self.states],
            providers=self.providers,
            heartbeat_interval=self._interval(),
        )
        return line.stub.WatchPayments(request, metadata=self.call_metadata())

    def _taken(self, message: ovo_payments_pb2.WatchPaymentsResponse) -> PaymentChange:
        self.cursor = message.cursor
        return codec.payment_change(message)


async def payments_alone(
    events: AsyncGenerator[Payment | Heartbeat, None],
) -> AsyncGenerator[Payment, None]:
    """Leaves the heartbeats out."""
    async with aclosing(events):
        async for event in events:
            if isinstance(event, Payment):
                yield event
