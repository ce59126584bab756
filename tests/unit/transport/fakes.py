"""Use cases that answer as they are told, for the tests of the transports."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field
from typing import Generic, TypeVar

from ovo_payments.application.call import (
    BalanceResult,
    BindingResult,
    BindRequest,
    Call,
    ChargeRequest,
    GetStatusRequest,
    Heartbeat,
    PaymentResult,
    PayRequest,
    RefundRequest,
    StreamEvent,
    WatchPaymentRequest,
    WatchPaymentsRequest,
)
from ovo_payments.domain.binding import Binding
from ovo_payments.domain.errors import StreamInterruptedError
from ovo_payments.domain.money import Money
from ovo_payments.domain.payment import Payment
from ovo_payments.domain.provider import AccountBalance, InboundAnswer, InboundRequest
from tests.unit.transport.samples import FULL_BINDING, NOON, PAYMENT

Request = TypeVar("Request")
Result = TypeVar("Result")


@dataclass
class Answers(Generic[Request, Result]):
    """A use case that gives `result`, once `work` is done, and remembers what it was asked."""

    result: Result
    work: Callable[[], Awaitable[None]] | None = None
    asked: list[tuple[Call, Request]] = field(default_factory=list)

    async def __call__(self, call: Call, request: Request) -> Result:
        """Answers, or raises what `work` raises."""
        self.asked.append((call, request))
        if self.work is not None:
            await self.work()
        return self.result

    def fail_with(self, error: Exception) -> None:
        """Raises an error from now on."""

        async def fail() -> None:
            raise error

        self.work = fail


class Watches:
    """A watch that gives what is put into it; None ends it."""

    def __init__(self) -> None:
        self.events: asyncio.Queue[Payment | Heartbeat | None] = asyncio.Queue()
        self.asked: list[tuple[Call, WatchPaymentRequest]] = []
        self.closed = asyncio.Event()
        self._interrupted = asyncio.Event()

    async def __call__(
        self, call: Call, request: WatchPaymentRequest
    ) -> AsyncIterator[Payment | Heartbeat]:
        """Streams; raises StreamInterruptedError once interrupted."""
        self.asked.append((call, request))
        interrupted = asyncio.create_task(self._interrupted.wait())
        version = 0
        try:
            while True:
                coming = asyncio.create_task(self.events.get())
                await asyncio.wait({coming, interrupted}, return_when=asyncio.FIRST_COMPLETED)
                if not coming.done():
                    coming.cancel()
                    raise StreamInterruptedError(last_version=version)
                event = coming.result()
                if event is None:
                    return
                version = event.version
                yield event
        finally:
            interrupted.cancel()
            self.closed.set()

    def interrupt(self) -> None:
        """Ends every stream."""
        self._interrupted.set()


class WatchesAll:
    """Streams what a test has put in, and then its end."""

    def __init__(self) -> None:
        self.events: list[StreamEvent] = []
        self.asked: list[tuple[Call, WatchPaymentsRequest]] = []

    async def __call__(
        self, call: Call, request: WatchPaymentsRequest
    ) -> AsyncIterator[StreamEvent]:
        """Streams; raises StreamInterruptedError at the end."""
        self.asked.append((call, request))
        for event in self.events:
            yield event
        raise StreamInterruptedError(cursor=self.events[-1].cursor)

    def interrupt(self) -> None:
        """Has nothing to end."""


def _payment_result() -> PaymentResult:
    return PaymentResult(payment=PAYMENT, replayed=False)


def _balances() -> BalanceResult:
    cash = AccountBalance(type="CASH", available=Money(70_000))
    return BalanceResult(balances=(cash,), read_time=NOON)


@dataclass
class FakeUseCases:
    """One of each."""

    bind: Answers[BindRequest, BindingResult] = field(
        default_factory=lambda: Answers(BindingResult(binding=FULL_BINDING, replayed=False))
    )
    unbind: Answers[str, Binding] = field(default_factory=lambda: Answers(FULL_BINDING))
    balance: Answers[str, BalanceResult] = field(default_factory=lambda: Answers(_balances()))
    pay: Answers[PayRequest, PaymentResult] = field(
        default_factory=lambda: Answers(_payment_result())
    )
    charge: Answers[ChargeRequest, PaymentResult] = field(
        default_factory=lambda: Answers(_payment_result())
    )
    refund: Answers[RefundRequest, PaymentResult] = field(
        default_factory=lambda: Answers(_payment_result())
    )
    get_status: Answers[GetStatusRequest, Payment | Binding] = field(
        default_factory=lambda: Answers(PAYMENT)
    )
    watch_payment: Watches = field(default_factory=Watches)
    watch_payments: WatchesAll = field(default_factory=WatchesAll)


@dataclass
class FakeReceiver:
    """Keeps every webhook whose `x-signature` is `good`, and refuses all others alike."""

    paths: frozenset[str] = frozenset({"/webhooks/shop"})
    reply_paths: frozenset[str] = frozenset({"/token"})
    kept: list[InboundRequest] = field(default_factory=list)
    asked: list[InboundRequest] = field(default_factory=list)
    failure: Exception | None = None

    async def __call__(self, path: str, request: InboundRequest) -> InboundAnswer:
        """Stores, or refuses."""
        if request.headers.get("x-signature") != "good":
            return self.refuse(path)
        if self.failure is not None:
            raise self.failure
        self.kept.append(request)
        return InboundAnswer(
            status=200, body=b'{"kept":true}', headers={"content-type": "application/json"}
        )

    def refuse(self, path: str) -> InboundAnswer:
        """Says the same to everybody."""
        return InboundAnswer(status=401, body=f"refused on {path}".encode())

    async def reply(self, path: str, request: InboundRequest) -> InboundAnswer:
        """Answers who signs, refuses others."""
        self.asked.append(request)
        if request.headers.get("x-signature") != "good":
            return InboundAnswer(status=401, body=b"no token for you")
        return InboundAnswer(status=200, body=path.encode())
