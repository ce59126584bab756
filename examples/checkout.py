"""A checkout: takes an order's money by a push to the customer's OVO app, or says why not.

python examples/checkout.py 081234567890
"""

import asyncio
import os
import sys
import uuid

from ovo_payments_client import (
    OrderAlreadyPaidError,
    OvoPaymentsClient,
    PaymentState,
    RefusedError,
    RequestError,
    RetryableError,
    connect,
)


async def checkout(client: OvoPaymentsClient, order: dict[str, str], phone_number: str) -> str:
    """Takes the money of one order."""
    try:
        charged = await client.charge(
            request_id=order["request_id"],
            order_id=order["id"],
            phone_number=phone_number,
            amount=15_000,
        )
        payment_id = charged.payment.payment_id
    except OrderAlreadyPaidError as error:
        payment_id = error.payment_id or ""  # Somebody was here before: follow that payment.
    except RetryableError:
        return "later"  # Come back with the same request id.
    except (RequestError, RefusedError) as error:
        return f"no: {error.reason}"  # Repeating it would change nothing.
    last = None
    async for payment in client.watch(payment_id, after_version=0):
        print(f"version {payment.version}: {payment.state}")
        last = payment
    if last is not None and last.state is PaymentState.SUCCEEDED:
        return "paid"
    return f"not paid: {last.failure.reason if last and last.failure else 'no answer in time'}"


async def main() -> None:
    """Checks out one order."""
    # Both are made when the customer decides, and stored before the call.
    order = {"id": f"order-{uuid.uuid4()}", "request_id": str(uuid.uuid4())}
    async with connect(os.environ.get("OVOPAY_SERVER", "127.0.0.1:50051")) as client:
        print(await checkout(client, order, sys.argv[1]))


asyncio.run(main())
