"""What a test of a use case holds in its hands."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from typing import Any, Final

from ovo_payments.application.call import (
    BindRequest,
    Call,
    Caller,
    ChargeRequest,
    GetStatusRequest,
    Heartbeat,
    PayRequest,
    RefundRequest,
    StreamEvent,
    WatchPaymentRequest,
    WatchPaymentsRequest,
)
from ovo_payments.application.use_cases import Application, UseCases
from ovo_payments.domain.binding import Binding
from ovo_payments.domain.money import MoneyInput
from ovo_payments.domain.payment import Payment
from ovo_payments.domain.ports import Store
from ovo_payments.domain.provider import InboundAnswer, InboundRequest
from ovo_payments.domain.update import BindingClaim, BindingUpdate, Claim, Source
from ovo_payments.storage.feed import LocalFeed
from tests.unit.application.scripted import ManualClock, ScriptedProvider
from tests.unit.domain.makers import told

CALL: Final = Call(caller=Caller(name="shop", scope="shop"))
STRANGER: Final = Call(caller=Caller(name="stranger", scope="stranger"))


def rupiah(units: int, nanos: int = 0, currency_code: str = "IDR") -> MoneyInput:
    """Writes an amount as a caller does."""
    return MoneyInput(currency_code=currency_code, units=units, nanos=nanos)


CHARGE: Final = ChargeRequest(
    request_id="request-1",
    order_id="order-1",
    phone_number="081111111111",
    amount=rupiah(15_000),
    metadata={"cart": "7"},
)
BIND: Final = BindRequest(
    request_id="request-1",
    customer_id="customer-1",
    phone_number="081111111111",
    success_url="https://shop.example/ok",
    failure_url="https://shop.example/no",
)
PAY: Final = PayRequest(
    request_id="request-1",
    order_id="order-1",
    binding_id="",
    amount=rupiah(15_000),
    merchant_initiated=True,
)


@dataclass
class Bench:
    """The application, and the parts of it that tests script or look into."""

    application: Application
    store: Store
    feed: LocalFeed
    clock: ManualClock
    provider: ScriptedProvider

    @property
    def use_cases(self) -> UseCases:
        """The use cases."""
        return self.application.use_cases

    async def charge(self, **fields: Any) -> Payment:  # noqa: ANN401 - any field
        """Charges Rp15.000."""
        return (await self.use_cases.charge(CALL, replace(CHARGE, **fields))).payment

    async def paid(self, **fields: Any) -> Payment:  # noqa: ANN401 - any field
        """Charges Rp15.000, and the customer accepts."""
        payment = await self.charge(**fields)
        self.provider.told = told(Claim.SUCCEEDED)
        return await self.refreshed(payment)

    async def linked(self, **fields: Any) -> Binding:  # noqa: ANN401 - any field
        """Makes an active binding."""
        made = (await self.use_cases.bind(CALL, replace(BIND, **fields))).binding
        self.provider.binding_told = BindingUpdate(source=Source.QUERY, claim=BindingClaim.ACTIVE)
        request = GetStatusRequest(binding_id=made.binding_id, refresh=True)
        binding = await self.use_cases.get_status(CALL, request)
        assert isinstance(binding, Binding)
        return binding

    async def pay(self, binding: Binding, **fields: Any) -> Payment:  # noqa: ANN401 - any field
        """Debits Rp15.000."""
        request = replace(PAY, binding_id=binding.binding_id, **fields)
        return (await self.use_cases.pay(CALL, request)).payment

    async def refund(self, payment: Payment, **fields: Any) -> Payment:  # noqa: ANN401 - any field
        """Asks for all the money back."""
        request = RefundRequest(
            **{"request_id": "refund-1", "payment_id": payment.payment_id, **fields}
        )
        return (await self.use_cases.refund(CALL, request)).payment

    @asynccontextmanager
    async def sending(self) -> AsyncIterator[Payment]:
        """Charges Rp15.000, and the provider does not answer until the block ends."""
        self.provider.gate = asyncio.Event()
        charging = asyncio.create_task(self.charge())
        await until(charging, self.provider, 1)
        payment = await self.store.find_latest_payment("shop", CHARGE.order_id)
        assert payment is not None
        assert payment.checks.sending
        yield payment
        self.provider.gate.set()
        await charging

    async def refreshed(self, payment: Payment) -> Payment:
        """Asks the provider about a payment."""
        request = GetStatusRequest(payment_id=payment.payment_id, refresh=True)
        refreshed = await self.use_cases.get_status(CALL, request)
        assert isinstance(refreshed, Payment)
        return refreshed

    async def stored(self, payment: Payment) -> Payment:
        """Reads a payment as it stands."""
        found = await self.store.find_payment(payment.payment_id)
        assert found is not None
        return found

    async def webhook(self, path: str = "/webhooks/scripted", **body: object) -> InboundAnswer:
        """Delivers an authentic webhook, and works the inbox off."""
        headers = {"signature": "good"}
        request = InboundRequest(target=path, headers=headers, body=json.dumps(body).encode())
        answer = await self.use_cases.receive_webhook(path, request)
        await self.application.resolve.run_once()
        return answer

    def watch(self, payment: Payment, **fields: Any) -> AsyncIterator[Payment | Heartbeat]:  # noqa: ANN401 - any field
        """Watches a payment."""
        request = WatchPaymentRequest(payment_id=payment.payment_id, **fields)
        return self.use_cases.watch_payment(CALL, request)

    def watch_all(self, call: Call = CALL, **fields: Any) -> AsyncIterator[StreamEvent]:  # noqa: ANN401 - any field
        """Watches all payments of a caller."""
        return self.use_cases.watch_payments(call, WatchPaymentsRequest(**fields))


async def until(task: "asyncio.Task[Any]", sent: ScriptedProvider, calls: int) -> None:
    """Waits until a provider was asked `calls` times; `task` must not end before."""
    async with asyncio.timeout(5):
        while len(sent.calls) < calls:
            assert not task.done()
            await asyncio.sleep(0)
