"""One caller's calls by the generated stubs, each written into the history before it leaves."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from itertools import cycle
from typing import Any, Final

import grpc

from ovo.payments.v1 import binding_pb2, ovo_payments_pb2_grpc, payment_pb2
from ovo.payments.v1 import ovo_payments_pb2 as messages
from ovo_payments_client.error_decoding import decode_error
from tests.torture.real.history import HistoryWriter

_UNARY_DEADLINE_S: Final = 12.0
_REPEATABLE: Final = frozenset(
    {
        *("StoreUnavailableError", "ProviderUnavailableError", "DeadlineTooShortError"),
        *("RateLimitedError",),
    }
)
_OPEN: Final = frozenset({payment_pb2.Payment.STATE_PENDING, payment_pb2.Payment.STATE_IN_DOUBT})
_REFUND_OPEN: Final = frozenset(
    {payment_pb2.RefundDetails.STATE_PENDING, payment_pb2.RefundDetails.STATE_IN_DOUBT}
)

Request = messages.ChargeRequest | messages.PayRequest | messages.RefundRequest
Told = dict[str, Any]


class Caller:
    """One merchant's connections to the service's nodes, which it asks in turns."""

    def __init__(
        self,
        channels: Sequence[grpc.aio.Channel],
        *,
        scope: str,
        token: str,
        history: HistoryWriter,
    ) -> None:
        """Calls over channels, one to each node, and writes everything into a history."""
        stubs = [ovo_payments_pb2_grpc.OvoPaymentsStub(channel) for channel in channels]
        self._stubs = cycle(enumerate(stubs))
        self._metadata = (("authorization", f"Bearer {token}"),)
        self.scope = scope
        self.history = history

    async def ask(
        self,
        request: Request,
        *,
        deadline_s: float = _UNARY_DEADLINE_S,
        cancel_after_s: float | None = None,
    ) -> Told:
        """Asks for money once; with `cancel_after_s` the caller goes away in the middle."""
        method = type(request).__name__.removesuffix("Request")
        number = self.history.invoked(scope=self.scope, method=method, **_about(request))
        _, stub = next(self._stubs)
        calls: dict[str, Callable[..., grpc.aio.UnaryUnaryCall[Any, Any]]] = {
            "Charge": stub.Charge,
            "Pay": stub.Pay,
            "Refund": stub.Refund,
        }
        call = calls[method](request, timeout=deadline_s, metadata=self._metadata)
        if cancel_after_s is not None:
            asyncio.get_running_loop().call_later(cancel_after_s, call.cancel)
        return await self._ended(number, call)

    async def insist(self, request: Request, *, attempts: int = 12) -> Told:
        """Repeats a call with its request id until it is told what became of it."""
        told = await self.ask(request)
        for attempt in range(attempts):
            if told["outcome"] != "unknown" and told.get("reason") not in _REPEATABLE:
                break
            if told.get("payment_id"):
                break
            await asyncio.sleep(min(0.1 * 2**attempt, 2.0))
            told = await self.ask(request)
        return told

    async def status(
        self, payment_id: str, *, refresh: bool = False, deadline_s: float = _UNARY_DEADLINE_S
    ) -> Told:
        """Reads a payment."""
        number = self.history.invoked(scope=self.scope, method="GetStatus", subject_id=payment_id)
        request = messages.GetStatusRequest(payment_id=payment_id, refresh=refresh)
        _, stub = next(self._stubs)
        call = stub.GetStatus(request, timeout=deadline_s, metadata=self._metadata)
        return await self._ended(number, call)

    async def unbind(self, binding_id: str) -> Told:
        """Unlinks."""
        number = self.history.invoked(scope=self.scope, method="Unbind", subject_id=binding_id)
        request = messages.UnbindRequest(binding_id=binding_id)
        _, stub = next(self._stubs)
        call = stub.Unbind(request, timeout=_UNARY_DEADLINE_S, metadata=self._metadata)
        return await self._ended(number, call)

    async def watch(
        self, payment_id: str, after_version: int | None, for_s: float, *, watcher: str = ""
    ) -> Told:
        """Watches until the end, until the stream breaks, or until the watcher has enough."""
        target, stub = next(self._stubs)
        number = self.history.watching(
            payment_id=payment_id, after_version=after_version, target=target, watcher=watcher
        )
        request = messages.WatchPaymentRequest(payment_id=payment_id, after_version=after_version)
        told: Told = {"version": after_version, "state": ""}
        stream = stub.WatchPayment(request, timeout=for_s, metadata=self._metadata)
        try:
            async for message in stream:
                if message.HasField("payment"):
                    payment = message.payment
                    told |= {"version": payment.version, "state": _state(payment.state)}
                    self.history.seen(number, payment.version, is_open=_is_open(payment))
            ended = "done"
        except grpc.aio.AioRpcError as error:
            ended = "left" if error.code() is grpc.StatusCode.DEADLINE_EXCEEDED else _reason(error)
            ended = ended or "cut"
        self.history.watched(number, ended)
        return told | {"ended": ended}

    async def _ended(self, number: int, call: Awaitable[Any]) -> Told:
        try:
            answer = await call
        except grpc.aio.AioRpcError as error:
            told = _refused(error)
        except asyncio.CancelledError:
            # grpc.aio raises this where the call itself was cancelled, by `ask` alone.
            told = {"outcome": "unknown", "reason": "", "cancelled": True}
        else:
            told = {"outcome": "ok", **_known(answer)}
        self.history.ended(number, **told)
        return told


def _about(request: Request) -> Told:
    content = type(request).FromString(request.SerializeToString())
    content.request_id = ""
    amount = request.amount.units if request.HasField("amount") else 0
    about: Told = {
        "request_id": request.request_id,
        "content": content.SerializeToString(deterministic=True).hex(),
        "amount_rupiah": amount,
    }
    if isinstance(request, messages.RefundRequest):
        return about | {"subject_id": request.payment_id}
    if isinstance(request, messages.PayRequest):
        return about | {"order_id": request.order_id, "subject_id": request.binding_id}
    return about | {"order_id": request.order_id, "phone": request.phone_number}


def _refused(error: grpc.aio.AioRpcError) -> Told:
    reason = _reason(error)
    if not reason:
        gone = error.code() in {grpc.StatusCode.DEADLINE_EXCEEDED, grpc.StatusCode.CANCELLED}
        return {"outcome": "unknown", "reason": error.code().name, "cancelled": gone}
    metadata = decode_error(error).metadata
    return {
        "outcome": "failed",
        "reason": reason,
        "payment_id": metadata.get("payment_id", ""),
    }


def _reason(error: grpc.aio.AioRpcError) -> str:
    """The refusal's name as the domain has it; empty where the service did not refuse."""
    reason = decode_error(error).reason
    if reason:
        return "".join(map(str.title, str(reason).split("_"))) + "Error"
    if error.code() is grpc.StatusCode.INTERNAL and "x-request-id" in error.trailing_metadata():
        return "INTERNAL"
    return ""


def _known(answer: Any) -> Told:  # noqa: ANN401 - any of the answers
    named = answer.DESCRIPTOR.fields_by_name
    if "binding" in named and answer.HasField("binding"):
        binding = answer.binding
        state = binding_pb2.Binding.State.Name(binding.state).removeprefix("STATE_")
        return {"binding_id": binding.binding_id, "state": state}
    payment = answer.payment
    told = {
        "payment_id": payment.payment_id,
        "state": _state(payment.state),
        "version": payment.version,
    }
    if "replayed" in named:
        told["replayed"] = answer.replayed
    return told


def _state(state: payment_pb2.Payment.State.ValueType) -> str:
    return payment_pb2.Payment.State.Name(state).removeprefix("STATE_")


def _is_open(payment: payment_pb2.Payment) -> bool:
    refunding = payment.HasField("refund") and payment.refund.state in _REFUND_OPEN
    return payment.state in _OPEN or refunding
