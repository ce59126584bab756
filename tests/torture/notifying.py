"""The way of notifications from the providers to the service, and of forgers to it."""

import asyncio
from collections.abc import Callable
from functools import partial
from random import Random
from typing import Final
from urllib.parse import urlsplit

from ovo_payments.application.receive_webhook import ReceiveWebhook
from ovo_payments.domain.errors import StoreUnavailableError
from ovo_payments.domain.provider import InboundAnswer, InboundRequest
from ovo_sandbox.outgoing import OutgoingAnswer, OutgoingRequest, SendFailed
from tests.torture.loop import Node, VirtualLoop, fail_once
from tests.torture.observed import Delivery, Recorder
from tests.torture.profile import Profile

_UNAVAILABLE: Final = InboundAnswer(status=503, body=b"")
_REPLY_TAMPERING: Final = "token"


class Sidecar:
    """Where the service is reached now; None while it is dead."""

    def __init__(self) -> None:
        self.node: Node | None = None
        self.receive: ReceiveWebhook | None = None


class SimulatedSender:
    """The sandbox's HTTP client, whose other end is the service's sidecar."""

    def __init__(
        self,
        *,
        loop: VirtualLoop,
        sidecar: Sidecar,
        random: Random,
        recorder: Recorder,
        tampering_of: Callable[[OutgoingRequest], str],
    ) -> None:
        self.profile = Profile(name="none")
        self._loop = loop
        self._sidecar = sidecar
        self._random = random
        self._recorder = recorder
        self._tampering_of = tampering_of

    async def send(self, request: OutgoingRequest, *, timeout_s: float) -> OutgoingAnswer:
        """Sends one POST."""
        trouble = self._drawn()
        if trouble == "doubled":
            self._loop.call_later(3 * self._random.random(), self._send_again, request)
        answer = await self.deliver(request, trouble, timeout_s)
        return OutgoingAnswer(
            status=answer.status,
            body=answer.body,
            headers={name.lower(): value for name, value in answer.headers.items()},
        )

    async def close(self) -> None:
        """Has nothing to give back."""

    async def deliver(
        self,
        request: OutgoingRequest,
        trouble: str = "",
        timeout_s: float = 15.0,
        *,
        as_kind: str = "",
    ) -> InboundAnswer:
        """Hands one request to the service and gives its answer, or raises SendFailed.

        `as_kind` tells the checker what it is, where it is not the provider's own.
        """
        parts = urlsplit(request.url)
        await asyncio.sleep(0.005 + 0.05 * self._random.random())
        if trouble == "slow":
            await asyncio.sleep(20 * self._random.random())
        sidecar = self._sidecar
        node, receive = sidecar.node, sidecar.receive
        if node is None or not node.alive or receive is None or trouble == "refused":
            raise SendFailed("no connection")
        inbound = InboundRequest(
            target=f"{parts.path}?{parts.query}" if parts.query else parts.path,
            headers={name.lower(): value for name, value in request.headers.items()},
            body=request.body,
        )
        delivery = Delivery(
            order=self._recorder.next(),
            at=self._recorder.now,
            node=node.name,
            provider="midtrans" if parts.path.endswith("midtrans") else "doku",
            path=parts.path,
            body=request.body,
            tampering=as_kind or self._tampering_of(request),
            fault=trouble,
        )
        if parts.path in receive.reply_paths:
            delivery.tampering = _REPLY_TAMPERING
        self._recorder.observed.deliveries.append(delivery)
        answered: asyncio.Future[InboundAnswer] = self._loop.create_future()
        node.spawn(_handled(receive, parts.path, inbound, answered, delivery, self._recorder))
        given_up = self._loop.call_later(
            timeout_s, fail_once(answered, partial(SendFailed, "timeout"))
        )
        try:
            answer = await answered
        finally:
            given_up.cancel()
        await asyncio.sleep(0.005 + 0.05 * self._random.random())
        if trouble == "lost":
            raise SendFailed("ServerDisconnectedError")
        return answer

    def _send_again(self, request: OutgoingRequest) -> None:
        self._loop.begin(self._quietly(request))

    async def _quietly(self, request: OutgoingRequest) -> None:
        try:
            await self.deliver(request)
        except SendFailed:
            return

    def _drawn(self) -> str:
        profile, chance = self.profile, self._random.random()
        for trouble, probability in (
            ("refused", profile.webhook_refused),
            ("lost", profile.webhook_answer_lost),
            ("doubled", profile.webhook_doubled),
            ("slow", profile.webhook_slow),
        ):
            if chance < probability:
                return trouble
            chance -= probability
        return ""


async def _handled(
    receive: ReceiveWebhook,
    path: str,
    inbound: InboundRequest,
    answered: "asyncio.Future[InboundAnswer]",
    delivery: Delivery,
    recorder: Recorder,
) -> None:
    """Does what the sidecar's door does, on the service's node."""
    try:
        if path in receive.reply_paths:
            answer = await receive.reply(path, inbound)
        else:
            answer = await receive(path, inbound)
    except StoreUnavailableError:
        answer = _UNAVAILABLE
    delivery.status = answer.status
    delivery.answered = recorder.next()
    recorder.tell(delivery.node, "webhook", path, delivery.tampering or "true", answer.status)
    if not answered.done():
        answered.set_result(answer)
