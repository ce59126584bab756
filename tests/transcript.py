"""Plays the service's main stories against real processes, and writes down what was seen.

`python -m tests.transcript` runs `ovo-payments dev`, speaks to it as another team's service would,
is the customer in a browser where one is needed, and prints a transcript. It stops at the first
thing that is not as it should be.
"""

import asyncio
import shutil
import sys
import tempfile
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Final

from playwright.async_api import Page, async_playwright

from ovo_payments_client import (
    Binding,
    BindingState,
    OvoPaymentsClient,
    Payment,
    PaymentResult,
    PaymentState,
    RefundState,
    RequestIdReusedError,
    connect,
)
from tests.stack import Stack, running_stack

NORMAL_PHONE: Final = "081311112222"
DECLINING_PHONE: Final = "08271939753"
SILENT_PHONE: Final = "08242974268"
LINKED_PHONE: Final = "081355556666"
PHONE_SCREEN: Final = {"width": 390, "height": 844}

_WITHIN_S: Final = 30.0
_PUSH_WINDOW_S: Final = 70.0

Write = Callable[[str], None]


class Transcript:
    """One run: the caller, the customer's browser, and what was seen."""

    def __init__(self, stack: Stack, client: OvoPaymentsClient, page: Page, write: Write) -> None:
        self.stack = stack
        self.client = client
        self.page = page
        self.write = write

    def title(self, text: str) -> None:
        """Begins a story."""
        self.write(f"\n## {text}\n")

    def saw(self, payment: Payment) -> None:
        """Writes one version of a payment."""
        facts = [f"version {payment.version}", payment.state.value, f"Rp{payment.amount:,}"]
        if payment.failure is not None:
            facts.append(f"{payment.failure.reason.value}: {payment.failure.message}")
        if payment.refund is not None:
            facts.append(f"refund {payment.refund.state.value}")
        self.write("  " + " · ".join(facts))

    async def watched(
        self, payment_id: str, meanwhile: Callable[[], Awaitable[None]] | None = None
    ) -> Payment:
        """Watches a payment from its first version to its last, and acts once it is open."""
        self.write(f"WatchPayment {payment_id}")
        last: Payment | None = None
        async with asyncio.timeout(_WITHIN_S):
            async for payment in self.client.watch(payment_id, after_version=0):
                assert payment.version == (last.version + 1 if last else 1)
                self.saw(payment)
                last = payment
                if meanwhile is not None and payment.version > 1 and not payment.state.is_final:
                    act, meanwhile = meanwhile, None
                    await act()
        assert last is not None
        self.write("  the stream ended with OK")
        return last

    async def debits(self, payment: Payment) -> int:
        """Sums what the providers' ledger says of a payment."""
        return sum(
            entry["amount_rupiah"] if entry["kind"] == "debit" else -entry["amount_rupiah"]
            for entry in await self.stack.ledger()
            if entry["merchant_reference"] == payment.payment_id
        )


async def charge_accepted(run: Transcript) -> None:
    """A push to a normal number is paid; the same request is the same payment."""
    run.title("Charge a normal number")

    async def charge(amount: int) -> PaymentResult:
        return await run.client.charge(
            order_id="kopi-1", phone_number=NORMAL_PHONE, request_id="transcript-1", amount=amount
        )

    result = await charge(15_000)
    payment = result.payment
    run.write(f"Charge kopi-1: {payment.state.value}, replayed {result.replayed}")
    last = await run.watched(payment.payment_id)
    assert last.state is PaymentState.SUCCEEDED
    assert await run.debits(last) == 15_000

    run.title("The same Charge again, and with another amount")
    again = await charge(15_000)
    run.write(f"Charge again: {again.payment.state.value}, replayed {again.replayed}")
    assert again.replayed
    assert again.payment.payment_id == payment.payment_id
    try:
        await charge(16_000)
    except RequestIdReusedError as error:
        run.write(f"Charge with another amount: {error}")
    else:
        raise AssertionError("another amount under the same request id was taken")
    assert await run.debits(last) == 15_000, "the customer was debited once"


async def charge_declined(run: Transcript) -> None:
    """The customer declines."""
    run.title("Charge a number that declines")
    result = await run.client.charge(order_id="kopi-2", phone_number=DECLINING_PHONE, amount=15_000)
    last = await run.watched(result.payment.payment_id)
    assert last.state is PaymentState.FAILED
    assert last.failure is not None
    assert await run.debits(last) == 0


async def charge_expired(run: Transcript) -> None:
    """The customer never answers, and the providers' clock is moved."""
    run.title("Charge a number that never answers")
    result = await run.client.charge(order_id="kopi-3", phone_number=SILENT_PHONE, amount=15_000)

    async def move_clock() -> None:
        run.write(f"  (the sandbox's clock moves on by {_PUSH_WINDOW_S:.0f} s)")
        await run.stack.advance(_PUSH_WINDOW_S)

    last = await run.watched(result.payment.payment_id, move_clock)
    assert last.state is PaymentState.EXPIRED
    assert await run.debits(last) == 0


async def link(run: Transcript) -> Binding:
    """The customer links the wallet on the provider's page."""
    run.title("Link a wallet in the browser")
    result = await run.client.bind(
        customer_id="ani",
        phone_number=LINKED_PHONE,
        success_url="https://shop.example/linked",
        failure_url="https://shop.example/not-linked",
    )
    binding = result.binding
    run.write(f"Bind ani: {binding.state.value}, page at the provider")
    assert binding.redirect_url
    await run.page.goto(binding.redirect_url)
    await run.page.get_by_role("button", name="Agree and continue").click()
    await run.page.get_by_label("One-time code").fill(await _hint(run.page))
    await run.page.get_by_role("button", name="Continue").click()
    await run.page.get_by_label("OVO PIN").fill(await _hint(run.page))
    await run.page.get_by_role("button", name="Link account").click()
    await run.page.get_by_role("heading", name="OVO is linked").wait_for()
    run.write("the customer entered the code and the PIN: OVO is linked")
    async with asyncio.timeout(_WITHIN_S):
        while binding.state is BindingState.PENDING:
            binding = await run.client.get_status(binding_id=binding.binding_id)
    run.write(f"GetStatus: {binding.state.value}, {binding.phone_number}")
    assert binding.state is BindingState.ACTIVE
    return binding


async def pay_with_pin(run: Transcript, binding: Binding) -> None:
    """The customer confirms a debit on the provider's page."""
    run.title("Balance, and Pay with the PIN in the browser")
    balance = await run.client.balance(binding.binding_id)
    run.write(f"Balance: cash Rp{balance.cash:,}, points {balance.points:,}")
    result = await run.client.pay(
        order_id="sepatu-1",
        binding_id=binding.binding_id,
        amount=250_000,
        success_url="https://shop.example/paid",
        failure_url="https://shop.example/not-paid",
    )
    payment = result.payment
    run.write(f"Pay sepatu-1: {payment.state.value}, page at the provider")
    assert payment.redirect_url

    async def confirm() -> None:
        await run.page.goto(payment.redirect_url or "")
        await run.page.get_by_role("button", name="Continue").click()
        await run.page.get_by_label("OVO PIN").fill(await _hint(run.page))
        await run.page.get_by_role("button", name="Pay Rp").click()
        await run.page.get_by_role("heading", name="Payment").wait_for()
        run.write("  (the customer entered the PIN)")

    last = await run.watched(payment.payment_id, confirm)
    assert last.state is PaymentState.SUCCEEDED
    assert await run.debits(last) == 250_000


async def pay_and_refund(run: Transcript, binding: Binding) -> None:
    """A recurring debit, and its money back."""
    run.title("Pay without the customer, and Refund")
    result = await run.client.pay(
        order_id="langganan-1",
        binding_id=binding.binding_id,
        amount=49_000,
        merchant_initiated=True,
    )
    run.write(f"Pay langganan-1: {result.payment.state.value}")
    paid = await run.watched(result.payment.payment_id)
    assert paid.state is PaymentState.SUCCEEDED
    assert await run.debits(paid) == 49_000
    refunded = await run.client.refund(paid.payment_id, reason="cancelled")
    assert refunded.payment.refund is not None
    run.write(f"Refund: {refunded.payment.refund.state.value}")
    last = await run.watched(paid.payment_id)
    assert last.state is PaymentState.REFUNDED
    assert last.refund is not None
    assert last.refund.state is RefundState.SUCCEEDED
    assert await run.debits(last) == 0


async def refund_push(run: Transcript) -> None:
    """A push's money back, which the bank confirms later."""
    run.title("Refund a push")
    result = await run.client.charge(order_id="kopi-4", phone_number=NORMAL_PHONE, amount=20_000)
    paid = await run.watched(result.payment.payment_id)
    asked = (await run.client.refund(paid.payment_id)).payment
    assert asked.refund is not None
    run.write(f"Refund: {asked.refund.state.value}")

    async def move_clock() -> None:
        run.write("  (the sandbox's clock moves on by 60 s: the bank confirms)")
        await run.stack.advance(60)

    if asked.refund.state is RefundState.PENDING:
        await move_clock()
    last = await run.watched(paid.payment_id)
    assert last.state is PaymentState.REFUNDED
    assert await run.debits(last) == 0


async def unlink(run: Transcript, binding: Binding) -> None:
    """The wallet is unlinked."""
    run.title("Unlink")
    unbound = await run.client.unbind(binding.binding_id)
    run.write(f"Unbind: {unbound.state.value}")
    assert unbound.state is BindingState.UNBOUND


async def play(stack: Stack, chromium_path: str, write: Write) -> None:
    """Plays all stories."""
    async with connect(stack.grpc) as client, _browser_page(chromium_path) as page:
        run = Transcript(stack, client, page, write)
        await charge_accepted(run)
        await charge_declined(run)
        await charge_expired(run)
        binding = await link(run)
        await pay_with_pin(run, binding)
        await pay_and_refund(run, binding)
        await refund_push(run)
        await unlink(run, binding)


@asynccontextmanager
async def _browser_page(chromium_path: str) -> AsyncIterator[Page]:
    arguments = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(
            executable_path=chromium_path, args=[*arguments, "--disable-component-update"]
        )
        context = await browser.new_context(viewport=PHONE_SCREEN)  # type: ignore[arg-type]
        # Nobody's shop: whatever the pages lead to afterwards stays unopened.
        await context.route("https://**", lambda route: route.abort())
        yield await context.new_page()
        await browser.close()


async def _hint(page: Page) -> str:
    """Reads the code that the sandbox shows to testers."""
    return (await page.locator("#hint .code").inner_text()).strip()


async def _main() -> None:
    chromium = shutil.which("chromium")
    if chromium is None:
        sys.exit("this needs Chromium: run `make browser`")
    with tempfile.TemporaryDirectory() as directory:
        async with running_stack(Path(directory)) as stack:
            await play(stack, chromium, print)


if __name__ == "__main__":
    asyncio.run(_main())
