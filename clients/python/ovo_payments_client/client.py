"""The client: one method for each RPC, plain values in and out."""

import uuid
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Iterable, Mapping, Sequence
from contextlib import asynccontextmanager
from typing import Final, Literal, TypeVar, overload

import grpc

from ovo.payments.v1 import ovo_payments_pb2 as messages
from ovo.payments.v1 import ovo_payments_pb2_grpc
from ovo_payments_client import codec
from ovo_payments_client.binding import Balance, Binding, BindingResult
from ovo_payments_client.channel import open_channel, stays_on_this_machine
from ovo_payments_client.connection import Connection
from ovo_payments_client.error_decoding import decode_error
from ovo_payments_client.payment import (
    Customer,
    Heartbeat,
    LineItem,
    Payment,
    PaymentChange,
    PaymentResult,
    PaymentState,
)
from ovo_payments_client.watch import Backoff, Interruption, Watch, WatchAll, payments_alone

DEADLINE_SECONDS: Final = 30.0
HEARTBEAT_INTERVAL_SECONDS: Final = 15.0

Token = str | Callable[[], str]

Request = TypeVar("Request")
Response = TypeVar("Response")


@asynccontextmanager
async def connect(
    target: str = "127.0.0.1:50051",
    *,
    token: Token | None = None,
    credentials: grpc.ChannelCredentials | None = None,
    deadline_seconds: float = DEADLINE_SECONDS,
    allow_token_in_clear: bool = False,
) -> AsyncIterator["OvoPaymentsClient"]:
    """Opens a connection to the service, and closes it at the end of the block.

    `token` is the caller's, or a function that is asked for it at each call.
    `credentials` make it TLS (see `tls_credentials`). A token is refused on a
    connection that leaves this machine in clear, unless `allow_token_in_clear`
    tells that something else seals it, a service mesh for example.
    """
    in_clear = credentials is None and not stays_on_this_machine(target)
    if token is not None and in_clear and not allow_token_in_clear:
        raise ValueError(
            f"the token would travel to {target} in clear: pass credentials=tls_credentials(), "
            "or allow_token_in_clear=True where something else seals the connection",
        )

    def reopen() -> grpc.aio.Channel:
        return open_channel(target, credentials)

    connection = Connection(reopen(), reopen)
    try:
        yield OvoPaymentsClient(connection, token=token, deadline_seconds=deadline_seconds)
    finally:
        await connection.close()


class OvoPaymentsClient:
    """Calls the service over a channel.

    Amounts are whole rupiah. Every method raises `OvoPaymentsError` where there
    is no answer (errors.py draws the tree). A call that moves money or links an
    account has a `request_id`; where none is given one is made, and the result
    and the error both carry it. Repeating a call with its request id never acts
    twice. UNAVAILABLE is retried, up to four attempts within the deadline.
    """

    def __init__(
        self,
        channel: grpc.aio.Channel | Connection,
        *,
        token: Token | None = None,
        deadline_seconds: float = DEADLINE_SECONDS,
    ) -> None:
        """Calls over a channel of the program's own; `connect` replaces one that went dead."""
        self._connection = channel if isinstance(channel, Connection) else Connection(channel)
        self._token = token
        self._deadline_seconds = deadline_seconds

    async def bind(
        self,
        *,
        customer_id: str,
        phone_number: str,
        success_url: str,
        failure_url: str,
        customer: Customer | None = None,
        provider: str = "",
        request_id: str | None = None,
        deadline_seconds: float | None = None,
    ) -> BindingResult:
        """Starts linking a customer's OVO account; the customer finishes at `redirect_url`."""
        request = messages.BindRequest(
            request_id=request_id or _new_request_id(),
            customer_id=customer_id,
            phone_number=phone_number,
            success_url=success_url,
            failure_url=failure_url,
            customer=None if customer is None else codec.customer(customer),
            provider=provider,
        )
        answer = await self._call(self._stub.Bind, request, request.request_id, deadline_seconds)
        return BindingResult(
            binding=codec.binding(answer.binding),
            request_id=request.request_id,
            replayed=answer.replayed,
        )

    async def unbind(self, binding_id: str, *, deadline_seconds: float | None = None) -> Binding:
        """Unlinks an account; unlinking it again changes nothing."""
        request = messages.UnbindRequest(binding_id=binding_id)
        answer = await self._call(self._stub.Unbind, request, None, deadline_seconds)
        return codec.binding(answer.binding)

    async def balance(self, binding_id: str, *, deadline_seconds: float | None = None) -> Balance:
        """Reads what a linked account holds, from the provider, now."""
        request = messages.BalanceRequest(binding_id=binding_id)
        answer = await self._call(self._stub.Balance, request, None, deadline_seconds)
        return codec.balance(answer)

    async def pay(  # noqa: PLR0913 - an argument for each field of the request.
        self,
        *,
        order_id: str,
        binding_id: str,
        amount: int,
        points_amount: int | None = None,
        merchant_initiated: bool = False,
        success_url: str = "",
        failure_url: str = "",
        items: Iterable[LineItem] = (),
        metadata: Mapping[str, str] | None = None,
        request_id: str | None = None,
        deadline_seconds: float | None = None,
    ) -> PaymentResult:
        """Debits a linked account.

        Unless it is merchant-initiated, the customer confirms at `redirect_url`.
        """
        request = messages.PayRequest(
            request_id=request_id or _new_request_id(),
            order_id=order_id,
            binding_id=binding_id,
            amount=codec.money(amount, "amount"),
            points_amount=(
                None if points_amount is None else codec.money(points_amount, "points_amount")
            ),
            merchant_initiated=merchant_initiated,
            success_url=success_url,
            failure_url=failure_url,
            items=codec.line_items(items),
            metadata=metadata,
        )
        answer = await self._call(self._stub.Pay, request, request.request_id, deadline_seconds)
        return codec.payment_result(answer, request.request_id)

    async def charge(  # noqa: PLR0913 - an argument for each field of the request.
        self,
        *,
        order_id: str,
        phone_number: str,
        amount: int,
        customer: Customer | None = None,
        items: Iterable[LineItem] = (),
        metadata: Mapping[str, str] | None = None,
        provider: str = "",
        request_id: str | None = None,
        deadline_seconds: float | None = None,
    ) -> PaymentResult:
        """Sends a payment request to an OVO app; the customer accepts it until `expire_time`."""
        request = messages.ChargeRequest(
            request_id=request_id or _new_request_id(),
            order_id=order_id,
            phone_number=phone_number,
            amount=codec.money(amount, "amount"),
            customer=None if customer is None else codec.customer(customer),
            items=codec.line_items(items),
            metadata=metadata,
            provider=provider,
        )
        answer = await self._call(self._stub.Charge, request, request.request_id, deadline_seconds)
        return codec.payment_result(answer, request.request_id)

    async def refund(
        self,
        payment_id: str,
        *,
        amount: int | None = None,
        reason: str = "",
        request_id: str | None = None,
        deadline_seconds: float | None = None,
    ) -> PaymentResult:
        """Returns a succeeded payment's money: all of it, or `amount`."""
        request = messages.RefundRequest(
            request_id=request_id or _new_request_id(),
            payment_id=payment_id,
            amount=None if amount is None else codec.money(amount, "amount"),
            reason=reason,
        )
        answer = await self._call(self._stub.Refund, request, request.request_id, deadline_seconds)
        return codec.payment_result(answer, request.request_id)

    @overload
    async def get_status(
        self,
        payment_id: str,
        *,
        refresh: bool = ...,
        deadline_seconds: float | None = ...,
    ) -> Payment: ...

    @overload
    async def get_status(
        self,
        *,
        order_id: str,
        refresh: bool = ...,
        deadline_seconds: float | None = ...,
    ) -> Payment: ...

    @overload
    async def get_status(
        self,
        *,
        binding_id: str,
        refresh: bool = ...,
        deadline_seconds: float | None = ...,
    ) -> Binding: ...

    async def get_status(
        self,
        payment_id: str | None = None,
        *,
        order_id: str | None = None,
        binding_id: str | None = None,
        refresh: bool = False,
        deadline_seconds: float | None = None,
    ) -> Payment | Binding:
        """Reads a payment, an order's latest payment, or a binding.

        `refresh` asks the provider first, unless the state is final.
        """
        _exactly_one(payment_id=payment_id, order_id=order_id, binding_id=binding_id)
        request = messages.GetStatusRequest(refresh=refresh)
        if payment_id is not None:
            request.payment_id = payment_id
        elif order_id is not None:
            request.order_id = order_id
        elif binding_id is not None:
            request.binding_id = binding_id
        answer = await self._call(self._stub.GetStatus, request, None, deadline_seconds)
        if answer.HasField("binding"):
            return codec.binding(answer.binding)
        return codec.payment(answer.payment)

    @overload
    def watch(
        self,
        payment_id: str | None = ...,
        *,
        order_id: str | None = ...,
        after_version: int | None = ...,
        heartbeat_interval_seconds: float = ...,
        heartbeats: Literal[False] = ...,
        backoff: Backoff | None = ...,
        on_interruption: Callable[[Interruption], None] | None = ...,
    ) -> AsyncGenerator[Payment, None]: ...

    @overload
    def watch(
        self,
        payment_id: str | None = ...,
        *,
        order_id: str | None = ...,
        after_version: int | None = ...,
        heartbeat_interval_seconds: float = ...,
        heartbeats: Literal[True],
        backoff: Backoff | None = ...,
        on_interruption: Callable[[Interruption], None] | None = ...,
    ) -> AsyncGenerator[Payment | Heartbeat, None]: ...

    def watch(
        self,
        payment_id: str | None = None,
        *,
        order_id: str | None = None,
        after_version: int | None = None,
        heartbeat_interval_seconds: float = HEARTBEAT_INTERVAL_SECONDS,
        heartbeats: bool = False,
        backoff: Backoff | None = None,
        on_interruption: Callable[[Interruption], None] | None = None,
    ) -> AsyncGenerator[Payment, None] | AsyncGenerator[Payment | Heartbeat, None]:
        """Yields a payment's versions, each once and in order, and ends after the last.

        Without `after_version` the first is the payment as it stands; 0 gives its
        whole history. A broken or silent connection is made anew from the last
        version seen, and `on_interruption` hears of it. Leaving the loop, or
        cancelling, never cancels the payment.
        """
        _exactly_one(payment_id=payment_id, order_id=order_id)
        events = Watch(
            connection=self._connection,
            call_metadata=self._call_metadata,
            payment_id=payment_id,
            order_id=order_id,
            version=after_version,
            heartbeat_interval_seconds=heartbeat_interval_seconds,
            backoff=backoff or Backoff(),
            on_interruption=on_interruption,
        ).events()
        return events if heartbeats else payments_alone(events)

    def watch_payments(
        self,
        *,
        cursor: str = "",
        from_now: bool = False,
        states: Sequence[PaymentState] = (),
        providers: Sequence[str] = (),
        heartbeat_interval_seconds: float = HEARTBEAT_INTERVAL_SECONDS,
        backoff: Backoff | None = None,
        on_interruption: Callable[[Interruption], None] | None = None,
    ) -> AsyncGenerator[PaymentChange, None]:
        """Yields every change of every payment of the caller, each once, in one order, for ever.

        Begins after `cursor`, else with the first change that ever was, or `from_now`. A broken
        or silent connection is made anew from the last cursor. Signs of life come too, since
        their cursors count. Raises OutOfRangeError, reason CURSOR_GONE, where the cursor's place
        does not exist any more: begin without one.
        """
        return WatchAll(
            connection=self._connection,
            call_metadata=self._call_metadata,
            cursor=cursor,
            from_now=from_now,
            states=states,
            providers=providers,
            heartbeat_interval_seconds=heartbeat_interval_seconds,
            backoff=backoff or Backoff(),
            on_interruption=on_interruption,
        ).events()

    async def _call(
        self,
        method: grpc.aio.UnaryUnaryMultiCallable[Request, Response],
        request: Request,
        request_id: str | None,
        deadline_seconds: float | None,
    ) -> Response:
        """Makes one call within its deadline, and turns gRPC's error into ours."""
        if deadline_seconds is None:
            deadline_seconds = self._deadline_seconds
        try:
            with self._connection.call():
                metadata = self._call_metadata()
                return await method(request, timeout=deadline_seconds, metadata=metadata)
        except grpc.aio.AioRpcError as error:
            raise decode_error(error, request_id=request_id) from error

    @property
    def _stub(self) -> "ovo_payments_pb2_grpc.OvoPaymentsAsyncStub":
        """The RPCs, over the channel of now."""
        return self._connection.stub

    def _call_metadata(self) -> tuple[tuple[str, str], ...]:
        """Names the caller."""
        if self._token is None:
            return ()
        token = self._token if isinstance(self._token, str) else self._token()
        return (("authorization", f"Bearer {token}"),)


def _new_request_id() -> str:
    """Makes a name for a call whose caller gave none."""
    return str(uuid.uuid4())


def _exactly_one(**names: str | None) -> None:
    """Refuses a subject that is named not at all, or twice."""
    if sum(name is not None for name in names.values()) != 1:
        raise TypeError(f"give exactly one of {', '.join(names)}")
