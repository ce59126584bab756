"""A process that writes a payment, says so, and waits to be killed.

Run as `python acknowledged_write.py STORE URL KEYS PAYMENT PRIVATE`: the store's class as
`module:Class`, its URL and keys, and both texts of a payment's document. A script that stands
alone, since another distribution in the environment brings a package called `tests`.
"""

import asyncio
import sys
from pkgutil import resolve_name

from ovo_payments.domain.ports import Leased, RequestRecord
from ovo_payments.storage.documents import decode_payment
from ovo_payments.storage.keys import parse_keys


async def main(store_class: str, url: str, keys: str, document: str, private: str) -> None:
    """Creates the payment, and never closes the store."""
    payment = decode_payment(document, private.encode())
    store = await resolve_name(store_class).open(url, parse_keys(keys))
    request = RequestRecord(
        scope=payment.scope,
        method="Charge",
        request_id="request-1",
        digests={},
        subject_id=payment.payment_id,
    )
    lease = Leased(lease="sender", until=payment.create_time)
    assert await store.create_payment(payment, request, lease) is None
    sys.stdout.write("acknowledged\n")
    sys.stdout.flush()
    await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
