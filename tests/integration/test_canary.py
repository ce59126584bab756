"""Canaries in every place where a secret or a customer can be, and then everything is read.

A service at debug level, its sandbox, every fault of the providers, refused and broken calls,
forged and malformed webhooks, a store that goes away. What was written (the log, metrics, errors,
probes, the database's own bytes) is searched for each canary.
"""

import base64
import hashlib
import json
import sqlite3
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager, closing, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import aiohttp
import grpc
import pytest

from ovo_payments.transport.grpc.access import METHODS
from ovo_payments_client import Customer, OvoPaymentsClient, OvoPaymentsError, connect
from tests.apart import Apart, running_apart
from tests.customer import OTP, PIN, enter
from tests.integration.faults import DONE, LATER, NOTHING_DONE, ON_WEBHOOKS, REFUSED, STALE_TOKEN
from tests.sealing import KEYS_TEXT
from tests.stack import eventually, read

NUMBER: Final = "81299887766"
NAME: Final = "c4nary"
TOKEN: Final = "t0ken-c4nary-of-the-shop"
WRONG_TOKEN: Final = "t0ken-of-nobody-c4nary"
WHO: Final = Customer(customer_id=NAME, name=NAME, email=f"{NAME}@shop.example")
PAGE: Final = f"https://shop.example/{NAME}"
WRONG_S: Final = 0.2
"""How long a hanging answer hangs."""


@dataclass
class Told:
    """What callers were told, and what else was read."""

    texts: list[str] = field(default_factory=list)

    async def of(self, call: Callable[[], Awaitable[object]]) -> None:
        """Makes a call, and keeps what it is refused with."""
        try:
            await call()
        except OvoPaymentsError as error:
            cause = error.__cause__
            self.texts += [repr(error), str(error), repr(vars(error))]
            if isinstance(cause, grpc.aio.AioRpcError):
                self.texts += [str(cause.details()), repr(cause.trailing_metadata())]


@asynccontextmanager
async def shop(directory: Path) -> AsyncIterator[tuple[Apart, OvoPaymentsClient]]:
    """Runs everything, with canaries for secrets."""
    callers = directory / "callers.toml"
    digest = hashlib.sha256(TOKEN.encode()).hexdigest()
    methods = f"methods = {sorted(METHODS)}\n"
    callers.write_text(f'[[caller]]\nname = "shop"\ntoken_sha256 = ["{digest}"]\n{methods}')
    settings = {
        "OVO_LOG_LEVEL": "debug",
        "OVO_ALLOW_ANONYMOUS": "false",
        "OVO_CALLERS_FILE": str(callers),
        "OVO_MIDTRANS_PREVIOUS_SERVER_KEY": f"SB-Mid-server-before-{NAME}",
        "OVO_DOKU_PREVIOUS_NOTIFICATION_SECRET": f"SK-before-{NAME}",
    }
    async with running_apart(directory, movable_clock=True, settings=settings) as apart:
        await apart.switch(doku_notification_delay_s=0)
        async with connect(apart.service.grpc, token=TOKEN) as client:
            yield apart, client


async def linked(apart: Apart, client: OvoPaymentsClient) -> str:
    """Links the canary's wallet."""
    bound = await client.bind(
        customer_id=NAME,
        phone_number=f"+62{NUMBER}",
        success_url=PAGE,
        failure_url=PAGE,
        customer=WHO,
    )
    assert bound.binding.redirect_url
    await enter(apart.client, bound.binding.redirect_url, OTP, PIN)

    async def active() -> bool:
        found = await client.get_status(binding_id=bound.binding.binding_id)
        return found.state.name == "ACTIVE"

    await eventually(active, "the binding is active")
    return bound.binding.binding_id


def orders() -> Iterator[str]:
    """Names orders."""
    number = 0
    while True:
        number += 1
        yield f"order-{number}"


async def everything_goes_wrong(
    apart: Apart, client: OvoPaymentsClient, binding_id: str, told: Told
) -> None:
    """Every fault of the providers, on debits of both kinds."""
    order = orders()
    for fault in (*DONE, *NOTHING_DONE, *REFUSED, *ON_WEBHOOKS, LATER, STALE_TOKEN):
        on_webhooks = fault in ON_WEBHOOKS
        for operation in ("charge", "pay"):
            details: dict[str, object] = {} if on_webhooks else {"operation": operation}
            if fault not in {*ON_WEBHOOKS, *REFUSED, STALE_TOKEN}:
                details["seconds"] = WRONG_S
            if fault == STALE_TOKEN and operation == "charge":
                continue
            await apart.arm(fault, **details)
            name = next(order)

            def call(name: str = name, operation: str = operation) -> Awaitable[object]:
                if operation == "charge":
                    return client.charge(
                        order_id=name,
                        phone_number=f"0{NUMBER}",
                        amount=15_000,
                        customer=WHO,
                        metadata={NAME: NAME},
                        deadline_seconds=5,
                    )
                return client.pay(
                    order_id=name,
                    binding_id=binding_id,
                    amount=15_000,
                    merchant_initiated=True,
                    success_url=PAGE,
                    failure_url=PAGE,
                    metadata={NAME: NAME},
                    deadline_seconds=5,
                )

            await told.of(call)
            await apart.disarm()
    await apart.advance(10)


async def callers_go_wrong(
    apart: Apart, client: OvoPaymentsClient, binding_id: str, told: Told
) -> None:
    """Every refusal that a caller can bring about with canaries in its hands."""

    def charge(
        order_id: str, phone_number: str, request_id: str | None = None, provider: str = ""
    ) -> Callable[[], Awaitable[object]]:
        return lambda: client.charge(
            order_id=order_id,
            phone_number=phone_number,
            amount=15_000,
            customer=WHO,
            request_id=request_id,
            provider=provider,
        )

    for wrong in (f"0{NUMBER}x", f"+1{NUMBER}", f"0{NUMBER}0{NUMBER}", f" {NUMBER}", NAME):
        await told.of(charge("order-x", wrong))
    await told.of(charge("order-r", f"0{NUMBER}", request_id="request-r"))
    await told.of(charge("order-r", f"0{NUMBER[:-1]}7", request_id="request-r"))
    await told.of(charge("order-r", f"0{NUMBER}"))
    await told.of(charge("order-u", f"0{NUMBER}", provider="nobody"))
    await told.of(lambda: client.balance(binding_id))
    await told.of(
        lambda: client.bind(
            customer_id=NAME,
            phone_number=NUMBER,
            success_url=f"http://{NAME}.example",
            failure_url=PAGE,
            customer=WHO,
        )
    )
    await told.of(lambda: client.get_status("pay-of-nobody"))
    for token in (WRONG_TOKEN, f"Bearer {WRONG_TOKEN}"):
        async with connect(apart.service.grpc, token=token) as stranger:
            await told.of(lambda: stranger.get_status("pay1"))


async def strangers_notify(apart: Apart, told: Told) -> None:
    """Forged, malformed and too large, with canaries in headers, bodies and queries."""
    phone = {"payer_phone_number": f"0{NUMBER}", "customer": NAME, "authCode": NAME}
    bodies = (
        json.dumps({"order_id": "1", "signature_key": NAME, **phone}).encode(),
        json.dumps(phone).encode()[:-1],
        json.dumps(phone).encode().replace(b"{", b'{"customer":"other",', 1),
        f"{NAME} 0{NUMBER} \xff".encode("latin-1"),
        (NAME * 20_000).encode(),
    )
    headers = {
        "Authorization": f"Bearer {WRONG_TOKEN}",
        "X-Signature": f"{NAME}signature",
        "X-Timestamp": NAME,
    }
    doors = ("webhooks/midtrans", "webhooks/doku/payment", "webhooks/doku/binding")
    for path in (*doors, "authorization/v1/access-token/b2b", NAME):
        for body in bodies:
            url = f"{apart.service.http}/{path}?phone=0{NUMBER}&name={NAME}"
            # What is too large is cut off in the middle.
            with suppress(aiohttp.ClientOSError):
                async with apart.client.post(url, data=body, headers=headers) as answer:
                    told.texts += [await answer.text(), repr(answer.headers)]


async def the_store_goes_away(apart: Apart, client: OvoPaymentsClient, told: Told) -> None:
    """The database's file is taken away under the service, and calls go on."""
    database = apart.service.directory / "ovo-payments.db"
    away = database.with_suffix(".away")
    database.rename(away)
    for number in range(2):
        await told.of(
            lambda number=number: client.charge(  # type: ignore[misc] # a default
                order_id=f"order-away-{number}",
                phone_number=f"0{NUMBER}",
                amount=15_000,
                customer=WHO,
                deadline_seconds=3,
            )
        )
    async with apart.client.get(f"{apart.service.http}/readyz") as answer:
        told.texts.append(await answer.text())
    away.rename(database)


def secrets_of_the_providers(apart: Apart) -> set[str]:
    """Reads out of the sandbox what it gave to the service: auth codes and references of pages."""
    [file] = (apart.service.directory / "sandbox").glob("*.db")
    with closing(sqlite3.connect(file)) as database:
        bodies = [json.loads(body) for (body,) in database.execute("SELECT body FROM documents")]
    return {body["auth_code"] for body in bodies if body.get("auth_code")}


def secrets_of_the_settings(settings: dict[str, str]) -> set[str]:
    """Every secret in the settings, as it stands and as it may be written."""
    server_key = settings["OVO_MIDTRANS_SERVER_KEY"]
    private_key = read(Path(settings["OVO_DOKU_PRIVATE_KEY_FILE"])).splitlines()
    return {
        server_key,
        base64.b64encode(f"{server_key}:".encode()).decode(),
        settings["OVO_DOKU_CLIENT_SECRET"],
        KEYS_TEXT.partition(":")[2],
        *private_key[1:-1],
        TOKEN,
        WRONG_TOKEN,
    }


def bytes_of(directory: Path, files: str) -> dict[str, bytes]:
    """Reads the files of a database as they are."""
    return {file.name: file.read_bytes() for file in directory.glob(files)}


@pytest.mark.timeout(300)
async def test_no_canary_is_ever_seen(tmp_path: Path) -> None:
    """In the log, metrics, errors, answers and probes; nor in the database's own bytes."""
    told = Told()
    async with shop(tmp_path) as (apart, client):
        binding_id = await linked(apart, client)
        await callers_go_wrong(apart, client, binding_id, told)
        await strangers_notify(apart, told)
        await everything_goes_wrong(apart, client, binding_id, told)
        await told.of(lambda: client.unbind(binding_id))
        await the_store_goes_away(apart, client, told)
        for page in ("metrics", "livez", "readyz"):
            async with apart.client.get(f"{apart.service.http}/{page}") as answer:
                told.texts.append(await answer.text())
        secrets = secrets_of_the_settings(dict(apart.service.settings))
        secrets |= secrets_of_the_providers(apart)
        await apart.service.stop()
        log = apart.service.log()
    written = bytes_of(tmp_path, "ovo-payments.db*")

    # It was a run in which much went wrong, at a level at which everything is told.
    lines = [json.loads(line) for line in log.splitlines() if line.startswith("{")]
    events = {line["event"] for line in lines}
    assert {"provider.lost", "webhook.refused", "rpc.finished", "payment.changed"} <= events
    assert len(told.texts) > 40
    assert len(secrets) > 10
    assert len(written) >= 1

    # And what is looked for can be found: the providers had all of it.
    there = b"".join(bytes_of(tmp_path / "sandbox", "*.db*").values())
    canaries = {NUMBER, NAME, *secrets}
    assert {NUMBER, NAME} <= {canary for canary in canaries if canary.encode() in there}

    assert {canary for canary in canaries if canary in log} == set()
    answers = "\n".join(told.texts)
    assert {canary for canary in canaries if canary in answers} == set()
    for file, found in written.items():
        seen = {canary for canary in canaries if canary.encode() in found}
        assert seen == set(), file
