"""A sandbox in the test's own process, on a clock that stands still until it is moved."""

import json
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from random import Random
from typing import Any

import httpx

from ovo_sandbox.app import SandboxApp, create_app
from ovo_sandbox.clock import Clock
from ovo_sandbox.config import SandboxConfig
from ovo_sandbox.outgoing import OutgoingAnswer, OutgoingRequest, SendFailed
from ovo_sandbox.sandbox import Sandbox

SERVER_KEY = "SB-Mid-server-test"
# 14:26:53 in Jakarta, as in the samples of Midtrans' OVO page.
START = datetime(2025, 11, 12, 7, 26, 53, tzinfo=UTC)
PHONE = "081111111111"
WEBHOOK_URL = "http://merchant.example/webhooks/midtrans"

Body = dict[str, Any]


@dataclass(slots=True)
class Inbox:
    """Is the merchant: keeps what is sent to it, and answers as the test says."""

    requests: list[OutgoingRequest] = field(default_factory=list)
    # Answers to come, the first one next; a text is a failure's reason. Then 200 for ever.
    answers: list[int | str | OutgoingAnswer] = field(default_factory=list)
    timeouts_s: list[float] = field(default_factory=list)

    async def send(self, request: OutgoingRequest, *, timeout_s: float) -> OutgoingAnswer:
        """Takes a request in."""
        self.requests.append(request)
        self.timeouts_s.append(timeout_s)
        answer = self.answers.pop(0) if self.answers else 200
        if isinstance(answer, str):
            raise SendFailed(answer)
        return OutgoingAnswer(status=answer) if isinstance(answer, int) else answer

    async def close(self) -> None:
        """Has nothing to give back."""

    @property
    def bodies(self) -> list[Body]:
        """What came, read as JSON."""
        return [json.loads(request.body) for request in self.requests]

    @property
    def states(self) -> list[str]:
        """The transaction_status of each notification, in the order they came."""
        return [body["transaction_status"] for body in self.bodies]


@dataclass(frozen=True, slots=True, kw_only=True)
class Laboratory:
    """Holds one sandbox and all that a test needs to work it."""

    app: SandboxApp
    http: httpx.AsyncClient
    inbox: Inbox

    @property
    def sandbox(self) -> Sandbox:
        """The sandbox's parts."""
        return self.app.sandbox

    async def call(
        self,
        method: str,
        path: str,
        body: object = None,
        *,
        headers: Mapping[str, str] | None = None,
    ) -> httpx.Response:
        """Calls Midtrans' API with the right key, and lets everything due happen."""
        response = await self.http.request(
            method, path, json=body, headers=headers, auth=(SERVER_KEY, "")
        )
        await self.settle()
        return response

    async def charge(
        self,
        order_id: str = "ovo-demo-0001",
        *,
        amount: object = 15000,
        phone: str = PHONE,
        headers: Mapping[str, str] | None = None,
        **more: object,
    ) -> Body:
        """Charges a phone and returns the answer's body."""
        body = charge_body(order_id, amount=amount, phone=phone, **more)
        response = await self.call("POST", "/v2/charge", body, headers=headers)
        return body_of(response)

    async def status(self, identifier: str = "ovo-demo-0001") -> Body:
        """Asks for a transaction."""
        return body_of(await self.call("GET", f"/v2/{identifier}/status"))

    async def post(self, path: str, body: object = None) -> Body:
        """Posts to Midtrans' API and returns the answer's body."""
        return body_of(await self.call("POST", path, body))

    async def switch(self, **values: object) -> None:
        """Sets switches of Midtrans, without their prefix."""
        for name, value in values.items():
            self.sandbox.switches.set(f"midtrans_{name}", value)

    async def arm(self, name: str, **scope: object) -> None:
        """Arms a fault."""
        self.sandbox.faults.arm({"name": name, **scope})

    async def advance(self, seconds: float) -> None:
        """Moves the clock and waits until all that became due is done."""
        self.sandbox.clock.advance(seconds)
        await self.settle()

    async def settle(self) -> None:
        """Waits until nothing is due."""
        await self.sandbox.scheduler.idle()


def charge_body(
    order_id: str = "ovo-demo-0001", *, amount: object = 15000, phone: str = PHONE, **more: object
) -> Body:
    """Writes the body of a charge."""
    return {
        "payment_type": "ovo",
        "transaction_details": {"order_id": order_id, "gross_amount": amount},
        "ovo": {"payer_phone_number": phone},
        **more,
    }


def body_of(response: httpx.Response) -> Body:
    """Reads an answer's JSON object."""
    body: Body = response.json()
    return body


@asynccontextmanager
async def open_laboratory(
    *, state_directory: Path | None = None, clock: Clock | None = None
) -> AsyncIterator[Laboratory]:
    """Runs a sandbox; with a directory, it can be run again on what an earlier one left."""
    inbox = Inbox()
    app = create_app(
        SandboxConfig(
            public_url="http://sandbox.example",
            state_directory=state_directory,
            midtrans_server_key=SERVER_KEY,
            midtrans_notification_url=WEBHOOK_URL,
        ),
        clock=clock or Clock.standing_at(START),
        sender=inbox,
        random=Random(42),  # noqa: S311 - a seed makes runs alike
    )
    transport = httpx.ASGITransport(app)
    async with (
        app.router.lifespan_context(app),
        httpx.AsyncClient(transport=transport, base_url="http://sandbox.example") as http,
    ):
        yield Laboratory(app=app, http=http, inbox=inbox)
