"""A DOKU that answers what its script says, on a real socket, and notes what it was asked."""

import contextlib
import json
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Final, TypeAlias

from ovo_payments.providers.doku import DokuAdapter, DokuConfig, http_clients
from ovo_payments.providers.http import Surroundings
from tests.unit.providers.doku.merchant import CountedIdentifiers, HandClock, config
from tests.unit.providers.http.raw_server import Conversation, at_once, serving

B2B: Final = "b2b"
B2B2C: Final = "b2b2c"
BIND: Final = "registration-account-binding"
UNBIND: Final = "registration-account-unbinding"
BALANCE: Final = "balance-inquiry"
PAY: Final = "payment-host-to-host"
REFUND: Final = "refund"
STATUS: Final = "status"

Line: TypeAlias = Callable[[Conversation], Awaitable[None]]


def says(code: str, http_status: int | None = None, **fields: Any) -> Line:  # noqa: ANN401 - JSON
    """Answers with a code, whose first digits are the HTTP status unless told otherwise."""
    body = json.dumps({"responseCode": code, "responseMessage": "Told", **fields}).encode()
    return says_raw(body, int(code[:3]) if http_status is None else http_status)


def says_raw(body: bytes, http_status: int) -> Line:
    """Answers with any body."""

    async def line(conversation: Conversation) -> None:
        await conversation.answer(body, http_status)

    return line


async def hangs(conversation: Conversation) -> None:
    """Takes the request and says nothing."""
    await conversation.server.release.wait()


async def resets(conversation: Conversation) -> None:
    """Takes the request and ends the connection."""
    conversation.reset()


def merchant_token(text: str = "merchant-1", expires_in: object = 900) -> Line:
    """Gives a B2B token."""
    return says("2007300", accessToken=text, tokenType="Bearer", expiresIn=expires_in)


def customer_token(text: str = "customer-1", expiry: object = "2026-01-17T10:04:05+07:00") -> Line:
    """Gives a B2B2C token."""
    return says("2007400", accessToken=text, tokenType="Bearer", accessTokenExpiryTime=expiry)


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """One request as it came."""

    path: str
    headers: Mapping[str, str]
    body: bytes

    @property
    def document(self) -> dict[str, Any]:
        """The body, read."""
        document: dict[str, Any] = json.loads(self.body)
        return document


@dataclass
class ScriptedDoku:
    """What DOKU says to each endpoint, the last line for ever, and what it was asked."""

    lines: dict[str, Sequence[Line]]
    asked: list[Asked] = field(default_factory=list)
    url: str = ""

    def of(self, endpoint: str) -> list[Asked]:
        """Gives what an endpoint was asked."""
        return [one for one in self.asked if one.path.endswith(f"/{endpoint}")]

    async def converse(self, conversation: Conversation) -> None:
        """Answers one connection's requests."""
        while True:
            raw = await conversation.request()
            head, _, body = raw.partition(b"\r\n\r\n")
            first, *rest = head.decode("latin-1").split("\r\n")
            headers = dict(
                line.lower().split(": ", 1)[:1] + line.split(": ", 1)[1:] for line in rest
            )
            asked = Asked(path=first.split(" ")[1], headers=headers, body=body)
            self.asked.append(asked)
            endpoint = asked.path.rpartition("/")[2]
            lines = self.lines[endpoint]
            await lines[min(len(self.of(endpoint)), len(lines)) - 1](conversation)


@dataclass
class Scene:
    """An adapter in front of a scripted DOKU."""

    doku: ScriptedDoku
    adapter: DokuAdapter
    clock: HandClock


@contextlib.asynccontextmanager
async def scene(
    lines: Mapping[str, Line | Sequence[Line]], settings: DokuConfig | None = None
) -> AsyncIterator[Scene]:
    """Puts an adapter in front of a script; tokens are given unless the script says otherwise."""
    given: dict[str, Line | Sequence[Line]] = {
        B2B: merchant_token(),
        B2B2C: customer_token(),
        **lines,
    }
    doku = ScriptedDoku(
        {name: line if isinstance(line, Sequence) else [line] for name, line in given.items()}
    )
    async with serving(doku.converse) as server:
        doku.url = server.url
        used = replace(settings or config(), base_url=server.url)
        clock = HandClock()
        http = http_clients(used, Surroundings(sleep=at_once))
        adapter = DokuAdapter(used, http, clock, CountedIdentifiers())
        try:
            yield Scene(doku=doku, adapter=adapter, clock=clock)
        finally:
            await adapter.close()
