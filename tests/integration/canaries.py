"""A service with canaries for secrets, the callers who carry more, and what each was told."""

import base64
import hashlib
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import grpc

from ovo_payments.transport.grpc.access import METHODS
from ovo_payments_client import Customer, OvoPaymentsClient, OvoPaymentsError, connect
from tests.apart import Apart, running_apart
from tests.contract.store.databases import Database
from tests.customer import OTP, PIN, enter
from tests.integration.running_grpc import reason_of
from tests.sealing import KEYS_TEXT
from tests.stack import eventually, read

NUMBER: Final = "81299887766"
NAME: Final = "c4nary"
TOKEN: Final = "t0ken-c4nary-of-the-shop"
READERS_TOKEN: Final = "t0ken-c4nary-of-a-reader"
WRONG_TOKEN: Final = "t0ken-of-nobody-c4nary"
WHO: Final = Customer(customer_id=NAME, name=NAME, email=f"{NAME}@shop.example")
PAGE: Final = f"https://shop.example/{NAME}"
WATCHES_MAX: Final = 2


@dataclass
class Told:
    """What callers were told, and what else was read."""

    texts: list[str] = field(default_factory=list)
    reasons: set[str] = field(default_factory=set)

    async def of(self, call: Callable[[], Awaitable[object]]) -> None:
        """Makes a call, and keeps what it is refused with."""
        try:
            await call()
        except OvoPaymentsError as error:
            self.reasons.add(error.reason)
            self.texts += [repr(error), str(error), repr(vars(error))]
            cause = error.__cause__
            if isinstance(cause, grpc.aio.AioRpcError):
                self._of_grpc(cause)
        except grpc.aio.AioRpcError as error:
            self.reasons.add(reason_of(error))
            self._of_grpc(error)

    def _of_grpc(self, error: grpc.aio.AioRpcError) -> None:
        self.texts += [str(error.details()), repr(error.trailing_metadata())]


def callers(file: Path) -> None:
    """Writes who may call: a shop that may do all, and a reader."""
    lines = []
    for name, token, methods in (
        ("shop", TOKEN, sorted(METHODS)),
        ("reader", READERS_TOKEN, ["GetStatus"]),
    ):
        digest = hashlib.sha256(token.encode()).hexdigest()
        lines += ["[[caller]]", f'name = "{name}"', 'scope = "shop"']
        lines += [f'token_sha256 = ["{digest}"]', f"methods = {methods}"]
    file.write_text("\n".join(lines))


@asynccontextmanager
async def shop(
    directory: Path, database: Database
) -> AsyncIterator[tuple[Apart, OvoPaymentsClient]]:
    """Runs everything, with canaries for secrets."""
    callers(directory / "callers.toml")
    settings = {
        "OVO_ALLOW_ANONYMOUS": "false",
        "OVO_CALLERS_FILE": str(directory / "callers.toml"),
        "OVO_CALLER_WATCHES_AT_ONCE_MAX": str(WATCHES_MAX),
        "OVO_DATABASE_URL": database.url,
        "OVO_MIDTRANS_PREVIOUS_SERVER_KEY": f"SB-Mid-server-before-{NAME}",
        "OVO_DOKU_PREVIOUS_NOTIFICATION_SECRET": f"SK-before-{NAME}",
    }
    async with running_apart(directory, movable_clock=True, settings=settings) as apart:
        await apart.switch(doku_notification_delay_s=0)
        async with connect(apart.service.grpc, token=TOKEN) as client:
            yield apart, client


async def asked_to_link(
    client: OvoPaymentsClient, customer_id: str = NAME, number: str = NUMBER
) -> tuple[str, str]:
    """Asks for a link; gives its id and the page that awaits the customer."""
    bound = await client.bind(
        customer_id=customer_id,
        phone_number=f"+62{number}",
        success_url=PAGE,
        failure_url=PAGE,
        customer=WHO,
    )
    assert bound.binding.redirect_url, bound
    return bound.binding.binding_id, bound.binding.redirect_url


async def linked(apart: Apart, client: OvoPaymentsClient) -> str:
    """Links the canary's wallet."""
    binding_id, page = await asked_to_link(client)
    await enter(apart.client, page, OTP, PIN)

    async def active() -> bool:
        found = await client.get_status(binding_id=binding_id)
        return found.state.name == "ACTIVE"

    await eventually(active, "the binding is active")
    return binding_id


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
        READERS_TOKEN,
        WRONG_TOKEN,
    }
