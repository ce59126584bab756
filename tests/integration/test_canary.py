"""Canaries in every place where a secret or a customer can be, and then everything is read.

A service at debug level, its sandbox, every fault of the providers, every reason to refuse a call,
forged and malformed webhooks, a store that goes away. What was written (the log, metrics, errors,
probes, the database's own bytes) is searched for each canary.
"""

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Final

import aiohttp
import grpc
import pytest

from deploy.local_postgres import LocalPostgres
from ovo.payments.v1 import ovo_payments_pb2 as messages
from ovo.payments.v1 import ovo_payments_pb2_grpc
from ovo_payments.transport.grpc.errors import TABLE
from ovo_payments_client import OvoPaymentsClient, connect
from tests.apart import Apart, secrets_of_a_run
from tests.contract.store.databases import Database, PostgresDatabase, SqliteDatabase
from tests.integration.canaries import (
    NAME,
    NUMBER,
    PAGE,
    READERS_TOKEN,
    TOKEN,
    WATCHES_MAX,
    WHO,
    WRONG_TOKEN,
    Told,
    asked_to_link,
    linked,
    secrets_of_the_settings,
    shop,
)
from tests.integration.faults import DONE, LATER, NOTHING_DONE, ON_WEBHOOKS, REFUSED, STALE_TOKEN
from tests.integration.running_grpc import open_channel
from tests.stack import eventually

WRONG_S: Final = 0.2
"""How long a hanging answer hangs."""
_CURSOR_OF_ANOTHER: Final = "MS5mZmZmZmZmZmZmZmZmZmZmLmZmZmZmZmZmLjE"
_ALMOST_NO_TIME_S: Final = 0.9
_TRIES: Final = 20


@pytest.fixture(params=["postgres", "sqlite"])
def one_database(request: pytest.FixtureRequest, tmp_path: Path) -> Database:
    """An empty database of each kind, for one node."""
    if request.param == "sqlite":
        return SqliteDatabase.new(tmp_path)
    server: LocalPostgres = request.getfixturevalue("postgres")
    return PostgresDatabase(server, request.getfixturevalue("empty_postgres"))


def charging(
    client: OvoPaymentsClient,
    order_id: str,
    *,
    phone_number: str = f"0{NUMBER}",
    request_id: str | None = None,
    provider: str = "",
    deadline_s: float = 5,
) -> Callable[[], Awaitable[object]]:
    """A charge with all canaries in it."""
    return lambda: client.charge(
        order_id=order_id,
        phone_number=phone_number,
        amount=15_000,
        customer=WHO,
        metadata={NAME: NAME},
        request_id=request_id,
        provider=provider,
        deadline_seconds=deadline_s,
    )


def paying(
    client: OvoPaymentsClient, order_id: str, binding_id: str
) -> Callable[[], Awaitable[object]]:
    """A payment by a link, with all canaries in it."""
    return lambda: client.pay(
        order_id=order_id,
        binding_id=binding_id,
        amount=15_000,
        merchant_initiated=True,
        success_url=PAGE,
        failure_url=PAGE,
        metadata={NAME: NAME},
        deadline_seconds=5,
    )


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
            await told.of(
                charging(client, name)
                if operation == "charge"
                else paying(client, name, binding_id)
            )
            await apart.disarm()
    await apart.advance(10)


async def callers_go_wrong(
    apart: Apart, client: OvoPaymentsClient, binding_id: str, told: Told
) -> None:
    """Every refusal that a caller can bring about with canaries in its hands."""
    for wrong in (f"0{NUMBER}x", f"+1{NUMBER}", f"0{NUMBER}0{NUMBER}", f" {NUMBER}", NAME):
        await told.of(charging(client, "order-x", phone_number=wrong))
    first = await client.charge(
        order_id="order-r", phone_number=f"0{NUMBER}", amount=15_000, request_id="request-r"
    )
    another = f"0{NUMBER[:-1]}7"
    await told.of(charging(client, "order-r", phone_number=another, request_id="request-r"))
    await told.of(charging(client, "order-r"))
    await told.of(charging(client, "order-u", provider="nobody"))
    await told.of(charging(client, "order-d", provider="doku"))
    await told.of(lambda: client.refund(first.payment.payment_id, reason=NAME))
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
    await told.of(lambda: client.balance("bnd-of-nobody"))
    pending, _ = await asked_to_link(client, f"{NAME}-2", f"{NUMBER[:-1]}8")
    await told.of(paying(client, "order-n", pending))
    await apart.arm("http_503_before", operation="balance", count=None, for_s=None)
    await told.of(lambda: client.balance(binding_id))
    await apart.disarm()
    for _ in range(_TRIES):
        if "DEADLINE_TOO_SHORT" in told.reasons:
            break
        await told.of(charging(client, "order-t", deadline_s=_ALMOST_NO_TIME_S))
    for token in (READERS_TOKEN, WRONG_TOKEN, f"Bearer {WRONG_TOKEN}"):
        async with connect(apart.service.grpc, token=token) as stranger:
            await told.of(charging(stranger, "order-s"))
    await streams_go_wrong(apart, told, first.payment.payment_id)


@asynccontextmanager
async def raw(apart: Apart) -> AsyncIterator["ovo_payments_pb2_grpc.OvoPaymentsAsyncStub"]:
    """The contract without our library, which would begin a stream again that ended."""
    async with open_channel(apart.service.grpc) as channel:
        yield ovo_payments_pb2_grpc.OvoPaymentsStub(channel)


SHOP: Final = (("authorization", f"Bearer {TOKEN}"), ("x-canary", NAME))


async def streams_go_wrong(apart: Apart, told: Told, payment_id: str) -> None:
    """From where nothing is, and more of them than a caller may have."""
    ahead = messages.WatchPaymentRequest(payment_id=payment_id, after_version=99)
    from_another = messages.WatchPaymentsRequest(cursor=_CURSOR_OF_ANOTHER)
    async with raw(apart) as stub:
        await told.of(lambda: anext(aiter(stub.WatchPayment(ahead, metadata=SHOP))))
        await told.of(lambda: anext(aiter(stub.WatchPayments(from_another, metadata=SHOP))))
        all_of_them = messages.WatchPaymentsRequest()
        watches = [stub.WatchPayments(all_of_them, metadata=SHOP) for _ in range(WATCHES_MAX + 1)]
        for watch in watches:
            await told.of(aiter(watch).__anext__)


async def the_service_stops(apart: Apart, told: Told) -> None:
    """With a stream open."""
    async with raw(apart) as stub:
        watch: grpc.aio.UnaryStreamCall[
            messages.WatchPaymentsRequest, messages.WatchPaymentsResponse
        ]

        async def begun() -> bool:
            nonlocal watch
            watch = stub.WatchPayments(messages.WatchPaymentsRequest(), metadata=SHOP)
            refusals = len(told.texts)
            await told.of(aiter(watch).__anext__)
            return len(told.texts) == refusals

        # A connection to the store that was lost is noticed when it is used.
        await eventually(begun, "a stream begins")

        async def to_its_end() -> None:
            async for _ in watch:
                pass

        ending = asyncio.create_task(told.of(to_its_end))
        await apart.service.stop()
        await ending


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


async def the_store_goes_away(
    apart: Apart, client: OvoPaymentsClient, database: Database, told: Told
) -> None:
    """The database is taken away under the service, and calls go on."""
    with database.lost():
        for number in range(2):
            await told.of(charging(client, f"order-away-{number}", deadline_s=30))
        async with apart.client.get(f"{apart.service.http}/readyz") as answer:
            told.texts.append(await answer.text())

    async def back() -> bool:
        async with apart.client.get(f"{apart.service.http}/readyz") as ready:
            return ready.status == 200

    await eventually(back, "the store is back")


def rows_of(database: Database) -> str:
    """Reads all that a database holds, as it holds it."""
    tables = [table for (table,) in database.execute(database.tables)]
    return "\n".join(
        repr(row)
        for table in tables
        for row in database.execute(f"SELECT * FROM {table}")  # noqa: S608 - its own names
    )


def bytes_of(directory: Path, files: str) -> dict[str, bytes]:
    """Reads the files of a database as they are."""
    return {file.name: file.read_bytes() for file in directory.rglob(files)}


@pytest.mark.timeout(300)
async def test_no_canary_is_ever_seen(tmp_path: Path, one_database: Database) -> None:
    """In the log, metrics, errors, answers and probes; nor in the database's own bytes."""
    told = Told()
    async with shop(tmp_path, one_database) as (apart, client):
        binding_id = await linked(apart, client)
        await callers_go_wrong(apart, client, binding_id, told)
        await strangers_notify(apart, told)
        await everything_goes_wrong(apart, client, binding_id, told)
        await told.of(lambda: client.unbind(binding_id))
        await the_store_goes_away(apart, client, one_database, told)
        for page in ("metrics", "livez", "readyz"):
            async with apart.client.get(f"{apart.service.http}/{page}") as answer:
                told.texts.append(await answer.text())
        secrets = secrets_of_the_settings(dict(apart.service.settings))
        secrets |= secrets_of_a_run(tmp_path / "sandbox")
        await the_service_stops(apart, told)
        log = apart.service.log()
    kept = rows_of(one_database)
    written = bytes_of(tmp_path / "database", "*") if not one_database.shared else {}

    # It was a run in which much went wrong, at a level at which everything is told.
    lines = [json.loads(line) for line in log.splitlines() if line.startswith("{")]
    events = {line["event"] for line in lines}
    assert {"provider.lost", "webhook.refused", "rpc.finished", "payment.changed"} <= events
    assert {row.reason_name for row in TABLE.values()} - told.reasons == set()
    assert len(told.texts) > 40
    assert len(secrets) > 10
    assert "order-r" in kept

    # And what is looked for can be found: the providers had all of it.
    there = b"".join(bytes_of(tmp_path / "sandbox", "*.db*").values())
    canaries = {NUMBER, NAME, *secrets}
    assert {NUMBER, NAME} <= {canary for canary in canaries if canary.encode() in there}

    assert {canary for canary in canaries if canary in log} == set()
    answers = "\n".join(told.texts)
    assert {canary for canary in canaries if canary in answers} == set()
    assert {canary for canary in canaries if canary in kept} == set()
    for file, found in written.items():
        seen = {canary for canary in canaries if canary.encode() in found}
        assert seen == set(), file
