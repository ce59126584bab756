"""A caller, and a probe of the sidecar, that do as they should beside every attack."""

import asyncio
import time
import uuid
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Final

import aiohttp
from google.type import money_pb2

from ovo.payments.v1 import ovo_payments_pb2 as messages
from ovo.payments.v1 import ovo_payments_pb2_grpc
from tests.attacks.attacked import Attacked
from tests.attacks.case import Case
from tests.attacks.outcome import Outcome
from tests.attacks.wire import Door
from tests.benchmarks.harness.percentiles import percentile
from tests.integration.running_grpc import open_channel

_PAUSE_S: Final = 0.002
_SOON_S: Final = 10.0
_CUSTOMER: Final = "081234567890"
_SECOND_MS: Final = 1_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Beside:
    """What the well-behaved saw while one attack went on."""

    case: Case
    outcome: Outcome
    calls: int
    call_p99_ms: float
    probes: int
    probe_p99_ms: float


@dataclass(kw_only=True)
class Neighbour:
    """Calls, watches and probes for as long as it lives; an error of any of them is raised."""

    service: Attacked
    stub: "ovo_payments_pb2_grpc.OvoPaymentsAsyncStub"
    probing: aiohttp.ClientSession
    asked: messages.GetStatusRequest
    seen: dict[str, asyncio.Event] = field(default_factory=dict)
    call_s: list[float] = field(default_factory=list)
    probe_s: list[float] = field(default_factory=list)
    tasks: list[asyncio.Task[None]] = field(default_factory=list)

    def begin(self) -> None:
        """Begins to call, to watch and to probe."""
        doings = (
            self._repeated(self._call, self.call_s),
            self._repeated(self._probe, self.probe_s),
        )
        self.tasks = [asyncio.create_task(doing) for doing in (*doings, self._watch())]

    async def beside(self, case: Case, door: Door) -> Beside:
        """Lets an attack happen; raises what went wrong for anybody else."""
        self.call_s.clear()
        self.probe_s.clear()
        attacking = asyncio.create_task(case.attack(door))
        # The call that is made in the middle of the attack, and whose change the watch must see.
        async with asyncio.timeout(_SOON_S):
            await self._pay()
        outcome = await attacking
        async with asyncio.timeout(_SOON_S):
            while not (self.call_s and self.probe_s):
                self._raise()
                await asyncio.sleep(_PAUSE_S)
        self._raise()
        return Beside(
            case=case,
            outcome=outcome,
            calls=len(self.call_s),
            call_p99_ms=percentile(self.call_s, 0.99) * _SECOND_MS,
            probes=len(self.probe_s),
            probe_p99_ms=percentile(self.probe_s, 0.99) * _SECOND_MS,
        )

    async def leave(self) -> None:
        """Ends it."""
        for task in self.tasks:
            task.cancel()
        await asyncio.gather(*self.tasks, return_exceptions=True)

    def _raise(self) -> None:
        for task in self.tasks:
            if task.done():
                task.result()
                raise AssertionError("a stream ended that has no end")

    async def _pay(self) -> None:
        payment_id = await charged(self.stub)
        await self.seen.setdefault(payment_id, asyncio.Event()).wait()

    async def _watch(self) -> None:
        # No library between, which would hide that a stream broke.
        async for change in self.stub.WatchPayments(messages.WatchPaymentsRequest()):
            if change.HasField("payment"):
                self.seen.setdefault(change.payment.payment_id, asyncio.Event()).set()

    async def _repeated(self, do: Callable[[], Awaitable[None]], took_s: list[float]) -> None:
        while True:
            began = time.perf_counter()
            async with asyncio.timeout(_SOON_S):
                await do()
            took_s.append(time.perf_counter() - began)
            await asyncio.sleep(_PAUSE_S)

    async def _call(self) -> None:
        await self.stub.GetStatus(self.asked, timeout=_SOON_S)

    async def _probe(self) -> None:
        async with self.probing.get(f"{self.service.http}/readyz") as answer:
            assert answer.status == 200, answer.status


async def charged(stub: "ovo_payments_pb2_grpc.OvoPaymentsAsyncStub") -> str:
    """Makes a payment, and gives its id."""
    request = messages.ChargeRequest(
        request_id=str(uuid.uuid4()),
        order_id=f"order-{uuid.uuid4()}",
        phone_number=_CUSTOMER,
        amount=money_pb2.Money(currency_code="IDR", units=15_000),
    )
    answer = await stub.Charge(request, timeout=_SOON_S)
    return answer.payment.payment_id


@asynccontextmanager
async def living_beside(service: Attacked) -> AsyncIterator[Neighbour]:
    """Lives beside a running service as long as the block lasts."""
    connector = aiohttp.TCPConnector(ssl=service.context or True)
    async with (
        open_channel(service.grpc, service.credentials) as channel,
        aiohttp.ClientSession(connector=connector) as probing,
    ):
        stub = ovo_payments_pb2_grpc.OvoPaymentsStub(channel)
        asked = messages.GetStatusRequest(payment_id=await charged(stub))
        neighbour = Neighbour(service=service, stub=stub, probing=probing, asked=asked)
        neighbour.begin()
        try:
            yield neighbour
        finally:
            await neighbour.leave()
