"""The client for programs without asyncio: the same methods, and they wait.

An event loop in a thread of its own does the work, so one client serves many
threads. A program that has an event loop uses `connect` instead.
"""

import asyncio
import threading
from collections.abc import AsyncGenerator, Callable, Coroutine, Generator, Iterator
from contextlib import contextmanager
from functools import wraps
from typing import Any, Concatenate, ParamSpec, TypeVar

import grpc

from ovo_payments_client.client import DEADLINE_SECONDS, OvoPaymentsClient, Token, connect

Arguments = ParamSpec("Arguments")
Answer = TypeVar("Answer")


@contextmanager
def connect_blocking(
    target: str = "127.0.0.1:50051",
    *,
    token: Token | None = None,
    credentials: grpc.ChannelCredentials | None = None,
    deadline_seconds: float = DEADLINE_SECONDS,
    allow_token_in_clear: bool = False,
) -> Iterator["BlockingOvoPaymentsClient"]:
    """Opens a connection like `connect`, for a program without asyncio."""
    with _loop_in_a_thread() as loop:
        connection = connect(
            target,
            token=token,
            credentials=credentials,
            deadline_seconds=deadline_seconds,
            allow_token_in_clear=allow_token_in_clear,
        )
        client = _wait(loop, connection.__aenter__())
        try:
            yield BlockingOvoPaymentsClient(client, loop)
        finally:
            _wait(loop, connection.__aexit__(None, None, None))


def _waiting(
    method: Callable[Concatenate[OvoPaymentsClient, Arguments], Coroutine[Any, Any, Answer]],
) -> Callable[Concatenate["BlockingOvoPaymentsClient", Arguments], Answer]:
    """Makes a method that waits from one that is awaited."""

    @wraps(method)
    def wait(
        self: "BlockingOvoPaymentsClient",
        /,
        *args: Arguments.args,
        **kwargs: Arguments.kwargs,
    ) -> Answer:
        return _wait(self.loop, method(self.client, *args, **kwargs))

    return wait


def _iterating(
    method: Callable[Concatenate[OvoPaymentsClient, Arguments], AsyncGenerator[Answer, None]],
) -> Callable[Concatenate["BlockingOvoPaymentsClient", Arguments], Generator[Answer, None, None]]:
    """Makes a method that iterates from one that iterates asynchronously."""

    @wraps(method)
    def iterate(
        self: "BlockingOvoPaymentsClient",
        /,
        *args: Arguments.args,
        **kwargs: Arguments.kwargs,
    ) -> Generator[Answer, None, None]:
        events = method(self.client, *args, **kwargs)
        try:
            while True:
                yield _wait(self.loop, anext(events))
        except StopAsyncIteration:
            return
        finally:
            _wait(self.loop, events.aclose())

    return iterate


class BlockingOvoPaymentsClient:
    """The methods of `OvoPaymentsClient`, to be called without await, from any thread."""

    def __init__(self, client: OvoPaymentsClient, loop: asyncio.AbstractEventLoop) -> None:
        self.client = client
        self.loop = loop

    bind = _waiting(OvoPaymentsClient.bind)
    unbind = _waiting(OvoPaymentsClient.unbind)
    balance = _waiting(OvoPaymentsClient.balance)
    pay = _waiting(OvoPaymentsClient.pay)
    charge = _waiting(OvoPaymentsClient.charge)
    refund = _waiting(OvoPaymentsClient.refund)
    get_status = _waiting(OvoPaymentsClient.get_status)
    watch = _iterating(OvoPaymentsClient.watch)
    watch_payments = _iterating(OvoPaymentsClient.watch_payments)


def _wait(loop: asyncio.AbstractEventLoop, work: Coroutine[Any, Any, Answer]) -> Answer:
    """Runs the work on the loop and waits for it; who stops waiting cancels it."""
    future = asyncio.run_coroutine_threadsafe(work, loop)
    try:
        return future.result()
    finally:
        future.cancel()


@contextmanager
def _loop_in_a_thread() -> Iterator[asyncio.AbstractEventLoop]:
    """Runs an event loop in a thread for the length of the block."""
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, name="ovo-payments-client", daemon=True)
    thread.start()
    try:
        yield loop
    finally:
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()
