"""The contract's RPCs: decode, call the use case, encode. No business is here."""

from collections.abc import AsyncGenerator, Callable, Mapping
from datetime import datetime
from typing import Final, TypeAlias, TypeVar, cast

import grpc
from google.protobuf.message import DecodeError, Message

from ovo.payments.v1 import ovo_payments_pb2 as messages
from ovo_payments.application.call import (
    BalanceResult,
    BindingResult,
    Call,
    Heartbeat,
    PaymentResult,
    StreamEvent,
    WatchPaymentRequest,
    WatchPaymentsRequest,
)
from ovo_payments.domain.binding import Binding
from ovo_payments.domain.errors import (
    InvalidRequestError,
    StreamInterruptedError,
    Violation,
)
from ovo_payments.domain.payment import Payment
from ovo_payments.transport.grpc.calls import Answer, Context, Rpc, Surroundings, Work
from ovo_payments.transport.grpc.codec import decode, encode
from ovo_payments.transport.grpc.ports import Request, Result, UseCase, UseCases, Watch
from ovo_payments.transport.grpc.streams import Streams

SERVICE: Final = messages.DESCRIPTOR.services_by_name["OvoPayments"].full_name
"""`ovo.payments.v1.OvoPayments`."""

Facts: TypeAlias = Mapping[str, object]
RequestMessage = TypeVar("RequestMessage", bound=Message)
Event = TypeVar("Event")


def service_handler(
    use_cases: UseCases, surroundings: Surroundings, streams: Streams
) -> grpc.GenericRpcHandler:
    """Joins the contract's methods to the use cases."""
    unary = {
        "Bind": _unary(
            messages.BindRequest.FromString,
            decode.bind_request,
            use_cases.bind,
            encode.bind_response,
            _of_binding_result,
        ),
        "Unbind": _unary(
            messages.UnbindRequest.FromString,
            decode.unbind_request,
            use_cases.unbind,
            encode.unbind_response,
            _of_subject,
        ),
        "Balance": _unary(
            messages.BalanceRequest.FromString,
            decode.balance_request,
            use_cases.balance,
            encode.balance_response,
            _of_balance,
        ),
        "Pay": _unary(
            messages.PayRequest.FromString,
            decode.pay_request,
            use_cases.pay,
            encode.pay_response,
            _of_payment_result,
        ),
        "Charge": _unary(
            messages.ChargeRequest.FromString,
            decode.charge_request,
            use_cases.charge,
            encode.charge_response,
            _of_payment_result,
        ),
        "Refund": _unary(
            messages.RefundRequest.FromString,
            decode.refund_request,
            use_cases.refund,
            encode.refund_response,
            _of_payment_result,
        ),
        "GetStatus": _unary(
            messages.GetStatusRequest.FromString,
            decode.get_status_request,
            use_cases.get_status,
            encode.get_status_response,
            _of_subject,
        ),
    }
    handlers: dict[str, grpc.RpcMethodHandler[bytes, bytes]] = {
        method: grpc.unary_unary_rpc_method_handler(Rpc(method, surroundings, work).answer)
        for method, work in unary.items()
    }
    watches = {
        "WatchPayment": _stream(
            streams,
            messages.WatchPaymentRequest.FromString,
            decode.watch_payment_request,
            use_cases.watch_payment,
            EncodedVersions().of,
            _after_version,
        ),
        "WatchPayments": _stream(
            streams,
            messages.WatchPaymentsRequest.FromString,
            decode.watch_payments_request,
            use_cases.watch_payments,
            lambda event: encode.watch_payments_response(event).SerializeToString(),
            _after_cursor,
        ),
    }
    for method, work in watches.items():
        rpc = Rpc(method, surroundings, work, streams=True)
        handlers[method] = grpc.unary_stream_rpc_method_handler(rpc.answer)
    return grpc.method_handlers_generic_handler(SERVICE, handlers)


def _unary(
    parse: Callable[[bytes], RequestMessage],
    decode_request: Callable[[RequestMessage], Request],
    use_case: UseCase[Request, Result],
    encode_response: Callable[[Result], Message],
    facts: Callable[[Result], Facts],
) -> Work:
    async def work(call: Call, body: bytes, _context: Context) -> Answer:
        result = await use_case(call, decode_request(_parsed(parse, body)))
        return encode_response(result).SerializeToString(), facts(result)

    return work


def _stream(
    streams: Streams,
    parse: Callable[[bytes], RequestMessage],
    decode_request: Callable[[RequestMessage], Request],
    watch: Watch[Request, Event],
    encoded: Callable[[Event], bytes],
    interrupted: Callable[[Request, Event | None], StreamInterruptedError],
) -> Work:
    async def work(call: Call, body: bytes, context: Context) -> Answer:
        request = decode_request(_parsed(parse, body))
        events = cast("AsyncGenerator[Event]", watch(call, request))

        async def write(event: Event) -> None:
            await context.write(encoded(event))

        sent_count = await streams.carry(events, write, lambda last: interrupted(request, last))
        return None, {"messages": sent_count}

    return work


def _after_version(
    request: WatchPaymentRequest, last: Payment | Heartbeat | None
) -> StreamInterruptedError:
    seen = (request.after_version or 0) if last is None else last.version
    return StreamInterruptedError(last_version=seen)


def _after_cursor(
    request: WatchPaymentsRequest, last: StreamEvent | None
) -> StreamInterruptedError:
    return StreamInterruptedError(cursor=request.cursor if last is None else last.cursor)


class EncodedVersions:
    """Encodes a version of a payment once, for everybody who watches it."""

    def __init__(self, kept_max: int = 256) -> None:
        self._kept_max = kept_max
        self._kept: dict[tuple[str, int, datetime | None], bytes] = {}

    def of(self, event: Payment | Heartbeat) -> bytes:
        """Gives the bytes of a stream's message."""
        if isinstance(event, Heartbeat):
            return encode.watch_payment_response(event).SerializeToString()
        # The next check is the one thing on the wire that changes within a version.
        key = (event.payment_id, event.version, event.checks.next_check_time)
        message = self._kept.get(key)
        if message is None:
            message = encode.watch_payment_response(event).SerializeToString()
            if len(self._kept) >= self._kept_max:
                self._kept.clear()
            self._kept[key] = message
        return message


def _parsed(parse: Callable[[bytes], RequestMessage], body: bytes) -> RequestMessage:
    try:
        return parse(body)
    except DecodeError as error:
        raise InvalidRequestError((Violation("(message)", "not the method's message"),)) from error


# What the log tells of an answer: names and states, no money and no persons.


def _of_payment_result(result: PaymentResult) -> Facts:
    payment = result.payment
    told = {"payment_id": payment.payment_id, "state": payment.state.value}
    return {**told, "replayed": True} if result.replayed else told


def _of_binding_result(result: BindingResult) -> Facts:
    told = _of_subject(result.binding)
    return {**told, "replayed": True} if result.replayed else told


def _of_subject(subject: Payment | Binding) -> Facts:
    if isinstance(subject, Payment):
        return {"payment_id": subject.payment_id, "state": subject.state.value}
    return {"binding_id": subject.binding_id, "state": subject.state.value}


def _of_balance(_result: BalanceResult) -> Facts:
    return {}
