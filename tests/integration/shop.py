"""A caller of the service and its books: what it bought, held against the sandbox's ledger."""

import asyncio
import itertools
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import grpc

from ovo_payments_client import (
    Binding,
    OvoPaymentsClient,
    Payment,
    PaymentState,
    RefundState,
    UnavailableError,
)
from tests.apart import Apart, running_apart
from tests.customer import link
from tests.stack import WITHIN_S, Entry, eventually

PROVIDERS: Final = {"charge": "midtrans", "pay": "doku"}
DEBITS: Final = tuple(PROVIDERS)

PAID_S: Final = 4.0
"""When a payer has surely answered a push."""
_CONFIRMED_S: Final = 11.0
"""When the bank has surely confirmed a refund."""
_SPACING_S: Final = 11.0
"""Between two denials that count."""

_NO_ACCOUNT_PHONE: Final = "08249134000"
_TOO_MUCH: Final = 99_999_999


@dataclass(kw_only=True)
class Shop:
    """A caller of the service, which never repeats a call by itself, and what it bought."""

    apart: Apart
    client: OvoPaymentsClient
    numbers: Iterator[int] = field(default_factory=lambda: itertools.count(1))
    binding: Binding | None = None
    bought: list[str] = field(default_factory=list)

    def new_order(self) -> str:
        """Names an order."""
        return f"order-{next(self.numbers)}"

    def new_phone(self) -> str:
        """Names a phone."""
        return f"0812{next(self.numbers):08d}"

    async def debit(
        self,
        operation: str,
        *,
        order_id: str = "",
        deadline_seconds: float | None = None,
        amount: int = 25_000,
        phone_number: str = "",
    ) -> Payment:
        """Asks for money in one of the two ways."""
        order_id = order_id or self.new_order()
        try:
            if operation == "charge":
                result = await self.client.charge(
                    order_id=order_id,
                    phone_number=phone_number or self.new_phone(),
                    amount=amount,
                    deadline_seconds=deadline_seconds,
                )
            else:
                assert self.binding is not None
                result = await self.client.pay(
                    order_id=order_id,
                    binding_id=self.binding.binding_id,
                    amount=amount,
                    merchant_initiated=True,
                    deadline_seconds=deadline_seconds,
                )
        except UnavailableError as error:
            # What was written down before it failed is in the books too.
            self.bought += [error.metadata["payment_id"]] * ("payment_id" in error.metadata)
            raise
        self.bought.append(result.payment.payment_id)
        return result.payment

    async def paid(self, operation: str, payment: Payment | None = None) -> Payment:
        """Lets the payer pay, and follows the payment to its end."""
        payment = payment or await self.debit(operation)
        if operation == "charge":
            await self.apart.advance(PAID_S)
        await self.client.get_status(payment.payment_id, refresh=True)
        return (await self.versions(payment))[-1]

    async def versions(self, payment: Payment) -> list[Payment]:
        """Watches a payment from its first version to its last."""
        async with asyncio.timeout(WITHIN_S):
            return [
                version async for version in self.client.watch(payment.payment_id, after_version=0)
            ]

    async def status(self, payment: Payment, *, refresh: bool = False) -> Payment:
        """Reads a payment."""
        return await self.client.get_status(payment.payment_id, refresh=refresh)

    async def becomes(self, payment: Payment, state: PaymentState) -> Payment:
        """Waits until a payment has a state, without asking the provider."""

        async def is_so() -> bool:
            return (await self.status(payment)).state is state

        await eventually(is_so, f"{payment.payment_id} becomes {state.value}")
        return await self.status(payment)

    async def denied_three_times(self, payment: Payment, settled_s: float) -> Payment:
        """Lets so much time pass that the provider's denials count, and asks thrice."""
        await self.apart.pass_time(settled_s)
        for _ in range(2):
            asked = await self.status(payment, refresh=True)
            assert asked.version == payment.version, "two denials prove nothing"
            await self.apart.pass_time(_SPACING_S)
        return await self.status(payment, refresh=True)

    async def refunded(self, payment: Payment) -> bool:
        """Lets the bank confirm a refund, and follows it to its end."""
        await self.apart.advance(_CONFIRMED_S)
        await self.status(payment, refresh=True)
        last = (await self.versions(payment))[-1]
        assert last.refund is not None
        return (last.state, last.refund.state) == (PaymentState.REFUNDED, RefundState.SUCCEEDED)

    async def unnotified(self, operation: str) -> None:
        """Lets no notification of a provider arrive for the rest of the test."""
        await self.apart.arm("webhook_dropped", provider=PROVIDERS[operation], count=None)

    async def notified(self, operation: str, fault: str, **details: object) -> Payment:
        """Makes a payment whose last notification goes wrong."""
        if operation == "pay":
            await self.apart.arm(fault, provider="doku", **details)
            return await self.debit(operation)
        # Midtrans notifies of the push itself first.
        payment = await self.debit(operation)
        await self.apart.arm(fault, reference=payment.payment_id, **details)
        await self.apart.advance(PAID_S)
        return payment

    async def tampered(self, payment: Payment, tampering: str) -> Entry:
        """Waits for the first attempt of a notification that was tampered with, and gives it."""
        found: list[Entry] = []

        async def tried() -> bool:
            notifications = await self.apart.notifications(payment.payment_id)
            found.extend(
                one for one in notifications if one["tampering"] == tampering and one["attempts"]
            )
            return bool(found)

        await eventually(tried, f"a notification that is {tampering}")
        return found[0]

    async def all_delivered(self, payment: Payment) -> None:
        """Waits until every notification of a payment has arrived and was worked on."""

        async def arrived() -> bool:
            notifications = await self.apart.notifications(payment.payment_id)
            return all(one["state"] == "delivered" for one in notifications)

        await eventually(arrived, "all notifications arrive")
        await self.inbox_worked_off()

    async def inbox_worked_off(self) -> None:
        """Waits until nothing in the inbox waits to be worked on for the first time."""
        service = self.apart.service

        async def worked_off() -> bool:
            taken_in = service.log_lines("webhook.answered", outcome="accepted")
            expected = sum(str(line["path"]).startswith("/webhooks/") for line in taken_in)
            settled = [
                *service.log_lines("webhook.settled"),
                *service.log_lines("webhook.needs_review"),
            ]
            return len({str(line["inbox_id"]) for line in settled}) == expected

        await eventually(worked_off, "the inbox is worked off")

    async def money(self, payment_id: str) -> tuple[int, int]:
        """What the provider's ledger says of a payment: debits, and rupiah that stay debited."""
        entries = await self.apart.ledger(payment_id)
        debits = [entry["amount_rupiah"] for entry in entries if entry["kind"] == "debit"]
        refunds = [entry["amount_rupiah"] for entry in entries if entry["kind"] == "refund"]
        return len(debits), sum(debits) - sum(refunds)

    async def check_books(self) -> None:
        """Holds what we tell of every payment against the ledger."""
        expected = {
            PaymentState.SUCCEEDED: (1, 1),
            PaymentState.REFUNDED: (1, 0),
            PaymentState.FAILED: (0, 0),
            PaymentState.EXPIRED: (0, 0),
        }
        for payment_id in self.bought:
            payment = await self.client.get_status(payment_id)
            debits, times_amount = expected[payment.state]
            there = await self.money(payment_id)
            assert there == (debits, times_amount * payment.amount), payment

    async def soothe(self) -> None:
        """Shows the circuit breakers that the providers are well: calls that debit nobody."""

        async def through(operation: str, amount: int) -> bool:
            try:
                payment = await self.debit(operation, amount=amount, phone_number=_NO_ACCOUNT_PHONE)
            except UnavailableError:
                return False
            return payment.state is PaymentState.FAILED

        await eventually(lambda: through("charge", 1), "Midtrans is asked again")
        await eventually(lambda: through("pay", _TOO_MUCH), "DOKU is asked again")


@asynccontextmanager
async def open_shop(directory: Path, settings: Mapping[str, str]) -> AsyncIterator[Shop]:
    """Runs a service and a sandbox, and links a wallet; at the end nothing may be unaccounted."""
    async with (
        running_apart(directory, movable_clock=True, settings=settings) as apart,
        _client(apart) as client,
    ):
        await apart.switch(doku_notification_delay_s=0)
        shop = Shop(apart=apart, client=client)
        shop.binding = await link(client, apart.client, shop.new_phone())
        yield shop
        # None lost and none invented: the ledger knows nothing that we don't.
        there = {entry["merchant_reference"] for entry in await apart.ledger()}
        assert there <= set(shop.bought)
        assert await apart.service.stop() == 0
        assert "Traceback" not in apart.service.log()


@asynccontextmanager
async def audited(shop: Shop) -> AsyncIterator[None]:
    """Checks, after the block, the books of all that was bought in it."""
    everything, shop.bought = shop.bought, []
    try:
        yield
        await shop.apart.disarm()
        await shop.apart.reset_time()
        await shop.soothe()
        await shop.check_books()
    finally:
        shop.bought = everything + shop.bought


@asynccontextmanager
async def _client(apart: Apart) -> AsyncIterator[OvoPaymentsClient]:
    options = [("grpc.enable_retries", 0)]
    async with grpc.aio.insecure_channel(apart.service.grpc, options=options) as channel:
        yield OvoPaymentsClient(channel)
