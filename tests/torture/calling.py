"""A caller: makes calls, goes away in the middle of some, and writes down what it saw."""

import asyncio
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import suppress
from dataclasses import replace
from random import Random
from typing import Any, Final, TypeAlias, TypeVar

from ovo_payments.application.call import (
    BindingResult,
    BindRequest,
    Call,
    ChargeRequest,
    GetStatusRequest,
    Heartbeat,
    PaymentResult,
    PayRequest,
    RefundRequest,
    WatchPaymentRequest,
)
from ovo_payments.application.use_cases import UseCases
from ovo_payments.domain.binding import Binding
from ovo_payments.domain.errors import PaymentServiceError
from ovo_payments.domain.payment import Payment
from tests.torture.observed import Operation, Watch
from tests.torture.service import (
    CallerGaveUpError,
    ConnectionLostError,
    UnreachableError,
)
from tests.torture.world import World

Request: TypeAlias = ChargeRequest | PayRequest | RefundRequest | BindRequest
R = TypeVar("R")

_UNKNOWN: Final = (ConnectionLostError, CallerGaveUpError)
DEADLINE_S: Final = 60.0


class Caller:
    """One merchant's client; all its clients together are its scope."""

    def __init__(self, world: World, scope: str, random: Random) -> None:
        self.scope = scope
        self._world = world
        self._random = random

    async def charge(self, request: ChargeRequest) -> Operation:
        """Charges."""
        return await self._asked("Charge", request, lambda cases, call: cases.charge(call, request))

    async def pay(self, request: PayRequest) -> Operation:
        """Debits."""
        return await self._asked("Pay", request, lambda cases, call: cases.pay(call, request))

    async def refund(self, request: RefundRequest) -> Operation:
        """Gives back."""
        return await self._asked("Refund", request, lambda cases, call: cases.refund(call, request))

    async def bind(self, request: BindRequest) -> Operation:
        """Links."""
        return await self._asked("Bind", request, lambda cases, call: cases.bind(call, request))

    async def unbind(self, binding_id: str) -> Operation:
        """Unlinks."""
        operation = self._begun("Unbind", subject_id=binding_id)
        return await self._carried(operation, lambda cases, call: cases.unbind(call, binding_id))

    async def balance(self, binding_id: str) -> Operation:
        """Reads what a linked account holds."""
        operation = self._begun("Balance", subject_id=binding_id)
        return await self._carried(operation, lambda cases, call: cases.balance(call, binding_id))

    async def status(self, **asked: Any) -> Operation:  # noqa: ANN401 - GetStatusRequest's fields
        """Reads."""
        request = GetStatusRequest(**asked)
        operation = self._begun(
            "GetStatus",
            subject_id=request.payment_id or request.binding_id or "",
            order_id=request.order_id or "",
        )
        return await self._carried(operation, lambda cases, call: cases.get_status(call, request))

    async def insisting(
        self, made: Callable[[Request], Coroutine[Any, Any, Operation]], request: Request
    ) -> Operation:
        """Repeats a call under the same request id until it is told what became of it."""
        operation = await made(request)
        for pause_s in (0.5, 1, 2, 4, 8, 15, 30, 60):
            retried = operation.outcome == "unknown" or operation.reason in {
                "StoreUnavailableError",
                "ProviderUnavailableError",
                "UnreachableError",
                "DeadlineTooShortError",
            }
            if not retried or operation.payment_id:
                break
            await asyncio.sleep(pause_s * (0.5 + self._random.random()))
            operation = await made(request)
        return operation

    async def watch(
        self,
        payment_id: str = "",
        *,
        order_id: str | None = None,
        after_version: int | None = None,
        for_s: float = 120.0,
    ) -> Watch:
        """Watches a payment until it is settled, the stream breaks, or the watcher has enough."""
        recorder = self._world.recorder
        watch = Watch(
            order=recorder.next(),
            payment_id=payment_id,
            after_version=after_version,
            began_at=recorder.now,
            scope=self.scope,
        )
        recorder.observed.watches.append(watch)
        node = self._world.service.node
        watch.node = node.name if node else ""
        request = WatchPaymentRequest(
            payment_id=payment_id or None, order_id=order_id, after_version=after_version
        )

        async def watched(cases: UseCases, call: Call) -> None:
            stream: AsyncIterator[Payment | Heartbeat] = cases.watch_payment(call, request)
            async for event in stream:
                if isinstance(event, Payment):
                    watch.payment_id = event.payment_id
                    watch.seen_scopes.add(event.scope)
                    watch.versions.append((recorder.now, event.version, event.open))

        try:
            await self._world.service.call(self.scope, "WatchPayment", watched, deadline_s=for_s)
            watch.ended = "done"
        except CallerGaveUpError:
            watch.ended = "left"
        except ConnectionLostError:
            watch.ended = "cut"
        except (UnreachableError, PaymentServiceError) as error:
            watch.ended = type(error).__name__
        watch.ended_at = recorder.now
        return watch

    async def _asked(
        self,
        method: str,
        request: Request,
        asked: Callable[[UseCases, Call], Coroutine[Any, Any, R]],
    ) -> Operation:
        amount = getattr(request, "amount", None)
        operation = self._begun(
            method,
            request_id=request.request_id,
            content=repr(replace(request, request_id="")),
            order_id=getattr(request, "order_id", ""),
            subject_id=getattr(request, "binding_id", "") or getattr(request, "payment_id", ""),
            amount_rupiah=amount.units if amount is not None else 0,
            phone=getattr(request, "phone_number", ""),
        )
        return await self._carried(operation, asked)

    def _begun(self, method: str, **known: Any) -> Operation:  # noqa: ANN401 - Operation's fields
        recorder = self._world.recorder
        operation = Operation(
            order=recorder.next(),
            scope=self.scope,
            method=method,
            invoked_at=recorder.now,
            **known,
        )
        recorder.observed.operations.append(operation)
        recorder.tell(self.scope, "calls", method, operation.request_id, operation.subject_id)
        return operation

    async def _carried(
        self, operation: Operation, asked: Callable[[UseCases, Call], Coroutine[Any, Any, R]]
    ) -> Operation:
        profile, random = self._world.profile, self._random
        moves = operation.method in {"Charge", "Pay", "Refund", "Bind", "Unbind"}
        deadline_s = DEADLINE_S
        if moves and random.random() < profile.caller_short_deadline:
            deadline_s = random.choice((0.5, 1.1, 1.3, 2.0, 5.0))
        calling = asyncio.ensure_future(
            self._world.service.call(self.scope, operation.method, asked, deadline_s=deadline_s)
        )
        if moves and random.random() < profile.caller_cancels:
            await asyncio.wait({calling}, timeout=random.choice((0.01, 0.05, 0.2, 0.5, 2)))
            if calling.cancel():
                operation.cancelled = True
        try:
            result: object = await calling
        except asyncio.CancelledError:
            operation.outcome = "unknown"
        except _UNKNOWN as error:
            operation.outcome, operation.reason = "unknown", type(error).__name__
            operation.cancelled = isinstance(error, CallerGaveUpError)
        except (UnreachableError, PaymentServiceError) as error:
            operation.outcome, operation.reason = "failed", type(error).__name__
            operation.payment_id = getattr(error, "payment_id", "")
        except Exception as error:  # noqa: BLE001 - INTERNAL on the wire; a bug, which the checker tells
            operation.outcome, operation.reason = "failed", f"INTERNAL {error!r}"
        else:
            operation.outcome = "ok"
            _note_result(operation, result)
        recorder = self._world.recorder
        operation.ended_at = recorder.now
        recorder.tell(
            self.scope,
            "hears",
            operation.method,
            operation.request_id,
            operation.outcome,
            operation.reason,
            operation.state,
            operation.version,
        )
        return operation


def _note_result(operation: Operation, result: object) -> None:
    if isinstance(result, PaymentResult | BindingResult):
        operation.replayed = result.replayed
        result = result.payment if isinstance(result, PaymentResult) else result.binding
    if isinstance(result, Payment):
        operation.payment_id = result.payment_id
        operation.amount_rupiah = operation.amount_rupiah or result.amount.rupiah
    elif isinstance(result, Binding):
        operation.binding_id = result.binding_id
    if isinstance(result, Payment | Binding):
        operation.state, operation.version = result.state.value, result.version
        operation.seen_scope = result.scope


async def ended(*tasks: "asyncio.Future[Any]") -> None:
    """Waits for side shows; what came of them is in the history."""
    for task in tasks:
        with suppress(asyncio.CancelledError):
            await task
