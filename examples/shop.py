"""Charges a phone, links a wallet, pays with it, returns the money, and watches each payment.

python examples/shop.py 127.0.0.1:50051

OVOPAY_TLS_CA names an authority's file for TLS, OVOPAY_TOKEN is the caller's token.
"""

import asyncio
import os
import sys
import uuid
from collections.abc import Awaitable

from ovo_payments_client import (
    Backoff,
    Binding,
    BindingState,
    Interruption,
    OvoPaymentsClient,
    OvoPaymentsError,
    Payment,
    RetryableError,
    connect,
    tls_credentials,
)


def say(*words: object) -> None:
    """Prints a line at once, for whoever acts on it."""
    print(*words, flush=True)


def interrupted(interruption: Interruption) -> None:
    """Hears of each broken connection."""
    say("  interrupted:", interruption.error.status.name)


async def watch(client: OvoPaymentsClient, payment: Payment) -> None:
    """Prints each version of a payment, from its first to its last."""
    async for seen in client.watch(
        payment.payment_id, after_version=0, backoff=Backoff(), on_interruption=interrupted
    ):
        say(f"  version {seen.version}: {seen.state}")


async def linked(client: OvoPaymentsClient, binding: Binding) -> Binding:
    """Waits until the customer has finished on the provider's page."""
    page = ""
    while binding.state is BindingState.PENDING:
        # A repeated call may answer before the first one knows the page.
        if binding.redirect_url and not page:
            page = binding.redirect_url
            say("Open", page)
        await asyncio.sleep(0.5)
        binding = await client.get_status(binding_id=binding.binding_id)
    return binding


async def refused(what: str, call: Awaitable[object]) -> None:
    """Prints why a call was refused."""
    try:
        await call
    except OvoPaymentsError as error:
        words = [error.reason, *(wrong.field for wrong in error.field_violations)]
        retryable = str(isinstance(error, RetryableError)).lower()
        say(f"{what}: {' '.join(words)}, retryable: {retryable}")
    else:
        raise RuntimeError(f"{what}: it was taken")


async def story(client: OvoPaymentsClient) -> None:
    """Plays all of it."""
    # An id is made with the decision, and stored before the call: the same id never pays twice.
    run = uuid.uuid4().hex[:18]
    order_id, phone_number, amount = f"order-{run}", "081234567890", 15_000
    charged = await client.charge(
        request_id=f"charge-{run}", order_id=order_id, phone_number=phone_number, amount=amount
    )
    say("Charge: is taken")
    await watch(client, charged.payment)

    again = client.charge(order_id=order_id, phone_number=phone_number, amount=amount)
    await refused("Charge of a paid order", again)
    await refused("Charge of nothing", client.charge(order_id="", phone_number="", amount=0))

    bound = await client.bind(
        request_id=f"bind-{run}",
        customer_id=f"ani-{run}",
        phone_number="081298765432",
        success_url="https://shop.example/linked",
        failure_url="https://shop.example/not-linked",
    )
    say("Bind: is taken")
    binding = await linked(client, bound.binding)
    say("GetStatus:", binding.state)
    balance = await client.balance(binding.binding_id)
    say("Balance:", len(balance.balances), "kinds of money")

    paid = await client.pay(
        request_id=f"pay-{run}",
        order_id=f"monthly-{run}",
        binding_id=binding.binding_id,
        amount=49_000,
        merchant_initiated=True,
    )
    say("Pay: is taken")
    await watch(client, paid.payment)
    await client.refund(paid.payment.payment_id, request_id=f"refund-{run}", reason="wrong size")
    say("Refund: is taken")
    unbound = await client.unbind(binding.binding_id)
    say("Unbind:", unbound.state)


async def main() -> None:
    """Connects to where the first argument says."""
    target = sys.argv[1] if len(sys.argv) > 1 else "127.0.0.1:50051"
    authority, token = os.environ.get("OVOPAY_TLS_CA"), os.environ.get("OVOPAY_TOKEN")
    credentials = tls_credentials(ca_file=authority) if authority else None
    async with connect(target, token=token, credentials=credentials) as client:
        await story(client)


asyncio.run(main())
