"""The callers of a run: what they ask for, how they repeat themselves, and what they mix up."""

import asyncio
from collections import Counter
from collections.abc import Callable, Coroutine
from dataclasses import replace
from random import Random
from typing import Any, Final

from ovo_payments.application.call import (
    BindRequest,
    ChargeRequest,
    PayRequest,
    RefundRequest,
)
from ovo_payments.domain.money import MoneyInput
from tests.torture.calling import Caller, Request, ended
from tests.torture.customers import Customers
from tests.torture.observed import Operation
from tests.torture.world import World, seeded

_SCOPES: Final = ("shop-a", "shop-b")
_PHONES_OF_MOODS: Final = (
    *("628249134000", "628271939753", "628242014881", "628237435829", "628215023424"),
    "628242974268",
)
_SHARE_OF_MOODS: Final = 0.25
_SHARE_OF_PAYS: Final = 0.45
_SHARE_OF_SALES: Final = 0.2
_SHARE_OF_LATECOMERS: Final = 0.3
_SHARE_OF_SECOND_ORDERS: Final = 0.2
_SHARE_BY_ORDER: Final = 0.15
_SHARE_OF_FICKLE: Final = 0.04
_SHARE_OF_HASTY: Final = 0.06
_SHARE_OF_HASTY_PAYS: Final = 0.3
_QUESTIONS_MAX: Final = 10
_HEARTY: Final = 10_000
_RICH: Final = 400_000


class Swarm:
    """Two merchants whose request ids and order ids are the same texts."""

    def __init__(self, world: World) -> None:
        seed = world.observed.seed
        self._world = world
        self._random = seeded(seed, "swarm")
        self._callers = {
            scope: Caller(world, scope, seeded(seed, f"caller {scope}")) for scope in _SCOPES
        }
        self._customers = Customers(world, seeded(seed, "customers"))
        self._questions: list[asyncio.Future[Any]] = []
        self._links: dict[str, list[str]] = {scope: [] for scope in _SCOPES}
        self._names: Counter[tuple[str, str]] = Counter()

    async def run(self, payments: int, span_s: float) -> None:
        """Lets everybody shop for a while, and waits until the last has what he wants."""
        linking = [
            asyncio.ensure_future(self._link(scope, place))
            for scope in _SCOPES
            for place in range(3)
        ]
        await ended(*linking)
        shopping = [
            asyncio.ensure_future(self._shop(place, span_s * self._random.random()))
            for place in range(payments)
        ]
        unlinking = [asyncio.ensure_future(self._unlink_late(scope, span_s)) for scope in _SCOPES]
        await ended(*shopping, *unlinking)
        await ended(*self._questions)

    async def _link(self, scope: str, place: int) -> None:
        caller = self._callers[scope]
        request = BindRequest(
            request_id=self._name(scope, "bind"),
            customer_id=f"customer-{scope}-{place}",
            phone_number=f"62812{scope == 'shop-b':d}{place}000{self._random.randrange(1000):03d}",
            success_url="https://shop.example/ok",
            failure_url="https://shop.example/no",
        )
        for _ in range(6):
            await caller.insisting(_binding(caller), request)
            binding_id = self._bound(request.request_id, scope)
            if binding_id and await self._linked(caller, binding_id):
                self._links[scope].append(binding_id)
                return
            request = replace(request, request_id=self._name(scope, "bind"))

    def _bound(self, request_id: str, scope: str) -> str:
        """What came of a bind, as far as its caller was ever told."""
        return next(
            (
                made.binding_id
                for made in reversed(self._world.observed.operations)
                if made.request_id == request_id and made.scope == scope and made.binding_id
            ),
            "",
        )

    async def _linked(self, caller: Caller, binding_id: str) -> bool:
        """Sends the customer to the page, and asks until the link is there."""
        store = self._world.service.store
        binding = await store.find_binding(binding_id) if store and self._reads() else None
        if binding is None or not binding.redirect_url:
            await asyncio.sleep(20)
            return False
        await self._customers.link(binding.redirect_url)
        for _ in range(12):
            told = await caller.status(binding_id=binding_id)
            if told.state == "ACTIVE":
                return True
            if told.state not in {"PENDING", ""}:
                return False
            await asyncio.sleep(10)
        return False

    def _reads(self) -> bool:
        return not self._world.store_faults.read_fails()

    async def _unlink_late(self, scope: str, span_s: float) -> None:
        await asyncio.sleep(span_s * (0.5 + 0.5 * self._random.random()))
        links = self._links[scope]
        if len(links) > 1 and self._random.random() < 0.5:
            await self._callers[scope].unbind(links.pop())

    async def _shop(self, place: int, arrives_s: float) -> None:
        await asyncio.sleep(arrives_s)
        random = seeded(self._world.observed.seed, f"shopper {place}")
        scope = random.choice(_SCOPES)
        caller, links = self._callers[scope], self._links[scope]
        if links and random.random() < _SHARE_OF_PAYS:
            await self._shop_with(caller, random, self._pay(random, scope, links), _paying(caller))
        else:
            await self._shop_with(caller, random, self._charge(random, scope), _charging(caller))

    async def _shop_with(
        self,
        caller: Caller,
        random: Random,
        request: ChargeRequest | PayRequest,
        made: Callable[[Request], Coroutine[Any, Any, Operation]],
    ) -> None:
        side_shows: list[asyncio.Future[Any]] = []
        if random.random() < 0.2:
            side_shows.append(asyncio.ensure_future(made(request)))
        if random.random() < 0.1:
            again = replace(request, request_id=self._name(caller.scope, "again"))
            side_shows.append(asyncio.ensure_future(made(again)))
        if random.random() < 0.1:
            side_shows.append(asyncio.ensure_future(self._stranger(caller, request)))
        pays = isinstance(request, PayRequest)
        if random.random() < (_SHARE_OF_HASTY_PAYS if pays else _SHARE_OF_HASTY):
            side_shows.append(asyncio.ensure_future(caller.insisting(made, request)))
            await self._follow_hastily(caller, random, request)
            await ended(*side_shows)
            return
        operation = await caller.insisting(made, request)
        if random.random() < 0.1:
            other = replace(
                request, amount=_rupiah(request.amount.units + 1 if request.amount else 1)
            )
            await made(other)
        payment_id = operation.payment_id or await self._known(caller, request.order_id)
        if payment_id:
            await self._follow(caller, random, request, payment_id)
        await ended(*side_shows)

    async def _follow_hastily(
        self, caller: Caller, random: Random, request: ChargeRequest | PayRequest
    ) -> None:
        """Asks by the order, and regrets, while the call itself may still be on its way."""
        for _ in range(3):
            await asyncio.sleep(2 * random.random())
            payment_id = await self._known(caller, request.order_id)
            if payment_id:
                await self._wait_impatiently(caller, random, payment_id)
                await self._regret(caller, random, payment_id)
                return

    async def _known(self, caller: Caller, order_id: str) -> str:
        told = await caller.status(order_id=order_id)
        return told.payment_id

    async def _follow(
        self, caller: Caller, random: Random, request: ChargeRequest | PayRequest, payment_id: str
    ) -> None:
        paging = None
        if isinstance(request, PayRequest) and not request.merchant_initiated:
            paging = asyncio.ensure_future(self._at_the_page(payment_id))
        fickle = random.random() < _SHARE_OF_FICKLE
        if fickle:
            await self._wait_impatiently(caller, random, payment_id)
        else:
            await self._look_on(caller, random, payment_id)
        if random.random() < _SHARE_BY_ORDER:
            await self._ask_by_order(caller, random, request.order_id)
        told = await caller.status(payment_id=payment_id)
        if told.state == "SUCCEEDED" and random.random() < _SHARE_OF_SECOND_ORDERS:
            await self._order_again(caller, request)
        if told.state == "SUCCEEDED" and (fickle or random.random() < 0.3):
            await self._regret(caller, random, payment_id)
        if told.state in {"FAILED", "EXPIRED"} and random.random() < 0.3:
            again = replace(request, request_id=self._name(caller.scope, "anew"))
            made = _paying(caller) if isinstance(again, PayRequest) else _charging(caller)
            await caller.insisting(made, again)
        if paging is not None:
            await ended(paging)

    async def _look_on(self, caller: Caller, random: Random, payment_id: str) -> None:
        """Watches, connects anew where the stream ended too early, and asks."""
        seen, last = None, None
        for _ in range(random.choice((1, 1, 2, 3))):
            last = await caller.watch(payment_id, after_version=seen, for_s=random.choice((5, 90)))
            if last.versions:
                seen = last.versions[-1][1]
            if last.ended == "done":
                break
            await asyncio.sleep(random.random())
        if random.random() < _SHARE_OF_LATECOMERS:
            await caller.watch(payment_id, after_version=0, for_s=5)
        if random.random() < 0.3:
            await caller.status(payment_id=payment_id, refresh=True)
        if random.random() < 0.05:
            await self._other(caller).status(payment_id=payment_id)

    async def _wait_impatiently(self, caller: Caller, random: Random, payment_id: str) -> None:
        """Has the provider asked again and again, so that old answers come after newer words."""
        asking = []
        watching = asyncio.ensure_future(caller.watch(payment_id, for_s=20))
        for _ in range(_QUESTIONS_MAX):
            asking.append(asyncio.ensure_future(caller.status(payment_id=payment_id, refresh=True)))
            await asyncio.wait({watching}, timeout=2 * random.random())
            if watching.done():
                break
        await ended(watching)
        self._questions += asking

    async def _ask_by_order(self, caller: Caller, random: Random, order_id: str) -> None:
        """Asks for an order, as do those to whom the same text means another order or none."""
        for one in (caller, self._other(caller)):
            await one.status(order_id=order_id)
            if random.random() < 0.3:
                await one.watch(order_id=order_id, for_s=2)

    async def _order_again(self, caller: Caller, request: ChargeRequest | PayRequest) -> None:
        """Orders what is paid already: nothing but a refusal may come of it."""
        again = replace(request, request_id=self._name(caller.scope, "once more"))
        made = _paying(caller) if isinstance(again, PayRequest) else _charging(caller)
        await made(again)

    async def _at_the_page(self, payment_id: str) -> None:
        """Leads the customer to the page, once the answer with its address is there."""
        for _ in range(5):
            store = self._world.service.store
            payment = await store.find_payment(payment_id) if store and self._reads() else None
            if payment is not None and payment.redirect_url:
                await self._customers.answer_payment(payment.redirect_url)
                return
            await asyncio.sleep(2)

    async def _regret(self, caller: Caller, random: Random, payment_id: str) -> None:
        request = RefundRequest(
            request_id=self._name(caller.scope, "refund"), payment_id=payment_id, reason="regret"
        )
        side_shows: list[asyncio.Future[Any]] = []
        if random.random() < 0.3:
            side_shows.append(asyncio.ensure_future(caller.refund(request)))
        if random.random() < 0.2:
            other = replace(request, request_id=self._name(caller.scope, "refund"))
            side_shows.append(asyncio.ensure_future(caller.refund(other)))
        if random.random() < 0.1:
            greedy = replace(
                request, request_id=self._name(caller.scope, "refund"), amount=_rupiah(_RICH + 1)
            )
            await caller.refund(greedy)
        await caller.insisting(_refunding(caller), request)
        side_shows += [
            asyncio.ensure_future(
                caller.watch(payment_id, after_version=seen, for_s=random.choice((5, 30)))
            )
            for seen in random.choice(((), (None,), (0,)))
        ]
        # The bank may confirm at any moment, also while an answer is on its way.
        for _ in range(random.choice((0, 1, 2))):
            await caller.status(payment_id=payment_id, refresh=True)
            await asyncio.sleep(4 * random.random() ** 2)
        await ended(*side_shows)

    async def _stranger(self, caller: Caller, request: ChargeRequest | PayRequest) -> None:
        other = self._other(caller)
        if isinstance(request, PayRequest):
            # Another's link is the same as none.
            await other.pay(request)
        else:
            await other.charge(request)

    def _other(self, caller: Caller) -> Caller:
        return next(one for one in self._callers.values() if one is not caller)

    def _charge(self, random: Random, scope: str) -> ChargeRequest:
        phone = f"62811{random.randrange(10**7):07d}"
        if random.random() < _SHARE_OF_MOODS:
            phone = random.choice(_PHONES_OF_MOODS)
        return ChargeRequest(
            request_id=self._name(scope, "request"),
            order_id=self._name(scope, "order"),
            phone_number=phone,
            amount=_rupiah(1 + random.randrange(_RICH)),
        )

    def _pay(self, random: Random, scope: str, links: list[str]) -> PayRequest:
        sale = random.random() < _SHARE_OF_SALES
        return PayRequest(
            request_id=self._name(scope, "request"),
            order_id=self._name(scope, "order"),
            binding_id=random.choice(links),
            amount=_rupiah(1 + random.randrange(_RICH)),
            points_amount=_rupiah(1) if random.random() < 0.1 else None,
            merchant_initiated=not sale,
            success_url="https://shop.example/ok" if sale else "",
            failure_url="https://shop.example/no" if sale else "",
        )

    def _name(self, scope: str, kind: str) -> str:
        """Makes a name that the other scope uses as well."""
        self._names[scope, kind] += 1
        return f"{kind}-{self._names[scope, kind]}"


def _rupiah(units: int) -> MoneyInput:
    return MoneyInput(currency_code="IDR", units=units, nanos=0)


def _charging(caller: Caller) -> Callable[[Request], Coroutine[Any, Any, Operation]]:
    return caller.charge  # type: ignore[return-value] # it is given charges alone


def _paying(caller: Caller) -> Callable[[Request], Coroutine[Any, Any, Operation]]:
    return caller.pay  # type: ignore[return-value] # the same


def _refunding(caller: Caller) -> Callable[[Request], Coroutine[Any, Any, Operation]]:
    return caller.refund  # type: ignore[return-value] # the same


def _binding(caller: Caller) -> Callable[[Request], Coroutine[Any, Any, Operation]]:
    return caller.bind  # type: ignore[return-value] # the same
