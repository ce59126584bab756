"""Reads along on HTTP links: what the service asked of the providers, and what they notified."""

import re
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from tests.torture.observed import Delivery, ProviderCall, Recorder
from tests.torture.real.link import Direction
from tests.torture.real.witness import Witness

_LENGTH: Final = re.compile(rb"\r\ncontent-length:\s*(\d+)", re.IGNORECASE)
_CHUNKED: Final = re.compile(rb"\r\ntransfer-encoding:\s*chunked", re.IGNORECASE)
_KEY: Final = re.compile(rb"\r\nidempotency-key:\s*(\S+)", re.IGNORECASE)
_EXTERNAL_ID: Final = re.compile(rb"\r\nx-external-id:\s*(\S+)", re.IGNORECASE)
_REFERENCE: Final = re.compile(rb'"(?:partnerRefundNo|partnerReferenceNo)":\s*"([^"]*)"')
_ASKED: Final = re.compile(rb'"originalPartnerReferenceNo":\s*"([^"]*)"')
_CODE: Final = re.compile(rb'"(?:responseCode|status_code)":\s*"([^"]*)"')
_HEAD_END: Final = b"\r\n\r\n"
_LAST_CHUNK: Final = b"0\r\n\r\n"
_DOKU_OPERATIONS: Final = {
    "registration-account-binding": "bind",
    "registration-account-unbinding": "unbind",
    "balance-inquiry": "balance",
    "payment-host-to-host": "pay",
    "status": "status",
    "refund": "refund",
    "b2b": "token_b2b",
    "b2b2c": "token_b2b2c",
}
_NOTIFIED: Final = "/webhooks/"
_ACCEPTED: Final = range(200, 300)
_MOVES_MONEY: Final = frozenset({"charge", "pay", "refund"})


@dataclass(frozen=True, slots=True)
class Message:
    """A whole HTTP message."""

    head: bytes
    body: bytes

    @property
    def target(self) -> str:
        """What a request asks for."""
        return self.head.split(b" ", 2)[1].decode("latin-1")

    @property
    def status(self) -> int:
        """What an answer says."""
        return int(self.head[9:12])


class MessageReader:
    """Puts messages together as their bytes pass."""

    def __init__(self) -> None:
        """Begins at the start of a message."""
        self._waiting = b""

    def read(self, data: bytes) -> list[Message]:
        """Gives the messages that are whole with these bytes."""
        self._waiting += data
        found = []
        while (message := self._next()) is not None:
            found.append(message)
        return found

    def _next(self) -> Message | None:
        head, separator, rest = self._waiting.partition(_HEAD_END)
        if not separator:
            return None
        if _CHUNKED.search(head):
            end = rest.find(_LAST_CHUNK)
            if end < 0:
                return None
            end += len(_LAST_CHUNK)
        else:
            length = _LENGTH.search(head)
            end = int(length[1]) if length else 0
            if len(rest) < end:
                return None
        self._waiting = rest[end:]
        return Message(head, rest[:end])


class ProviderTap:
    """Notes every request of the service on one connection to a provider."""

    def __init__(
        self, provider: str, recorder: Recorder, node: Callable[[], str], witness: Witness
    ) -> None:
        """Notes calls in `recorder`; `node` names the incarnation of the service."""
        self._provider = provider
        self._witness = witness
        self._recorder = recorder
        self._node = node
        self._requests = MessageReader()
        self._answers = MessageReader()
        self._open: deque[ProviderCall] = deque()

    def heard(self, direction: Direction, data: bytes) -> None:
        """Takes what passed."""
        if direction is Direction.UP:
            for request in self._requests.read(data):
                self._asked(request)
            return
        for answer in self._answers.read(data):
            self._answered(answer)

    def over(self) -> None:
        """Hears that the connection is gone."""
        for call in self._open:
            call.fault, call.lost_at = "cut", self._recorder.now

    def _asked(self, request: Message) -> None:
        operation, reference = operation_of(request)
        if operation in _MOVES_MONEY:
            self._witness.intent(operation, reference, self._node())
        call = ProviderCall(
            order=self._recorder.next(),
            at=self._recorder.now,
            node=self._node(),
            provider=self._provider,
            operation=operation,
            moves_money=operation in _MOVES_MONEY,
            reference=reference,
            origin="",
            left=self._recorder.next(),
            arrived=self._recorder.next(),
        )
        self._open.append(call)
        self._recorder.observed.calls.append(call)

    def _answered(self, answer: Message) -> None:
        if not self._open:
            return
        call = self._open.popleft()
        call.answered, call.answered_at = self._recorder.next(), self._recorder.now
        call.status = answer.status
        found = _CODE.search(answer.body)
        call.code = found[1].decode() if found else ""


class SidecarTap:
    """Notes every request of the providers on one connection to the service."""

    def __init__(
        self,
        recorder: Recorder,
        node: Callable[[], str],
        witness: Witness,
        authentic: Callable[[str, bytes, bytes], bool],
    ) -> None:
        """Notes deliveries in `recorder`; `authentic` judges path, head and body."""
        self._recorder = recorder
        self._witness = witness
        self._authentic = authentic
        self._node = node
        self._requests = MessageReader()
        self._answers = MessageReader()
        self._open: deque[Delivery] = deque()

    def heard(self, direction: Direction, data: bytes) -> None:
        """Takes what passed."""
        if direction is Direction.UP:
            for request in self._requests.read(data):
                path = request.target.partition("?")[0]
                delivery = Delivery(
                    order=self._recorder.next(),
                    at=self._recorder.now,
                    node=self._node(),
                    provider="midtrans" if path.endswith("midtrans") else "doku",
                    path=path,
                    body=request.body,
                    tampering=self._tampering(path, request),
                )
                self._open.append(delivery)
                self._recorder.observed.deliveries.append(delivery)
            return
        for answer in self._answers.read(data):
            if self._open:
                delivery = self._open.popleft()
                if delivery.path.startswith(_NOTIFIED) and answer.status in _ACCEPTED:
                    self._witness.inbox(delivery.node)
                delivery.status, delivery.answered = answer.status, self._recorder.next()

    def over(self) -> None:
        """Hears that the connection is gone."""
        for delivery in self._open:
            delivery.fault = "cut"

    def _tampering(self, path: str, request: Message) -> str:
        if not path.startswith(_NOTIFIED):
            return "token"
        return "" if self._authentic(path, request.head, request.body) else "forged"


def operation_of(request: Message) -> tuple[str, str]:
    """Says which operation a request asks for, and under which reference of ours."""
    path = request.target
    last = path.rpartition("/")[2]
    if path.startswith("/v2/"):
        key = _KEY.search(request.head)
        if key is None:
            return "status", path.split("/")[2]
        operation, _, reference = key[1].decode().partition("-")
        return operation, reference
    operation = _DOKU_OPERATIONS.get(last, last)
    if operation in {"bind", "unbind"}:
        external_id = _EXTERNAL_ID.search(request.head)
        return operation, external_id[1].decode() if external_id else ""
    found = _REFERENCE.search(request.body) or _ASKED.search(request.body)
    return operation, found[1].decode() if found else ""
