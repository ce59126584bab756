"""Callers of a running service: added, rotated and revoked by commands, without a restart."""

import asyncio
import ssl
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

import grpc
import pytest

from ovo_payments import callers_store
from ovo_payments.application.call import Caller
from ovo_payments.transport.grpc.access import METHODS, Access, methods_of
from ovo_payments.transport.grpc.callers_file import KnownCaller, new_token, token_digest
from ovo_payments_client import (
    AccessError,
    ErrorReason,
    NotFoundError,
    OvoPaymentsError,
    Payment,
    connect,
    tls_credentials,
)
from tests.apart import Apart, running_apart
from tests.authority import HERE, Authority
from tests.commands import Ended, command, payments, unnoted
from tests.stack import eventually

SOON_S: Final = 20.0
SILENT_PHONE: Final = "08242974268"
"""Never answers, so that a payment stays open."""


@dataclass(kw_only=True)
class Service:
    """A running service and its callers' file."""

    apart: Apart
    directory: Path
    file: Path

    async def callers(self, *arguments: str) -> Ended:
        """Runs `ovo-payments callers …`."""
        settings = self.apart.service.settings
        audited = ("OVO_DATABASE_URL", "OVO_ENCRYPTION_KEYS")
        return await payments(
            *("callers", *arguments),
            directory=self.directory,
            OVO_CALLERS_FILE=str(self.file),
            **{name: settings[name] for name in audited},
        )

    async def commanded(self, *arguments: str) -> str:
        """Runs a command that makes a token; gives it once the service takes it."""
        ended = await self.callers(*arguments)
        assert ended.status == 0, ended.err
        return await self.taken(ended.out.strip())

    async def add(self, name: str, scope: str = "", access: Access | None = None) -> str:
        """Writes a caller down, who may do everything or one kind of it; gives its token."""
        token = new_token()
        entry = KnownCaller(
            caller=Caller(name=name, scope=scope or name),
            digests=(token_digest(token),),
            methods=METHODS if access is None else methods_of(access),
        )
        callers_store.change(self.file, lambda known: [*known, entry], unnoted)
        return await self.taken(token)

    async def taken(self, token: str) -> str:
        """Waits until the service takes a token, and gives it."""
        await self.says(token, "pay_none", ErrorReason.PAYMENT_NOT_FOUND)
        return token

    async def charge(self, token: str, order_id: str) -> Payment:
        """Charges a phone that does not answer."""
        async with connect(self.apart.service.grpc, token=token) as client:
            charged = await client.charge(
                order_id=order_id, phone_number=SILENT_PHONE, amount=15_000
            )
        return charged.payment

    async def reason(self, token: str | None, payment_id: str) -> str | None:
        """Asks for a payment; gives why that is refused, None where it is answered."""
        async with connect(self.apart.service.grpc, token=token) as client:
            try:
                await client.get_status(payment_id)
            except OvoPaymentsError as error:
                return error.reason
        return None

    async def watch(self, token: str) -> None:
        """Watches all payments of a caller."""
        async with connect(self.apart.service.grpc, token=token) as client:
            async for _ in client.watch_payments():
                raise AssertionError("there are no payments")

    async def all_watch(self) -> bool:
        """Whether both watches are open."""
        told = await self.apart.metrics(self.apart.service.http)
        return 'ovo_rpc_open{kind="stream"} 2.0' in told

    async def says(self, token: str, payment_id: str, reason: str | None) -> None:
        """Waits until asking for a payment is answered so."""

        async def so() -> bool:
            return await self.reason(token, payment_id) == reason

        await eventually(so, f"the answer is {reason or 'OK'}")


@asynccontextmanager
async def serving(directory: Path, **settings: str) -> AsyncIterator[Service]:
    """Runs a service that knows nobody yet."""
    file = directory / "callers.toml"
    file.touch()
    named = {"OVO_ALLOW_ANONYMOUS": "false", "OVO_CALLERS_FILE": str(file), **settings}
    async with running_apart(directory, settings=named) as apart:
        yield Service(apart=apart, directory=directory, file=file)


@pytest.fixture
async def service(tmp_path: Path) -> AsyncIterator[Service]:
    """A service in clear on loopback."""
    async with serving(tmp_path) as it:
        yield it


async def test_callers_prove_who_they_are_and_do_what_they_may(service: Service) -> None:
    """A caller of the same scope sees a payment, another's neither sees it nor is in its way."""
    shop = await service.add("shop")
    reader = await service.add("reports", scope="shop", access=Access.READ)
    stranger = await service.add("stranger")

    for token in (None, "", "another token", token_digest(shop)):
        assert await service.reason(token, "pay_none") == ErrorReason.UNAUTHENTICATED
    with pytest.raises(AccessError) as forbidden:
        await service.charge(reader, "order-1")
    assert forbidden.value.status is grpc.StatusCode.PERMISSION_DENIED
    assert forbidden.value.metadata == {"method": "Charge"}

    payment = await service.charge(shop, "order-1")
    assert await service.reason(reader, payment.payment_id) is None
    assert await service.reason(stranger, payment.payment_id) == ErrorReason.PAYMENT_NOT_FOUND
    # Whose order is whose does not mix either.
    assert (await service.charge(stranger, "order-1")).payment_id != payment.payment_id
    assert await service.apart.service.stop() == 0
    for token in (shop, reader, stranger):
        assert token not in service.apart.service.log()


async def test_a_caller_comes_and_goes_without_a_restart(service: Service) -> None:
    """Its token is replaced while both are good, the old one taken back, and all revoked."""
    old = await service.commanded("add", "checkout", "--allow", "all")
    payment_id = (await service.charge(old, "order-1")).payment_id
    new = await service.commanded("rotate", "checkout")
    assert await service.reason(old, payment_id) is None

    taken = await service.callers("revoke", "checkout", "--token", token_digest(old)[:8])
    assert taken.status == 0
    await service.says(old, payment_id, ErrorReason.UNAUTHENTICATED)
    assert await service.reason(new, payment_id) is None

    assert (await service.callers("revoke", "checkout")).status == 0
    await service.says(new, payment_id, ErrorReason.UNAUTHENTICATED)
    written = service.file.read_text(encoding="utf-8") + service.apart.service.log()
    assert old not in written
    assert new not in written


@pytest.mark.parametrize(
    ("changed", "reason"),
    [
        (None, ErrorReason.UNAUTHENTICATED),
        ({"methods": frozenset({"Charge"})}, ErrorReason.PERMISSION_DENIED),
        ({"caller": Caller(name="gone", scope="another")}, ErrorReason.UNAUTHENTICATED),
    ],
)
async def test_revocation_ends_open_streams(
    service: Service, changed: dict[str, Any] | None, reason: str
) -> None:
    """Of a caller that is gone, may not watch any more, or sees another scope; no other's."""
    tokens = [await service.add(name) for name in ("gone", "other")]
    watches = [asyncio.create_task(service.watch(token)) for token in tokens]
    await eventually(service.all_watch, "both watch")

    def change(known: Sequence[KnownCaller]) -> Sequence[KnownCaller]:
        gone, other = known
        return [other] if changed is None else [replace(gone, **changed), other]

    callers_store.change(service.file, change, unnoted)
    async with asyncio.timeout(SOON_S):
        with pytest.raises(AccessError) as refused:
            await watches[0]
    assert refused.value.reason == reason
    assert not watches[1].done()
    watches[1].cancel()


async def test_a_file_that_makes_no_sense_changes_nothing(service: Service) -> None:
    """It is told, and who was known stays known."""
    token = await service.add("checkout")
    good = service.file.read_bytes()
    service.file.write_bytes(b"[[caller]]")
    told = await service.apart.service.logged("file.refused", setting="OVO_CALLERS_FILE")
    assert "`name`" in str(told["cause"])
    assert await service.reason(token, "pay_none") == ErrorReason.PAYMENT_NOT_FOUND
    service.file.write_bytes(good)


async def test_a_service_takes_callers_by_their_certificates_alone(
    tmp_path: Path,
) -> None:
    """Mutual TLS from end to end: the probe, the library and `ovo`; nobody in clear."""
    authority = Authority(tmp_path)
    server = authority.issue("server", HERE, "payments.internal")
    caller = authority.issue("caller", "spiffe://shop.example/checkout")
    settings = {
        "OVO_TLS_CERTIFICATE": str(server.certificate_file),
        "OVO_TLS_PRIVATE_KEY": str(server.private_key_file),
        "OVO_TLS_CLIENT_CA": str(authority.file),
        "OVO_HTTP_TLS_CERTIFICATE": str(server.certificate_file),
        "OVO_HTTP_TLS_PRIVATE_KEY": str(server.private_key_file),
    }
    async with serving(tmp_path, **settings) as service:
        address = service.apart.service.grpc
        entry = KnownCaller(
            caller=Caller(name="checkout", scope="checkout"),
            certificates=("spiffe://shop.example/checkout",),
        )
        callers_store.change(service.file, lambda _: [entry], unnoted)
        credentials = tls_credentials(
            ca_file=authority.file,
            certificate_file=caller.certificate_file,
            private_key_file=caller.private_key_file,
        )
        async with connect(address, credentials=credentials) as client:

            async def known() -> bool:
                try:
                    await client.get_status("pay_none")
                except NotFoundError:
                    return True
                except AccessError:
                    return False
                return False

            await eventually(known, "the caller is known")
        health = await payments("health", address, directory=tmp_path, **settings)
        assert (health.status, health.out) == (0, f"{address} is SERVING\n")
        in_clear = await payments("health", address, directory=tmp_path)
        assert in_clear.status == 1
        asked = await command(
            *("-m", "ovo_payments_client", "status", "pay_none", "--server", address),
            *("--tls-ca", str(authority.file)),
            *("--tls-certificate", str(caller.certificate_file)),
            *("--tls-private-key", str(caller.private_key_file)),
        )
        assert "PAYMENT_NOT_FOUND" in asked.err
        # The sidecar, on the loop that the service runs on.
        webhooks = ssl.create_default_context(cafile=str(authority.file))
        url = service.apart.service.http.replace("http:", "https:")
        async with service.apart.client.get(f"{url}/readyz", ssl=webhooks) as ready:
            assert ready.status == 200
