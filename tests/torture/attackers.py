"""Those who want something for nothing: forged, altered and replayed webhooks; and poison."""

import asyncio
import hashlib
import json
from random import Random
from typing import Final

from ovo_sandbox.outgoing import OutgoingRequest, SendFailed
from tests.torture.world import World, seeded

_MIDTRANS: Final = "http://127.0.0.1:8080/webhooks/midtrans"
_DOKU: Final = "http://127.0.0.1:8080/webhooks/doku/payment"
_MEAN_S: Final = 25.0


class Attackers:
    """Sends what no provider sent, and now and then what no reader expects."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._random: Random = seeded(world.observed.seed, "attackers")
        self._tasks: list[asyncio.Task[None]] = []

    def start(self) -> None:
        """Begins."""
        self._tasks = [asyncio.ensure_future(self._attack())]

    async def stop(self) -> None:
        """Ends."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _attack(self) -> None:
        while True:
            await asyncio.sleep(self._random.expovariate(1 / _MEAN_S))
            request, kind = self._forgery()
            try:
                await self._world.sender.deliver(request, as_kind=kind)
            except SendFailed:
                continue

    def _forgery(self) -> tuple[OutgoingRequest, str]:
        heard = [
            one.body
            for one in self._world.observed.deliveries[-50:]
            if one.path.endswith("midtrans") and not one.tampering
        ]
        choice = self._random.randrange(5)
        if choice == 0 and heard:
            return _post(_MIDTRANS, _altered(self._random.choice(heard))), "garbage"
        if choice == 1 and heard:
            # What is signed for one provider's path proves nothing on another's.
            return _post(_DOKU, self._random.choice(heard)), "garbage"
        if choice == 2:
            return _post(_MIDTRANS, self._orphan()), "orphan"
        if choice == 3:
            return _post(_DOKU, self._random.randbytes(60)), "garbage"
        return _post(_MIDTRANS, self._random.randbytes(60)), "garbage"

    def _orphan(self) -> bytes:
        """Signs rightly for an order that nobody knows, with words that nobody uses."""
        order_id = f"orphan-{self._random.randrange(10**9)}"
        key = self._world.config.midtrans_server_key
        signed = f"{order_id}200{'15000.00'}{key}"
        body = {
            "order_id": order_id,
            "status_code": "200",
            "gross_amount": "15000.00",
            "transaction_status": self._random.choice(["settlement", "moonlight"]),
            "signature_key": hashlib.sha512(signed.encode()).hexdigest(),
        }
        return json.dumps(body).encode()


def _altered(body: bytes) -> bytes:
    """Raises what is said to be paid, under the signature of what was."""
    document = json.loads(body)
    document["gross_amount"] = "1.00"
    return json.dumps(document).encode()


def _post(url: str, body: bytes) -> OutgoingRequest:
    return OutgoingRequest(url=url, headers={"Content-Type": "application/json"}, body=body)
